use sqlx::PgExecutor;
use time::OffsetDateTime;

pub async fn raise(
    db: impl PgExecutor<'_>,
    kind: &str,
    carrier: &str,
    product: &str,
    detail: &str,
    now: OffsetDateTime,
) -> sqlx::Result<()> {
    sqlx::query(
        "insert into carrier_alerts (kind, carrier, product, detail, raised_at, seen_at) values ($1, $2, $3, $4, $5, $5)
         on conflict (carrier, kind, product) where closed_at is null do update set detail = excluded.detail, seen_at = excluded.seen_at",
    )
    .bind(kind)
    .bind(carrier)
    .bind(product)
    .bind(detail)
    .bind(now)
    .execute(db)
    .await?;
    Ok(())
}

pub async fn close(db: impl PgExecutor<'_>, carrier: &str, product: &str, now: OffsetDateTime) -> sqlx::Result<()> {
    sqlx::query(
        "update carrier_alerts set closed_at = $3 where carrier = $1 and product in ('', $2) and closed_at is null",
    )
    .bind(carrier)
    .bind(product)
    .bind(now)
    .execute(db)
    .await?;
    Ok(())
}
