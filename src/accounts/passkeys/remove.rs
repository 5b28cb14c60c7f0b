use crate::{
    accounts::{
        error::Refusal,
        guard::Accounts,
        mails::Changed,
        queries,
        second_step::{self, changed},
    },
    ids::PasskeyId,
    web::Person,
};

/// False where this person has no such key.
pub async fn remove(accounts: &Accounts, person: &Person, passkey: PasskeyId) -> Result<bool, Refusal> {
    let mut tx = crate::db::begin(&accounts.pool).await?;
    let Some(name) = queries::remove_passkey(&mut tx, person.id, passkey).await? else { return Ok(false) };
    second_step::forget_what_hung_on_it(&mut tx, person.id).await?;
    changed(&mut tx, accounts, person, "account.passkey_removed", Changed::PasskeyRemoved { name: &name }).await?;
    tx.commit().await?;
    Ok(true)
}
