use serde_json::json;
use sqlx::PgPool;
use time::OffsetDateTime;

use super::{margin, queries};
use crate::audit::{self, Act, Actor};
use crate::money::Currency;
use crate::plans::pricing::PricingRule;

/// How offers of one carrier in one currency become prices in another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    pub carrier: String,
    pub cost_currency: Currency,
    pub currency: Currency,
    pub pricing: PricingRule,
}

/// Writes a rule down, in place of an earlier one. What is on sale keeps its price; the margin counts at once.
pub async fn save(pool: &PgPool, actor: Actor<'_>, rule: &Rule, now: OffsetDateTime) -> anyhow::Result<()> {
    let mut tx = crate::db::begin(pool).await?;
    queries::save_rule(&mut *tx, rule).await?;
    let PricingRule { rate_millionths, markup_bp, step_minor, less_minor, minimum_margin_bp } = rule.pricing;
    let detail = json!({
        "cost_currency": rule.cost_currency.code(), "currency": rule.currency.code(), "rate_millionths": rate_millionths,
        "markup_bp": markup_bp, "step_minor": step_minor, "less_minor": less_minor, "minimum_margin_bp": minimum_margin_bp,
    });
    let subject = Some(("carrier", rule.carrier.clone()));
    audit::record(&mut *tx, Act { at: now, actor, action: "pricing.changed", account: None, subject, detail }).await?;
    margin::watch(&mut tx, &rule.carrier, now).await?;
    Ok(tx.commit().await?)
}

/// From now on drafts of this kind come without a price, and nothing of them is withheld. False if there was no rule.
pub async fn remove(
    pool: &PgPool,
    actor: Actor<'_>,
    carrier: &str,
    (cost, price): (Currency, Currency),
    now: OffsetDateTime,
) -> anyhow::Result<bool> {
    let mut tx = crate::db::begin(pool).await?;
    if !queries::remove_rule(&mut *tx, carrier, cost, price).await? {
        return Ok(false);
    }
    let detail = json!({ "cost_currency": cost.code(), "currency": price.code() });
    let subject = Some(("carrier", carrier.to_owned()));
    audit::record(&mut *tx, Act { at: now, actor, action: "pricing.removed", account: None, subject, detail }).await?;
    margin::watch(&mut tx, carrier, now).await?;
    tx.commit().await?;
    Ok(true)
}
