use serde_json::json;
use sqlx::PgPool;

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
pub async fn publish(pool: &PgPool, clock: &Clock, actor: Actor<'_>, draft: Draft) -> Result<(), PublishError> {
    let now = clock.now();
    let mut tx = crate::db::begin(pool).await?;
    let offer = queries::lock_draft(&mut tx, draft.offer).await?.ok_or(PublishError::Gone)?;
    if let Some(cost) = offer.cost() {
        let currency = draft.plan.price.currency;
        let rule = plans::pricing_rule(&mut *tx, &offer.carrier, cost.currency, currency).await?;
        if rule.is_some_and(|rule| !rule.is_worth_it(cost, draft.plan.price)) {
            return Err(PublishError::TooCheap { cost });
        }
    }
    if !plans::insert(&mut *tx, &draft.plan, now).await? {
        return Err(PublishError::CodeTaken);
    }
    let subject = Some(("plan", draft.plan.code.clone()));
    let detail = json!({ "carrier": offer.carrier, "product": offer.product, "price": draft.plan.price.amount() });
    audit::record(&mut *tx, Act { at: now, actor, action: "plan.published", account: None, subject, detail }).await?;
    tx.commit().await?;
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
