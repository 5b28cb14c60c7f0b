//! Placing an order: once, at the price that was shown, for a line that is one's own.

use futures_util::future::join_all;
use renewal_portal::ids::{LineId, OrderId};

use crate::support::portal::TestPortal;
use crate::support::shopper::placed;
use crate::support::visitor::Answer;

const ORDERS: &str = "select count(*) from orders";

#[tokio::test]
async fn twenty_clicks_at_once_are_one_order() {
    let portal = TestPortal::start().await;
    let (mut mei, line) = portal.mei_with("100").await;
    let review = mei.review(line, "P30").await;
    let clicks = (0..20).map(|_| {
        let (mut mei, review) = (mei.clone(), review.clone());
        async move { placed(&mei.send(&review).await) }
    });
    let orders = join_all(clicks).await;
    assert!(orders.iter().all(|order| *order == orders[0]), "{orders:?}");
    assert_eq!(portal.count(ORDERS).await, 1);

    let later = mei.browser.get(&format!("/lines/{line}/renew?plan=P30")).await;
    assert_eq!(placed(&later), orders[0], "the review leads to the order that is there");
    portal.prove().await;
}

#[tokio::test]
async fn a_second_tab_that_was_opened_before_means_the_same_order() {
    let portal = TestPortal::start().await;
    let (mut mei, line) = portal.mei_with("100").await;
    let (first, second) = (mei.review(line, "P30").await, mei.review(line, "P30").await);
    assert_ne!(first.attempt, second.attempt);
    assert_eq!(placed(&mei.send(&first).await), placed(&mei.send(&second).await));
    assert_eq!(portal.count(ORDERS).await, 1);
}

#[tokio::test]
async fn the_same_click_after_the_order_ended_does_not_order_again() {
    let portal = TestPortal::start().await;
    let (mut mei, line) = portal.mei_with("100").await;
    let review = mei.review(line, "P30").await;
    let order = placed(&mei.send(&review).await);
    mei.cancel(order).await;
    assert_eq!(portal.status(order).await, "cancelled");
    assert_eq!(placed(&mei.send(&review).await), order);
    assert_eq!(portal.count(ORDERS).await, 1);
    portal.prove().await;
}

#[tokio::test]
async fn another_plan_leads_to_the_order_that_is_open() {
    let portal = TestPortal::start().await;
    let (mut mei, line) = portal.mei_with("100").await;
    let other = mei.review(line, "P60").await;
    let order = mei.place(line, "P30").await;
    let answer = mei.send(&other).await;
    assert_eq!(answer.status, 422);
    assert!(answer.body.contains(&format!("/orders/{order}")), "{}", answer.body);
    assert_eq!(portal.count(ORDERS).await, 1);
    portal.prove().await;
}

#[tokio::test]
async fn another_price_is_shown_before_anything_happens() {
    let portal = TestPortal::start().await;
    let (mut mei, line) = portal.mei_with("100").await;
    let review = mei.review(line, "P30").await;
    portal.run("update plans set price_minor = 4400 where code = 'P30'").await;
    let answer = mei.send(&review).await;
    assert_eq!(answer.status, 422);
    assert!(answer.body.contains("44.00") && answer.body.contains("42.00"), "{}", answer.body);
    assert_eq!(portal.count(ORDERS).await, 0);

    let again = mei.review(line, "P30").await;
    assert_eq!(again.price, "4400");
    placed(&mei.send(&again).await);
    assert_eq!(portal.count("select amount_minor from orders").await, 4_400);
}

#[tokio::test]
async fn a_plan_that_was_withdrawn_is_not_sold() {
    let portal = TestPortal::start().await;
    let (mut mei, line) = portal.mei_with("100").await;
    let review = mei.review(line, "P30").await;
    portal.run("update plans set withdrawn_at = now() where code = 'P30'").await;
    assert_eq!(mei.send(&review).await.status, 422);
    assert_eq!(portal.count(ORDERS).await, 0);
}

#[tokio::test]
async fn what_is_someone_elses_looks_like_what_does_not_exist() {
    let portal = TestPortal::start().await;
    let (mut mei, line) = portal.mei_with("100").await;
    let order = mei.buy(line, "P30", "pay").await;
    portal.until(order, "fulfilled").await;
    let mut jonas = portal.customer("jonas@post.example").await;
    let (no_line, no_order) = (LineId::new(), OrderId::new());
    let gets = [
        ("/lines/", line.to_string(), no_line.to_string(), ""),
        ("/lines/", line.to_string(), no_line.to_string(), "/renew"),
        ("/lines/", line.to_string(), no_line.to_string(), "/renew?plan=P30"),
        ("/orders/", order.to_string(), no_order.to_string(), ""),
        ("/orders/", order.to_string(), no_order.to_string(), "/pay"),
        ("/orders/", order.to_string(), no_order.to_string(), "/events"),
        ("/orders/", order.to_string(), no_order.to_string(), "/receipt"),
        ("/orders/", order.to_string(), no_order.to_string(), "/receipt.pdf"),
    ];
    let posts = [
        ("/lines/", line.to_string(), no_line.to_string(), "/renewals"),
        ("/orders/", order.to_string(), no_order.to_string(), "/pay"),
        ("/orders/", order.to_string(), no_order.to_string(), "/cancel"),
    ];
    for (start, foreign, missing, end) in gets {
        let theirs = jonas.browser.get(&format!("{start}{foreign}{end}")).await;
        let nothing = jonas.browser.get(&format!("{start}{missing}{end}")).await;
        same(&theirs, &foreign, &nothing, &missing);
    }
    let fields = [
        ("plan", "P30"),
        ("attempt", "0198c0de-0000-7000-8000-000000000000"),
        ("price", "4200"),
        ("method", "sandbox"),
    ];
    for (start, foreign, missing, end) in posts {
        let theirs = jonas.browser.post(&format!("{start}{foreign}{end}"), &fields).await;
        let nothing = jonas.browser.post(&format!("{start}{missing}{end}"), &fields).await;
        same(&theirs, &foreign, &nothing, &missing);
    }
    assert_eq!(portal.count(ORDERS).await, 1);
    portal.prove().await;
}

/// Equal but for the address that was asked for.
fn same(one: &Answer, its: &str, other: &Answer, others: &str) {
    assert_eq!((one.status.as_u16(), other.status.as_u16()), (404, 404), "{its}");
    assert_eq!(one.without_token().replace(its, "ID"), other.without_token().replace(others, "ID"));
}
