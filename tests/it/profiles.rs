//! A new profile for an eSIM: the line stays who it is, and whatever is lost on the way, one profile comes of it.

use renewal_portal::ids::LineId;
use time::Duration;

use crate::profiles_support::released;
use crate::staff_support::Office;
use crate::support::portal::TestPortal;

const EID: &str = "89049032007108882600137544319616";
const OLD_CODE: &str = "LPA:1$smdp.old.example$OLD-1";

async fn state(portal: &TestPortal) -> String {
    portal.text("select state from profile_orders order by requested_at desc limit 1").await.unwrap()
}

async fn code(portal: &TestPortal) -> String {
    portal.text("select activation_code from lines").await.unwrap_or_default()
}

/// Lets time pass until the newest order has ended.
async fn ended(portal: &TestPortal) -> String {
    for _ in 0..40 {
        portal.work().await;
        let state = state(portal).await;
        if ["done", "refused", "failed"].contains(&state.as_str()) {
            return state;
        }
        portal.pass(Duration::seconds(30));
    }
    panic!("it never ended: {}", state(portal).await);
}

#[tokio::test]
async fn a_lost_code_is_replaced_and_the_line_stays_as_it_is() {
    let portal = TestPortal::start().await;
    let mut mei = portal.mei().await;
    let line = portal.known_line(mei.account, "321").await;
    portal.run("update lines set activation_code = 'LPA:1$smdp.old.example$OLD-1'").await;
    portal.hold_the_sync().await;
    let (before, until) = (portal.iccid(line).await, portal.until_of(line).await);
    let (page, confirm, order) =
        (format!("/lines/{line}"), format!("/lines/{line}/profiles/reissue"), format!("/lines/{line}/profiles"));
    let shown = mei.browser.get(&page).await.body;
    assert!(shown.contains(&confirm) && shown.contains("OLD-1"), "{shown}");
    assert!(mei.browser.get(&confirm).await.body.contains("Number, plan and days stay as they are"));

    let asked = mei.browser.post(&order, &[("purpose", "reissue")]).await;
    assert_eq!(asked.location(), format!("{page}?note=profile-requested"));
    let twice = mei.browser.post(&order, &[("purpose", "reissue")]).await;
    assert_eq!(twice.location(), format!("{page}?note=profile-under-way"));
    let shown = mei.browser.get(&page).await.body;
    assert!(shown.contains("is being made") && !shown.contains("OLD-1") && !shown.contains(&confirm), "{shown}");

    assert_eq!(ended(&portal).await, "done");
    let new = code(&portal).await;
    assert_eq!(new, format!("LPA:1$smdp.cucc.example${}", released(&portal, &before).await));
    let shown = mei.browser.get(&page).await.body;
    assert!(shown.contains("The new code is ready") && shown.contains("Not installed yet"), "{shown}");
    assert!(shown.contains(new.rsplit('$').next().unwrap()) && shown.contains(&confirm), "{shown}");
    assert_eq!((portal.iccid(line).await, portal.until_of(line).await), (before, until));
    assert_eq!(portal.count("select count(*) from profile_orders").await, 1);
    assert_eq!(portal.count("select count(*) from line_iccids").await, 0);
    let mails = "select string_agg(template, ' ' order by created_at) from messages where template like 'profile-%'";
    assert_eq!(portal.text(mails).await.as_deref(), Some("profile-requested profile-ready"));
    let leaked = portal
        .count("select count(*) from messages m, lines l where m.body_text like '%' || l.activation_code || '%'")
        .await;
    assert_eq!(leaked, 0, "a code is never mailed");
    let acts =
        "select string_agg(action || ' ' || actor_role, ', ' order by id) from audit_log where action like 'profile.%'";
    assert_eq!(portal.text(acts).await.as_deref(), Some("profile.requested customer, profile.released system"));
    portal.prove().await;
}

