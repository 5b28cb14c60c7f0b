//! Where staff work.

use super::escaped;
use crate::ids::{AccountId, AttemptId, CaseId, LineId, LineRequestId, RefundId, SecondStepResetId};

pub const STAFF: &str = "/staff";
pub const STAFF_LOGIN: &str = "/staff/login";
pub const STAFF_ACCOUNTS: &str = "/staff/accounts";
pub const STAFF_LINE_REQUESTS: &str = "/staff/line-requests";
pub const STAFF_SECOND_STEP_RESETS: &str = "/staff/second-step-resets";
pub const STAFF_GATEWAYS: &str = "/staff/gateways";
pub const STAFF_CATALOGUE: &str = "/staff/catalogue";
pub const STAFF_PRICING: &str = "/staff/catalogue/pricing";
pub const STAFF_PLANS: &str = "/staff/plans";
pub const STAFF_NUMBERING: &str = "/staff/numbering";
pub const STAFF_NOTICES: &str = "/staff/notices";

pub fn staff_line_profiles(line: LineId) -> String {
    format!("/staff/lines/{line}/profiles")
}

pub fn staff_line(line: LineId) -> String {
    format!("/staff/lines/{line}")
}

pub fn staff_line_usage(line: LineId) -> String {
    format!("/staff/lines/{line}/usage")
}

pub fn staff_line_changes(line: LineId) -> String {
    format!("/staff/lines/{line}/changes")
}

/// Returned, or used again.
pub fn staff_line_end(line: LineId) -> String {
    format!("/staff/lines/{line}/end")
}

pub fn staff_line_request_close(request: LineRequestId) -> String {
    format!("{STAFF_LINE_REQUESTS}/{request}/close")
}

pub fn staff_second_step_reset(reset: SecondStepResetId) -> String {
    format!("{STAFF_SECOND_STEP_RESETS}/{reset}")
}

pub fn staff_identity(account: AccountId) -> String {
    format!("/staff/accounts/{account}/identity")
}

pub fn staff_end_sessions(account: AccountId) -> String {
    format!("/staff/accounts/{account}/sessions/end")
}

pub fn staff_account(account: AccountId) -> String {
    format!("/staff/accounts/{account}")
}

/// The account's timeline, what belongs to one of its orders.
pub fn staff_order(account: AccountId, number: &str) -> String {
    format!("/staff/accounts/{account}?order={number}#timeline")
}

pub fn staff_refund(attempt: AttemptId) -> String {
    format!("/staff/payments/{attempt}/refund")
}

pub fn staff_refund_confirm(attempt: AttemptId) -> String {
    format!("/staff/payments/{attempt}/refund/confirm")
}

pub fn staff_refund_retry(refund: RefundId) -> String {
    format!("/staff/refunds/{refund}/retry")
}

pub fn staff_refund_done(refund: RefundId) -> String {
    format!("/staff/refunds/{refund}/done")
}

pub fn staff_case_close(case: CaseId) -> String {
    format!("/staff/cases/{case}/close")
}

/// Where the money of one of an account's orders is told.
pub fn staff_order_money(account: AccountId, number: &str) -> String {
    format!("/staff/accounts/{account}?order={number}#money")
}

/// Where the money of one of an account's orders is told, with a note of what was just done.
pub fn staff_money(account: AccountId, number: &str, note: &str) -> String {
    format!("/staff/accounts/{account}?order={number}&note={note}#money")
}

pub fn staff_reconciliation(run: i64) -> String {
    format!("/staff/reconciliation/{run}")
}

pub fn staff_catalogue_fetch(carrier: &str) -> String {
    format!("/staff/catalogue/{carrier}/fetch")
}

pub fn staff_offer(offer: i64) -> String {
    format!("/staff/offers/{offer}")
}

pub fn staff_offer_dismiss(offer: i64) -> String {
    format!("/staff/offers/{offer}/dismiss")
}

pub fn staff_offer_restore(offer: i64) -> String {
    format!("/staff/offers/{offer}/restore")
}

pub fn staff_plan_sale(code: &str) -> String {
    format!("{STAFF_PLANS}/{code}/sale")
}

pub fn staff_plans(q: &str, carrier: &str, page: i64) -> String {
    let (q, carrier) = (escaped(q), escaped(carrier));
    format!("{STAFF_PLANS}?q={q}&carrier={carrier}&page={page}")
}

pub fn staff_pricing_change(rule: &str) -> String {
    format!("{STAFF_CATALOGUE}?rule={rule}#pricing")
}

pub fn staff_pricing_remove(rule: &str) -> String {
    format!("/staff/pricing/{rule}/remove")
}

/// Asks once more before a range is removed, and removes it.
pub fn staff_range_remove(range: i64) -> String {
    format!("{STAFF_NUMBERING}/{range}/remove")
}

pub fn staff_notice(notice: i64) -> String {
    format!("{STAFF_NOTICES}/{notice}")
}

pub fn staff_notices(gateway: &str, outcome: &str, reference: &str, page: i64) -> String {
    let (gateway, outcome, reference) = (escaped(gateway), escaped(outcome), escaped(reference));
    format!("{STAFF_NOTICES}?gateway={gateway}&outcome={outcome}&reference={reference}&page={page}")
}

pub fn staff_all(section: &str, page: i64) -> String {
    format!("{STAFF}?all={section}&page={page}")
}
