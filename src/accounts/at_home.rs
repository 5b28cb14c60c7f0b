//! Strangers who try an address everywhere do not keep its owner out at a browser they have used before.
use sqlx::PgPool;

use super::{
    browser::Browser,
    email,
    error::Refusal,
    queries::{self, AccountRow},
    rates,
};
use crate::ids::AccountId;

/// The same work whether or not there is an account.
pub async fn is_at_home(pool: &PgPool, account: Option<&AccountRow>, browser: &Browser) -> sqlx::Result<bool> {
    match account {
        Some(account) => queries::knows(pool, account.id, browser).await,
        None => queries::knows(pool, AccountId::new(), browser).await,
    }
}

/// A mail to whoever has the address, as far as it may be asked for there.
pub async fn may_cause_mail(pool: &PgPool, address: &str, browser: &Browser) -> Result<(), Refusal> {
    let account = queries::account_by_email(pool, &email::key(address)).await?;
    match is_at_home(pool, account.as_ref(), browser).await? {
        true => Ok(rates::may_cause_mail_at_home(pool, address, &browser.client).await?),
        false => Ok(rates::may_cause_mail(pool, address, &browser.client).await?),
    }
}
