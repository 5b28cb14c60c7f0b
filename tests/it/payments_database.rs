//! What the database refuses of payments, whatever the code above it does.

use crate::support::portal::TestPortal;

async fn bought() -> TestPortal {
    let portal = TestPortal::start().await;
    let (mut mei, line) = portal.mei_with("100").await;
    let order = mei.buy(line, "P30", "pay").await;
    portal.until(order, "fulfilled").await;
    portal
}

/// The name of the constraint that stands in the way.
async fn refused(portal: &TestPortal, sql: &'static str) -> String {
    let error = sqlx::raw_sql(sql).execute(&portal.db.pool).await.expect_err("the database takes it");
    error.as_database_error().and_then(|error| error.constraint()).unwrap_or_default().to_owned()
}

#[tokio::test]
async fn an_order_is_settled_by_one_payment() {
    let portal = bought().await;
    let again = "insert into payment_attempts (id, order_id, account_id, amount_minor, currency, gateway, method, merchant_ref, order_number,
           language, return_url, status, provider_txn_id, received_minor, received_currency, applied, expires_at, created_at)
         select gen_random_uuid(), order_id, account_id, amount_minor, currency, gateway, method, 'another', order_number, language, return_url,
           status, 'another', received_minor, received_currency, true, expires_at, created_at from payment_attempts";
    assert_eq!(refused(&portal, again).await, "one_settlement");
}

#[tokio::test]
async fn one_transaction_pays_one_payment() {
    let portal = bought().await;
    let again = "insert into payment_attempts (id, order_id, account_id, amount_minor, currency, gateway, method, merchant_ref, order_number,
           language, return_url, status, provider_txn_id, received_minor, received_currency, expires_at, created_at)
         select gen_random_uuid(), order_id, account_id, amount_minor, currency, gateway, method, 'another', order_number, language, return_url,
           status, provider_txn_id, received_minor, received_currency, expires_at, created_at from payment_attempts";
    assert_eq!(refused(&portal, again).await, "payment_attempts_gateway_provider_txn_id_key");
}

#[tokio::test]
async fn money_goes_back_by_itself_once() {
    let portal = bought().await;
    let twice = "insert into refunds (id, attempt_id, account_id, amount_minor, currency, merchant_refund_no, reason, reserved_minor, asked_at, created_at)
         select gen_random_uuid(), id, account_id, 1, currency, n::text, 'surplus', 1, now(), now() from payment_attempts, generate_series(1, 2) n";
    assert_eq!(refused(&portal, twice).await, "one_automatic_refund");
}

#[tokio::test]
async fn what_the_carrier_was_asked_for_stays_paid() {
    let portal = bought().await;
    let unsettled = refused(&portal, "update payment_attempts set applied = false").await;
    assert!(unsettled.starts_with("provisionings_attempt_id"), "{unsettled}");
}
