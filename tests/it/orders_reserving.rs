//! A carrier with two steps holds a renewal before money is taken, and lets it go where none comes.

use renewal_portal::ids::{LineId, OrderId};
use renewal_portal::provisioning;
use renewal_portal::simulator::stock;
use time::Duration;

use crate::carrier_dt_one::reach;
use crate::support::portal::TestPortal;
use crate::support::shopper::Shopper;

async fn portal() -> (TestPortal, Shopper, LineId) {
    let portal = TestPortal::reached_by(reach).await;
    let (mei, line) = portal.mei_with("100").await;
    portal.run("update plans set carrier_product = '3001' where code = 'P30'").await;
    stock::take(&mut portal.db.pool.acquire().await.unwrap()).await.unwrap();
    (portal, mei, line)
}

/// At the carrier: all, and those that are cancelled.
async fn at_the_carrier(portal: &TestPortal) -> (i64, i64) {
    sqlx::query_as("select count(*), count(cancelled_at) from simulator.dt_one_transactions")
        .fetch_one(&portal.db.pool)
        .await
        .unwrap()
}

const RENEWALS: &str = "select count(*) from simulator.renewals where refused is null";
const RELEASES: &str = "select count(*) from jobs where kind = 'release-reservation'";
const LET_GO: &str = "select count(*) from carrier_reservations where released_at is not null and not taken";

async fn until_let_go(portal: &TestPortal) {
    for _ in 0..60 {
        portal.work().await;
        if portal.count(LET_GO).await == 1 {
            return;
        }
        portal.pass(Duration::seconds(10));
    }
    panic!("it was never let go");
}

#[tokio::test]
async fn held_before_money_and_confirmed_once_it_is_there() {
    let (portal, mut mei, line) = portal().await;
    let order = mei.place(line, "P30").await;
    assert_eq!(at_the_carrier(&portal).await, (0, 0), "an order alone holds nothing");
    let page = mei.pay(order).await;
    assert_eq!((at_the_carrier(&portal).await, portal.count(RENEWALS).await), ((1, 0), 0));
    let asked = "select reserved_at::text from carrier_reservations";
    let first = portal.text(asked).await;
    portal.pass(Duration::seconds(5));
    assert_eq!(mei.pay(order).await, page, "the second click leads to the same payment");
    let (pool, clock, carriers) = (&portal.db.pool, &portal.clock, &portal.app.carriers);
    provisioning::reserve(pool, clock, carriers, order).await.unwrap();
    assert_eq!(portal.text(asked).await, first, "the carrier is not asked again");
    assert_eq!(at_the_carrier(&portal).await, (1, 0), "and holds nothing more");
    mei.press(&page, "pay").await;
    portal.until(order, "fulfilled").await;
    assert_eq!((at_the_carrier(&portal).await, portal.count(RENEWALS).await), ((1, 0), 1));
    let same = "select count(*) from provisionings join carrier_reservations r using (order_id)
                where taken and carrier_reference = reference";
    assert_eq!((portal.count(same).await, portal.count(RELEASES).await), (1, 0));
    portal.settle().await;
    portal.prove().await;
}

#[tokio::test]
async fn a_cancelled_order_lets_it_go() {
    let (portal, mut mei, line) = portal().await;
    let order = mei.place(line, "P30").await;
    mei.pay(order).await;
    mei.cancel(order).await;
    portal.until(order, "cancelled").await;
    until_let_go(&portal).await;
    assert_eq!(at_the_carrier(&portal).await, (1, 1));
    portal.settle().await;
    portal.prove().await;
}

#[tokio::test]
async fn an_order_whose_time_is_over_lets_it_go_as_soon_as_the_carrier_is_back() {
    let (portal, mut mei, line) = portal().await;
    let order = mei.place(line, "P30").await;
    mei.pay(order).await;
    portal.carrier_goes_down().await;
    portal.pass(Duration::hours(2));
    portal.until(order, "expired").await;
    portal.settle().await;
    assert_eq!((portal.count(LET_GO).await, at_the_carrier(&portal).await), (0, (1, 0)));
    portal.carrier_comes_back().await;
    until_let_go(&portal).await;
    assert_eq!(at_the_carrier(&portal).await, (1, 1));
    portal.prove().await;
}

