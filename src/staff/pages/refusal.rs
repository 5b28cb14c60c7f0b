//! Why a gateway did not give money back: its own code, and what a person can do about it.

use crate::web::Ctx;

pub struct Refusal {
    pub sentence: &'static str,
    pub code: String,
}

/// What gateways call it, by what there is to do about it. The first that fits counts.
const KNOWN: [(&str, &[&str]); 6] = [
    (
        "staff-refusal-short",
        &["insufficient_balance", "insufficient_funds", "NOT_ENOUGH", "BALANCE_INSUFFICIENT", "balance_insufficient"],
    ),
    ("staff-refusal-unknown", &["not_found", "not found", "NOT_EXIST", "resource_missing", "no such"]),
    (
        "staff-refusal-payer",
        &[
            "account_closed",
            "expired_or_canceled_card",
            "lost_or_stolen_card",
            "declined",
            "ABNORMAL",
            "BUYER",
            "USER_ACCOUNT",
        ],
    ),
    (
        "staff-refusal-gone",
        &["already_refunded", "REFUND_AMT", "exceed", "greater than", "too_much", "beyond_received"],
    ),
    ("staff-refusal-late", &["HAS_FINISHED", "OVERDUE", "TRADE_STATUS", "REFUND_TIME", "CLOSED"]),
    ("staff-refusal-disputed", &["disputed"]),
];

pub fn refusal(ctx: &Ctx, code: &str) -> Refusal {
    let known = KNOWN.iter().find(|(_, words)| words.iter().any(|word| code.contains(word)));
    let sentence = ctx.t(known.map_or("staff-refusal-other", |(key, _)| key));
    Refusal { sentence, code: code.to_owned() }
}
