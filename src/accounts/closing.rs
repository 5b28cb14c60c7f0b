//! An account that is about to be closed, and what is left of one that is.
use sqlx::{PgConnection, Result};
use time::OffsetDateTime;

use super::{queries, recover, register};
use crate::{ids::AccountId, jobs, web::Role};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closing {
    No,
    /// Its owner asked for it to be closed then.
    Due(OffsetDateTime),
    Closed,
}

/// As it stands; it stays locked, and nothing is ordered for it meanwhile.
pub async fn lock_closing(conn: &mut PgConnection, account: AccountId) -> Result<Closing> {
    Ok(match queries::lock_closing(conn, account).await? {
        (_, Some(_)) => Closing::Closed,
        (Some(at), None) => Closing::Due(at),
        (None, None) => Closing::No,
    })
}

pub async fn set_closing(conn: &mut PgConnection, account: AccountId, at: Option<OffsetDateTime>) -> Result<()> {
    queries::set_closing(conn, account, at).await
}

pub async fn role_of(conn: &mut PgConnection, account: AccountId) -> Result<Role> {
    let row = queries::account_by_id(conn, account).await?.ok_or(sqlx::Error::RowNotFound)?;
    Ok(queries::role(&row.role))
}

/// Nothing of who it was stays here, nobody signs in any more, and the address is anybody's.
pub async fn blank(conn: &mut PgConnection, account: AccountId, now: OffsetDateTime) -> Result<()> {
    let email_key = queries::blank(conn, account, now).await?;
    queries::forget_registrations(conn, &email_key).await?;
    for kind in [register::MAIL_LINK, recover::MAIL_LINK] {
        jobs::forget(conn, kind, "email_key", &email_key).await?;
    }
    Ok(())
}
