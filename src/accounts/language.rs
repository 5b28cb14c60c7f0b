use sqlx::PgPool;

use super::queries;
use crate::{lang::Lang, web::Person};

/// A person's choice is kept with the account, so that mails speak it too.
pub async fn choose(pool: &PgPool, person: Option<&Person>, language: Lang) -> sqlx::Result<()> {
    match person {
        Some(person) => queries::set_language(pool, person.id, language).await,
        None => Ok(()),
    }
}
