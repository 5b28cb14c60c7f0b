use crate::payments::gateway::GatewayError;
use crate::payments::http::Unanswered;

/// What a call came to when it brought no result.
#[derive(Debug)]
pub enum Failure {
    /// A definite answer, signed: the `sub_code` for why not.
    Refused(String),
    Busy,
    Denied(String),
    Unclear(String),
}

impl Failure {
    /// By Alipay's public codes; what a trade says of itself comes as 40004 with a `sub_code`.
    pub fn of(code: &str, sub_code: &str, told: &str) -> Self {
        let whole = || format!("{code} {sub_code} {told}");
        match code {
            _ if sub_code.to_lowercase().contains("call-limited") => Self::Busy,
            "40005" => Self::Busy,
            "20000" => Self::Unclear(whole()),
            "20001" | "40006" => Self::Denied(whole()),
            "40001" | "40002" if is_ours_to_mend(sub_code) => Self::Denied(whole()),
            _ if sub_code.contains("SYSTEM_ERROR") || sub_code.contains("UNKNOW_ERROR") => Self::Unclear(whole()),
            "40001" | "40002" | "40004" if !sub_code.is_empty() => Self::Refused(sub_code.to_owned()),
            _ => Self::Unclear(whole()),
        }
    }

    pub fn is(&self, sub_codes: &[&str]) -> bool {
        matches!(self, Self::Refused(sub_code) if sub_codes.contains(&sub_code.as_str()))
    }
}

/// The account or its keys, and not this one payment.
fn is_ours_to_mend(sub_code: &str) -> bool {
    ["signature", "app-id", "app_id", "sign-type", "encrypt", "timestamp"].iter().any(|word| sub_code.contains(word))
}

impl From<Unanswered> for Failure {
    fn from(error: Unanswered) -> Self {
        Self::Unclear(error.0)
    }
}

impl From<Failure> for GatewayError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Refused(code) => Self::Rejected(code),
            Failure::Busy => Self::RateLimited,
            Failure::Denied(why) => Self::Misconfigured(why),
            Failure::Unclear(why) => Self::Unknown(why),
        }
    }
}
