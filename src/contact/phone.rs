//! A telephone is somebody's once they have typed the code that was sent to it.

use super::queries::{self, Proof};
use crate::accounts::{self, Changed, Proven};
use crate::audit::{self, Act};
use crate::claims::{self, codes};
use crate::clock::Clock;
use crate::config;
use crate::numbers::{self, Msisdn};
use crate::paths::BaseUrl;
use crate::sms::{self, NewText};
use crate::web::Person;
use crate::web::limits::Denied;
use serde_json::json;
use sqlx::{PgConnection, PgPool};
use time::{Duration, OffsetDateTime};

/// A second click within it sends no second text.
const JUST_NOW: Duration = Duration::minutes(1);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proved {
    Yes,
    Wrong {
        left: i32,
    },
    /// Not six digits; no try is counted.
    NoCode,
    /// It is too old, was tried too often, or there is none.
    Over,
}

pub async fn ask(pool: &PgPool, clock: &Clock, person: &Person, number: &Msisdn) -> Result<(), Denied> {
    let now = clock.now();
    if queries::asked_since(pool, person.id, number, now - JUST_NOW).await? {
        return Ok(());
    }
    claims::may_text(pool, person.id, number).await?;
    let (code, salt, until) = (codes::code(), codes::salt(), now + codes::LIFETIME);
    let mut tx = crate::db::begin(pool).await?;
    queries::replace(&mut tx, person.id, number, (&salt, &codes::hash(&salt, &code)), (now, until)).await?;
    let operator = config::brand().name(person.language);
    let text = NewText {
        account: person.id,
        template: "phone-code",
        language: person.language,
        to: number,
        subject: person.language.t("contact-text-subject").to_owned(),
        text: person.language.ta("contact-text", &[("operator", operator.into()), ("code", code.into())]),
        not_after: until,
    };
    sms::enqueue(&mut tx, text, now).await?;
    Ok(tx.commit().await?)
}

/// The number that a code was sent to, while it can still be typed.
pub async fn asked(pool: &PgPool, clock: &Clock, person: &Person) -> sqlx::Result<Option<Proof>> {
    Ok(queries::proof(pool, person.id).await?.filter(|proof| proof.is_open(clock.now())))
}

pub async fn prove(pool: &PgPool, clock: &Clock, base_url: &BaseUrl, who: &Proven, code: &str) -> sqlx::Result<Proved> {
    let (person, now) = (&who.person, clock.now());
    let mut tx = who.begin(pool).await?;
    let Some(proof) = queries::lock(&mut tx, person.id).await?.filter(|proof| proof.is_open(now)) else {
        return Ok(Proved::Over);
    };
    let Some(code) = numbers::digits(code).ok().filter(|code| code.len() == codes::DIGITS) else {
        return Ok(Proved::NoCode);
    };
    queries::count_try(&mut tx, person.id).await?;
    let proved = if codes::is_right(&proof.code_salt, Some(&proof.code_hash), &code) {
        queries::forget(&mut tx, person.id).await?;
        change(&mut tx, base_url, person, Some(&proof.phone), now).await?;
        Proved::Yes
    } else {
        Proved::Wrong { left: codes::MOST_TRIES - proof.tries - 1 }
    };
    tx.commit().await?;
    Ok(proved)
}

pub async fn remove(pool: &PgPool, clock: &Clock, base_url: &BaseUrl, who: &Proven) -> sqlx::Result<()> {
    let mut tx = who.begin(pool).await?;
    change(&mut tx, base_url, &who.person, None, clock.now()).await?;
    tx.commit().await
}

/// The trail keeps the number's end only: it is never blanked.
async fn change(
    conn: &mut PgConnection,
    base_url: &BaseUrl,
    person: &Person,
    phone: Option<&str>,
    now: OffsetDateTime,
) -> sqlx::Result<()> {
    accounts::set_phone(conn, person.id, phone, now).await?;
    let end = phone.map(|phone| &phone[phone.len().saturating_sub(3)..]);
    let act = Act {
        at: now,
        actor: person.actor(),
        action: if phone.is_some() { "account.phone_verified" } else { "account.phone_removed" },
        account: Some(person.id),
        subject: None,
        detail: json!({ "ends": end }),
    };
    audit::record(&mut *conn, act).await?;
    let what = end.map_or(Changed::PhoneRemoved, |ends| Changed::PhoneVerified { ends });
    accounts::tell_of_change(conn, &base_url.0, person.id, what, now).await
}
