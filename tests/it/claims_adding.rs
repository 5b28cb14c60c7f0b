//! A customer adds a line that is in stock.

use crate::claims_support::{
    CARD, CODE, ESIM, ICCID, NUMBER, Stock, added, ask, code_to, forget_tries, holder, newest_text, put, requests,
    send, type_in,
};
use crate::support::portal::{EMAIL, TestPortal};

#[tokio::test]
async fn a_card_is_added_by_its_number_or_iccid_however_it_is_written() {
    let portal = TestPortal::start().await;
    let mut mei = portal.mei().await;
    for named in [
        "+86 138 0013 8300",
        "13800138300",
        "00 86 138-0013-8300",
        "＋８６１３８００１３８３００",
        ICCID,
        "8986 0012 3456 7890 1238",
        "89860012345678901238f",
        "８９８６００１２３４５６７８９０１２３８",
    ] {
        let stock = put(&portal, CARD).await;
        let claim = ask(&mut mei, named).await;
        let page = mei.browser.get(&claim).await;
        let read = if named.starts_with(['8', '８']) { "8986 0012 3456 7890 1238" } else { "+86 138 0013 8300" };
        assert!(page.status == 200 && page.body.contains(read), "{named}: {}", page.body);
        let code = code_to(&portal, NUMBER).await;
        assert_eq!(send(&mut mei, &claim, &code).await.status, 303);
        assert_eq!(added(&mut mei, &claim).await, stock);
        let page = mei.browser.get(&format!("/lines/{stock}?note=line-added")).await;
        assert!(page.status == 200 && page.body.contains("The line is on your account"), "{}", page.body);
        assert_eq!(portal.count("select count(*) from stock_lines").await, 0);
        let due = "select count(*) from lines l join line_validities v on v.line_id = l.id and v.cause = 'opening'
                   where l.ended_at is null and l.sync_rank = 0 and l.next_sync_at < now() + interval '1 hour' and l.time_zone = 'Asia/Shanghai'";
        assert_eq!(portal.count(due).await, 1);
        let told = "select count(*) from audit_log a join lines l on l.id::text = a.subject_id
                    where a.action = 'line.claimed' and l.ended_at is null";
        assert_eq!(portal.count(told).await, 1);
        portal.run("update lines set ended_at = now()").await;
        forget_tries(&portal).await;
        portal.pass(time::Duration::minutes(2));
    }
    portal.prove().await;
}

#[tokio::test]
async fn an_esim_is_added_by_its_activation_code_however_it_is_written() {
    let portal = TestPortal::start().await;
    let mut mei = portal.mei().await;
    for named in [
        CODE,
        "lpa:1$smdp.example.com$k7q2-9xwm",
        "1$SMDP.example.com$K7Q2-9XWM",
        " LPA:1$smdp.example.com$K7Q2-9XWM$ ",
        "ＬＰＡ：１＄ｓｍｄｐ．ｅｘａｍｐｌｅ．ｃｏｍ＄Ｋ７Ｑ２－９ＸＷＭ",
    ] {
        let stock = put(&portal, ESIM).await;
        let answer = type_in(&mut mei, named).await;
        assert_eq!(answer.location(), format!("/lines/{stock}?note=line-added"), "{named}: {}", answer.body);
        let again = type_in(&mut mei, named).await;
        assert_eq!(again.location(), format!("/lines/{stock}?note=line-yours"), "{named}: {}", again.body);
        portal.run("update lines set ended_at = now()").await;
        forget_tries(&portal).await;
    }
    assert_eq!(newest_text(&portal).await, None);
    portal.prove().await;
}

#[tokio::test]
async fn a_code_of_a_line_that_is_held_looks_like_one_of_no_line() {
    let portal = TestPortal::start().await;
    let (mut mei, mut eve) = (portal.mei().await, portal.customer("eve@post.example").await);
    let line = put(&portal, ESIM).await;
    type_in(&mut mei, CODE).await;
    assert_eq!(holder(&portal, line).await.as_deref(), Some(EMAIL));
    let held = type_in(&mut eve, CODE).await;
    let unknown = type_in(&mut eve, "LPA:1$smdp.example.com$NO-SUCH").await;
    assert_eq!((held.status.as_u16(), unknown.status.as_u16()), (422, 422));
    let page = |body: &str| body.replace("K7Q2-9XWM", "HERE").replace("NO-SUCH", "HERE");
    assert_eq!(page(&held.without_token()), page(&unknown.without_token()));
    assert!(held.body.contains("smdp.example.com") && held.body.contains("Ask us to add the line"), "{}", held.body);
    let asked = eve.browser.post("/lines/add/help", &[("named", CODE)]).await;
    assert_eq!(asked.location(), "/lines/add?note=line-help-asked");
    assert_eq!(requests(&portal).await, ["help"]);
}

