use sqlx::PgConnection;

/// Writes into the bank's books what was paid there, and went back, before these books were opened: the demo's past. So
/// refunds of it can be asked for as of any other payment.
pub async fn write_up_the_past(conn: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::raw_sql(include_str!("../schema.sql")).execute(&mut *conn).await?;
    sqlx::query(
        "insert into sandbox.payments (id, merchant_ref, amount_minor, currency, merchant, order_number, lang, return_url, notify_url,
           status, transaction_id, received_minor, paid_at, expires_at, created_at)
         select a.provider_ref, a.merchant_ref, a.amount_minor, a.currency, '', a.order_number, a.language, a.return_url, '',
                'paid', a.provider_txn_id, a.received_minor, a.succeeded_at, a.expires_at, a.created_at
         from payment_attempts a where a.gateway = 'sandbox' and a.status = 'succeeded'
         on conflict do nothing",
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query(
        "insert into sandbox.refunds (id, merchant_refund_no, payment_id, amount_minor, status, finishes_at, created_at)
         select r.provider_refund_id, r.merchant_refund_no, a.provider_ref, r.amount_minor, 'succeeded', r.succeeded_at, r.created_at
         from refunds r join payment_attempts a on a.id = r.attempt_id
         where a.gateway = 'sandbox' and r.status = 'succeeded' and r.destination = 'gateway'
         on conflict do nothing",
    )
    .execute(conn)
    .await?;
    Ok(())
}
