use webauthn_rs::prelude::{DiscoverableAuthentication, Passkey, PublicKeyCredential, RequestChallengeResponse};

use super::{Answer, Asked, Passkeys, failed, refused};
use crate::{
    accounts::{
        browser::Browser,
        error::Refusal,
        guard::Accounts,
        queries::{self, AccountRow},
        rates,
        session::{First, SessionId},
        sign_in::{Admitted, admit},
    },
    ids::AccountId,
    web::Person,
};

/// Of whoever has one: the key says whose it is.
pub async fn begin(
    accounts: &Accounts,
    passkeys: &Passkeys,
    client: &str,
) -> Result<Asked<RequestChallengeResponse>, Refusal> {
    rates::may_use_passkey(&accounts.pool, client).await?;
    let (mut options, state) = passkeys.0.start_discoverable_authentication().map_err(failed)?;
    // Whether it is offered while somebody types or asked for by a button is the page's to say.
    options.mediation = None;
    let state = serde_json::to_value(state).map_err(failed)?;
    let ceremony = queries::insert_ceremony(&accounts.pool, None, &state).await?;
    Ok(Asked { ceremony, options })
}

/// In, without anything typed: a key that has asked for a finger or a PIN is both factors.
pub async fn sign_in(
    accounts: &Accounts,
    passkeys: &Passkeys,
    answer: Answer<'_>,
    (browser, replaces): (&Browser, Option<&SessionId>),
) -> Result<Admitted, Refusal> {
    let account = whose(accounts, passkeys, answer, &browser.client).await?;
    let mut tx = crate::db::begin(&accounts.pool).await?;
    let admitted = admit(&mut tx, accounts, &account, First::Passkey, (browser, replaces)).await?;
    tx.commit().await?;
    Ok(admitted)
}

/// Once more, by somebody who is signed in.
pub async fn prove(
    accounts: &Accounts,
    passkeys: &Passkeys,
    (person, session): (&Person, &SessionId),
    (answer, client): (Answer<'_>, &str),
) -> Result<(), Refusal> {
    match whose(accounts, passkeys, answer, client).await? {
        account if account.id == person.id => Ok(queries::session_proven(&accounts.pool, &session.hash()).await?),
        _ => Err(Refusal::Wrong),
    }
}

/// The account whose key answered. A counter that went back is a copied key, and refused.
async fn whose(
    accounts: &Accounts,
    passkeys: &Passkeys,
    answer: Answer<'_>,
    client: &str,
) -> Result<AccountRow, Refusal> {
    rates::may_use_passkey(&accounts.pool, client).await?;
    let given: PublicKeyCredential = serde_json::from_str(answer.credential).map_err(refused)?;
    let state = queries::take_ceremony(&accounts.pool, answer.ceremony, None).await?.ok_or(Refusal::Wrong)?;
    let state: DiscoverableAuthentication = serde_json::from_value(state).map_err(failed)?;
    let (owner, credential) = passkeys.0.identify_discoverable_authentication(&given).map_err(refused)?;
    let mut tx = crate::db::begin(&accounts.pool).await?;
    let (id, kept) = queries::lock_passkey(&mut tx, AccountId(owner), credential).await?.ok_or(Refusal::Wrong)?;
    let mut passkey: Passkey = serde_json::from_value(kept).map_err(failed)?;
    let result = passkeys.0.finish_discoverable_authentication_v2(&given, state, &passkey).map_err(refused)?;
    passkey.update_credential(&result);
    let kept = serde_json::to_value(&passkey).map_err(failed)?;
    queries::passkey_used(&mut tx, id, &kept, accounts.clock.now()).await?;
    let account = queries::account_by_id(&mut *tx, AccountId(owner)).await?.ok_or(Refusal::Wrong)?;
    tx.commit().await?;
    Ok(account)
}