#[tokio::test]
async fn a_browser_that_was_left_open_shows_no_code_and_orders_none() {
    let portal = TestPortal::start().await;
    let mut mei = portal.mei().await;
    let line = portal.known_line(mei.account, "321").await;
    portal.run("update lines set activation_code = 'LPA:1$smdp.old.example$OLD-1'").await;
    let page = format!("/lines/{line}");
    mei.browser.get(&page).await;
    portal.run("update sessions set proven_at = now() - interval '11 minutes'").await;
    let shown = mei.browser.get(&page).await.body;
    let prove = format!("/login/prove?next=/lines/{line}%23install");
    assert!(!shown.contains("OLD-1") && shown.contains(&prove) && shown.contains("Show the code"), "{shown}");
    for purpose in ["reissue", "move"] {
        let confirm = format!("/lines/{line}/profiles/{purpose}");
        let prove = format!("/login/prove?next={confirm}");
        assert_eq!(mei.browser.get(&confirm).await.location(), prove);
        let order = mei.browser.post(&format!("/lines/{line}/profiles"), &[("purpose", purpose)]).await;
        assert_eq!(order.location(), prove);
    }
    assert_eq!(portal.count("select count(*) from profile_orders").await, 0);
    mei.browser.get(&prove).await;
    let fields = [("code", crate::support::portal::PASSWORD), ("next", &*format!("/lines/{line}#install"))];
    assert_eq!(mei.browser.post("/login/prove", &fields).await.location(), format!("/lines/{line}#install"));
    assert!(mei.browser.get(&page).await.body.contains("OLD-1"));
}

#[tokio::test]
async fn a_line_moves_to_the_device_that_was_named() {
    let portal = TestPortal::start().await;
    let mut mei = portal.mei().await;
    let line = portal.known_line(mei.account, "321").await;
    portal.hold_the_sync().await;
    let (page, order) = (format!("/lines/{line}"), format!("/lines/{line}/profiles"));
    let asks = mei.browser.get(&format!("{order}/move")).await.body;
    assert!(asks.contains("the old one loses it") && asks.contains("/devices"), "{asks}");
    let wrong = mei.browser.post(&order, &[("purpose", "move"), ("eid", "89049032007108882600137544319617")]).await;
    assert_eq!(wrong.status, 422);
    assert!(wrong.body.contains("That is not an EID") && wrong.body.contains("89049032007108882600137544319617"));
    assert_eq!(portal.count("select count(*) from profile_orders").await, 0);
    let spaced = "8904 9032 0071 0888 2600 1375 4431 9616";
    let asked = mei.browser.post(&order, &[("purpose", "move"), ("eid", spaced)]).await;
    assert_eq!(asked.location(), format!("{page}?note=profile-requested"));
    assert_eq!(ended(&portal).await, "done");
    assert_eq!(portal.text("select eid from lines").await.as_deref(), Some(EID));
    assert_eq!(portal.text("select eid from simulator.profiles").await.as_deref(), Some(EID));
}

#[tokio::test]
async fn whatever_is_lost_on_the_way_one_profile_comes_of_it() {
    // Done without a word, not done without a word, turned away, run out of time, an error page: each call of each kind once.
    for ending in ["101", "102", "104", "106", "107"] {
        let portal = TestPortal::start().await;
        let mut mei = portal.mei().await;
        let line = portal.known_line(mei.account, ending).await;
        portal.hold_the_sync().await;
        mei.browser.get(&format!("/lines/{line}")).await;
        mei.browser.post(&format!("/lines/{line}/profiles"), &[("purpose", "reissue")]).await;
        assert_eq!(ended(&portal).await, "done", "{ending}");
        let iccid = portal.iccid(line).await;
        let matching_id = released(&portal, &iccid).await;
        assert_eq!(code(&portal).await, format!("LPA:1$smdp.cucc.example${matching_id}"), "{ending}");
        assert_eq!(portal.count("select count(*) from simulator.profiles").await, 1, "{ending}");
        assert_eq!(portal.count("select count(*) from messages where template = 'profile-ready'").await, 1);
    }
}

