//! The code that proves a line, and what is not told before it.

use time::Duration;

use crate::claims_support::{
    CARD, ICCID, NUMBER, added, another, ask, code_to, forget_tries, holder, newest_text, put, requests, send, type_in,
};
use crate::support::portal::{EMAIL, TestPortal};

const UNKNOWN: &str = "+8613900139300";

#[tokio::test]
async fn only_the_right_code_in_its_time_adds_the_line() {
    let portal = TestPortal::start().await;
    let (mut mei, mut eve) = (portal.mei().await, portal.customer("eve@post.example").await);
    let line = put(&portal, CARD).await;
    let claim = ask(&mut mei, NUMBER).await;
    let code = code_to(&portal, NUMBER).await;

    for malformed in ["", "12345", "1234567", "abcdef"] {
        let answer = send(&mut mei, &claim, malformed).await;
        assert!(answer.status == 422 && answer.body.contains("six digits"), "{malformed}: {}", answer.body);
    }
    let answer = send(&mut mei, &claim, &another(&code)).await;
    assert!(answer.status == 422 && answer.body.contains("4 more tries"), "{}", answer.body);
    assert_eq!(eve.browser.get(&claim).await.status, 404);
    assert_eq!(send(&mut eve, &claim, &code).await.status, 404, "another's");

    portal.pass(Duration::minutes(10));
    assert_eq!(send(&mut mei, &claim, &code).await.status, 303);
    let page = mei.browser.get(&claim).await;
    assert!(page.status == 200 && page.body.contains("ten minutes of this code are over"), "{}", page.body);

    let again = mei.browser.post(&format!("{claim}/again"), &[]).await;
    let newer = again.location().split('?').next().unwrap().to_owned();
    assert_ne!(newer, claim);
    let newer_code = code_to(&portal, NUMBER).await;
    assert!(mei.browser.get(&claim).await.body.contains("A newer code was asked for"));
    assert_eq!(holder(&portal, line).await, None);
    let spaced = format!(" {} {} ", &newer_code[..3], &newer_code[3..]);
    assert_eq!(send(&mut mei, &newer, &spaced).await.status, 303);
    assert_eq!(added(&mut mei, &newer).await, line);

    // Used once: the same code, typed again, does nothing but lead to the line.
    portal.run("update lines set ended_at = now()").await;
    let back = put(&portal, CARD).await;
    assert_eq!(send(&mut mei, &newer, &newer_code).await.status, 303);
    assert_eq!(holder(&portal, back).await, None);
    portal.prove().await;
}

#[tokio::test]
async fn five_wrong_codes_end_it() {
    let portal = TestPortal::start().await;
    let mut mei = portal.mei().await;
    let line = put(&portal, CARD).await;
    let claim = ask(&mut mei, NUMBER).await;
    let code = code_to(&portal, NUMBER).await;
    for left in (0..5).rev() {
        let answer = send(&mut mei, &claim, &another(&code)).await;
        assert_eq!(answer.status, if left == 0 { 303 } else { 422 }, "{left} left: {}", answer.body);
    }
    assert_eq!(send(&mut mei, &claim, &code).await.status, 303);
    assert!(mei.browser.get(&claim).await.body.contains("wrong too often"));
    assert_eq!(holder(&portal, line).await, None);
}

#[tokio::test]
async fn tries_at_the_same_time_are_all_counted() {
    let portal = TestPortal::start().await;
    let mut mei = portal.mei().await;
    put(&portal, CARD).await;
    let claim = ask(&mut mei, NUMBER).await;
    let code = code_to(&portal, NUMBER).await;
    let tries = (0..12).map(|_| {
        let (mut mei, claim, wrong) = (mei.clone(), claim.clone(), another(&code));
        async move { send(&mut mei, &claim, &wrong).await.status.as_u16() }
    });
    let answers = futures_util::future::join_all(tries).await;
    assert_eq!(answers.iter().filter(|status| **status == 422).count(), 4, "{answers:?}");
    assert_eq!(portal.count("select tries::bigint from line_claims").await, 5);
}

