//! What the payer does, and what becomes of the attempt.

use crate::support::payments::{AMOUNT, world};
use renewal_portal::payments::model::AttemptStatus;
use renewal_portal::payments::{CLOSED, Gateways, Presentation, SETTLED, StartError, close, start};
use std::sync::Arc;

#[tokio::test]
async fn paying_settles_once_through_the_notification() {
    let world = world().await;
    let (attempt, url) = world.started().await;
    assert_eq!(world.state(attempt).await, "pending");
    world.press(&url, "pay").await;
    assert_eq!(world.state(attempt).await, "pending", "coming back proves nothing");
    assert_eq!(world.sandbox.tick().await.unwrap(), 1);
    let paid = world.attempt(attempt).await;
    assert_eq!((paid.status, paid.received_minor, paid.applied), (AttemptStatus::Succeeded, Some(AMOUNT), false));
    assert_eq!(world.told(SETTLED).await, 1);
    assert_eq!(world.sandbox.tick().await.unwrap(), 0, "what was taken is not sent again");
    assert!(world.look(attempt).await.fresh);
    assert_eq!(world.told(SETTLED).await, 1);
}

#[tokio::test]
async fn asking_again_shows_the_same_payment() {
    let world = world().await;
    let (attempt, url) = world.started().await;
    assert_eq!(world.start(attempt).await, Presentation::Redirect(url));
    let payments = world.count("select count(*) from sandbox.payments where lang = $1", "en").await;
    assert_eq!(payments, 1);
}

#[tokio::test]
async fn an_order_has_one_open_attempt() {
    let world = world().await;
    let order = world.order().await;
    world.open(order).await;
    let second = sqlx::query(
        "insert into payment_attempts (id, order_id, account_id, amount_minor, currency, gateway, method, merchant_ref,
                                       order_number, language, return_url, expires_at, created_at)
         select gen_random_uuid(), order_id, account_id, amount_minor, currency, gateway, method, 'R2', order_number, language,
                return_url, expires_at, created_at from payment_attempts where order_id = $1",
    )
    .bind(order)
    .execute(&world.db.pool)
    .await;
    let error = second.unwrap_err();
    assert_eq!(error.as_database_error().unwrap().constraint(), Some("one_open_attempt"));
}

#[tokio::test]
async fn the_page_shows_amount_merchant_order_and_every_button_in_both_languages() {
    let world = world().await;
    let (attempt, url) = world.started().await;
    let page = world.http.get(&url).send().await.unwrap().text().await.unwrap();
    for text in ["¥30.00", "Renewal Centre", "R-7K2M-9QXA", "lang=\"en\""] {
        assert!(page.contains(text), "{text} is missing");
    }
    for outcome in ["pay", "decline", "late", "twice", "reorder", "never", "wrong_amount", "timeout"] {
        assert!(page.contains(&format!("name=\"outcome\" value=\"{outcome}\"")), "{outcome} is missing");
    }
    sqlx::query("update sandbox.payments set lang = 'zh-CN'").execute(&world.db.pool).await.unwrap();
    let page = world.http.get(&url).send().await.unwrap().text().await.unwrap();
    assert!(page.contains("确认付款") && page.contains("zh-CN"));
    world.press(&url, "pay").await;
    let page = world.http.get(&url).send().await.unwrap().text().await.unwrap();
    assert!(!page.contains("name=\"outcome\""), "a payment is chosen once");
    world.press(&url, "decline").await;
    world.sandbox.tick().await.unwrap();
    assert_eq!(world.state(attempt).await, "succeeded");
}

#[tokio::test]
async fn a_decline_fails_the_attempt_and_another_may_follow() {
    let world = world().await;
    let (attempt, url) = world.started().await;
    world.press(&url, "decline").await;
    world.sandbox.tick().await.unwrap();
    assert_eq!((world.state(attempt).await, world.told(CLOSED).await), ("failed", 1));
    let order = world.attempt(attempt).await.order_id;
    world.open(order).await;
}

#[tokio::test]
async fn late_money_comes_even_after_the_attempt_was_closed() {
    let world = world().await;
    let (attempt, url) = world.started().await;
    world.press(&url, "late").await;
    world.sandbox.tick().await.unwrap();
    assert_eq!(world.look(attempt).await.status, AttemptStatus::Pending);
    let closed = close::close_now(&world.db.pool, &world.clock, &world.gateways, attempt).await.unwrap();
    assert_eq!((closed, world.told(CLOSED).await), (AttemptStatus::Closed, 1));
    world.pass(21).await;
    assert_eq!(world.sandbox.tick().await.unwrap(), 1);
    assert_eq!((world.state(attempt).await, world.told(SETTLED).await), ("succeeded", 1));
}

#[tokio::test]
async fn a_notification_that_comes_twice_settles_once() {
    let world = world().await;
    let (attempt, url) = world.started().await;
    world.press(&url, "twice").await;
    assert_eq!(world.sandbox.tick().await.unwrap(), 2);
    assert_eq!((world.state(attempt).await, world.told(SETTLED).await), ("succeeded", 1));
    assert_eq!(world.count("select count(*) from gateway_events where gateway = $1", "sandbox").await, 1);
}

