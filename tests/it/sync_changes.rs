//! Suspending and resuming from afar: asked once more, done by the carrier, believed when it shows.

use renewal_portal::ids::LineId;
use time::Duration;

use crate::staff_support::Office;
use crate::support::portal::TestPortal;

async fn line_says(portal: &TestPortal) -> String {
    let sql = "select l.status || ' ' || coalesce((select c.status from line_changes c order by requested_at desc limit 1), '-') from lines l";
    portal.text(sql).await.unwrap()
}

#[tokio::test]
async fn a_line_is_suspended_and_resumed_by_its_holder() {
    let portal = TestPortal::start().await;
    let mut mei = portal.mei().await;
    let line = portal.known_line(mei.account, "321").await;
    portal.hold_the_sync().await;
    let (page, changes) = (format!("/lines/{line}"), format!("/lines/{line}/changes"));
    let confirm = format!("/lines/{line}/suspend");
    assert!(mei.browser.get(&page).await.body.contains(&confirm));
    let unconfirmed = mei.browser.post(&changes, &[("change", "suspend")]).await;
    assert_eq!(unconfirmed.location(), confirm, "it is asked once more");
    assert_eq!(portal.count("select count(*) from line_changes").await, 0);
    assert!(mei.browser.get(&confirm).await.body.contains("days go on counting"));

    portal.run("update sessions set proven_at = now() - interval '11 minutes'").await;
    let prove = format!("/login/prove?next={confirm}");
    assert_eq!(mei.browser.get(&confirm).await.location(), prove);
    let unproven = mei.browser.post(&changes, &[("change", "suspend"), ("confirmed", "1")]).await;
    assert_eq!(unproven.location(), prove, "not at a browser that was left open");
    assert_eq!(portal.count("select count(*) from line_changes").await, 0);
    portal.run("update sessions set proven_at = now()").await;

    let asked = mei.browser.post(&changes, &[("change", "suspend"), ("confirmed", "1")]).await;
    assert_eq!(asked.location(), format!("{page}?note=change-requested"));
    assert_eq!(line_says(&portal).await, "active requested");
    let shown = mei.browser.get(&page).await.body;
    assert!(shown.contains("Being suspended") && !shown.contains(&confirm), "{shown}");
    assert!(shown.contains(r#"data-live="poll""#), "the page tells by itself when it is done");
    let twice = mei.browser.post(&changes, &[("change", "suspend"), ("confirmed", "1")]).await;
    assert_eq!(twice.location(), format!("{page}?note=change-under-way"));

    portal.work().await;
    assert_eq!(portal.text("select state from simulator.lines").await.as_deref(), Some("suspended"));
    assert_eq!(line_says(&portal).await, "active accepted", "taken on is not shown yet");
    portal.pass(Duration::minutes(2));
    portal.sync().await;
    assert_eq!(line_says(&portal).await, "suspended done");
    let shown = mei.browser.get(&page).await.body;
    assert!(shown.contains("the carrier confirmed it") && shown.contains("Resume the line"), "{shown}");
    assert!(!shown.contains("data-live"), "{shown}");

    // Although the carrier was asked this very moment: what it said is of before.
    mei.browser.post(&changes, &[("change", "resume")]).await;
    portal.work().await;
    portal.sync().await;
    assert_eq!(line_says(&portal).await, "active done");
    let audited = portal
        .count("select count(*) from audit_log where action = 'line.change_requested' and actor_role = 'customer'");
    assert_eq!(audited.await, 2);
    assert_eq!(
        portal.until_of(line).await.to_string(),
        portal.text("select valid_until::text from simulator.lines").await.unwrap()
    );
    portal.prove().await;
}

#[tokio::test]
async fn what_can_not_be_done_is_refused_and_changes_nothing() {
    let portal = TestPortal::start().await;
    let mut mei = portal.mei().await;
    let line = portal.known_line(mei.account, "321").await;
    portal.hold_the_sync().await;
    let (page, changes) = (format!("/lines/{line}"), format!("/lines/{line}/changes"));
    mei.browser.get(&page).await;
    let resumed = mei.browser.post(&changes, &[("change", "resume")]).await;
    assert_eq!(resumed.location(), format!("{page}?note=change-not-possible"));
    assert_eq!(mei.browser.post(&changes, &[("change", "explode")]).await.status, 400);
    let mut other = portal.customer("other@post.example").await;
    other.browser.get("/account").await;
    let stolen = other.browser.post(&changes, &[("change", "suspend"), ("confirmed", "1")]).await;
    assert_eq!(stolen.status, 404);
    assert_eq!(other.browser.get(&format!("/lines/{line}/suspend")).await.status, 404);

    portal.run("update simulator.lines set state = 'ended'").await;
    mei.browser.post(&changes, &[("change", "suspend"), ("confirmed", "1")]).await;
    portal.work().await;
    assert_eq!(line_says(&portal).await, "active refused");
    assert!(mei.browser.get(&page).await.body.contains("Not suspended: the carrier refused"));
}

#[tokio::test]
async fn a_carrier_that_is_away_is_asked_until_it_answers() {
    let portal = TestPortal::start().await;
    let mut mei = portal.mei().await;
    let line = portal.known_line(mei.account, "321").await;
    portal.carrier_goes_down().await;
    mei.browser.get(&format!("/lines/{line}/suspend")).await;
    mei.browser.post(&format!("/lines/{line}/changes"), &[("change", "suspend"), ("confirmed", "1")]).await;
    for _ in 0..4 {
        portal.work().await;
        portal.pass(Duration::seconds(20));
    }
    assert_eq!(line_says(&portal).await, "active requested");
    portal.carrier_comes_back().await;
    for _ in 0..6 {
        portal.pass(Duration::minutes(3));
        portal.work().await;
    }
    portal.sync().await;
    assert_eq!(line_says(&portal).await, "suspended done");
}

#[tokio::test]
async fn a_carrier_that_stays_away_for_a_day_is_not_asked_on() {
    let portal = TestPortal::start().await;
    let mut mei = portal.mei().await;
    let line = portal.known_line(mei.account, "321").await;
    portal.carrier_goes_down().await;
    mei.browser.get(&format!("/lines/{line}/suspend")).await;
    mei.browser.post(&format!("/lines/{line}/changes"), &[("change", "suspend"), ("confirmed", "1")]).await;
    portal.work().await;
    portal.pass(Duration::hours(23));
    portal.work().await;
    assert_eq!(line_says(&portal).await, "active requested");
    portal.pass(Duration::hours(2));
    portal.work().await;
    assert_eq!(line_says(&portal).await, "active unconfirmed");
    assert_eq!(portal.count("select count(*) from jobs where kind = 'change-line' and state <> 'done'").await, 0);
}

#[tokio::test]
async fn what_the_carrier_took_on_is_not_asked_for_again() {
    let portal = TestPortal::start().await;
    let mut mei = portal.mei().await;
    let line = portal.known_line(mei.account, "321").await;
    portal.hold_the_sync().await;
    mei.browser.get(&format!("/lines/{line}/suspend")).await;
    mei.browser.post(&format!("/lines/{line}/changes"), &[("change", "suspend"), ("confirmed", "1")]).await;
    portal.work().await;
    assert_eq!(line_says(&portal).await, "active accepted");
    portal.run("update simulator.lines set state = 'active'").await;
    portal.run("update jobs set state = 'ready', run_at = now(), finished_at = null where kind = 'change-line'").await;
    portal.work().await;
    assert_eq!(portal.count("select count(*) from jobs where kind = 'change-line' and state = 'done'").await, 1);
    assert_eq!(portal.text("select state from simulator.lines").await.as_deref(), Some("active"));
}

#[tokio::test]
async fn an_answer_from_before_confirms_nothing() {
    let portal = TestPortal::start().await;
    let mut mei = portal.mei().await;
    let line = portal.known_line(mei.account, "321").await;
    portal.hold_the_sync().await;
    mei.browser.get(&format!("/lines/{line}/suspend")).await;
    mei.browser.post(&format!("/lines/{line}/changes"), &[("change", "suspend"), ("confirmed", "1")]).await;
    portal.work().await;
    portal.run("update lines set usage_as_of = now() + interval '1 hour'").await;
    portal.pass(Duration::minutes(2));
    portal.sync().await;
    assert_eq!(portal.count("select count(*) from lines where synced_at is not null").await, 1, "it was asked");
    assert_eq!(line_says(&portal).await, "active accepted");
}

#[tokio::test]
async fn what_the_carrier_took_on_and_never_showed_is_said_so() {
    let portal = TestPortal::start().await;
    let mut mei = portal.mei().await;
    let line = portal.known_line(mei.account, "321").await;
    portal.hold_the_sync().await;
    mei.browser.get(&format!("/lines/{line}/suspend")).await;
    mei.browser.post(&format!("/lines/{line}/changes"), &[("change", "suspend"), ("confirmed", "1")]).await;
    portal.work().await;
    portal.run("update simulator.lines set state = 'active'").await;
    portal.pass(Duration::minutes(2));
    portal.sync().await;
    assert_eq!(line_says(&portal).await, "active accepted");
    portal.sync_later().await;
    assert_eq!(line_says(&portal).await, "active unconfirmed");
    let shown = mei.browser.get(&format!("/lines/{line}")).await.body;
    assert!(shown.contains("has not confirmed"), "{shown}");
}

#[tokio::test]
async fn staff_say_why_and_it_is_kept() {
    let office = Office::open().await;
    let mut staff = office.staff().await;
    let id = office.text("select l.id::text from lines l join accounts a on a.id = l.account_id where a.email = 'li.wei@demo.example' and l.status = 'active' limit 1").await;
    let line: LineId = id.parse().unwrap();
    let (page, changes) = (format!("/staff/lines/{line}"), format!("/staff/lines/{line}/changes"));
    let account = office.li_wei().await;
    assert!(staff.get(&account).await.body.contains(&page));
    assert_eq!(staff.get(&page).await.status, 200);
    let silent = staff.post(&changes, &[("change", "suspend"), ("reason", " ")]).await;
    assert_eq!(silent.status, 422);
    let asked = staff.post(&changes, &[("change", "suspend"), ("reason", "lost phone, called at 9")]).await;
    assert_eq!(asked.location(), format!("{page}?note=change-requested"));
    let audited = "select count(*) from audit_log where action = 'line.change_requested' and detail->>'reason' = 'lost phone, called at 9'";
    assert_eq!(office.count(audited).await, 1);
    assert!(staff.get(&page).await.body.contains("lost phone, called at 9"));
    assert_eq!(staff.post(&format!("{page}/usage"), &[]).await.status, 303);

    let mut ana = office.signed_in("/login", "ana@demo.example").await;
    assert_eq!(ana.get(&page).await.status, 404);
}

#[tokio::test]
async fn nothing_is_sold_for_a_line_that_is_about_to_be_suspended() {
    let portal = TestPortal::start().await;
    let mut mei = portal.mei().await;
    let line = portal.known_line(mei.account, "321").await;
    portal.hold_the_sync().await;
    let (page, choose) = (format!("/lines/{line}"), format!("/lines/{line}/renew"));
    mei.browser.get(&page).await;
    assert!(mei.browser.get(&choose).await.body.contains(&format!("{choose}?plan=P30")));
    mei.browser.post(&format!("{page}/changes"), &[("change", "suspend"), ("confirmed", "1")]).await;
    let told = mei.browser.get(&choose).await.body;
    assert!(told.contains("about to be suspended") && told.contains("once it is resumed"), "{told}");
    assert!(told.contains(&format!("{page}#control")) && !told.contains(&format!("{choose}?plan=")), "{told}");
    let review = mei.browser.get(&format!("{choose}?plan=P30")).await.body;
    assert!(review.contains("Nothing was charged") && !review.contains("Go to payment"), "{review}");

    portal.work().await;
    portal.pass(Duration::minutes(2));
    portal.sync().await;
    assert_eq!(line_says(&portal).await, "suspended done");
    let told = mei.browser.get(&choose).await.body;
    assert!(told.contains("This line is suspended") && told.contains(&format!("{page}#control")), "{told}");
    let account = mei.browser.get("/account").await.body;
    assert!(account.contains(&format!(r#"href="{page}#control">Resume it"#)), "{account}");
    let shown = mei.browser.get(&page).await.body;
    assert!(shown.contains(r#"id="control""#) && !shown.contains("Resume it"), "{shown}");
}

#[tokio::test]
async fn staff_see_a_line_with_its_plan_its_orders_and_what_is_under_way() {
    let portal = TestPortal::start().await;
    let mut mei = portal.mei().await;
    let line = portal.known_line(mei.account, "321").await;
    portal.hold_the_sync().await;
    let order = mei.place(line, "P30").await;
    let number = portal.text("select number from orders").await.unwrap();
    let mut staff = portal.staff_as("support").await;
    let page = format!("/staff/lines/{line}");
    let shown = staff.browser.get(&page).await.body;
    let plan =
        portal.text("select p.name_en || ' (' || p.code || ')' from lines l join plans p on p.code = l.plan").await;
    assert!(shown.contains(&plan.unwrap()) && shown.contains("FM card") | shown.contains("eSIM"), "{shown}");
    let linked = format!(r##"href="/staff/accounts/{}?order={number}#timeline""##, mei.account);
    assert!(shown.contains(&linked), "{order}: {shown}");
    assert!(shown.contains(r#"class="btn danger">Suspend"#), "{shown}");
    staff.browser.post(&format!("{page}/changes"), &[("change", "suspend"), ("reason", "lost")]).await;
    assert!(staff.browser.get(&page).await.body.contains("Being suspended"));
}
