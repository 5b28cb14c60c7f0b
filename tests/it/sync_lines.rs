//! Lines kept in step with their carrier over real HTTP, and what its figures must never undo.

use renewal_portal::calendar::add_days;
use time::Duration;

use crate::support::portal::TestPortal;
use crate::support::visitor::Visitor;

const GB: i64 = 1_000_000_000;

#[tokio::test]
async fn figures_days_and_state_come_from_the_carrier() {
    let portal = TestPortal::start().await;
    let mut mei = portal.mei().await;
    let line = portal.known_line(mei.account, "321").await;
    let before = portal.until_of(line).await;
    portal.run("update simulator.lines set data_left_bytes = 1234000000, valid_until = valid_until + 3").await;
    portal.sync().await;

    assert_eq!(portal.count("select data_left_bytes from lines").await, 1_234_000_000);
    assert_eq!(portal.until_of(line).await, add_days(before, 3).unwrap());
    let entry = portal.text("select cause || ' ' || (valid_until - before_until) from line_validities where entry = 1");
    assert_eq!(entry.await.as_deref(), Some("carrier 3"));
    let page = mei.browser.get(&format!("/lines/{line}")).await;
    assert!(page.body.contains("1.23 GB") && page.body.contains("Set by the carrier"), "{}", page.body);

    portal.run("update simulator.lines set state = 'suspended'").await;
    portal.sync_later().await;
    assert_eq!(portal.text("select status from lines").await.as_deref(), Some("suspended"));
    assert_eq!(portal.count("select count(*) from line_validities").await, 2, "nothing else has changed");
    assert_eq!(portal.cases().await, Vec::<String>::new());
    portal.prove().await;
}

#[tokio::test]
async fn what_waited_is_on_the_line_when_the_plan_before_it_has_ended() {
    let portal = TestPortal::start().await;
    let mut mei = portal.mei().await;
    let line = portal.known_line(mei.account, "100").await;
    let left = "select data_left_bytes from lines";
    let order = mei.buy(line, "Q30", "pay").await;
    portal.until(order, "fulfilled").await;
    let until = portal.until_of(line).await;
    portal.sync_later().await;
    assert_eq!(portal.count(left).await, 5 * GB, "it waits");
    portal.pass(Duration::days(8));
    for _ in 0..2 {
        portal.sync_later().await;
        assert_eq!((portal.count(left).await, portal.until_of(line).await), (10 * GB, until));
    }
    portal.run("update simulator.lines set data_left_bytes = data_left_bytes - 1000000000").await;
    portal.sync_later().await;
    assert_eq!(portal.count(left).await, 9 * GB, "it begins once");
    assert_eq!(portal.cases().await, Vec::<String>::new());
}

#[tokio::test]
async fn a_line_is_asked_after_no_sooner_than_is_due() {
    let portal = TestPortal::start().await;
    let mei = portal.mei().await;
    portal.known_line(mei.account, "321").await;
    portal.sync().await;
    portal.run("update simulator.lines set data_left_bytes = 7").await;
    portal.pass(Duration::minutes(5));
    portal.sync().await;
    assert_eq!(portal.count("select data_left_bytes from lines").await, 5 * GB, "it was not due");
    portal.sync_later().await;
    assert_eq!(portal.count("select data_left_bytes from lines").await, 7);
}

#[tokio::test]
async fn fewer_days_than_a_renewal_gave_become_a_case() {
    let portal = TestPortal::start().await;
    let mut mei = portal.mei().await;
    let line = portal.known_line(mei.account, "100").await;
    let order = mei.buy(line, "P30", "pay").await;
    portal.until(order, "fulfilled").await;
    let given = portal.until_of(line).await;
    portal.sync_later().await;
    assert_eq!(portal.until_of(line).await, given, "carrier and portal agree");
    assert_eq!(portal.cases().await, Vec::<String>::new());

    portal.run("update simulator.lines set valid_until = valid_until + 2").await;
    portal.sync_later().await;
    assert_eq!(portal.cases().await, Vec::<String>::new(), "days given on top break no promise");
    portal.run("update simulator.lines set valid_until = valid_until - 1").await;
    portal.sync_later().await;
    assert_eq!(portal.cases().await, Vec::<String>::new(), "nor does taking some of those back");
    portal.run("update simulator.lines set valid_until = valid_until - 11").await;
    portal.sync_later().await;
    assert_eq!(portal.until_of(line).await, add_days(given, -10).unwrap());
    assert_eq!(portal.cases().await, ["deviation"]);
    portal.sync_later().await;
    portal.run("update simulator.lines set valid_until = valid_until + 1").await;
    portal.sync_later().await;
    assert_eq!(portal.until_of(line).await, add_days(given, -9).unwrap());
    assert_eq!(portal.count("select count(*) from cases").await, 1);
    let told = "select count(*) from jobs where kind = 'line-deviates'";
    assert_eq!(portal.count(told).await, 1, "a day made good is no new breach");
}

