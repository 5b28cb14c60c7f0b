//! How often the doors may be tried. Counted for the address as typed, whether or not anybody has it, and for the place
//! the tries come from. A successful sign-in is not counted, so nobody is kept out by signing in often; a new password
//! set through the mailed link lifts what strangers' tries have used up.
use sqlx::PgPool;

use super::email;
use super::queries::AccountRow;
use super::session::SessionId;
use crate::ids::AccountId;
use crate::numbers::Msisdn;
use crate::web::limits::{Denied, Rate, allow, forget, give_back};

const PAIR: (&str, Rate) = ("sign-in pair", Rate { at_once: 5, one_per: 60 });
const ADDRESS: (&str, Rate) = ("sign-in address", Rate { at_once: 20, one_per: 180 });
const CLIENT: (&str, Rate) = ("sign-in client", Rate { at_once: 60, one_per: 5 });
const SECOND_PAIR: (&str, Rate) = ("second step pair", Rate { at_once: 5, one_per: 180 });
const SECOND_ACCOUNT: (&str, Rate) = ("second step account", Rate { at_once: 30, one_per: 3_600 });
const PROOF_SESSION: (&str, Rate) = ("proof session", Rate { at_once: 5, one_per: 180 });
const PROOF_ACCOUNT: (&str, Rate) = ("proof account", Rate { at_once: 30, one_per: 3_600 });
const CODE: (&str, Rate) = ("mailed code", Rate { at_once: 5, one_per: 180 });
const WARNING: (&str, Rate) = ("second step warning", Rate { at_once: 1, one_per: 86_400 });
const RESET: (&str, Rate) = ("second step reset", Rate { at_once: 2, one_per: 86_400 });
const PASSKEY: (&str, Rate) = ("passkey client", Rate { at_once: 60, one_per: 5 });
const STRENGTH: (&str, Rate) = ("password strength", Rate { at_once: 120, one_per: 1 });
const TEXT_CLIENT: (&str, Rate) = ("sign-in text client", Rate { at_once: 5, one_per: 600 });
const TEXT_NUMBER: (&str, Rate) = ("sign-in text number", Rate { at_once: 3, one_per: 3_600 });
const TEXT_BLOCK: (&str, Rate) = ("sign-in text block", Rate { at_once: 20, one_per: 120 });
const TEXT_ALL: (&str, Rate) = ("sign-in text all", Rate { at_once: 200, one_per: 108 });
const MAIL_ADDRESS: (&str, Rate) = ("mail address", Rate { at_once: 3, one_per: 600 });
const MAIL_ACCOUNT: (&str, Rate) = ("mail account", Rate { at_once: 3, one_per: 600 });
const MAIL_CLIENT: (&str, Rate) = ("mail client", Rate { at_once: 20, one_per: 30 });

/// Where tries come from.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    pub client: &'a str,
    /// A browser that the account was signed in from before. What strangers try does not count there, nor what is tried
    /// from the same network.
    pub at_home: bool,
}

impl<'a> Place<'a> {
    pub fn anywhere(client: &'a str) -> Self {
        Self { client, at_home: false }
    }

    /// Counted apart at home.
    fn who(self, who: &str) -> String {
        let home = if self.at_home { "\0home" } else { "" };
        format!("{who}{home}")
    }

    fn pair(self, who: &str) -> String {
        format!("{}\0{}", self.who(who), self.client)
    }
}

pub async fn may_sign_in(pool: &PgPool, address: &str, place: Place<'_>) -> Result<(), Denied> {
    let who = email::key(address);
    if !place.at_home {
        allow(pool, CLIENT.0, place.client, CLIENT.1).await?;
    }
    allow(pool, PAIR.0, &place.pair(&who), PAIR.1).await?;
    allow(pool, ADDRESS.0, &place.who(&who), ADDRESS.1).await
}

pub async fn signed_in(pool: &PgPool, address: &str, place: Place<'_>) -> sqlx::Result<()> {
    let who = email::key(address);
    if !place.at_home {
        give_back(pool, CLIENT.0, place.client, CLIENT.1).await?;
    }
    give_back(pool, ADDRESS.0, &place.who(&who), ADDRESS.1).await?;
    forget(pool, PAIR.0, &place.pair(&who)).await
}

/// Whoever used tries up had a password or a session that is worth nothing any more.
pub async fn password_was_reset(pool: &PgPool, account: &AccountRow, client: &str) -> sqlx::Result<()> {
    let who = email::key(&account.email);
    for at_home in [true, false] {
        let place = Place { client, at_home };
        forget(pool, ADDRESS.0, &place.who(&who)).await?;
        forget(pool, PAIR.0, &place.pair(&who)).await?;
    }
    forget(pool, PROOF_ACCOUNT.0, &account.id.to_string()).await
}

