//! What is asked for after the first factor, and by whom it need not be.
pub mod code;
mod pass;
pub mod recovery;
pub mod totp;

pub use pass::{Passed, arrive, begin, mail_code, pass, prove, way_of};

use sqlx::PgConnection;

use super::{
    browser::Browser,
    queries,
    session::{First, Stage},
};
use crate::{config::SecondStep, ids::AccountId};

/// What an account can be asked for.
#[derive(Clone, Copy, Debug, sqlx::FromRow)]
pub struct Factors {
    pub password: bool,
    pub totp: bool,
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
}

impl Way {
    pub fn name(self) -> &'static str {
        match self {
            Self::Mail => "mail",
            Self::Password => "password",
            Self::App => "app",
        }
    }
}

impl Factors {
    /// Has more than a password and a mailbox.
    pub fn has_own(self) -> bool {
        self.totp
    }

    /// What comes after this first factor: never the same again.
    pub fn after(self, first: First) -> Way {
        match first {
            _ if self.totp => Way::App,
            First::Mail if self.password => Way::Password,
            _ => Way::Mail,
        }
    }

    /// What somebody who is signed in gives once more.
    pub fn again(self) -> Way {
        match self {
            Self { totp: true, .. } => Way::App,
            Self { password: true, .. } => Way::Password,
            _ => Way::Mail,
        }
    }
}

/// How far the first factor leads. A passkey asks for a finger or a PIN itself: it is two factors.
pub async fn stage_after(
    conn: &mut PgConnection,
    policy: SecondStep,
    account: AccountId,
    first: First,
    browser: &Browser,
) -> sqlx::Result<Stage> {
    let factors = queries::factors(&mut *conn, account).await?;
    // Nothing but the mailbox there is: asking it twice proves nothing more.
    let nothing_more = first == First::Mail && !factors.password && !factors.has_own();
    let asked = factors.has_own() || (policy == SecondStep::Required && !nothing_more);
    if first == First::Passkey || !asked {
        return Ok(Stage::Whole);
    }
    match queries::is_trusted(&mut *conn, account, browser).await? {
        true => Ok(Stage::Whole),
        false => Ok(Stage::SecondStep),
    }
}
