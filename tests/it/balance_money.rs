//! Money onto the balance and back: topping up, and refunds of each part of a payment.

use renewal_portal::ids::{AccountId, OrderId};
use renewal_portal::ledger;
use renewal_portal::payments::reconcile;
use time::Duration;

use crate::support::portal::TestPortal;
use crate::support::shopper::{Shopper, field, placed};

/// Sends the balance page's form.
async fn top_up(mei: &mut Shopper, choice: &str, other: &str) -> crate::support::visitor::Answer {
    let page = mei.browser.get("/balance").await;
    assert_eq!(page.status, 200, "{}", page.body);
    let attempt = field(&page, "attempt");
    let fields = [("currency", "CNY"), ("attempt", &attempt), ("choice", choice), ("other", other)];
    mei.browser.post("/balance/top-ups", &fields).await
}

/// Tops up as a customer does, to the end.
pub async fn topped_up(portal: &TestPortal, mei: &mut Shopper, amount: &str) -> OrderId {
    let order = placed(&top_up(mei, "", amount).await);
    let page = mei.pay(order).await;
    mei.press(&page, "pay").await;
    portal.until(order, "fulfilled").await;
    order
}

async fn has(portal: &TestPortal, who: AccountId) -> (i64, i64) {
    let balances = ledger::balances(&portal.db.pool, who).await.unwrap();
    balances.first().map_or((0, 0), |balance| (balance.available.minor, balance.held.minor))
}

async fn prefer_balance(mei: &mut Shopper) {
    mei.browser.get("/balance").await;
    let answer = mei.browser.post("/balance/refunds", &[("to", "balance")]).await;
    assert_eq!(answer.status, 303, "{}", answer.body);
}

async fn pay_split(mei: &mut Shopper, order: OrderId, minor: &str) {
    mei.browser.get(&format!("/orders/{order}/pay")).await;
    let answer = mei.browser.post(&format!("/orders/{order}/pay"), &[("method", "sandbox"), ("balance", minor)]).await;
    assert_eq!(answer.status, 303, "{}", answer.body);
    mei.press(answer.location(), "pay").await;
}

async fn mails(portal: &TestPortal) -> Vec<String> {
    sqlx::query_scalar("select template || ': ' || subject from messages order by created_at, id")
        .fetch_all(&portal.db.pool)
        .await
        .unwrap()
}

#[tokio::test]
async fn a_top_up_is_on_the_balance_with_its_receipt_and_mail() {
    let portal = TestPortal::start().await;
    let (mut mei, line) = portal.mei_with("100").await;
    let order = topped_up(&portal, &mut mei, "123.45").await;
    assert_eq!(has(&portal, mei.account).await, (12_345, 0));
    assert_eq!(mei.sees(order).await, ("paid".into(), "active".into()));
    let page = mei.browser.get(&format!("/orders/{order}")).await;
    assert!(page.body.contains("¥123.45 is on your balance"), "{}", page.body);
    let page = mei.browser.get(&format!("/orders/{order}/receipt")).await;
    assert!(page.body.contains("Top-up receipt") && page.body.contains("充值凭证"), "{}", page.body);
    assert_eq!(mei.browser.get(&format!("/orders/{order}/receipt.pdf")).await.status, 200);
    let account = mei.browser.get("/account").await;
    assert!(account.body.contains("Balance ¥123.45"), "{}", account.body);
    for path in ["/orders", "/balance"] {
        let page = mei.browser.get(path).await;
        assert_eq!(page.status, 200);
        assert!(page.body.contains("¥123.45"), "{path}: {}", page.body);
    }
    assert_eq!(
        portal.count("select count(*) from messages where template = 'topped-up' and attachment is not null").await,
        1
    );
    let bought = mei.place(line, "P30").await;
    mei.browser.get(&format!("/orders/{bought}/pay")).await;
    mei.browser.post(&format!("/orders/{bought}/pay"), &[("method", "balance")]).await;
    portal.until(bought, "fulfilled").await;
    portal.settle().await;
    assert_eq!(has(&portal, mei.account).await, (12_345 - 4_200, 0));
    portal.prove().await;
}

#[tokio::test]
async fn a_double_click_tops_up_once() {
    let portal = TestPortal::start().await;
    let mut mei = portal.mei().await;
    let page = mei.browser.get("/balance").await;
    let attempt = field(&page, "attempt");
    let fields = [("currency", "CNY"), ("attempt", attempt.as_str()), ("choice", "50.00"), ("other", "")];
    let clicks = futures_util::future::join_all((0..10).map(|_| {
        let mut mei = mei.clone();
        async move { placed(&mei.browser.post("/balance/top-ups", &fields).await) }
    }))
    .await;
    assert!(clicks.iter().all(|order| *order == clicks[0]));
    assert_eq!(portal.count("select count(*) from orders").await, 1);
}