/// Counted apart from the first factor: whoever knows that may not win tries back with it.
pub async fn may_try_second_step(pool: &PgPool, account: AccountId, place: Place<'_>) -> Result<(), Denied> {
    let who = account.to_string();
    allow(pool, SECOND_PAIR.0, &place.pair(&who), SECOND_PAIR.1).await?;
    allow(pool, SECOND_ACCOUNT.0, &place.who(&who), SECOND_ACCOUNT.1).await
}

pub async fn passed_second_step(pool: &PgPool, account: AccountId, place: Place<'_>) -> sqlx::Result<()> {
    let who = account.to_string();
    give_back(pool, SECOND_ACCOUNT.0, &place.who(&who), SECOND_ACCOUNT.1).await?;
    forget(pool, SECOND_PAIR.0, &place.pair(&who)).await
}

/// A factor once more. Counted apart from the doors: a session that was left open keeps nobody from signing in.
pub async fn may_prove(pool: &PgPool, account: AccountId, session: &SessionId) -> Result<(), Denied> {
    allow(pool, PROOF_SESSION.0, &hex::encode(session.hash()), PROOF_SESSION.1).await?;
    allow(pool, PROOF_ACCOUNT.0, &account.to_string(), PROOF_ACCOUNT.1).await
}

/// This try is not counted; those before it are.
pub async fn proved(pool: &PgPool, account: AccountId, session: &SessionId) -> sqlx::Result<()> {
    give_back(pool, PROOF_SESSION.0, &hex::encode(session.hash()), PROOF_SESSION.1).await?;
    give_back(pool, PROOF_ACCOUNT.0, &account.to_string(), PROOF_ACCOUNT.1).await
}

/// Before anybody knows whose code it would be.
pub async fn may_try_code(pool: &PgPool, asked_by: &str, client: &str) -> Result<(), Denied> {
    allow(pool, CLIENT.0, client, CLIENT.1).await?;
    allow(pool, CODE.0, asked_by, CODE.1).await
}

/// Nothing can be guessed there; each costs a row, or the check of a signature.
pub async fn may_use_passkey(pool: &PgPool, client: &str) -> Result<(), Denied> {
    allow(pool, PASSKEY.0, client, PASSKEY.1).await
}

/// One mail a day.
pub async fn may_warn(pool: &PgPool, account: AccountId) -> Result<(), Denied> {
    allow(pool, WARNING.0, &account.to_string(), WARNING.1).await
}

/// Each makes mails for days; one that was stopped is not asked for again and again.
pub async fn may_ask_for_reset(pool: &PgPool, account: AccountId) -> Result<(), Denied> {
    allow(pool, RESET.0, &account.to_string(), RESET.1).await
}

/// Asked while somebody types; each costs a little work.
pub async fn may_ask_strength(pool: &PgPool, client: &str) -> Result<(), Denied> {
    allow(pool, STRENGTH.0, client, STRENGTH.1).await
}

/// Registering, recovering and codes: each costs somebody a mail.
pub async fn may_cause_mail(pool: &PgPool, address: &str, place: Place<'_>) -> Result<(), Denied> {
    allow(pool, MAIL_CLIENT.0, place.client, MAIL_CLIENT.1).await?;
    allow(pool, MAIL_ADDRESS.0, &place.who(&email::key(address)), MAIL_ADDRESS.1).await
}

/// A mail to an account by whoever is in it, or has given its first factor.
pub async fn may_mail_account(pool: &PgPool, account: AccountId, client: &str) -> Result<(), Denied> {
    allow(pool, MAIL_CLIENT.0, client, MAIL_CLIENT.1).await?;
    allow(pool, MAIL_ACCOUNT.0, &account.to_string(), MAIL_ACCOUNT.1).await
}

/// A code by text, to whomever the number belongs.
pub async fn may_cause_text(pool: &PgPool, number: &Msisdn, client: &str) -> Result<(), Denied> {
    let digits = number.as_str();
    allow(pool, TEXT_CLIENT.0, client, TEXT_CLIENT.1).await?;
    allow(pool, TEXT_NUMBER.0, digits, TEXT_NUMBER.1).await?;
    allow(pool, TEXT_BLOCK.0, &digits[..digits.len().saturating_sub(4)], TEXT_BLOCK.1).await?;
    allow(pool, TEXT_ALL.0, "", TEXT_ALL.1).await
}
