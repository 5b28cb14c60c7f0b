//! Strangers who try an address everywhere do not keep its owner out at a browser they have used before.
use sqlx::PgPool;

use super::{
    browser::Browser,
    email,
    error::Refusal,
    queries,
    rates::{self, Place},
};
use crate::ids::AccountId;

/// The same work whether or not there is an account.
pub async fn place<'a>(pool: &PgPool, account: Option<AccountId>, browser: &'a Browser) -> sqlx::Result<Place<'a>> {
    let at_home = queries::knows(pool, account.unwrap_or_else(AccountId::new), browser).await?;
    Ok(Place { client: &browser.client, at_home })
}

/// A mail to whoever has the address, as far as it may be asked for there.
pub async fn may_cause_mail(pool: &PgPool, address: &str, browser: &Browser) -> Result<(), Refusal> {
    let account = queries::account_by_email(pool, &email::key(address)).await?;
    let place = place(pool, account.map(|account| account.id), browser).await?;
    Ok(rates::may_cause_mail(pool, address, place).await?)
}
