use super::{
    email::EmailAddress,
    error::Refusal,
    guard::Accounts,
    mails::{self, Recipient},
    password,
    queries::{self, NewAccount},
    rates,
};
use crate::{ids::AccountId, lang::Lang};

pub struct Registration<'a> {
    pub email: &'a EmailAddress,
    pub name: &'a str,
    pub password: &'a str,
    pub language: Lang,
    pub time_zone: &'a str,
    pub client: &'a str,
}

/// Whoever registers gets a mail; only the mail says whether the address had an account already. An address that somebody
/// may still take back is nobody else's.
pub async fn register(accounts: &Accounts, new: Registration<'_>) -> Result<(), Refusal> {
    let (pool, base_url) = (&accounts.pool, accounts.base_url.as_ref());
    accounts.accept_password(new.password, &[&new.email.shown, new.name]).await?;
    rates::may_cause_mail(pool, &new.email.key, new.client).await?;
    let password_hash = password::hash(new.password).await?;
    let account = NewAccount {
        id: AccountId::new(),
        email: &new.email.shown,
        email_key: &new.email.key,
        name: new.name,
        password_hash: &password_hash,
        language: new.language,
        time_zone: new.time_zone,
    };
    let now = accounts.clock.now();
    let recipient = Recipient::of(&account);
    let mut tx = crate::db::begin(pool).await?;
    if queries::is_kept_back(&mut *tx, &new.email.key, None, now).await? {
        return Ok(());
    }
    if queries::insert_account(&mut tx, account, now).await? {
        mails::confirm_address(&mut tx, base_url, &recipient, now).await?;
    } else if let Some(taken) = queries::account_by_email(&mut *tx, &new.email.key).await? {
        match taken.email_verified {
            true => mails::already_registered(&mut tx, base_url, &(&taken).into(), now).await?,
            false => mails::confirm_address(&mut tx, base_url, &(&taken).into(), now).await?,
        }
    }
    Ok(tx.commit().await?)
}
