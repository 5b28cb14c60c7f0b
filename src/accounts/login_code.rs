//! Signing in with a code by mail, where the password is not at hand.
use super::{
    browser::Browser,
    email,
    error::Refusal,
    guard::Accounts,
    queries, rates,
    second_step::code::{self, To},
    session::{First, SessionId},
    sign_in::{Admitted, admit},
};

pub async fn ask(accounts: &Accounts, address: &str, asked_by: &SessionId, client: &str) -> Result<(), Refusal> {
    rates::may_cause_mail(&accounts.pool, address, client).await?;
    let mut tx = crate::db::begin(&accounts.pool).await?;
    code::ask(&mut tx, &accounts.clock, &asked_by.hash(), To::Address(&email::key(address))).await?;
    Ok(tx.commit().await?)
}

pub async fn sign_in(
    accounts: &Accounts,
    asked_by: &SessionId,
    code: &str,
    (browser, replaces): (&Browser, Option<&SessionId>),
) -> Result<Admitted, Refusal> {
    rates::may_try_code(&accounts.pool, &asked_by.reveal(), &browser.client).await?;
    let id = code::check(accounts, &asked_by.hash(), code)
        .await?
        .ok_or_else(|| Refusal::wrong_at("mailed code", None, &browser.client))?;
    let mut tx = crate::db::begin(&accounts.pool).await?;
    let account = queries::account_by_id(&mut *tx, id).await?.ok_or(Refusal::Wrong)?;
    let admitted = admit(&mut tx, accounts, &account, First::Mail, (browser, replaces)).await?;
    tx.commit().await?;
    Ok(admitted)
}
