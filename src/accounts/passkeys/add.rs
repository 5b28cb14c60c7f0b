use webauthn_rs::prelude::{CreationChallengeResponse, PasskeyRegistration, RegisterPublicKeyCredential};

use super::{Answer, Asked, MOST, Passkeys, failed, refused};
use crate::{
    accounts::{
        error::Refusal,
        extract::Proven,
        guard::Accounts,
        mails::Changed,
        queries,
        second_step::{changed, guard_by_it, recovery},
    },
    ids::PasskeyId,
    web::Person,
};

pub async fn begin(
    accounts: &Accounts,
    passkeys: &Passkeys,
    person: &Person,
) -> Result<Asked<CreationChallengeResponse>, Refusal> {
    let there = queries::passkeys(&accounts.pool, person.id).await?;
    if there.len() >= MOST {
        return Err(Refusal::Wrong);
    }
    let theirs = there.into_iter().map(|passkey| passkey.credential_id).collect();
    let started = passkeys.0.start_passkey_registration(person.id.0, &person.email, &person.name, Some(theirs));
    let (mut options, state) = started.map_err(failed)?;
    // Kept with the account's name in it, so that it signs in where nothing was typed.
    if let Some(wanted) = &mut options.public_key.authenticator_selection {
        (wanted.resident_key, wanted.require_resident_key) = (None, true);
    }
    let state = serde_json::to_value(state).map_err(failed)?;
    let ceremony = queries::insert_ceremony(&accounts.pool, Some(person.id), &state).await?;
    Ok(Asked { ceremony, options })
}

/// The first of an account's own factors brings recovery codes, which nobody sees again.
pub async fn add(
    accounts: &Accounts,
    passkeys: &Passkeys,
    who: &Proven,
    (answer, name): (Answer<'_>, &str),
) -> Result<Option<Vec<String>>, Refusal> {
    let person = &who.person;
    let credential: RegisterPublicKeyCredential = serde_json::from_str(answer.credential).map_err(refused)?;
    let state =
        queries::take_ceremony(&accounts.pool, answer.ceremony, Some(person.id)).await?.ok_or(Refusal::Wrong)?;
    let state: PasskeyRegistration = serde_json::from_value(state).map_err(failed)?;
    let passkey = passkeys.0.finish_passkey_registration(&credential, &state).map_err(refused)?;
    let kept = serde_json::to_value(&passkey).map_err(failed)?;
    let needs_codes = queries::factors(&accounts.pool, person.id).await?.recovery_codes == 0;
    let codes = if needs_codes { Some(recovery::made().await?) } else { None };
    let now = accounts.clock.now();
    let mut tx = who.begin(&accounts.pool).await?;
    guard_by_it(&mut tx, who).await?;
    let new = (PasskeyId::new(), passkey.cred_id().as_ref(), name);
    if !queries::insert_passkey(&mut tx, person.id, new, &kept, now).await? {
        return Err(Refusal::Wrong);
    }
    if let Some((_, stored)) = &codes {
        queries::replace_recovery_codes(&mut tx, person.id, stored, now).await?;
    }
    changed(&mut tx, accounts, person, "account.passkey_added", Changed::PasskeyAdded { name }).await?;
    tx.commit().await?;
    Ok(codes.map(|(shown, _)| shown))
}
