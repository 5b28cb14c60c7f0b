//! What finance does with the balance: gives back to it, puts on it what could not go back, takes a top-up off it again.

use renewal_portal::ids::{AccountId, OrderId};
use renewal_portal::ledger;

use crate::balance_money::topped_up;
use crate::staff_refunds::look;
use crate::support::portal::TestPortal;
use crate::support::shopper::{Shopper, field};
use crate::support::visitor::Answer;

async fn has(portal: &TestPortal, who: AccountId) -> (i64, i64) {
    let balances = ledger::balances(&portal.db.pool, who).await.unwrap();
    balances.first().map_or((0, 0), |balance| (balance.available.minor, balance.held.minor))
}

pub async fn bought(portal: &TestPortal, mei: &mut Shopper, ending: &str) -> OrderId {
    let line = portal.line(mei.account, ending).await;
    let order = mei.buy(line, "P30", "pay").await;
    portal.until(order, "fulfilled").await;
    order
}

/// Both pages of a refund: what is typed, then the button that does it.
pub async fn give_back(portal: &TestPortal, staff: &mut Shopper, order: OrderId, amount: &str, to: &str) -> Answer {
    let attempt: String = sqlx::query_scalar("select id::text from payment_attempts where order_id = $1")
        .bind(order)
        .fetch_one(&portal.db.pool)
        .await
        .unwrap();
    let path = format!("/staff/payments/{attempt}/refund");
    let page = look(staff, &path, amount, "goodwill", to).await;
    assert_eq!(page.status, 200, "{}", page.body);
    let (amount, left, to) = (field(&page, "amount"), field(&page, "left"), field(&page, "to"));
    let fields = [("amount", amount.as_str()), ("reason", "goodwill"), ("left", &left), ("to", &to)];
    staff.browser.post(&format!("{path}/confirm"), &fields).await
}

pub async fn newest_refund(portal: &TestPortal) -> String {
    sqlx::query_scalar("select id::text from refunds order by created_at desc, id desc limit 1")
        .fetch_one(&portal.db.pool)
        .await
        .unwrap()
}

/// What a person says became of a refund; where that leads.
async fn say(staff: &mut Shopper, refund: &str, to: &str) -> Answer {
    staff.browser.get("/staff").await;
    let fields = [("how", "agreed on the phone"), ("to", to)];
    staff.browser.post(&format!("/staff/refunds/{refund}/done"), &fields).await
}

#[tokio::test]
async fn staff_choose_where_it_goes_whatever_the_customer_prefers() {
    let portal = TestPortal::start().await;
    let mut mei = portal.mei().await;
    let order = bought(&portal, &mut mei, "100").await;
    let mut staff = portal.staff_as("finance").await;
    assert_eq!(give_back(&portal, &mut staff, order, "10", "balance").await.status, 303);
    assert_eq!(has(&portal, mei.account).await, (1_000, 0));
    assert_eq!(portal.count("select count(*) from sandbox.refunds").await, 0);

    portal.run("update accounts set refunds_to = 'balance' where email = 'mei@post.example'").await;
    assert_eq!(give_back(&portal, &mut staff, order, "5", "gateway").await.status, 303);
    assert_eq!(give_back(&portal, &mut staff, order, "3", "").await.status, 303);
    portal.settle().await;
    assert_eq!(has(&portal, mei.account).await, (1_300, 0), "without a choice it is the customer's");
    assert_eq!(portal.count("select sum(amount_minor)::bigint from sandbox.refunds").await, 500);
    portal.prove().await;
}

#[tokio::test]
async fn a_refund_that_failed_is_put_on_the_balance_once() {
    let portal = TestPortal::start().await;
    let mut mei = portal.mei().await;
    let order = bought(&portal, &mut mei, "100").await;
    let mut staff = portal.staff_as("finance").await;
    assert_eq!(give_back(&portal, &mut staff, order, "10.13", "gateway").await.status, 303);
    let refund = newest_refund(&portal).await;
    let early = say(&mut staff, &refund, "balance").await;
    assert!(early.location().contains("not-waiting"), "it may still go through: {}", early.location());
    portal.work().await;
    assert_eq!(portal.cases().await, ["refund_failed"]);
    assert_eq!(has(&portal, mei.account).await, (0, 0));

    let done = say(&mut staff, &refund, "balance").await;
    assert!(done.location().contains("refund-on-balance"), "{}", done.location());
    let again = say(&mut staff, &refund, "balance").await;
    assert!(again.location().contains("not-waiting"), "{}", again.location());
    portal.settle().await;
    assert_eq!(has(&portal, mei.account).await, (1_013, 0));
    assert!(portal.cases().await.is_empty());
    portal.prove().await;
}

#[tokio::test]
async fn a_top_up_goes_back_while_the_balance_covers_it() {
    let portal = TestPortal::start().await;
    let mut mei = portal.mei().await;
    let top_up = topped_up(&portal, &mut mei, "50").await;
    let line = portal.line(mei.account, "100").await;
    let order = mei.place(line, "P30").await;
    assert_eq!(mei.choose(order, "balance").await.status, 303);
    assert_eq!(has(&portal, mei.account).await, (800, 0));

    let mut staff = portal.staff_as("finance").await;
    let spent = give_back(&portal, &mut staff, top_up, "8.01", "").await;
    assert!(spent.status == 422 && spent.body.contains("has spent this top-up"), "{}", spent.body);
    assert_eq!(portal.count("select count(*) from refunds").await, 0);
    assert_eq!(give_back(&portal, &mut staff, top_up, "8", "balance").await.status, 303);
    portal.settle().await;
    assert_eq!(has(&portal, mei.account).await, (0, 0));
    let back = portal.count("select sum(amount_minor)::bigint from sandbox.refunds").await;
    assert_eq!(back, 800, "a top-up goes to where it came from, whatever was chosen");
    portal.prove().await;
}

#[tokio::test]
async fn a_top_up_that_could_not_go_back_is_not_put_on_the_balance_it_left() {
    let portal = TestPortal::start().await;
    let mut mei = portal.mei().await;
    let top_up = topped_up(&portal, &mut mei, "50").await;
    let mut staff = portal.staff_as("finance").await;
    assert_eq!(give_back(&portal, &mut staff, top_up, "10.13", "").await.status, 303);
    portal.work().await;
    let refund = newest_refund(&portal).await;
    assert_eq!(say(&mut staff, &refund, "balance").await.status, 404);
    assert_eq!(has(&portal, mei.account).await, (5_000 - 1_013, 0));
    portal.prove().await;
}