#[tokio::test]
async fn an_older_word_after_the_newer_one_changes_nothing() {
    let world = world().await;
    let (attempt, url) = world.started().await;
    world.press(&url, "reorder").await;
    assert_eq!(world.sandbox.tick().await.unwrap(), 1);
    world.pass(3).await;
    assert_eq!(world.sandbox.tick().await.unwrap(), 1);
    assert_eq!((world.state(attempt).await, world.told(SETTLED).await), ("succeeded", 1));
}

#[tokio::test]
async fn money_nobody_told_of_is_found_by_the_poller() {
    let world = world().await;
    let (attempt, url) = world.started().await;
    world.press(&url, "never").await;
    assert_eq!(world.sandbox.tick().await.unwrap(), 0);
    world.work().await;
    assert_eq!(world.state(attempt).await, "pending", "not due yet");
    world.pass(16).await;
    world.work().await;
    assert_eq!((world.state(attempt).await, world.told(SETTLED).await), ("succeeded", 1));
}

#[tokio::test]
async fn a_wrong_amount_is_recorded_as_it_came() {
    let world = world().await;
    let (attempt, url) = world.started().await;
    world.press(&url, "wrong_amount").await;
    world.sandbox.tick().await.unwrap();
    let paid = world.attempt(attempt).await;
    assert_eq!((paid.status.as_str(), paid.received_minor, paid.applied), ("succeeded", Some(2700), false));
}

#[tokio::test]
async fn a_gateway_that_does_not_answer_changes_nothing_until_it_does() {
    let world = world().await;
    let (attempt, url) = world.started().await;
    world.press(&url, "timeout").await;
    let looked = world.look(attempt).await;
    assert_eq!((looked.status, looked.fresh), (AttemptStatus::Pending, false));
    let closing = close::close_now(&world.db.pool, &world.clock, &world.gateways, attempt).await.unwrap();
    assert_eq!(closing, AttemptStatus::Closing, "an unanswered close is no close");
    world.pass(16).await;
    assert_eq!(world.look(attempt).await.status, AttemptStatus::Succeeded);
    world.pass(5).await;
    assert_eq!(world.sandbox.tick().await.unwrap(), 1);
    assert_eq!(world.told(SETTLED).await, 1);
}

#[tokio::test]
async fn an_attempt_nobody_pays_is_closed_at_its_end() {
    let world = world().await;
    let (attempt, _) = world.started().await;
    world.pass(16).await;
    world.work().await;
    assert_eq!(world.state(attempt).await, "pending");
    world.pass(36 * 60).await;
    world.work().await;
    assert_eq!((world.state(attempt).await, world.told(CLOSED).await), ("closed", 1));
}

#[tokio::test]
async fn an_attempt_the_gateway_never_heard_of_is_closed_for_good() {
    let world = world().await;
    let attempt = world.open(world.order().await).await;
    let closed = close::close_now(&world.db.pool, &world.clock, &world.gateways, attempt).await.unwrap();
    assert_eq!((closed, world.told(CLOSED).await), (AttemptStatus::Closed, 1));
    let left = world.count("select count(*) from sandbox.payments where status = $1", "open").await;
    assert_eq!(left, 0, "a call to create it that arrives now finds it closed");
}

#[tokio::test]
async fn an_attempt_that_was_left_in_the_making_is_made_ready_by_the_poller() {
    let world = world().await;
    let attempt = world.open(world.order().await).await;
    assert_eq!(world.state(attempt).await, "creating");
    world.pass(16).await;
    world.work().await;
    assert_eq!(world.state(attempt).await, "pending");
}

#[tokio::test]
async fn no_clear_answer_is_unknown_and_a_refusal_is_the_end() {
    let world = world().await;
    let attempt = world.open(world.order().await).await;
    let nobody = crate::support::payments::adapter("http://127.0.0.1:9", &world.clock, "x");
    let unreachable = Gateways::rehearsal(vec![Arc::new(nobody)]);
    let answer = start(&world.db.pool, &world.clock, &unreachable, attempt).await;
    assert!(matches!(answer, Err(StartError::Unknown(_))), "{answer:?}");
    assert_eq!(world.state(attempt).await, "unknown");
    let wrong = crate::support::payments::adapter(&world.base, &world.clock, "another secret");
    let wrong = Gateways::rehearsal(vec![Arc::new(wrong)]);
    let answer = start(&world.db.pool, &world.clock, &wrong, attempt).await;
    assert!(matches!(answer, Err(StartError::Rejected(_))), "{answer:?}");
    assert_eq!(world.state(attempt).await, "unknown", "the first call may have arrived");
    world.count("with gone as (update orders set status = 'cancelled' where status <> $1 returning 1) select count(*) from gone", "").await;
    let attempt = world.open(world.order().await).await;
    assert!(start(&world.db.pool, &world.clock, &wrong, attempt).await.is_err());
    assert_eq!((world.state(attempt).await, world.told(CLOSED).await), ("failed", 1));
    let answer = start(&world.db.pool, &world.clock, &world.gateways, attempt).await;
    assert!(matches!(answer, Err(StartError::Over(AttemptStatus::Failed))), "{answer:?}");
}

#[tokio::test]
async fn production_refuses_a_gateway_that_only_pretends() {
    let world = world().await;
    let pretends = crate::support::payments::adapter(&world.base, &world.clock, "x");
    assert!(Gateways::production(vec![Arc::new(pretends)]).is_err());
}
