//! Stored notifications read anew: what an older version could not read, and what keys have changed under.

use crate::support::payments::{World, adapter, world};
use crate::support::portal::TestPortal;
use crate::support::wechat::{self, PHONE};
use renewal_portal::ids::AttemptId;
use renewal_portal::payments::replay::{self, Again};
use renewal_portal::payments::{Gateway, Gateways};
use std::sync::Arc;

/// What a version left behind that could not read the one notification there is.
const UNREAD: &str = r#"update gateway_events set processed_at = null, outcome = 'unreadable', merchant_ref = null,
    notice = jsonb_build_object('event_key', event_key, 'merchant_ref', null, 'news', '{"unreadable":"a new shape"}'::jsonb)"#;

async fn told_in_vain() -> (World, AttemptId) {
    let world = world().await;
    let (attempt, url) = world.started().await;
    let reference = world.attempt(attempt).await.merchant_ref;
    run(&world, "update payment_attempts set merchant_ref = 'R000'").await;
    world.press(&url, "pay").await;
    world.sandbox.tick().await.unwrap();
    sqlx::query("update payment_attempts set merchant_ref = $1").bind(reference).execute(&world.db.pool).await.unwrap();
    run(&world, UNREAD).await;
    (world, attempt)
}

async fn run(world: &World, sql: &'static str) {
    sqlx::raw_sql(sql).execute(&world.db.pool).await.unwrap();
}

#[tokio::test]
async fn what_could_not_be_read_is_read_anew_from_its_bytes() {
    let (world, attempt) = told_in_vain().await;
    assert_eq!(world.state(attempt).await, "pending");
    // The key it was signed with is gone since.
    let rotated = Gateways::rehearsal(vec![Arc::new(adapter(&world.base, &world.clock, "another"))]);
    let done = replay::replay(&world.db.pool, &world.clock, &rotated, None, None).await.unwrap();
    assert_eq!((done.tried, done.came_through, done.not_read.len()), (1, 1, 0));
    assert_eq!(world.state(attempt).await, "succeeded");
    let rewritten = "select count(*) from gateway_events where outcome = 'settled' and processed_at is not null
                       and merchant_ref = $1 and notice -> 'news' ? 'paid'";
    assert_eq!(world.count(rewritten, &world.attempt(attempt).await.merchant_ref).await, 1);
}

#[tokio::test]
async fn what_was_read_otherwise_before_is_written_down_with_what_came_of_it() {
    let (world, attempt) = told_in_vain().await;
    run(&world, "update gateway_events set processed_at = now(), outcome = 'nothing_to_do'").await;
    let since = Some(world.clock.now() - time::Duration::hours(1));
    let again = || replay::replay(&world.db.pool, &world.clock, &world.gateways, None, since);
    assert_eq!(again().await.unwrap().came_through, 1);
    assert_eq!(world.state(attempt).await, "succeeded");
    let outcome = "select count(*) from gateway_events where outcome = $1";
    assert_eq!(world.count(outcome, "settled").await, 1);
    assert_eq!(again().await.unwrap().came_through, 1);
    assert_eq!(world.count(outcome, "settled").await, 1, "read as before, it stays what it came to");
}

/// A portal that was told by WeChat Pay and could not read it; the notification.
async fn told_by_wechat() -> (TestPortal, i64) {
    let portal = TestPortal::start().await;
    let (mut mei, line) = portal.mei_with("100").await;
    mei.browser.headers.push(("user-agent", PHONE.to_owned()));
    let order = mei.place(line, "P30").await;
    let link = mei.pay_by_wechat(order).await;
    mei.press(&link, "pay").await;
    portal.until(order, "fulfilled").await;
    portal.run(UNREAD).await;
    let id = sqlx::query_scalar("select id from gateway_events").fetch_one(&portal.db.pool).await.unwrap();
    (portal, id)
}

async fn taken_up(portal: &TestPortal, id: i64, gateways: Vec<Arc<dyn Gateway>>) -> Again {
    let mut tx = portal.db.pool.begin().await.unwrap();
    let gateways = Gateways::rehearsal(gateways);
    let outcome = replay::replay_one(&mut tx, &gateways, id, portal.clock.now()).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    outcome
}

#[tokio::test]
async fn what_is_sealed_is_opened_anew_or_says_why_not() {
    let (portal, id) = told_by_wechat().await;
    let untouched =
        "select count(*) from gateway_events where outcome = 'unreadable' and notice -> 'news' ? 'unreadable'";
    let sealed = Arc::new(wechat::gateway_with(&portal.url, "another key of 32 characters ...", &portal.clock));
    for (gateways, why) in [
        (vec![], "its gateway is not set up"),
        (vec![sealed as Arc<dyn Gateway>], "it can't be opened with the key that is set"),
    ] {
        let Again::NotRead(reason) = taken_up(&portal, id, gateways).await else { panic!("{why}") };
        assert_eq!(reason.to_string(), why);
        assert_eq!(portal.count(untouched).await, 1, "{why}");
    }
    let mut staff = portal.staff_as("finance").await;
    let path = format!("/staff/notices/{id}");
    staff.browser.get(&path).await;
    let again = staff.browser.post(&format!("{path}/replay"), &[]).await;
    assert!(again.location().contains("notice-applied"), "{}", again.location());
    assert_eq!(portal.count("select count(*) from gateway_events where outcome = 'settled_before'").await, 1);
    portal.prove().await;
}

#[tokio::test]
async fn staff_are_told_why_a_notification_says_nothing_today() {
    let (portal, id) = told_by_wechat().await;
    portal.run("update gateway_events set gateway = 'left'").await;
    let mut staff = portal.staff_as("finance").await;
    let path = format!("/staff/notices/{id}");
    staff.browser.get(&path).await;
    let again = staff.browser.post(&format!("{path}/replay"), &[]).await;
    let page = staff.browser.get(again.location()).await.body;
    assert!(page.contains("its gateway is not set up any more"), "{page}");
    portal.run("update gateway_events set gateway = 'wechat', body = convert_to(replace(convert_from(body, 'UTF8'), 'AEAD_AES_256_GCM', 'ROT13'), 'UTF8')").await;
    staff.browser.get(&path).await;
    let again = staff.browser.post(&format!("{path}/replay"), &[]).await;
    let page = staff.browser.get(again.location()).await.body;
    assert!(page.contains("sealed with another key"), "{page}");
}
