use super::queries;
use crate::audit::{self, Act};
use crate::clock::Clock;
use crate::ids::AccountId;
use crate::web::Person;
use serde_json::json;
use sqlx::{PgExecutor, PgPool};

/// Where a customer wants money back that can go to either.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type, serde::Deserialize)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum RefundsTo {
    /// Each part to where it came from.
    Origin,
    Balance,
}

pub async fn refunds_to(db: impl PgExecutor<'_>, account: AccountId) -> sqlx::Result<RefundsTo> {
    queries::refunds_to(db, account).await
}

/// What a customer prefers from now on; money already on its way goes where it was sent.
pub async fn prefer_refunds(pool: &PgPool, clock: &Clock, person: &Person, to: RefundsTo) -> sqlx::Result<()> {
    let mut tx = crate::db::begin(pool).await?;
    queries::set_refunds_to(&mut *tx, person.id, to).await?;
    let detail = json!({ "to": match to { RefundsTo::Origin => "origin", RefundsTo::Balance => "balance" } });
    let subject = Some(("account", person.id.to_string()));
    let act = Act {
        at: clock.now(),
        actor: person.actor(),
        action: "account.refunds_preferred",
        account: Some(person.id),
        subject,
        detail,
    };
    audit::record(&mut *tx, act).await?;
    tx.commit().await
}
