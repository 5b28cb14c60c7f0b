use sqlx::PgPool;

use super::{queries, session::SessionId};
use crate::{
    audit::{self, Act},
    clock::Clock,
    web::Person,
};

pub async fn sign_out(pool: &PgPool, clock: &Clock, session: &SessionId, person: &Person) -> sqlx::Result<()> {
    let mut tx = crate::db::begin(pool).await?;
    queries::end_session(&mut *tx, &session.hash()).await?;
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