#[tokio::test]
async fn what_an_older_order_left_is_cancelled_first() {
    let portal = TestPortal::start().await;
    let mut mei = portal.mei().await;
    let line = portal.known_line(mei.account, "321").await;
    portal.hold_the_sync().await;
    portal
        .run("insert into simulator.profiles (carrier, iccid, state, matching_id) select carrier, iccid, 'released', 'OLD-1' from lines")
        .await;
    mei.browser.get(&format!("/lines/{line}")).await;
    mei.browser.post(&format!("/lines/{line}/profiles"), &[("purpose", "reissue")]).await;
    assert_eq!(ended(&portal).await, "done");
    assert_ne!(released(&portal, &portal.iccid(line).await).await, "OLD-1");
}

#[tokio::test]
async fn what_the_carrier_refuses_changes_nothing() {
    let portal = TestPortal::start().await;
    let mut mei = portal.mei().await;
    let line = portal.known_line(mei.account, "103").await;
    portal.run("update lines set activation_code = 'LPA:1$smdp.old.example$OLD-1'").await;
    portal.hold_the_sync().await;
    let page = format!("/lines/{line}");
    mei.browser.get(&page).await;
    mei.browser.post(&format!("{page}/profiles"), &[("purpose", "reissue")]).await;
    assert_eq!(ended(&portal).await, "refused");
    assert_eq!(code(&portal).await, OLD_CODE);
    assert_eq!(portal.text("select refusal from profile_orders").await.as_deref(), Some("8.2.1/1.2"));
    let shown = mei.browser.get(&page).await.body;
    assert!(shown.contains("the carrier refused") && shown.contains("OLD-1"), "{shown}");
    assert_eq!(portal.count("select count(*) from messages where template = 'profile-not-ready'").await, 1);
}

#[tokio::test]
async fn it_is_not_offered_where_it_can_not_be_had() {
    let portal = TestPortal::start().await;
    let mut mei = portal.mei().await;
    let line = portal.known_line(mei.account, "321").await;
    portal.hold_the_sync().await;
    let (page, order) = (format!("/lines/{line}"), format!("/lines/{line}/profiles"));
    let confirm = format!("{order}/reissue");
    for change in [
        "update lines set kind = 'fm_card'",
        "update lines set kind = 'esim', status = 'terminated'",
        "update lines set status = 'active', valid_until = current_date - 3, valid_from = current_date - 9",
        "update lines set valid_until = current_date + 7, carrier = 'unknown'",
    ] {
        portal.run("insert into carriers values ('unknown', '无', 'None') on conflict do nothing").await;
        portal.run(change).await;
        let shown = mei.browser.get(&page).await.body;
        assert!(!shown.contains(&confirm), "{change}");
        assert_eq!(mei.browser.get(&confirm).await.location(), page, "{change}");
        let asked = mei.browser.post(&order, &[("purpose", "reissue")]).await;
        assert_eq!(asked.location(), format!("{page}?note=profile-not-possible"), "{change}");
    }
    portal.run("update lines set carrier = 'cucc'").await;
    mei.place(line, "P30").await;
    assert!(!mei.browser.get(&page).await.body.contains(&confirm), "while an order is open");
    let asked = mei.browser.post(&order, &[("purpose", "reissue")]).await;
    assert_eq!(asked.location(), format!("{page}?note=profile-order-open"));
    assert_eq!(mei.browser.post(&order, &[("purpose", "explode")]).await.status, 400);

    let mut other = portal.customer("other@post.example").await;
    other.browser.get("/account").await;
    assert_eq!(other.browser.post(&order, &[("purpose", "reissue")]).await.status, 404);
    assert_eq!(other.browser.get(&confirm).await.status, 404);
    assert_eq!(portal.count("select count(*) from profile_orders").await, 0);
}

