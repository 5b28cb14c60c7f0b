//! Signing in with a code by mail or text, where the password is not at hand.
use super::{
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

pub async fn ask(accounts: &Accounts, to: &Mailbox<'_>, asked_by: &SessionId, client: &str) -> Result<(), Refusal> {
    let Accounts { pool, clock, .. } = accounts;
    let to = match to {
        Mailbox::Address(address) => {
            rates::may_cause_mail(pool, address, client).await?;
            To::Address(address)
        }
        Mailbox::Phone(number) => {
            rates::may_cause_text(pool, number, client).await?;
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
    let (id, sent_by) = code::check(accounts, &asked_by.hash(), code)
        .await?
        .ok_or_else(|| Refusal::wrong_at("mailed code", None, &browser.client))?;
    let mut tx = crate::db::begin(&accounts.pool).await?;
    let account = queries::account_by_id(&mut *tx, id).await?.ok_or(Refusal::Wrong)?;
    let admitted = admit(&mut tx, accounts, &account, sent_by, (browser, replaces)).await?;
    tx.commit().await?;
    Ok(admitted)
}