#[tokio::test]
async fn nothing_tells_stock_from_no_stock() {
    let portal = TestPortal::start().await;
    let (mut mei, mut eve) = (portal.mei().await, portal.customer("eve@post.example").await);
    put(&portal, CARD).await;
    let mut pages = vec![];
    for (shopper, named, shown) in [(&mut mei, NUMBER, "138 0013 8300"), (&mut eve, UNKNOWN, "139 0013 9300")] {
        let claim = ask(shopper, named).await;
        portal.work().await;
        let first = shopper.browser.get(&claim).await;
        let wrong = send(shopper, &claim, "000000").await;
        for _ in 0..4 {
            send(shopper, &claim, "000000").await;
        }
        let over = shopper.browser.get(&claim).await;
        let again = shopper.browser.post(&format!("{claim}/again"), &[]).await;
        assert_eq!(again.status, 303);
        let same = |page: &crate::support::visitor::Answer| {
            let body = page.without_token().replace(&claim, "CLAIM").replace(shown, "SHOWN").replace(named, "NAMED");
            (page.status.as_u16(), body)
        };
        pages.push([same(&first), same(&wrong), same(&over)]);
    }
    assert_eq!(pages[0][0].0, 200);
    assert_eq!(pages[0], pages[1]);
    let to: Vec<String> = sqlx::query_scalar("select distinct recipient from messages where channel = 'sms'")
        .fetch_all(&portal.db.pool)
        .await
        .unwrap();
    assert_eq!(to, [NUMBER], "no text to a number that is not known");
    // The asking itself leaves the same rows and jobs for both.
    let rows = "select count(distinct (select count(*) from line_claims c where c.account_id = a.id)) from accounts a where email like '%post.example'";
    assert_eq!(portal.count(rows).await, 1);
}

#[tokio::test]
async fn ones_own_line_is_told_at_once_and_costs_no_text() {
    let portal = TestPortal::start().await;
    let (mut mei, line) = portal.mei_with("100").await;
    for column in ["msisdn", "iccid"] {
        let sql = format!("select {column} from lines where id = $1");
        let named: String =
            sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).bind(line).fetch_one(&portal.db.pool).await.unwrap();
        mei.browser.get("/lines/add").await;
        let answer = mei.browser.post("/lines/add", &[("named", &named)]).await;
        assert_eq!(answer.location(), format!("/lines/{line}?note=line-yours"));
    }
    portal.work().await;
    assert_eq!(portal.count("select count(*) from messages where channel = 'sms'").await, 0);
}

#[tokio::test]
async fn too_many_codes_are_refused_with_when_to_come_back() {
    let portal = TestPortal::start().await;
    let mut people = vec![];
    for name in ["one", "two", "three", "four"] {
        people.push(portal.customer(&format!("{name}@post.example")).await);
    }
    // For a number, whoever asks and whether or not it is known.
    for named in [NUMBER, UNKNOWN] {
        put(&portal, CARD).await;
        for shopper in &mut people[..3] {
            ask(shopper, named).await;
        }
        let answer = type_in(&mut people[3], named).await;
        assert_eq!(answer.status, 429, "{named}");
        let again: u32 = answer.headers["retry-after"].to_str().unwrap().parse().unwrap();
        assert!((3_000..=3_600).contains(&again), "{again}");
        assert!(answer.body.contains("please come back in") && answer.body.contains(named), "{}", answer.body);
        portal.run("delete from stock_lines").await;
        forget_tries(&portal).await;
    }
    // For an account.
    for last in 0..5 {
        ask(&mut people[0], &format!("+86139001390{last:02}")).await;
    }
    assert_eq!(type_in(&mut people[0], "+8613900139099").await.status, 429);
    // For a block of numbers, whoever asks.
    forget_tries(&portal).await;
    let mut refused = 0;
    for last in 0..24 {
        let shopper = &mut people[last % 4];
        portal.run("delete from rate_limits where key like 'claim account%'").await;
        refused += i32::from(type_in(shopper, &format!("+86139001391{last:02}")).await.status == 429);
    }
    assert_eq!(refused, 4);
    // Activation codes are guessed at the price of a pause, too.
    forget_tries(&portal).await;
    let mut answers = vec![];
    for last in 0..11 {
        answers.push(type_in(&mut people[1], &format!("LPA:1$smdp.example.com$GUESS-{last}")).await.status.as_u16());
    }
    assert_eq!((answers[9], answers[10]), (422, 429), "{answers:?}");
}

