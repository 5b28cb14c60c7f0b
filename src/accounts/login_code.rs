//! Signing in with a code by mail or text, where the password is not at hand.
use super::{
    at_home,
    browser::Browser,
    error::Refusal,
    guard::Accounts,
    queries, rates,
    second_step::code::{self, To},
    session::SessionId,
    sign_in::{Admitted, admit},
};
use crate::numbers::Msisdn;

/// Where a code may be sent, by what was typed.
pub enum Mailbox<'a> {
    Address(&'a str),
    Phone(Msisdn),
}

pub async fn ask(
    accounts: &Accounts,
    to: &Mailbox<'_>,
    asked_by: &SessionId,
    browser: &Browser,
) -> Result<(), Refusal> {
    let Accounts { pool, clock, .. } = accounts;
    let to = match to {
        Mailbox::Address(address) => {
            at_home::may_cause_mail(pool, address, browser).await?;
            To::Address(address)
        }
        Mailbox::Phone(number) => {
            rates::may_cause_text(pool, number, &browser.client).await?;
            To::Phone(number)
        }
    };
    let mut tx = crate::db::begin(pool).await?;
    code::ask(&mut tx, clock, &asked_by.hash(), to).await?;
    Ok(tx.commit().await?)
}

pub async fn sign_in(
    accounts: &Accounts,
    asked_by: &SessionId,
    code: &str,
    (browser, replaces): (&Browser, Option<&SessionId>),
) -> Result<Admitted, Refusal> {
    rates::may_try_code(&accounts.pool, &asked_by.reveal(), &browser.client).await?;
    let hash = asked_by.hash();
    let refused = || Refusal::wrong_at("mailed code", None, &browser.client);
    let right = code::check(accounts, &hash, code).await?.ok_or_else(refused)?;
    let mut tx = crate::db::begin(&accounts.pool).await?;
    let account = queries::lock_account(&mut tx, right.account).await?.ok_or(Refusal::Wrong)?;
    let sent_by = right.sent_by;
    // A new password, which ends every code, may have been set while this one was looked at.
    if !right.take(&mut tx, &accounts.clock).await? {
        return Err(refused());
    }
    let admitted = admit(&mut tx, accounts, &account, sent_by, (browser, replaces)).await?;
    tx.commit().await?;
    Ok(admitted)
}
