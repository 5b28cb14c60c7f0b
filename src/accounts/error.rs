use super::password::{HashError, Unfit};
use crate::ids::AccountId;
use crate::web::{
    PageError,
    limits::{Denied, RetryAfter},
};

/// Why a sign-in, a registration or a recovery did not happen.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// The address or the password: the answer does not say which.
    #[error("wrong address or password")]
    Wrong,
    #[error("the password is not fit")]
    Unfit(Unfit),
    #[error("the link was used or is too old")]
    LinkExpired,
    #[error("tried too often")]
    TooOften(RetryAfter),
    #[error("too busy")]
    Busy,
    #[error(transparent)]
    Failed(anyhow::Error),
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

impl Refusal {
    /// What was given at a door is wrong; written to the log for whoever watches it.
    pub fn wrong_at(door: &'static str, account: Option<AccountId>, client: &str) -> Self {
        let account = account.map(|id| id.to_string());
        tracing::warn!(door, account, client, "sign-in refused");
        Self::Wrong
    }
}

impl From<Denied> for Refusal {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::TooOften(retry) => Self::TooOften(retry),
            Denied::Database(error) => Self::Database(error),
        }
    }
}

impl From<HashError> for Refusal {
    fn from(error: HashError) -> Self {
        match error {
            HashError::Busy => Self::Busy,
            HashError::Failed(_) => Self::Failed(error.into()),
        }
    }
}

/// For what the page itself has no words for.
impl From<Refusal> for PageError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::TooOften(retry) => Self::TooMany { retry_after_seconds: retry.seconds.into() },
            Refusal::Busy => Self::Busy { retry_after_seconds: 3 },
            Refusal::Failed(error) => error.into(),
            Refusal::Database(error) => error.into(),
            Refusal::Wrong | Refusal::Unfit(_) => Self::BadRequest,
            Refusal::LinkExpired => Self::NotFound,
        }
    }
}