#[tokio::test]
async fn an_order_that_was_never_paid_for_asks_the_carrier_nothing() {
    let (portal, mut mei, line) = portal().await;
    let order = mei.place(line, "P30").await;
    mei.cancel(order).await;
    portal.until(order, "cancelled").await;
    assert_eq!((portal.count(RELEASES).await, at_the_carrier(&portal).await), (0, (0, 0)));
    portal.prove().await;
}

#[tokio::test]
async fn what_lapsed_at_the_carrier_is_made_anew_once_it_is_paid() {
    let (portal, mut mei, line) = portal().await;
    let order = mei.place(line, "P30").await;
    let page = mei.pay(order).await;
    portal.run("update simulator.dt_one_transactions set expires_at = created_at").await;
    mei.press(&page, "pay").await;
    portal.until(order, "fulfilled").await;
    assert_eq!((at_the_carrier(&portal).await, portal.count(RENEWALS).await), ((2, 0), 1));
    portal.settle().await;
    portal.prove().await;
}

/// The carrier has it, and the portal was killed before it could write its reference down.
async fn killed_in_between(portal: &TestPortal, mei: &mut Shopper, line: LineId) -> OrderId {
    let order = mei.place(line, "P30").await;
    mei.pay(order).await;
    portal.run("update carrier_reservations set reference = null").await;
    order
}

#[tokio::test]
async fn what_was_held_when_the_portal_was_killed_is_found_by_our_id() {
    let (portal, mut mei, line) = portal().await;
    let order = killed_in_between(&portal, &mut mei, line).await;
    let page = mei.pay(order).await;
    assert_eq!(at_the_carrier(&portal).await, (1, 0));
    assert_eq!(portal.count("select count(*) from carrier_reservations where reference is not null").await, 1);
    mei.press(&page, "pay").await;
    portal.until(order, "fulfilled").await;
    assert_eq!((at_the_carrier(&portal).await, portal.count(RENEWALS).await), ((1, 0), 1));
    portal.prove().await;
}

#[tokio::test]
async fn what_was_held_when_the_portal_was_killed_is_let_go_by_our_id() {
    let (portal, mut mei, line) = portal().await;
    let order = killed_in_between(&portal, &mut mei, line).await;
    mei.cancel(order).await;
    portal.until(order, "cancelled").await;
    portal.work().await;
    assert_eq!(at_the_carrier(&portal).await, (1, 0), "what was asked for may still arrive");
    until_let_go(&portal).await;
    assert_eq!(at_the_carrier(&portal).await, (1, 1));
    portal.prove().await;
}

#[tokio::test]
async fn what_was_paid_for_is_not_let_go() {
    let (portal, mut mei, line) = portal().await;
    let order = mei.place(line, "P30").await;
    let page = mei.pay(order).await;
    mei.press(&page, "pay").await;
    portal.until(order, "fulfilled").await;
    let mut conn = portal.db.pool.acquire().await.unwrap();
    provisioning::let_go(&mut conn, order, portal.clock.now()).await.unwrap();
    drop(conn);
    assert_eq!(portal.count(RELEASES).await, 0);
    portal.prove().await;
}

#[tokio::test]
async fn what_the_carrier_wont_hold_takes_no_money() {
    let (portal, mut mei, line) = portal().await;
    let order = mei.place(line, "P30").await;
    portal.run("update simulator.lines set state = 'ended'").await;
    let refused = mei.choose(order, "sandbox").await;
    assert_eq!(refused.status, 422, "{}", refused.body);
    assert_eq!(portal.count("select count(*) from payment_attempts").await, 0);
    assert_eq!(portal.count("select count(*) from carrier_reservations where released_at is null").await, 0);
    portal.run("update simulator.lines set state = 'active'").await;
    let page = mei.pay(order).await;
    mei.press(&page, "pay").await;
    portal.until(order, "fulfilled").await;
    assert_eq!(portal.count(RENEWALS).await, 1);
    portal.prove().await;
}

/// Whoever clicks while another ends the order holds nothing for it.
#[tokio::test]
async fn nothing_is_held_for_an_order_that_has_ended() {
    let (portal, mut mei, line) = portal().await;
    let order = mei.place(line, "P30").await;
    mei.cancel(order).await;
    let (pool, clock, carriers) = (&portal.db.pool, &portal.clock, &portal.app.carriers);
    provisioning::reserve(pool, clock, carriers, order).await.unwrap();
    assert_eq!(at_the_carrier(&portal).await, (0, 0));
}
