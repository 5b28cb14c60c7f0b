use sqlx::PgConnection;
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
    let answered = answered(accounts, answer, &browser.client).await?;
    let mut tx = crate::db::begin(&accounts.pool).await?;
    let account = whose(&mut tx, accounts, passkeys, answered).await?;
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
    let answered = answered(accounts, answer, client).await?;
    let mut tx = crate::db::begin(&accounts.pool).await?;
    if whose(&mut tx, accounts, passkeys, answered).await?.id != person.id {
        return Err(Refusal::Wrong);
    }
    queries::session_proven(&mut *tx, &session.hash()).await?;
    Ok(tx.commit().await?)
}

/// What a key said, and what it was asked: that is asked once.
type Answered = (PublicKeyCredential, DiscoverableAuthentication);

async fn answered(accounts: &Accounts, answer: Answer<'_>, client: &str) -> Result<Answered, Refusal> {
    rates::may_use_passkey(&accounts.pool, client).await?;
    let given = serde_json::from_str(answer.credential).map_err(refused)?;
    let state = queries::take_ceremony(&accounts.pool, answer.ceremony, None).await?.ok_or(Refusal::Wrong)?;
    Ok((given, serde_json::from_value(state).map_err(failed)?))
}

/// The account whose key answered; nobody takes the key off meanwhile. A counter that went back is a copied key, and refused.
async fn whose(
    conn: &mut PgConnection,
    accounts: &Accounts,
    passkeys: &Passkeys,
    (given, state): Answered,
) -> Result<AccountRow, Refusal> {
    let (owner, credential) = passkeys.0.identify_discoverable_authentication(&given).map_err(refused)?;
    let account = queries::lock_account(conn, AccountId(owner)).await?.ok_or(Refusal::Wrong)?;
    let (id, kept) = queries::lock_passkey(conn, account.id, credential).await?.ok_or(Refusal::Wrong)?;
    let mut passkey: Passkey = serde_json::from_value(kept).map_err(failed)?;
    let result = passkeys.0.finish_discoverable_authentication_v2(&given, state, &passkey).map_err(refused)?;
    passkey.update_credential(&result);
    let kept = serde_json::to_value(&passkey).map_err(failed)?;
    queries::passkey_used(conn, id, &kept, accounts.clock.now()).await?;
    Ok(account)
}
