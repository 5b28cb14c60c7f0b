use sqlx::types::Json;
use sqlx::{PgConnection, PgExecutor};
use time::OffsetDateTime;

use super::offer::KnownOffer;
use super::rule::Rule;
use super::sync::effect;
use crate::carriers::{Facts, Offer};
use crate::money::{Currency, Money};

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
         on conflict (carrier, kind, product) where closed_at is null do update set detail = excluded.detail, seen_at = excluded.seen_at,
           mark_minor = null, mark_currency = null",
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
        "update carrier_alerts set closed_at = $3
         where carrier = $1 and product in ('', $2) and kind <> 'low_credit' and closed_at is null",
    )
    .bind(carrier)
    .bind(product)
    .bind(now)
    .execute(db)
    .await?;
    Ok(())
}

/// What a carrier's products cost, where it says so.
pub async fn costs(db: impl PgExecutor<'_>, carrier: &str) -> anyhow::Result<Vec<(String, Money)>> {
    let rows: Vec<(String, i64, String)> = sqlx::query_as(
        "select product, cost_minor, cost_currency from carrier_offers
         where carrier = $1 and gone_at is null and cost_minor is not null",
    )
    .bind(carrier)
    .fetch_all(db)
    .await?;
    rows.into_iter().map(|(product, minor, code)| Ok((product, Money::new(minor, Currency::parse(&code)?)))).collect()
}

pub async fn close_margins(
    db: impl PgExecutor<'_>,
    carrier: &str,
    products: &[&str],
    now: OffsetDateTime,
) -> sqlx::Result<()> {
    sqlx::query(
        "update carrier_alerts set closed_at = $3
         where carrier = $1 and kind = 'margin' and product = any($2) and closed_at is null",
    )
    .bind(carrier)
    .bind(products)
    .bind(now)
    .execute(db)
    .await?;
    Ok(())
}

/// The first credit that is seen is the mark; one above it ends the alert.
pub async fn see_credit(
    db: impl PgExecutor<'_>,
    carrier: &str,
    credit: Money,
    now: OffsetDateTime,
) -> sqlx::Result<()> {
    sqlx::query(
        "update carrier_alerts set mark_minor = coalesce(mark_minor, $2), mark_currency = coalesce(mark_currency, $3),
                closed_at = case when mark_currency = $3 and mark_minor < $2 then $4 end
         where carrier = $1 and kind = 'low_credit' and closed_at is null",
    )
    .bind(carrier)
    .bind(credit.minor)
    .bind(credit.currency.code())
    .bind(now)
    .execute(db)
    .await?;
    Ok(())
}

pub async fn forget_low_credit(
    db: impl PgExecutor<'_>,
    carrier: &str,
    before: OffsetDateTime,
    now: OffsetDateTime,
) -> sqlx::Result<()> {
    sqlx::query(
        "update carrier_alerts set closed_at = $3
         where carrier = $1 and kind = 'low_credit' and closed_at is null and mark_minor is null and seen_at < $2",
    )
    .bind(carrier)
    .bind(before)
    .bind(now)
    .execute(db)
    .await?;
    Ok(())
}

/// An offer whose product no plan sells and nobody turned down.
macro_rules! draft {
    ($condition:literal) => {
        concat!(
            "select o.* from carrier_offers o
             where o.gone_at is null and o.dismissed_at is null and not exists (
               select from plans p where p.carrier = o.carrier and p.carrier_product = o.product and p.withdrawn_at is null)",
            $condition
        )
    };
}

pub async fn drafts(db: impl PgExecutor<'_>) -> sqlx::Result<Vec<KnownOffer>> {
    sqlx::query_as(draft!(" order by o.carrier, o.id desc limit 500")).fetch_all(db).await
}

pub async fn draft(db: impl PgExecutor<'_>, id: i64) -> sqlx::Result<Option<KnownOffer>> {
    sqlx::query_as(draft!(" and o.id = $1")).bind(id).fetch_optional(db).await
}

/// Locked first and looked at after: the look must see what whoever held the lock has made of it.
pub async fn lock_draft(conn: &mut PgConnection, id: i64) -> sqlx::Result<Option<KnownOffer>> {
    sqlx::query("select from carrier_offers where id = $1 for update").bind(id).execute(&mut *conn).await?;
    draft(conn, id).await
}

pub async fn dismiss(db: impl PgExecutor<'_>, id: i64, now: OffsetDateTime) -> sqlx::Result<()> {
    sqlx::query("update carrier_offers set dismissed_at = $2 where id = $1").bind(id).bind(now).execute(db).await?;
    Ok(())
}

/// Takes back that somebody turned it down; its product, if somebody had and the carrier still sells it.
pub async fn restore(db: impl PgExecutor<'_>, id: i64) -> sqlx::Result<Option<(String, String)>> {
    sqlx::query_as(
        "update carrier_offers set dismissed_at = null
         where id = $1 and dismissed_at is not null and gone_at is null returning carrier, product",
    )
    .bind(id)
    .fetch_optional(db)
    .await
}

pub async fn dismissed(db: impl PgExecutor<'_>) -> sqlx::Result<Vec<KnownOffer>> {
    sqlx::query_as(
        "select * from carrier_offers where gone_at is null and dismissed_at is not null order by dismissed_at desc limit 200",
    )
    .fetch_all(db)
    .await
}

