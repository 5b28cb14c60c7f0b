//! Paying with the balance: alone, beside a gateway, and when the balance is spent elsewhere meanwhile.

use futures_util::future::join_all;
use renewal_portal::ids::{AccountId, OrderId};
use renewal_portal::ledger::{self, Booking, Kind, Move, Place, Times};
use renewal_portal::money::{Currency, Money};
use time::Duration;
use uuid::Uuid;

use crate::support::portal::TestPortal;
use crate::support::shopper::Shopper;
use crate::support::visitor::Answer;

/// What a P30 costs.
const PRICE: i64 = 4_200;

/// Puts money there as a refund of something long past would; the audit is told of it by its attempt.
pub async fn give(portal: &TestPortal, to: AccountId, minor: i64) {
    let mut tx = portal.db.pool.begin().await.unwrap();
    let moves =
        [Move { from: Place::Gateway("sandbox"), to: Place::Balance(to), money: Money::new(minor, Currency::Cny) }];
    let booking = Booking {
        kind: Kind::PaymentApplied,
        subject: Uuid::now_v7(),
        times: Times::Once,
        order: None,
        moves: &moves,
        at: portal.clock.now(),
    };
    ledger::book(&mut tx, &booking).await.unwrap();
    tx.commit().await.unwrap();
}

async fn has(portal: &TestPortal, who: AccountId) -> (i64, i64) {
    let balances = ledger::balances(&portal.db.pool, who).await.unwrap();
    balances.first().map_or((0, 0), |balance| (balance.available.minor, balance.held.minor))
}

pub async fn choose(mei: &mut Shopper, order: OrderId, fields: &[(&str, &str)]) -> Answer {
    mei.browser.get(&format!("/orders/{order}/pay")).await;
    mei.browser.post(&format!("/orders/{order}/pay"), fields).await
}

/// To the gateway's page, with so much from the balance.
pub async fn split(mei: &mut Shopper, order: OrderId, minor: &str) -> String {
    let answer = choose(mei, order, &[("method", "sandbox"), ("balance", minor)]).await;
    assert_eq!(answer.status, 303, "{}", answer.body);
    assert!(answer.location().contains("/sandbox/pay/"), "{}", answer.location());
    answer.location().to_owned()
}

#[tokio::test]
async fn the_balance_alone_pays_at_once() {
    let portal = TestPortal::start().await;
    let (mut mei, line) = portal.mei_with("100").await;
    give(&portal, mei.account, 5_000).await;
    let order = mei.place(line, "P30").await;
    let page = mei.browser.get(&format!("/orders/{order}/pay")).await;
    assert!(page.body.contains("You have ¥50.00"), "{}", page.body);
    let answer = choose(&mut mei, order, &[("method", "balance")]).await;
    assert_eq!((answer.status.as_u16(), answer.location()), (303, format!("/orders/{order}").as_str()));
    assert_eq!(portal.status(order).await, "paid");
    assert_eq!(has(&portal, mei.account).await, (5_000 - PRICE, 0));
    portal.until(order, "fulfilled").await;
    assert_eq!(portal.count("select count(*) from sandbox.payments").await, 0);
}

#[tokio::test]
async fn a_double_click_pays_once() {
    let portal = TestPortal::start().await;
    let (mut mei, line) = portal.mei_with("100").await;
    give(&portal, mei.account, 20_000).await;
    let order = mei.place(line, "P30").await;
    mei.browser.get(&format!("/orders/{order}/pay")).await;
    let clicks = (0..10).map(|_| {
        let mut mei = mei.clone();
        async move { mei.browser.post(&format!("/orders/{order}/pay"), &[("method", "balance")]).await }
    });
    for answer in join_all(clicks).await {
        assert_eq!((answer.status.as_u16(), answer.location()), (303, format!("/orders/{order}").as_str()));
    }
    assert_eq!(has(&portal, mei.account).await, (20_000 - PRICE, 0));
    assert_eq!(portal.count("select count(*) from payment_attempts").await, 1);
}

#[tokio::test]
async fn tabs_that_spend_one_balance_on_fifty_orders_spend_it_once() {
    let portal = TestPortal::start().await;
    let mut mei = portal.mei().await;
    give(&portal, mei.account, PRICE + 100).await;
    let mut orders = vec![];
    for _ in 0..50 {
        let line = portal.line(mei.account, "100").await;
        orders.push(mei.place(line, "P30").await);
    }
    mei.browser.get(&format!("/orders/{}/pay", orders[0])).await;
    let tabs = orders.iter().map(|order| {
        let mut mei = mei.clone();
        async move { mei.browser.post(&format!("/orders/{order}/pay"), &[("method", "balance")]).await }
    });
    let answers = join_all(tabs).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 303).count(), 1);
    assert_eq!(answers.iter().filter(|answer| answer.status == 422).count(), 49);
    assert_eq!(portal.count("select count(*) from orders where status <> 'awaiting_payment'").await, 1);
    assert_eq!(has(&portal, mei.account).await, (100, 0));
}

