use crate::carriers::{CarrierError, Carriers, Quote, Refusal};
use crate::catalogue::{self, Alert};
use crate::identity;
use crate::lines::model::Line;
use crate::money::Money;
use crate::plans::{self, model::Plan};
use crate::sync::{change, line_ref};
use sqlx::PgPool;
use std::time::Duration;
use time::OffsetDateTime;

/// A customer waits for this answer with the page open.
const PATIENCE: Duration = Duration::from_secs(5);

/// What the carrier says of a renewal before any money moves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Checked {
    Renewable,
    /// It sells this plan at another price than the catalogue has.
    OtherPrice(Money),
    Refused(Refusal),
    /// The carrier must know who its customer is, and nothing is kept of that.
    IdentityNeeded,
    /// The operator can't have it done at this price, or has nothing left with the carrier: not the customer's doing.
    Withheld,
    /// It can't be asked; nothing is sold on a guess.
    Unreachable,
}

/// Asks the carrier whether the line can be renewed with the plan, at what price, and whether the operator can pay for it.
/// No connection to the database is held meanwhile.
pub async fn check(
    pool: &PgPool,
    carriers: &Carriers,
    line: &Line,
    plan: &Plan,
    now: OffsetDateTime,
) -> sqlx::Result<Checked> {
    if !line.takes_renewals() || change::is_suspending(pool, line.id).await? {
        return Ok(Checked::Refused(Refusal::NotRenewable));
    }
    if carriers.demands_identity(&line.carrier) && !identity::is_kept(pool, line.account_id).await? {
        return Ok(Checked::IdentityNeeded);
    }
    let asked = tokio::time::timeout(PATIENCE, ask(carriers, line, plan, now)).await;
    let asked = asked.unwrap_or_else(|_| Err(CarrierError::Unavailable("no answer in time".to_owned())));
    if let Ok((_, credit @ Some(_))) = asked {
        catalogue::see_credit(pool, &line.carrier, credit, now).await?;
    }
    match asked {
        Ok((Quote { eligible: Err(refusal), .. }, _)) => Ok(Checked::Refused(refusal)),
        Ok((Quote { price: Some(price), .. }, _)) if price != plan.price => Ok(Checked::OtherPrice(price)),
        Ok((Quote { cost: Some(cost), .. }, credit)) => affordable(pool, plan, cost, credit, now).await,
        Ok((_, Some(credit))) if !credit.is_positive() => {
            withheld(pool, Alert::Credit, plan, "nothing is left", now).await
        }
        Ok(_) => Ok(Checked::Renewable),
        Err(CarrierError::NoCredit) => withheld(pool, Alert::Credit, plan, "the carrier says so", now).await,
        Err(error) => {
            tracing::warn!(carrier = %line.carrier, line.id = %line.id, %error, "a carrier could not be asked before payment");
            Ok(Checked::Unreachable)
        }
    }
}

async fn ask(
    carriers: &Carriers,
    line: &Line,
    plan: &Plan,
    now: OffsetDateTime,
) -> Result<(Quote, Option<Money>), CarrierError> {
    let connection = carriers.get(&line.carrier)?;
    let (line, carrier) = (line_ref(line), connection.carrier.as_ref());
    let quote = connection.ask(now, carrier.quote(&line, &plan.carrier_product));
    let credit = connection.ask(now, carrier.credit());
    let (quote, credit) = tokio::join!(quote, credit);
    // What is left may stay unsaid; the carrier will say when it is too little.
    Ok((quote?, credit.unwrap_or_default()))
}

/// Whether the operator can pay for it, and still has something of it.
async fn affordable(
    pool: &PgPool,
    plan: &Plan,
    cost: Money,
    credit: Option<Money>,
    now: OffsetDateTime,
) -> sqlx::Result<Checked> {
    if let Some(credit) = credit.filter(|credit| credit.currency == cost.currency && credit.minor < cost.minor) {
        return withheld(pool, Alert::Credit, plan, &format!("{credit} is left, {cost} is asked"), now).await;
    }
    let rule = plans::pricing_rule(pool, &plan.carrier, cost.currency, plan.price.currency).await?;
    if rule.is_some_and(|rule| !rule.is_worth_it(cost, plan.price)) {
        return withheld(pool, Alert::Margin, plan, &format!("it costs {cost} and sells for {}", plan.price), now)
            .await;
    }
    catalogue::close(pool, &plan.carrier, &plan.carrier_product, now).await?;
    Ok(Checked::Renewable)
}

async fn withheld(pool: &PgPool, alert: Alert, plan: &Plan, why: &str, now: OffsetDateTime) -> sqlx::Result<Checked> {
    catalogue::raise(pool, alert, &plan.carrier, &plan.carrier_product, why, now).await?;
    Ok(Checked::Withheld)
}