/// Whether a carrier sells a product no more; `None` where it never said that it does.
pub async fn lock_gone(db: impl PgExecutor<'_>, carrier: &str, product: &str) -> sqlx::Result<Option<bool>> {
    sqlx::query_scalar("select gone_at is not null from carrier_offers where carrier = $1 and product = $2 for update")
        .bind(carrier)
        .bind(product)
        .fetch_optional(db)
        .await
}

/// The products that earn too little to be sold.
pub async fn withheld(db: impl PgExecutor<'_>, carrier: &str) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar(
        "select product from carrier_alerts where carrier = $1 and kind = 'margin' and closed_at is null",
    )
    .bind(carrier)
    .fetch_all(db)
    .await
}

pub async fn knows_offers(db: impl PgExecutor<'_>, carrier: &str) -> sqlx::Result<bool> {
    sqlx::query_scalar("select exists (select from carrier_offers where carrier = $1 and gone_at is null)")
        .bind(carrier)
        .fetch_one(db)
        .await
}

/// One statement for a whole catalogue. An offer that comes back is a draft again.
pub async fn save_offers(
    conn: &mut PgConnection,
    carrier: &str,
    facts: &Facts,
    offers: &[Offer],
    now: OffsetDateTime,
) -> sqlx::Result<()> {
    let rows: Vec<serde_json::Value> = offers.iter().map(|offer| row(facts, offer)).collect();
    sqlx::query(
        "insert into carrier_offers (carrier, product, title, cost_minor, cost_currency, term_unit, term_count,
           data_unlimited, data_bytes, minutes, sms, coverage, effect, seen_at)
         select distinct on (n.product) $1, n.product, n.title, n.cost_minor, n.cost_currency, n.term_unit, n.term_count,
           n.data_unlimited, n.data_bytes, n.minutes, n.sms, n.coverage, n.effect, $3
         from jsonb_populate_recordset(null::carrier_offers, $2) n
         on conflict (carrier, product) do update set
           title = excluded.title, cost_minor = excluded.cost_minor, cost_currency = excluded.cost_currency,
           term_unit = excluded.term_unit, term_count = excluded.term_count, data_unlimited = excluded.data_unlimited,
           data_bytes = excluded.data_bytes, minutes = excluded.minutes, sms = excluded.sms,
           coverage = excluded.coverage, effect = excluded.effect, seen_at = excluded.seen_at, gone_at = null,
           dismissed_at = case when carrier_offers.gone_at is null then carrier_offers.dismissed_at end",
    )
    .bind(carrier)
    .bind(Json(rows))
    .bind(now)
    .execute(conn)
    .await?;
    Ok(())
}

fn row(facts: &Facts, offer: &Offer) -> serde_json::Value {
    serde_json::json!({
        "product": offer.product,
        "title": offer.title,
        "cost_minor": offer.cost.map(|cost| cost.minor),
        "cost_currency": offer.cost.map(|cost| cost.currency.code()),
        "term_unit": offer.term.map(|term| term.unit()),
        "term_count": offer.term.map(|term| term.count()),
        "data_unlimited": offer.allowance.data.is_unlimited(),
        "data_bytes": offer.allowance.data.bytes(),
        "minutes": offer.allowance.minutes,
        "sms": offer.allowance.sms,
        "coverage": offer.coverage,
        "effect": effect(facts, offer),
    })
}

/// The products that were there before and are not in the catalogue of this moment.
pub async fn mark_gone(db: impl PgExecutor<'_>, carrier: &str, now: OffsetDateTime) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar(
        "update carrier_offers set gone_at = $2 where carrier = $1 and seen_at < $2 and gone_at is null returning product",
    )
    .bind(carrier)
    .bind(now)
    .fetch_all(db)
    .await
}

pub async fn save_rule(db: impl PgExecutor<'_>, rule: &Rule) -> sqlx::Result<()> {
    sqlx::query(
        "insert into pricing_rules (carrier, cost_currency, currency, rate_millionths, markup_bp, step_minor, less_minor, minimum_margin_bp)
         values ($1, $2, $3, $4, $5, $6, $7, $8)
         on conflict (carrier, cost_currency, currency) do update set rate_millionths = excluded.rate_millionths,
           markup_bp = excluded.markup_bp, step_minor = excluded.step_minor, less_minor = excluded.less_minor,
           minimum_margin_bp = excluded.minimum_margin_bp",
    )
    .bind(&rule.carrier)
    .bind(rule.cost_currency.code())
    .bind(rule.currency.code())
    .bind(rule.pricing.rate_millionths)
    .bind(i64::from(rule.pricing.markup_bp))
    .bind(rule.pricing.step_minor)
    .bind(rule.pricing.less_minor)
    .bind(i64::from(rule.pricing.minimum_margin_bp))
    .execute(db)
    .await?;
    Ok(())
}

pub async fn remove_rule(
    db: impl PgExecutor<'_>,
    carrier: &str,
    cost: Currency,
    price: Currency,
) -> sqlx::Result<bool> {
    let removed = sqlx::query("delete from pricing_rules where carrier = $1 and cost_currency = $2 and currency = $3")
        .bind(carrier)
        .bind(cost.code())
        .bind(price.code())
        .execute(db)
        .await?;
    Ok(removed.rows_affected() == 1)
}
