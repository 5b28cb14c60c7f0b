use serde_json::json;
use sqlx::{PgConnection, PgPool};
use time::OffsetDateTime;

use super::queries;
use crate::audit::{self, Act, Actor};
use crate::clock::Clock;
use crate::money::Money;
use crate::plans::{self, NewPlan};

/// What somebody made of an offer.
pub struct Draft {
    pub offer: i64,
    pub plan: NewPlan,
}

#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    #[error("the offer is gone, turned down or sold already")]
    Gone,
    #[error("another plan has this code")]
    CodeTaken,
    #[error("it costs {cost}, which leaves too little of the price")]
    TooCheap { cost: Money },
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// Puts a draft on sale. Its offer is locked, so that two people can't sell it twice.
pub async fn publish(pool: &PgPool, clock: &Clock, actor: Actor<'_>, draft: &Draft) -> Result<(), PublishError> {
    let mut tx = crate::db::begin(pool).await?;
    put_on_sale(&mut tx, clock.now(), actor, draft).await?;
    tx.commit().await?;
    Ok(())
}

/// Whether it could be published as it is. Nothing stays of it.
pub async fn try_out(pool: &PgPool, clock: &Clock, actor: Actor<'_>, draft: &Draft) -> Result<(), PublishError> {
    let mut tx = crate::db::begin(pool).await?;
    put_on_sale(&mut tx, clock.now(), actor, draft).await?;
    tx.rollback().await?;
    Ok(())
}

async fn put_on_sale(
    conn: &mut PgConnection,
    now: OffsetDateTime,
    actor: Actor<'_>,
    draft: &Draft,
) -> Result<(), PublishError> {
    let offer = queries::lock_draft(&mut *conn, draft.offer).await?.ok_or(PublishError::Gone)?;
    if let Some(cost) = offer.cost() {
        let currency = draft.plan.price.currency;
        let rule = plans::pricing_rule(&mut *conn, &offer.carrier, cost.currency, currency).await?;
        if rule.is_some_and(|rule| !rule.is_worth_it(cost, draft.plan.price)) {
            return Err(PublishError::TooCheap { cost });
        }
    }
    if !plans::insert(&mut *conn, &draft.plan, now).await? {
        return Err(PublishError::CodeTaken);
    }
    let subject = Some(("plan", draft.plan.code.clone()));
    let detail = json!({ "carrier": offer.carrier, "product": offer.product, "price": draft.plan.price.amount() });
    audit::record(&mut *conn, Act { at: now, actor, action: "plan.published", account: None, subject, detail }).await?;
    Ok(())
}

/// Somebody looked at it and does not want to sell it. It stays turned down until the carrier withdraws it.
pub async fn dismiss(pool: &PgPool, clock: &Clock, actor: Actor<'_>, offer: i64) -> sqlx::Result<()> {
    let now = clock.now();
    let mut tx = crate::db::begin(pool).await?;
    if let Some(offer) = queries::lock_draft(&mut tx, offer).await? {
        queries::dismiss(&mut *tx, offer.id, now).await?;
        let (subject, detail) = (Some(("offer", offer.product)), json!({ "carrier": offer.carrier }));
        audit::record(&mut *tx, Act { at: now, actor, action: "offer.dismissed", account: None, subject, detail })
            .await?;
    }
    tx.commit().await
}

/// It is a draft again; false if nobody had turned it down, or the carrier sells it no more.
pub async fn restore(pool: &PgPool, clock: &Clock, actor: Actor<'_>, offer: i64) -> sqlx::Result<bool> {
    let mut tx = crate::db::begin(pool).await?;
    let Some((carrier, product)) = queries::restore(&mut *tx, offer).await? else { return Ok(false) };
    let (at, subject, detail) = (clock.now(), Some(("offer", product)), json!({ "carrier": carrier }));
    audit::record(&mut *tx, Act { at, actor, action: "offer.restored", account: None, subject, detail }).await?;
    tx.commit().await?;
    Ok(true)
}
