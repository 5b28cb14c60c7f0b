use crate::payments::gateway::GatewayError;

/// By Alipay's public codes; what a trade says of itself comes as 40004 with a `sub_code`.
pub fn of(code: &str, sub_code: &str, told: &str) -> GatewayError {
    let whole = || format!("{code} {sub_code} {told}");
    match code {
        _ if sub_code.to_lowercase().contains("call-limited") => GatewayError::RateLimited,
        "40005" => GatewayError::RateLimited,
        "20000" => GatewayError::Unknown(whole()),
        "20001" | "40006" => GatewayError::Misconfigured(whole()),
        "40001" | "40002" if is_ours_to_mend(sub_code) => GatewayError::Misconfigured(whole()),
        _ if sub_code.contains("SYSTEM_ERROR") || sub_code.contains("UNKNOW_ERROR") => GatewayError::Unknown(whole()),
        "40001" | "40002" | "40004" if !sub_code.is_empty() => GatewayError::Rejected(sub_code.to_owned()),
        _ => GatewayError::Unknown(whole()),
    }
}

/// The account or its keys, and not this one payment.
fn is_ours_to_mend(sub_code: &str) -> bool {
    ["signature", "app-id", "app_id", "sign-type", "encrypt", "timestamp"].iter().any(|word| sub_code.contains(word))
}
