//! Where money that goes back is, in the customer's words.

use super::track::{method_name, moment};
use crate::orders::queries::returns::Return;
use crate::payments::RefundStatus;
use crate::payments::balance::BALANCE;
use crate::web::{Ctx, Person};
use time::OffsetDateTime;

/// One sentence for each refund.
pub fn sentences(ctx: &Ctx, person: &Person, returns: &[Return], now: OffsetDateTime) -> Vec<String> {
    returns.iter().map(|back| sentence(ctx, person, back, now)).collect()
}

fn sentence(ctx: &Ctx, person: &Person, back: &Return, now: OffsetDateTime) -> String {
    let key = match back.status {
        RefundStatus::Requested | RefundStatus::Submitted | RefundStatus::Unknown => "return-on-its-way",
        RefundStatus::Succeeded if back.method == BALANCE => "return-to-balance",
        RefundStatus::Succeeded if back.by_hand => "return-by-hand",
        RefundStatus::Succeeded => "return-done",
        RefundStatus::Failed | RefundStatus::Manual => "return-with-a-person",
    };
    let when = back.succeeded_at.unwrap_or(back.created_at);
    ctx.ta(
        key,
        &[
            ("amount", back.amount().to_string().into()),
            ("method", method_name(ctx, Some(&back.method)).into()),
            ("time", moment(when, person, now, ctx.language).into()),
            ("days", bank_days(&back.method).into()),
            ("reference", back.number.as_str().into()),
        ],
    )
}

/// How many working days it may take from the gateway to where the customer sees it.
fn bank_days(method: &str) -> i64 {
    match method {
        "card" => 10,
        "wechat" => 5,
        _ => 3,
    }
}
