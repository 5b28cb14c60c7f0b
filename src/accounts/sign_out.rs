use sqlx::PgPool;

use super::{queries, session::SessionId};
use crate::{
    audit::{self, Act},
    clock::Clock,
    web::Person,
};

/// `None`: whoever has given the first factor only, and was nobody yet.
pub async fn sign_out(pool: &PgPool, clock: &Clock, session: &SessionId, person: Option<&Person>) -> sqlx::Result<()> {
    let mut tx = crate::db::begin(pool).await?;
    queries::end_session(&mut *tx, &session.hash()).await?;
    let Some(person) = person else { return tx.commit().await };
    let act = Act {
        at: clock.now(),
        actor: person.actor(),
        action: "account.signed_out",
        account: Some(person.id),
        subject: None,
        detail: serde_json::json!({}),
    };
    audit::record(&mut *tx, act).await?;
    tx.commit().await
}
