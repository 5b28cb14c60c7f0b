//! What a person has to look at.

use crate::ids::{CaseId, OrderId};
use crate::orders::model::Order;
use serde_json::Value;
use sqlx::PgConnection;
use time::OffsetDateTime;

/// Opens work for a person; one case of a kind per order.
pub async fn open_case(
    conn: &mut PgConnection,
    order: &Order,
    kind: &'static str,
    detail: Value,
    now: OffsetDateTime,
) -> sqlx::Result<()> {
    sqlx::query("insert into cases (id, account_id, order_id, kind, detail, opened_at) values ($1, $2, $3, $4, $5, $6) on conflict do nothing")
        .bind(CaseId::new())
        .bind(order.account_id)
        .bind(order.id)
        .bind(kind)
        .bind(detail)
        .bind(now)
        .execute(conn)
        .await?;
    Ok(())
}

/// What a person had to look at has settled itself, or they settled it as `note` says.
pub async fn close_cases(
    conn: &mut PgConnection,
    order: OrderId,
    kind: &str,
    note: Option<&str>,
    now: OffsetDateTime,
) -> sqlx::Result<()> {
    sqlx::query(
        "update cases set closed_at = $3, note = coalesce($4, note) where order_id = $1 and kind = $2 and closed_at is null",
    )
    .bind(order)
    .bind(kind)
    .bind(now)
    .bind(note)
    .execute(conn)
    .await?;
    Ok(())
}

/// `None`: it is closed already.
pub async fn close_case(
    conn: &mut PgConnection,
    case: CaseId,
    note: &str,
    now: OffsetDateTime,
) -> sqlx::Result<Option<(OrderId, String)>> {
    sqlx::query_as(
        "update cases set closed_at = $3, note = $2 where id = $1 and closed_at is null returning order_id, kind",
    )
    .bind(case)
    .bind(note)
    .bind(now)
    .fetch_optional(conn)
    .await
}
