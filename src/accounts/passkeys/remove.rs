use crate::{
    accounts::{
        error::Refusal,
        extract::Proven,
        guard::Accounts,
        mails::Changed,
        queries,
        second_step::{self, changed},
    },
    ids::PasskeyId,
};

/// False where this person has no such key.
pub async fn remove(accounts: &Accounts, who: &Proven, passkey: PasskeyId) -> Result<bool, Refusal> {
    let person = &who.person;
    let mut tx = who.begin(&accounts.pool).await?;
    let Some(name) = queries::remove_passkey(&mut tx, person.id, passkey).await? else { return Ok(false) };
    second_step::forget_what_hung_on_it(&mut tx, person.id).await?;
    changed(&mut tx, accounts, person, "account.passkey_removed", Changed::PasskeyRemoved { name: &name }).await?;
    tx.commit().await?;
    Ok(true)
}
