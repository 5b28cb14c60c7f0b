//! How somebody is reached beside by mail, and what they want to be written. Receipts and what concerns the safety of the
//! account are mailed always.
use sqlx::{PgConnection, PgExecutor, Result};
use time::OffsetDateTime;

use super::queries;
use crate::ids::AccountId;
use crate::lang::Lang;
use crate::numbers::Msisdn;

#[derive(sqlx::FromRow, Clone, Copy, Debug, PartialEq, Eq)]
pub struct Preferences {
    pub reminders_by_mail: bool,
    pub reminders_by_text: bool,
    pub news: bool,
}

#[derive(sqlx::FromRow, Clone, Debug, PartialEq, Eq)]
pub struct Phone {
    pub number: String,
    pub is_verified: bool,
}

/// Who proved a number, and was the last to do so: numbers change hands.
#[derive(sqlx::FromRow, Clone, Debug)]
pub struct PhoneOwner {
    pub id: AccountId,
    language: String,
}

impl PhoneOwner {
    pub fn language(&self) -> Lang {
        Lang::parse(&self.language).unwrap_or_default()
    }
}

pub async fn owner_of_phone(db: impl PgExecutor<'_>, number: &Msisdn) -> Result<Option<PhoneOwner>> {
    queries::owner_of_phone(db, number).await
}

pub async fn preferences(db: impl PgExecutor<'_>, account: AccountId) -> Result<Preferences> {
    queries::preferences(db, account).await
}

pub async fn set_preferences(conn: &mut PgConnection, account: AccountId, new: Preferences) -> Result<()> {
    queries::set_preferences(conn, account, new).await
}

pub async fn phone(db: impl PgExecutor<'_>, account: AccountId) -> Result<Option<Phone>> {
    queries::phone(db, account).await
}

/// One that was proved, or none; without one no texts are wanted.
pub async fn set_phone(
    conn: &mut PgConnection,
    account: AccountId,
    phone: Option<&str>,
    now: OffsetDateTime,
) -> Result<()> {
    queries::set_phone(conn, account, phone, now).await
}