#[tokio::test]
async fn an_amount_outside_the_limits_is_said_beside_the_field() {
    let portal = TestPortal::start().await;
    let mut mei = portal.mei().await;
    for (other, words) in
        [("9.99", "from ¥10.00 to"), ("5000.01", "to ¥5,000.00"), ("a lot", "such as"), ("-50", "such as")]
    {
        let answer = top_up(&mut mei, "50.00", other).await;
        assert_eq!(answer.status, 422, "{other}");
        assert!(answer.body.contains("href=\"/balance\" aria-current=\"page\""), "{}", answer.body);
        assert!(!answer.body.contains("value=\"/balance/top-ups\""), "nothing leads back to where only forms go");
        assert!(answer.body.contains(words) && answer.body.contains(other), "{other}: {}", answer.body);
    }
    assert_eq!(placed(&top_up(&mut mei, "", "5,000").await), placed_newest(&portal).await);
    assert_eq!(portal.count("select amount_minor from orders").await, 500_000);
}

async fn placed_newest(portal: &TestPortal) -> OrderId {
    sqlx::query_scalar("select id from orders order by created_at desc limit 1")
        .fetch_one(&portal.db.pool)
        .await
        .unwrap()
}

#[tokio::test]
async fn a_top_up_has_the_one_payment_path_however_it_is_paid() {
    let portal = TestPortal::start().await;
    let mut mei = portal.mei().await;
    let mut orders = vec![];
    for outcome in ["pay", "late", "twice", "reorder", "never", "timeout"] {
        let order = placed(&top_up(&mut mei, "50.00", "").await);
        let page = mei.pay(order).await;
        mei.press(&page, outcome).await;
        orders.push(order);
    }
    let declined = placed(&top_up(&mut mei, "50.00", "").await);
    let page = mei.pay(declined).await;
    mei.press(&page, "decline").await;
    let cancelled = placed(&top_up(&mut mei, "50.00", "").await);
    let page = mei.pay(cancelled).await;
    mei.press(&page, "late").await;
    mei.cancel(cancelled).await;
    let by_balance = placed(&top_up(&mut mei, "50.00", "").await);
    portal.settle().await;
    for order in orders {
        assert_eq!(portal.status(order).await, "fulfilled", "{:?}", portal.events(order).await);
    }
    assert_eq!(portal.status(declined).await, "expired");
    assert_eq!(portal.status(cancelled).await, "cancelled", "what was cancelled is not put on the balance");
    assert_eq!(portal.status(by_balance).await, "expired");
    assert_eq!(has(&portal, mei.account).await, (6 * 5_000, 0));
    portal.prove().await;
}

#[tokio::test]
async fn the_balance_does_not_top_itself_up() {
    let portal = TestPortal::start().await;
    let mut mei = portal.mei().await;
    topped_up(&portal, &mut mei, "100").await;
    let order = placed(&top_up(&mut mei, "50.00", "").await);
    let page = mei.browser.get(&format!("/orders/{order}/pay")).await;
    assert!(!page.body.contains("value=\"balance\"") && !page.body.contains("name=\"balance\""), "{}", page.body);
    for fields in [&[("method", "balance")][..], &[("method", "sandbox"), ("balance", "100")]] {
        assert_eq!(mei.browser.post(&format!("/orders/{order}/pay"), fields).await.status, 422);
    }
    portal.prove().await;
}

#[tokio::test]
async fn a_refused_renewal_gives_each_part_back_to_where_it_came_from() {
    let portal = TestPortal::start().await;
    let (mut mei, line) = portal.mei_with("103").await;
    topped_up(&portal, &mut mei, "12").await;
    let order = mei.place(line, "P30").await;
    pay_split(&mut mei, order, "1200").await;
    portal.until(order, "refunded").await;
    portal.settle().await;
    assert_eq!(has(&portal, mei.account).await, (1_200, 0));
    assert_eq!(portal.count("select sum(amount_minor)::bigint from sandbox.refunds").await, 3_000);
    let page = mei.browser.get(&format!("/orders/{order}")).await;
    assert!(page.body.contains("¥12.00 is back on your balance"), "{}", page.body);
    nothing_differs(&portal).await;
    assert_eq!(mei.sees(order).await, ("refunded".into(), "refused".into()));
    let told = mails(&portal).await;
    assert_eq!(told.iter().filter(|mail| mail.starts_with("refunded: ")).count(), 2, "{told:?}");
    portal.prove().await;
}

/// Held against the gateway's statement of the refund's day: of what went back to the balance it knows nothing.
async fn nothing_differs(portal: &TestPortal) {
    let (pool, gateway) = (&portal.db.pool, portal.app.gateways.named("sandbox").unwrap());
    let day = sqlx::query_scalar("select (max(succeeded_at) at time zone 'UTC')::date from refunds");
    let day: time::Date = day.fetch_one(pool).await.unwrap();
    reconcile::of_day(pool, &portal.clock, gateway.as_ref(), day).await.unwrap();
    assert_eq!(portal.count("select count(*) from reconciliation_items").await, 0);
}

