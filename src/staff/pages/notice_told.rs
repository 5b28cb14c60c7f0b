//! What a notification says, in the words and the writing of people.

use super::shown::day_and_time;
use crate::calendar::Zone;
use crate::payments::gateway::{News, Notice, RefundState};
use crate::web::Ctx;
use serde_json::Value;

pub struct Said {
    pub name: &'static str,
    pub text: String,
}

/// Nothing where it can't be read any more: what is stored stands beside it.
pub fn said(ctx: &Ctx, zone: &Zone, notice: &Value) -> Vec<Said> {
    let Ok(Notice { news, .. }) = serde_json::from_value(notice.clone()) else { return vec![] };
    let line = |key: &str, text: String| Said { name: ctx.t(key), text };
    let what = |key: &str| line("staff-notice-what", ctx.t(key).to_owned());
    match news {
        News::Paid(money) => vec![
            what("staff-notice-paid"),
            line("refund-amount-label", money.received.to_string()),
            line("staff-notice-transaction", money.transaction),
            line("staff-notice-at", day_and_time(money.at, zone)),
        ],
        News::Declined(why) => vec![what("staff-notice-declined"), line("refund-reason", why)],
        News::Closed => vec![what("staff-notice-closed")],
        News::Refund { merchant_refund_no, answer } => {
            let mut all = vec![what("staff-notice-refund"), line("done-number", merchant_refund_no)];
            all.extend(answer.provider_refund_id.map(|id| line("staff-notice-transaction", id)));
            all.push(state(ctx, answer.state));
            all
        }
        News::RefundElsewhere { transaction, provider_refund_id, amount, state: made } => vec![
            what("staff-notice-refund-elsewhere"),
            line("refund-amount-label", amount.to_string()),
            line("done-number", provider_refund_id),
            line("staff-notice-transaction", transaction),
            state(ctx, made),
        ],
        News::Disputed { transaction, detail } => vec![
            what("staff-notice-disputed"),
            line("staff-notice-transaction", transaction),
            line("refund-reason", detail),
        ],
        News::Nothing => vec![what("staff-notice-nothing")],
        News::Unreadable(why) => vec![what("staff-notice-unreadable"), line("refund-reason", why)],
    }
}

fn state(ctx: &Ctx, state: RefundState) -> Said {
    let text = match state {
        RefundState::Accepted => ctx.t("staff-state-submitted").to_owned(),
        RefundState::Succeeded => ctx.t("staff-state-succeeded").to_owned(),
        RefundState::Failed(code) => format!("{}: {code}", ctx.t("staff-state-failed")),
    };
    Said { name: ctx.t("staff-method-state"), text }
}