#[tokio::test]
async fn a_customer_gets_three_a_day() {
    let portal = TestPortal::start().await;
    let mut mei = portal.mei().await;
    let line = portal.known_line(mei.account, "321").await;
    portal.hold_the_sync().await;
    let (page, order) = (format!("/lines/{line}"), format!("/lines/{line}/profiles"));
    mei.browser.get(&page).await;
    for _ in 0..3 {
        mei.browser.post(&order, &[("purpose", "reissue")]).await;
        assert_eq!(ended(&portal).await, "done");
    }
    let asked = mei.browser.post(&order, &[("purpose", "reissue")]).await;
    assert_eq!(asked.location(), format!("{page}?note=profile-too-many"));
}

#[tokio::test]
async fn a_server_that_never_answers_is_given_up_and_a_person_told() {
    let portal = TestPortal::start().await;
    let mut mei = portal.mei().await;
    let line = portal.known_line(mei.account, "321").await;
    portal.hold_the_sync().await;
    portal.carrier_goes_down().await;
    let page = format!("/lines/{line}");
    mei.browser.get(&page).await;
    mei.browser.post(&format!("{page}/profiles"), &[("purpose", "reissue")]).await;
    portal.work().await;
    assert_eq!(state(&portal).await, "requested");
    portal.pass(Duration::hours(25));
    portal.work().await;
    assert_eq!(state(&portal).await, "failed");
    assert!(mei.browser.get(&page).await.body.contains("never said whether"));
}

#[tokio::test]
async fn staff_order_one_with_a_reason() {
    let office = Office::open().await;
    let mut staff = office.staff().await;
    let sql = "select l.id::text from lines l join accounts a on a.id = l.account_id where a.email = 'li.wei@demo.example'
               and l.kind = 'esim' and l.status = 'active' and l.valid_until > now() + interval '1 day'
               and not exists (select from orders o where o.line_id = l.id and o.status in ('awaiting_payment', 'paid')) limit 1";
    let line: LineId = office.text(sql).await.parse().unwrap();
    let (page, order) = (format!("/staff/lines/{line}"), format!("/staff/lines/{line}/profiles"));
    let shown = staff.get(&page).await.body;
    assert!(shown.contains(&order), "{shown}");
    assert_eq!(staff.post(&order, &[("purpose", "reissue"), ("reason", " ")]).await.status, 422);
    let wrong = [("purpose", "move"), ("eid", "123"), ("reason", "new phone")];
    assert_eq!(staff.post(&order, &wrong).await.status, 422);
    sqlx::query("update sessions set proven_at = null").execute(office.pool()).await.unwrap();
    let prove = format!("/login/prove?next={page}");
    let shown = staff.get(&page).await.body;
    let forms = [order.clone(), format!("{page}/changes"), format!("{page}/end")];
    assert!(
        shown.contains(&prove) && forms.iter().all(|form| !shown.contains(&format!("action=\"{form}\""))),
        "{shown}"
    );
    let move_it = [("purpose", "move"), ("eid", EID), ("reason", "called at 9")];
    assert_eq!(staff.post(&order, &move_it).await.location(), prove, "not at a desk that was left");
    let suspend = [("change", "suspend"), ("reason", "called at 9")];
    assert_eq!(staff.post(&format!("{page}/changes"), &suspend).await.location(), prove);
    assert_eq!(staff.post(&format!("{page}/end"), &[("end_reason", "x"), ("sure", "yes")]).await.location(), prove);
    sqlx::query("update sessions set proven_at = now()").execute(office.pool()).await.unwrap();
    let asked = staff.post(&order, &[("purpose", "move"), ("eid", EID), ("reason", "called at 9")]).await;
    assert_eq!(asked.location(), format!("{page}?note=profile-requested"));
    let shown = staff.get(&page).await.body;
    assert!(shown.contains("called at 9") && !shown.contains(&order), "{shown}");
    let audited =
        "select count(*) from audit_log where action = 'profile.requested' and detail->>'reason' = 'called at 9'";
    assert_eq!(office.count(audited).await, 1);
    let mut ana = office.signed_in("/login", "ana@demo.example").await;
    assert_eq!(ana.post(&order, &[("purpose", "reissue"), ("reason", "mine")]).await.status, 404);
}