#[tokio::test]
async fn a_renewal_under_way_is_not_anticipated() {
    let portal = TestPortal::start().await;
    let mut mei = portal.mei().await;
    // 120: the carrier has moved the line long before it says that it is done.
    let line = portal.known_line(mei.account, "120").await;
    let before = portal.until_of(line).await;
    let order = mei.buy(line, "P30", "pay").await;
    portal.until(order, "paid").await;
    portal.work().await;
    assert_eq!(portal.count("select (valid_until - current_date)::bigint from simulator.lines").await / 30, 1);
    portal.run("update lines set next_sync_at = now() - interval '1 hour'").await;
    portal.sync().await;
    assert_eq!(portal.count("select count(*) from lines where synced_at is not null").await, 1, "it was asked");
    assert_eq!(portal.until_of(line).await, before, "the order moves the line, and only once");
    assert_eq!(portal.count("select data_left_bytes from lines").await, 5 * GB);

    portal.until(order, "fulfilled").await;
    assert_eq!(portal.until_of(line).await, add_days(before, 30).unwrap());
    assert_eq!(portal.count("select data_left_bytes from lines").await, 15 * GB);
    portal.sync_later().await;
    assert_eq!(portal.count("select count(*) from line_validities where cause = 'carrier'").await, 0);
    portal.settle().await;
    portal.prove().await;
}

#[tokio::test]
async fn what_the_carrier_does_not_know_or_say_is_asked_for_later_and_later() {
    let portal = TestPortal::start().await;
    let mei = portal.mei().await;
    let line = portal.line(mei.account, "321").await;
    let before = portal.until_of(line).await;
    portal.sync().await;
    assert_eq!(portal.count("select sync_failures::bigint from lines").await, 1);
    assert_eq!(portal.count("select count(*) from lines where synced_at is null and asked_at is not null").await, 1);
    portal.sync_later().await;
    assert_eq!(portal.count("select sync_failures::bigint from lines").await, 2);
    assert_eq!(portal.until_of(line).await, before);

    portal.carrier_goes_down().await;
    portal.sync_later().await;
    assert_eq!(portal.until_of(line).await, before);
    portal.carrier_comes_back().await;
    renewal_portal::simulator::stock::take(&mut portal.db.pool.acquire().await.unwrap()).await.unwrap();
    portal.sync_later().await;
    assert_eq!(portal.count("select sync_failures::bigint from lines where synced_at is not null").await, 0);
}

#[tokio::test]
async fn a_holder_asks_the_carrier_as_often_as_it_allows() {
    let portal = TestPortal::start().await;
    let mut mei = portal.mei().await;
    let line = portal.known_line(mei.account, "321").await;
    let (page, action) = (format!("/lines/{line}"), format!("/lines/{line}/usage"));
    portal.run("update simulator.lines set data_left_bytes = 1500000000").await;
    assert!(mei.browser.get(&page).await.body.contains("Ask the carrier now"));

    let answer = mei.browser.post(&action, &[]).await;
    assert_eq!((answer.status.as_u16(), answer.location()), (303, &*format!("{page}?note=usage-fresh")));
    let shown = mei.browser.get(&page).await.body;
    assert!(shown.contains("1.50 GB") || shown.contains("1.5 GB"), "{shown}");
    let waits = format!(r#"<form method="post" action="{action}" hidden>"#);
    assert!(shown.contains("The carrier can be asked again from") && shown.contains(&waits), "{shown}");

    portal.run("update simulator.lines set data_left_bytes = 1").await;
    let soon = mei.browser.post(&action, &[]).await;
    assert_eq!(soon.location(), format!("{page}?note=usage-too-soon"));
    assert_eq!(portal.count("select data_left_bytes from lines").await, 1_500_000_000);
    portal.pass(Duration::seconds(61));
    assert_eq!(mei.browser.post(&action, &[]).await.location(), format!("{page}?note=usage-fresh"));
    assert_eq!(portal.count("select data_left_bytes from lines").await, 1);

    portal.pass(Duration::seconds(61));
    portal.carrier_goes_down().await;
    let silent = mei.browser.post(&action, &[]).await.location().to_owned();
    assert!(silent.contains("note=usage-"), "{silent}");
    assert!(mei.browser.get(&page).await.body.contains("as of"));
}

#[tokio::test]
async fn where_the_carrier_takes_no_more_questions_a_holder_is_answered_later() {
    let portal = TestPortal::start().await;
    let mut mei = portal.mei().await;
    let line = portal.known_line(mei.account, "321").await;
    portal.hold_the_sync().await;
    let page = format!("/lines/{line}");
    mei.browser.get(&page).await;
    portal.run("update simulator.lines set data_left_bytes = 7").await;
    let taken = "insert into usage_turns (carrier, arrival) values ('cucc', now() + interval '1 hour')
                 on conflict (carrier) do update set arrival = excluded.arrival";
    portal.run(taken).await;
    let answer = mei.browser.post(&format!("{page}/usage"), &[]).await;
    assert_eq!(answer.location(), format!("{page}?note=usage-later"));
    assert_eq!(portal.count("select data_left_bytes from lines").await, 5 * GB);
}

#[tokio::test]
async fn nobody_else_asks_after_a_line() {
    let portal = TestPortal::start().await;
    let mut mei = portal.mei().await;
    let line = portal.known_line(mei.account, "321").await;
    let mut other = portal.customer("other@post.example").await;
    other.browser.get("/account").await;
    assert_eq!(other.browser.post(&format!("/lines/{line}/usage"), &[]).await.status, 404);
    let forged = mei.browser.post_as_is(&format!("/lines/{line}/usage"), &[("csrf", "forged")]).await;
    assert_ne!(forged.status, 303);
    let mut stranger = Visitor::at(&portal.url);
    stranger.get("/login").await;
    let answer = stranger.post(&format!("/lines/{line}/usage"), &[]).await;
    assert!(answer.location().starts_with("/login"), "{}", answer.status);
    assert_eq!(portal.count("select count(*) from lines where asked_at is not null").await, 0);
}