#[tokio::test]
async fn balance_and_gateway_pay_one_order_together() {
    let portal = TestPortal::start().await;
    let (mut mei, line) = portal.mei_with("100").await;
    give(&portal, mei.account, 1_200).await;
    let order = mei.place(line, "P30").await;
    let shown = mei.browser.get(&format!("/orders/{order}/pay")).await;
    assert!(shown.body.contains("Use ¥12.00 of my balance") && shown.body.contains("¥30.00"), "{}", shown.body);
    let page = split(&mut mei, order, "1200").await;
    assert_eq!(has(&portal, mei.account).await, (0, 1_200));
    mei.press(&page, "pay").await;
    portal.until(order, "fulfilled").await;
    assert_eq!(has(&portal, mei.account).await, (0, 0));
    assert_eq!(portal.count("select sum(amount_minor)::bigint from sandbox.payments").await, 3_000);
    let sold = "select sum(e.amount_minor)::bigint from ledger_entries e join ledger_accounts a on a.id = e.ledger_account where a.kind = 'sales'";
    assert_eq!(portal.count(sold).await, PRICE);
}

#[tokio::test]
async fn more_than_there_is_or_than_is_due_is_not_taken() {
    let portal = TestPortal::start().await;
    let (mut mei, line) = portal.mei_with("100").await;
    give(&portal, mei.account, 1_200).await;
    let order = mei.place(line, "P30").await;
    for minor in ["1201", "4200", "-1", "9223372036854775807"] {
        let answer = choose(&mut mei, order, &[("method", "sandbox"), ("balance", minor)]).await;
        assert_eq!(answer.status, 422, "{minor}");
        assert!(answer.body.contains("Nothing was charged"), "{}", answer.body);
    }
    assert_eq!(choose(&mut mei, order, &[("method", "balance")]).await.status, 422);
    assert_eq!(has(&portal, mei.account).await, (1_200, 0));
    assert_eq!(portal.count("select count(*) from payment_attempts").await, 0);
}

#[tokio::test]
async fn what_was_held_comes_free_when_the_payment_does_not_come_about() {
    for outcome in ["decline", "expire", "cancel"] {
        let portal = TestPortal::start().await;
        let (mut mei, line) = portal.mei_with("100").await;
        give(&portal, mei.account, 1_200).await;
        let order = mei.place(line, "P30").await;
        let page = split(&mut mei, order, "1200").await;
        match outcome {
            "decline" => mei.press(&page, "decline").await,
            "cancel" => mei.cancel(order).await,
            _ => portal.pass(Duration::minutes(41)),
        }
        for _ in 0..4 {
            portal.work().await;
            portal.pass(Duration::seconds(15));
        }
        assert_eq!(has(&portal, mei.account).await, (1_200, 0), "{outcome} {:?}", portal.events(order).await);
    }
}

#[tokio::test]
async fn another_amount_beside_a_part_of_the_balance_is_told_part_by_part() {
    let portal = TestPortal::start().await;
    let (mut mei, line) = portal.mei_with("100").await;
    give(&portal, mei.account, 3_000).await;
    let order = mei.place(line, "P30").await;
    let page = split(&mut mei, order, "3000").await;
    mei.press(&page, "wrong_amount").await;
    portal.until(order, "needs_attention").await;
    portal.settle().await;
    assert_eq!(has(&portal, mei.account).await, (3_000, 0));
    let seen = mei.browser.get(&format!("/orders/{order}")).await.body;
    for words in [
        "¥12.00 was due and ¥10.80 arrived",
        "Received ¥10.80, due was ¥12.00",
        "¥30.00 of your balance was set aside for it",
    ] {
        assert!(seen.contains(words), "{words} is not on {seen}");
    }
    let mail = "select count(*) from messages where template = 'refunded' and body_text like '%¥12.00 was due%¥30.00 of your balance was set aside for it%'";
    assert_eq!(portal.count(mail).await, 1);
}

#[tokio::test]
async fn where_the_balance_may_pay_all_no_page_is_said_to_open() {
    let portal = TestPortal::start().await;
    let (mut mei, line) = portal.mei_with("100").await;
    let order = mei.place(line, "P30").await;
    let page = format!("/orders/{order}/pay");
    assert!(mei.browser.get(&page).await.body.contains("The payment page opens next"));
    give(&portal, mei.account, 5_000).await;
    let seen = mei.browser.get(&page).await.body;
    assert!(seen.contains("Your balance pays at once.") && !seen.contains("The payment page opens next"), "{seen}");
}

/// Out of time while the gateway's part was on its way.
async fn late_with_balance(spent_elsewhere: bool) -> (TestPortal, Shopper, OrderId) {
    let portal = TestPortal::start().await;
    let (mut mei, line) = portal.mei_with("100").await;
    give(&portal, mei.account, 1_200).await;
    let order = mei.place(line, "P30").await;
    let page = split(&mut mei, order, "1200").await;
    mei.press(&page, "late").await;
    portal.runs_out(order).await;
    assert_eq!(has(&portal, mei.account).await, (1_200, 0));
    if spent_elsewhere {
        let other = mei.place(portal.line(mei.account, "100").await, "P30").await;
        split(&mut mei, other, "500").await;
    }
    portal.pass(Duration::seconds(25));
    (portal, mei, order)
}

#[tokio::test]
async fn a_late_part_buys_what_the_balance_still_covers() {
    let (portal, mei, order) = late_with_balance(false).await;
    portal.until(order, "fulfilled").await;
    assert_eq!(has(&portal, mei.account).await, (0, 0));
}

#[tokio::test]
async fn a_late_part_goes_back_if_the_balance_was_spent() {
    let (portal, mei, order) = late_with_balance(true).await;
    for _ in 0..8 {
        portal.work().await;
        portal.pass(Duration::seconds(3));
    }
    assert_eq!(portal.status(order).await, "expired");
    assert_eq!(has(&portal, mei.account).await, (700, 500));
    let back = "select sum(amount_minor)::bigint from refunds where status = 'succeeded' and reason = 'late'";
    assert_eq!(portal.count(back).await, 3_000);
}
