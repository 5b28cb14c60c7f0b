use std::collections::BTreeMap;

use sqlx::PgConnection;
use time::OffsetDateTime;

use super::{Alert, queries, raise};
use crate::money::Money;
use crate::plans::{self, model::Plan};

/// Holds what is on sale against what it costs by now, after either of them or the rule has changed. Who looks at an
/// alert decides on a price; until then nothing is sold below the margin.
pub(super) async fn watch(conn: &mut PgConnection, carrier: &str, now: OffsetDateTime) -> anyhow::Result<()> {
    let costs: BTreeMap<String, Money> = queries::costs(&mut *conn, carrier).await?.into_iter().collect();
    let mut thin = BTreeMap::new();
    for plan in plans::of_carrier(&mut *conn, carrier).await? {
        let Some(&cost) = costs.get(&plan.carrier_product) else { continue };
        if earns_too_little(conn, carrier, &plan, cost).await? {
            thin.insert(plan.carrier_product, format!("it costs {cost} and sells for {}", plan.price));
        }
    }
    let fine: Vec<&str> = costs.keys().map(String::as_str).filter(|product| !thin.contains_key(*product)).collect();
    queries::close_margins(&mut *conn, carrier, &fine, now).await?;
    for (product, why) in &thin {
        raise(&mut *conn, Alert::Margin, carrier, product, why, now).await?;
    }
    Ok(())
}

async fn earns_too_little(conn: &mut PgConnection, carrier: &str, plan: &Plan, cost: Money) -> sqlx::Result<bool> {
    let rule = plans::pricing_rule(conn, carrier, cost.currency, plan.price.currency).await?;
    Ok(rule.is_some_and(|rule| !rule.is_worth_it(cost, plan.price)))
}
