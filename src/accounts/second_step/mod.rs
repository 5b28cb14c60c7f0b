//! What is asked for after the first factor, and by whom it need not be.
pub mod code;
mod pass;
pub mod recovery;
pub mod totp;

pub use pass::{Passed, arrive, begin, mail_code, pass, prove, way_of};

use sqlx::PgConnection;

use super::{
    browser::Browser,
    extract::Proven,
    guard::Accounts,
    mails::{self, Changed},
    queries,
    session::{First, Proof, Stage},
};
use crate::{
    audit::{self, Act},
    config::SecondStep,
    ids::AccountId,
    web::Person,
};

/// What an account can be asked for.
#[derive(Clone, Copy, Debug, sqlx::FromRow)]
pub struct Factors {
    pub password: bool,
    pub totp: bool,
    pub passkeys: i64,
    /// Not used yet.
    pub recovery_codes: i64,
}

/// How a factor is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// A code by mail.
    Mail,
    Password,
    /// A code of an app, or one of the recovery codes.
    App,
    /// A key; what can be typed instead is a recovery code.
    Passkey,
}

impl Way {
    pub fn name(self) -> &'static str {
        match self {
            Self::Mail => "mail",
            Self::Password => "password",
            Self::App => "app",
            Self::Passkey => "recovery",
        }
    }
}

impl Factors {
    /// Has more than a password and a mailbox.
    pub fn has_own(self) -> bool {
        self.totp || self.passkeys > 0
    }

    /// What comes after this first factor: never the same again.
    pub fn after(self, first: First) -> Way {
        match first {
            _ if self.totp => Way::App,
            _ if self.has_own() => Way::Passkey,
            First::Mail if self.password => Way::Password,
            _ => Way::Mail,
        }
    }

    /// Whether that which is asked for [`again`](Self::again) was among what led in. A passkey is more than any of it.
    fn proven_by(self, first: First, second: Option<Way>) -> Proof<'static> {
        let again = self.again();
        let by_first = match first {
            First::Passkey => true,
            First::Password => again == Way::Password,
            First::Mail => again == Way::Mail,
            First::Text => false,
        };
        if by_first || second == Some(again) { Proof::Given } else { Proof::Missing }
    }

    /// What somebody who is signed in gives once more.
    pub fn again(self) -> Way {
        match self {
            Self { totp: true, .. } => Way::App,
            _ if self.has_own() => Way::Passkey,
            Self { password: true, .. } => Way::Password,
            _ => Way::Mail,
        }
    }
}

/// How far the first factor leads, and what it proves. A passkey asks for a finger or a PIN itself: it is two factors.
pub async fn stage_after(
    conn: &mut PgConnection,
    policy: SecondStep,
    account: AccountId,
    first: First,
    browser: &Browser,
) -> sqlx::Result<(Stage, Proof<'static>)> {
    let factors = queries::factors(&mut *conn, account).await?;
    // Nothing but the mailbox there is: asking it twice proves nothing more.
    let nothing_more = first == First::Mail && !factors.password && !factors.has_own();
    // A telephone's number is lost with its line, and may be somebody else's next.
    if first == First::Text {
        return Ok((Stage::SecondStep, Proof::Missing));
    }
    let asked = factors.has_own() || (policy == SecondStep::Required && !nothing_more);
    let whole = (Stage::Whole, factors.proven_by(first, None));
    if first == First::Passkey || !asked {
        return Ok(whole);
    }
    match queries::is_trusted(&mut *conn, account, browser).await? {
        true => Ok(whole),
        false => Ok((Stage::SecondStep, Proof::Missing)),
    }
}

/// Before one's own first factor there is: what was given or spared without it is worth nothing from now on.
pub async fn guard_by_it(conn: &mut PgConnection, who: &Proven) -> sqlx::Result<()> {
    if queries::factors(&mut *conn, who.person.id).await?.has_own() {
        return Ok(());
    }
    queries::prove_again(conn, who.person.id, &who.session.hash()).await?;
    queries::trust_nobody(conn, who.person.id).await
}

/// One's own factor is gone. With the last one go the codes for the day it is lost, and the browsers that were spared it.
pub async fn forget_what_hung_on_it(conn: &mut PgConnection, account: AccountId) -> sqlx::Result<()> {
    if queries::factors(&mut *conn, account).await?.has_own() {
        return Ok(());
    }
    queries::remove_recovery_codes(&mut *conn, account).await?;
    queries::trust_nobody(conn, account).await
}

/// Written down, and told by mail.
pub async fn changed(
    conn: &mut PgConnection,
    accounts: &Accounts,
    person: &Person,
    action: &'static str,
    what: Changed<'_>,
) -> sqlx::Result<()> {
    let now = accounts.clock.now();
    let detail = serde_json::json!({});
    let act = Act { at: now, actor: person.actor(), action, account: Some(person.id), subject: None, detail };
    audit::record(&mut *conn, act).await?;
    mails::tell_of_change(conn, &accounts.base_url, person.id, what, now).await
}
