//! An order paid by card, page by page.

use crate::support::portal::TestPortal;
use crate::support::shopper::Shopper;
use renewal_portal::ids::{LineId, OrderId};

async fn paid_by_card(mei: &mut Shopper, line: LineId, plan: &str, outcome: &str) -> OrderId {
    let order = mei.place(line, plan).await;
    let sent = mei.choose(order, "card").await;
    assert!(sent.location().contains("/sandbox/pay/cs_test_"), "{} {}", sent.status, sent.body);
    mei.press(sent.location(), outcome).await;
    order
}

fn pair(payment: &str, provisioning: &str) -> (String, String) {
    (payment.into(), provisioning.into())
}

#[tokio::test]
async fn an_order_paid_by_card_ends_active() {
    let portal = TestPortal::start().await;
    let (mut mei, line) = portal.mei_with("100").await;
    let order = paid_by_card(&mut mei, line, "P30", "pay").await;
    portal.until(order, "fulfilled").await;
    assert_eq!(mei.sees(order).await, pair("paid", "active"));
    assert_eq!(portal.events(order).await, ["placed", "settled", "provisioned"]);
    portal.settle().await;
    portal.prove().await;
}

#[tokio::test]
async fn however_stripe_tells_of_it_the_order_is_paid_once() {
    let portal = TestPortal::start().await;
    let mut mei = portal.mei().await;
    for outcome in ["twice", "reorder", "never", "timeout", "late"] {
        let line = portal.line(mei.account, "100").await;
        let order = paid_by_card(&mut mei, line, "P30", outcome).await;
        portal.until(order, "fulfilled").await;
    }
    portal.settle().await;
    assert_eq!(portal.count("select count(*) from refunds").await, 0);
    portal.prove().await;
}

#[tokio::test]
async fn a_card_that_is_declined_leaves_the_order_open() {
    let portal = TestPortal::start().await;
    let (mut mei, line) = portal.mei_with("100").await;
    let order = paid_by_card(&mut mei, line, "P30", "decline").await;
    portal.work().await;
    assert_eq!(portal.status(order).await, "awaiting_payment");
    let sent = mei.choose(order, "card").await;
    mei.press(sent.location(), "pay").await;
    portal.until(order, "fulfilled").await;
    portal.prove().await;
}

#[tokio::test]
async fn what_the_carrier_refuses_goes_back_to_the_card_once() {
    let portal = TestPortal::start().await;
    let mut mei = portal.mei().await;
    // `R15`: the refund is done and answered with an error that is repeated.
    for plan in ["P30", "R15"] {
        let line = portal.line(mei.account, "103").await;
        let order = paid_by_card(&mut mei, line, plan, "pay").await;
        portal.until(order, "refunded").await;
        assert_eq!(mei.sees(order).await, pair("refunded", "refused"));
    }
    portal.settle().await;
    assert_eq!(portal.count("select count(*) from sandbox.refunds").await, 2);
    portal.prove().await;
}

#[tokio::test]
async fn less_than_asked_buys_nothing_and_goes_back() {
    let portal = TestPortal::start().await;
    let (mut mei, line) = portal.mei_with("100").await;
    let until = portal.until_of(line).await;
    let order = paid_by_card(&mut mei, line, "P30", "wrong_amount").await;
    portal.settle().await;
    assert_eq!(portal.until_of(line).await, until);
    assert_eq!(
        portal.count("select count(*) from refunds where reason = 'amount_mismatch' and status = 'succeeded'").await,
        1
    );
    assert_ne!(portal.status(order).await, "fulfilled");
    portal.prove().await;
}
