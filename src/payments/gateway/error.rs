use crate::http_client::Unanswered;

/// `Rejected` and `Unknown` are the difference that matters: after the one nothing happened, after the other it may have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GatewayError {
    #[error("rejected: {0}")]
    Rejected(String),
    /// A time-out, a server error, an answer that can't be read: ask, never repeat blindly.
    #[error("unknown: {0}")]
    Unknown(String),
    /// Nothing happened; later it may.
    #[error("asked too often")]
    RateLimited,
    /// Nothing happened and nothing will until the operator acts: wrong key, contract not active.
    #[error("misconfigured: {0}")]
    Misconfigured(String),
}

impl GatewayError {
    /// Rejected with one of these codes.
    pub fn is_rejected(&self, codes: &[&str]) -> bool {
        matches!(self, Self::Rejected(code) if codes.contains(&code.as_str()))
    }
}

impl From<Unanswered> for GatewayError {
    fn from(error: Unanswered) -> Self {
        Self::Unknown(error.what)
    }
}