#[tokio::test]
async fn who_prefers_the_balance_has_it_there_at_once() {
    let portal = TestPortal::start().await;
    let (mut mei, line) = portal.mei_with("103").await;
    topped_up(&portal, &mut mei, "12").await;
    prefer_balance(&mut mei).await;
    let order = mei.place(line, "P30").await;
    pay_split(&mut mei, order, "1200").await;
    portal.until(order, "refunded").await;
    assert_eq!(has(&portal, mei.account).await, (4_200, 0));
    assert_eq!(portal.count("select count(*) from sandbox.refunds").await, 0);
    let page = mei.browser.get(&format!("/orders/{order}")).await;
    assert!(page.body.contains("back on your balance since"), "{}", page.body);
    nothing_differs(&portal).await;
    portal.settle().await;
    let told = mails(&portal).await;
    assert!(told.iter().all(|mail| !mail.starts_with("refund-started")), "{told:?}");
    portal.prove().await;
}

#[tokio::test]
async fn a_renewal_the_balance_paid_goes_back_to_the_balance() {
    let portal = TestPortal::start().await;
    let (mut mei, line) = portal.mei_with("103").await;
    topped_up(&portal, &mut mei, "50").await;
    let order = mei.place(line, "P30").await;
    mei.browser.get(&format!("/orders/{order}/pay")).await;
    mei.browser.post(&format!("/orders/{order}/pay"), &[("method", "balance")]).await;
    portal.until(order, "refunded").await;
    assert_eq!(has(&portal, mei.account).await, (5_000, 0));
    portal.settle().await;
    portal.prove().await;
}

#[tokio::test]
async fn a_wrong_amount_gives_the_held_part_free() {
    let portal = TestPortal::start().await;
    let (mut mei, line) = portal.mei_with("100").await;
    topped_up(&portal, &mut mei, "12").await;
    let order = mei.place(line, "P30").await;
    mei.browser.get(&format!("/orders/{order}/pay")).await;
    let answer = mei.browser.post(&format!("/orders/{order}/pay"), &[("method", "sandbox"), ("balance", "1200")]).await;
    mei.press(answer.location(), "wrong_amount").await;
    portal.settle().await;
    assert_eq!(portal.status(order).await, "needs_attention");
    assert_eq!(has(&portal, mei.account).await, (1_200, 0));
    portal.prove().await;
}

#[tokio::test]
async fn what_comes_late_without_its_balance_goes_where_the_customer_prefers() {
    let portal = TestPortal::start().await;
    let (mut mei, line) = portal.mei_with("100").await;
    topped_up(&portal, &mut mei, "12").await;
    prefer_balance(&mut mei).await;
    let order = mei.place(line, "P30").await;
    mei.browser.get(&format!("/orders/{order}/pay")).await;
    let answer = mei.browser.post(&format!("/orders/{order}/pay"), &[("method", "sandbox"), ("balance", "1200")]).await;
    mei.press(answer.location(), "late").await;
    mei.cancel(order).await;
    portal.work().await;
    let other = mei.place(portal.line(mei.account, "100").await, "P30").await;
    pay_split(&mut mei, other, "500").await;
    portal.pass(Duration::seconds(25));
    portal.settle().await;
    assert_eq!(portal.status(order).await, "cancelled");
    assert_eq!(has(&portal, mei.account).await, (700 + 3_000, 0));
    portal.prove().await;
}

/// The audit itself: each way to spoil the books must be found out.
#[tokio::test]
async fn spoiled_books_are_found_out() {
    let portal = TestPortal::start().await;
    let mut mei = portal.mei().await;
    topped_up(&portal, &mut mei, "50").await;
    portal.settle().await;
    portal.prove().await;
    let spoils = [
        "alter table ledger_entries disable trigger user; update ledger_entries set amount_minor = amount_minor + 1 where amount_minor > 0",
        "alter table ledger_accounts disable trigger user; update ledger_accounts set balance_minor = balance_minor + 1 where balance_minor is not null",
        "alter table ledger_entries disable trigger user; delete from ledger_entries",
        "update payment_attempts set applied = false",
        "insert into ledger_transactions (kind, subject, ordinal, at) values ('payment_applied', gen_random_uuid(), 0, now());
         insert into ledger_entries select currval('ledger_transactions_id_seq'), id, currency, case kind when 'undecided' then -5 else 5 end
         from ledger_accounts where kind in ('undecided', 'customer_balance')",
    ];
    for spoil in spoils {
        let mut tx = portal.db.pool.begin().await.unwrap();
        sqlx::raw_sql(spoil).execute(&mut *tx).await.unwrap();
        let verdicts = renewal_portal::invariants::prove_in(&mut tx).await.unwrap();
        assert!(verdicts.iter().any(|verdict| verdict.id == "I11" && !verdict.breaks.is_empty()), "{spoil}");
        tx.rollback().await.unwrap();
    }
}