#[tokio::test]
async fn what_can_not_be_read_is_told_with_what_was_typed() {
    let portal = TestPortal::start().await;
    let mut mei = portal.mei().await;
    for (named, told) in [
        ("", "Enter an ICCID"),
        ("55123456", "country code"),
        ("8.98600E+19", "spreadsheet has rounded"),
        ("352099001761481", "number of a device"),
        ("LPA:1$smdp.example.com", "three parts"),
        ("LPA:1$smdp.example.com$X$$4711", "confirmation code"),
        ("<script>", "read this as an ICCID"),
    ] {
        let answer = type_in(&mut mei, named).await;
        assert!(answer.status == 422 && answer.body.contains(told), "{named}: {}", answer.body);
        assert!(named.len() < 4 || named.contains('<') || answer.body.contains(named), "{named} is not kept");
        assert!(!answer.body.contains("<script>"), "{}", answer.body);
    }
    assert_eq!(portal.count("select count(*) from line_claims").await, 0);
}

/// Mei has renewed a line whose ICCID is used again, under another id of the carrier's.
const AGAIN: Stock = Stock { iccid: ICCID, number: None, code: Some(CODE), carrier_line_id: Some("new") };

#[tokio::test]
async fn a_used_again_iccid_keeps_the_histories_apart() {
    let portal = TestPortal::start().await;
    let (mut mei, old) = portal.mei_with("100").await;
    let order = mei.buy(old, "P30", "pay").await;
    portal.until(order, "fulfilled").await;
    portal.run("update lines set iccid = '89860012345678901238', carrier_line_id = 'old'").await;
    portal.run("update simulator.lines set iccid = '89860012345678901238'").await;
    let new = put(&portal, AGAIN).await;
    let mut eve = portal.customer("eve@post.example").await;
    let answer = type_in(&mut eve, CODE).await;
    assert_eq!(answer.location(), format!("/lines/{new}?note=line-added"), "{}", answer.body);
    assert_eq!((holder(&portal, new).await.as_deref(), holder(&portal, old).await), (Some("eve@post.example"), None));
    for path in [format!("/orders/{order}"), format!("/orders/{order}/receipt"), format!("/orders/{order}/receipt.pdf")]
    {
        assert_eq!(mei.browser.get(&path).await.status, 200, "{path}");
        assert_eq!(eve.browser.get(&path).await.status, 404, "{path}");
    }
    assert!(mei.browser.get("/orders").await.body.contains(&format!("/orders/{order}")));
    assert_eq!(mei.browser.get(&format!("/lines/{old}")).await.status, 404);
    assert_eq!(mei.browser.get(&format!("/lines/{new}")).await.status, 404);
    for path in ["/orders".to_owned(), "/account".to_owned(), format!("/lines/{new}")] {
        let page = eve.browser.get(&path).await;
        assert!(page.status == 200 && !page.body.contains(&order.to_string()), "{path}: {}", page.body);
    }
    let ended = "select count(*) from audit_log where action = 'line.ended' and detail->>'reason' = 'recycled'";
    assert_eq!(portal.count(ended).await, 1);
    portal.prove().await;
}

#[tokio::test]
async fn a_line_that_another_account_holds_is_never_taken_over() {
    let portal = TestPortal::start().await;
    let (mut mei, line) = portal.mei_with("100").await;
    let mut eve = portal.customer("eve@post.example").await;
    portal.run("update lines set iccid = '89860012345678901238'").await;
    for (held, stock) in [(None, None), (Some("same"), Some("same")), (None, Some("new")), (Some("old"), None)] {
        sqlx::query("update lines set carrier_line_id = $1").bind(held).execute(&portal.db.pool).await.unwrap();
        put(&portal, Stock { carrier_line_id: stock, ..AGAIN }).await;
        let answer = type_in(&mut eve, CODE).await;
        assert!(
            answer.status == 422 && answer.body.contains("on another account"),
            "{held:?} {stock:?}: {}",
            answer.body
        );
        assert_eq!(
            (holder(&portal, line).await.as_deref(), requests(&portal).await),
            (Some(EMAIL), vec!["held".to_owned()])
        );
        portal.run("delete from stock_lines").await;
    }
    // Used again, but what was ordered for the old line is not delivered yet.
    portal.run("update lines set carrier_line_id = 'old'").await;
    put(&portal, AGAIN).await;
    mei.place(line, "P30").await;
    assert_eq!(type_in(&mut eve, CODE).await.status, 422);
    assert_eq!(holder(&portal, line).await.as_deref(), Some(EMAIL));
    portal.prove().await;
}