#[tokio::test]
async fn the_same_phone_gets_no_more_texts_by_its_card() {
    let portal = TestPortal::start().await;
    put(&portal, CARD).await;
    for (n, named) in [NUMBER, NUMBER, ICCID, ICCID, ICCID].into_iter().enumerate() {
        let mut shopper = portal.customer(&format!("no{n}@post.example")).await;
        ask(&mut shopper, named).await;
        portal.work().await;
    }
    assert_eq!(portal.count("select count(*) from messages where channel = 'sms'").await, 3);
}

#[tokio::test]
async fn a_proved_number_that_is_held_or_not_in_stock_becomes_work_for_a_person() {
    let portal = TestPortal::start().await;
    let (mei, line) = portal.mei_with("100").await;
    let mut eve = portal.customer("eve@post.example").await;
    let claim = ask(&mut eve, "+8613000000100").await;
    let code = code_to(&portal, "+8613000000100").await;
    send(&mut eve, &claim, &code).await;
    let page = eve.browser.get(&claim).await;
    assert!(page.body.contains("This line is on another account") && !page.body.contains(EMAIL), "{}", page.body);
    assert_eq!(holder(&portal, line).await.as_deref(), Some(EMAIL));
    drop(mei);

    portal
        .run("insert into number_ranges (kind, prefix, carrier, created_at) values ('msisdn', '86139', 'cucc', now())")
        .await;
    let claim = ask(&mut eve, UNKNOWN).await;
    let page = eve.browser.get(&claim).await;
    assert!(page.body.contains("China Unicom"), "{}", page.body);
    let code = code_to(&portal, UNKNOWN).await;
    send(&mut eve, &claim, &code).await;
    assert!(eve.browser.get(&claim).await.body.contains("We will add this line"));
    assert_eq!(requests(&portal).await, ["held", "unknown"]);

    let mut staff = portal.staff_as("support").await;
    assert!(staff.browser.get("/staff").await.body.contains("Lines to add"));
    let page = staff.browser.get("/staff/line-requests").await;
    assert!(page.body.contains(UNKNOWN) && page.body.contains("eve@post.example"), "{}", page.body);
    let close = crate::support::shopper::between(&page.body, "action=\"/staff/line-requests/", "\"");
    let path = format!("/staff/line-requests/{close}");
    assert!(staff.browser.post(&path, &[("note", " ")]).await.location().ends_with("note=say-how"));
    assert!(staff.browser.post(&path, &[("note", "spoke to both")]).await.location().ends_with("note=request-closed"));
    assert!(staff.browser.post(&path, &[("note", "again")]).await.location().ends_with("note=not-waiting"));
    assert_eq!(requests(&portal).await, ["unknown"]);
}

/// The number a code went to is proved, and no other.
#[tokio::test]
async fn a_line_whose_number_has_changed_since_is_not_handed_over() {
    let portal = TestPortal::start().await;
    let mut mei = portal.mei().await;
    let line = put(&portal, CARD).await;
    let claim = ask(&mut mei, ICCID).await;
    let code = code_to(&portal, NUMBER).await;
    portal.run("update stock_lines set msisdn = '+8613800138999'").await;
    send(&mut mei, &claim, &code).await;
    assert!(mei.browser.get(&claim).await.body.contains("We will add this line"));
    assert_eq!((holder(&portal, line).await, requests(&portal).await), (None, vec!["unknown".to_owned()]));
}

#[tokio::test]
async fn codes_are_not_kept_where_they_could_be_read() {
    let portal = TestPortal::start().await;
    let mut mei = portal.mei().await;
    put(&portal, CARD).await;
    ask(&mut mei, NUMBER).await;
    let code = newest_text(&portal).await.unwrap().1;
    let kept: String = sqlx::query_scalar("select string_agg(t, '|') from (select c::text from line_claims c union all select payload::text from jobs union all select detail::text from audit_log) as all_of_it (t)")
        .fetch_one(&portal.db.pool)
        .await
        .unwrap();
    assert!(!kept.contains(&code), "{kept}");
}