#[tokio::test]
async fn of_two_customers_at_once_one_gets_the_line() {
    let portal = TestPortal::start().await;
    let (mut mei, mut eve) = (portal.mei().await, portal.customer("eve@post.example").await);
    for round in 0..8 {
        let line = put(&portal, ESIM).await;
        let (one, other) = tokio::join!(type_in(&mut mei, CODE), type_in(&mut eve, CODE));
        let got = [&one, &other].iter().filter(|answer| answer.status == 303).count();
        assert_eq!(got, 1, "round {round}: {} {}", one.status, other.status);
        assert!(holder(&portal, line).await.is_some());
        portal.run("update lines set ended_at = now()").await;
        forget_tries(&portal).await;
    }
    let line = put(&portal, CARD).await;
    let of_mei = ask(&mut mei, NUMBER).await;
    let code_of_mei = code_to(&portal, NUMBER).await;
    portal.pass(time::Duration::seconds(1));
    let of_eve = ask(&mut eve, ICCID).await;
    let code_of_eve = code_to(&portal, NUMBER).await;
    tokio::join!(send(&mut mei, &of_mei, &code_of_mei), send(&mut eve, &of_eve, &code_of_eve));
    let (mei, eve) = (mei.browser.get(&of_mei).await, eve.browser.get(&of_eve).await);
    let (winner, loser) = if mei.status == 303 { (mei, eve) } else { (eve, mei) };
    assert_eq!(winner.location(), format!("/lines/{line}?note=line-added"));
    assert!(loser.status == 200 && loser.body.contains("on another account"), "{}", loser.body);
    assert_eq!(requests(&portal).await, ["held"]);
    portal.prove().await;
}

#[tokio::test]
async fn a_double_click_adds_one_line_and_sends_one_text() {
    let portal = TestPortal::start().await;
    let mei = portal.mei().await;
    let line = put(&portal, CARD).await;
    let (mut left, mut right) = (mei.clone(), mei.clone());
    let (one, other) = tokio::join!(ask(&mut left, NUMBER), ask(&mut right, NUMBER));
    assert_eq!(one, other);
    let code = code_to(&portal, NUMBER).await;
    assert_eq!(portal.count("select count(*) from messages where channel = 'sms'").await, 1);
    tokio::join!(send(&mut left, &one, &code), send(&mut right, &one, &code));
    assert_eq!((added(&mut left, &one).await, added(&mut right, &one).await), (line, line));
    assert_eq!(portal.count("select count(*) from lines").await, 1);
    let (mut left, mut right) = (mei.clone(), mei);
    let esim = put(&portal, ESIM).await;
    let (one, other) = tokio::join!(type_in(&mut left, CODE), type_in(&mut right, CODE));
    for answer in [one, other] {
        assert!(answer.location().starts_with(&format!("/lines/{esim}?note=line-")), "{}", answer.body);
    }
    portal.prove().await;
}

#[tokio::test]
async fn staff_end_a_line_with_a_reason_and_not_while_an_order_is_open() {
    let portal = TestPortal::start().await;
    let (mut mei, line) = portal.mei_with("100").await;
    let mut staff = portal.staff_as("support").await;
    let path = format!("/staff/lines/{line}/end");
    let order = mei.place(line, "P30").await;
    assert!(staff.browser.get(&format!("/staff/lines/{line}")).await.body.contains("End this line"));
    for (reason, sure, told) in
        [(" ", "yes", "why"), ("returned", "", "please confirm"), ("returned", "yes", "an order for this line is open")]
    {
        let answer = staff.browser.post(&path, &[("end_reason", reason), ("sure", sure)]).await;
        assert_eq!(answer.status, 422, "{told}");
        assert!(told == "why" || answer.body.contains(told) && answer.body.contains(reason), "{told}: {}", answer.body);
        assert_eq!(holder(&portal, line).await.as_deref(), Some(EMAIL));
    }
    mei.cancel(order).await;
    portal.settle().await;
    portal
        .run(
            "insert into profile_orders (id, line_id, account_id, purpose, old_iccid, matching_id, actor_id, actor_role, requested_at)
             select gen_random_uuid(), id, account_id, 'reissue', iccid, 'M', account_id, 'customer', now() from lines",
        )
        .await;
    let answer = staff.browser.post(&path, &[("end_reason", "returned"), ("sure", "yes")]).await;
    assert_eq!(answer.status, 422, "a profile is on its way");
    portal.run("delete from profile_orders").await;
    let answer = staff.browser.post(&path, &[("end_reason", "returned"), ("sure", "yes")]).await;
    assert_eq!(answer.location(), format!("/staff/accounts/{}?note=line-ended", mei.account), "{}", answer.body);
    assert_eq!(holder(&portal, line).await, None);
    assert_eq!(mei.browser.get(&format!("/lines/{line}")).await.status, 404);
    assert_eq!(mei.browser.get(&format!("/orders/{order}")).await.status, 200);
    assert_eq!(staff.browser.post(&path, &[("end_reason", "again"), ("sure", "yes")]).await.status, 404);
    portal.prove().await;
}

#[tokio::test]
async fn at_a_browser_that_was_left_open_no_line_is_added() {
    let portal = TestPortal::start().await;
    let mut mei = portal.mei().await;
    mei.browser.get("/account").await;
    portal.run("update sessions set proven_at = now() - interval '11 minutes'").await;
    let prove = "/login/prove?next=/lines/add";
    assert_eq!(mei.browser.get("/lines/add").await.location(), prove);
    assert_eq!(mei.browser.post("/lines/add", &[("named", "+8613800138300")]).await.location(), prove);
    assert_eq!(portal.count("select count(*) from line_claims").await, 0);
}
