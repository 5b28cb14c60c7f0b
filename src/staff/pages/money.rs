//! The money of one order on its account's page, and what may be done about it.

use super::refusal::{Refusal, refusal};
use super::shown::{Mark, day_and_time, named};
use crate::accounts::SignedInStaff;
use crate::calendar::Zone;
use crate::ids::AccountId;
use crate::orders::model::OrderStatus;
use crate::paths;
use crate::payments::model::Destination;
use crate::payments::{AttemptStatus, RefundStatus};
use crate::staff::queries::money::{self, Back, OpenCase, Paid};
use crate::web::{Ctx, Role};
use sqlx::PgConnection;

pub struct MoneyCard {
    pub payments: Vec<PaymentRow>,
    pub refunds: Vec<RefundRow>,
    pub cases: Vec<CaseRow>,
    /// Finance may act; others look.
    pub may_act: bool,
}

pub struct PaymentRow {
    pub method: String,
    pub reference: String,
    pub date: String,
    pub mark: Mark,
    pub amount: String,
    pub left: Option<String>,
    pub disputed: bool,
    pub refund: Option<String>,
}

pub struct RefundRow {
    pub number: String,
    pub why: String,
    pub date: String,
    pub mark: Mark,
    pub amount: String,
    /// Why it was sent back, in the words of who did.
    pub reason: Option<String>,
    /// Where it goes, where that is not its gateway.
    pub to: Option<&'static str>,
    /// What the person said who made it another way, and what the customer was told.
    pub by_hand: Option<String>,
    pub to_customer: Option<String>,
    pub refusal: Option<Refusal>,
    pub retry: Option<String>,
    pub done: Option<String>,
    pub may_go_to_balance: bool,
}

pub struct CaseRow {
    pub what: String,
    pub since: String,
    pub detail: String,
    pub close: String,
}

pub async fn card(
    conn: &mut PgConnection,
    ctx: &Ctx,
    staff: &SignedInStaff,
    account: AccountId,
    number: &str,
    status: Option<OrderStatus>,
) -> sqlx::Result<MoneyCard> {
    let may_act = staff.may(Role::Finance);
    let zone = staff.person.zone();
    let payments = money::payments(&mut *conn, account, number).await?;
    let refunds = money::refunds(&mut *conn, account, number).await?;
    let cases = money::cases(&mut *conn, account, number).await?;
    let decided = matches!(status, Some(OrderStatus::Fulfilled | OrderStatus::NeedsAttention));
    Ok(MoneyCard {
        payments: payments.iter().map(|paid| payment(ctx, &zone, paid, may_act && decided)).collect(),
        refunds: refunds.iter().map(|back| refund(ctx, &zone, back, may_act)).collect(),
        cases: cases.iter().map(|case| open_case(ctx, &zone, case)).collect(),
        may_act,
    })
}

fn payment(ctx: &Ctx, zone: &Zone, paid: &Paid, may_act: bool) -> PaymentRow {
    let left = paid.left().filter(|left| left.is_positive());
    PaymentRow {
        method: named(ctx, &format!("pay-method-{}", paid.method), &paid.method),
        reference: paid.merchant_ref.clone(),
        date: day_and_time(paid.created_at, zone),
        mark: Mark::new(
            match (paid.status, paid.applied) {
                (AttemptStatus::Succeeded, true) => "is-good",
                (AttemptStatus::Succeeded, false) | (AttemptStatus::Unknown, _) => "is-soon",
                _ => "",
            },
            named(ctx, &format!("staff-state-{}", paid.status.as_str()), paid.status.as_str()),
        ),
        amount: paid.received().unwrap_or(paid.amount()).to_string(),
        refund: left.filter(|_| may_act).map(|_| paths::staff_refund(paid.id)),
        left: left.map(|left| left.to_string()),
        disputed: paid.disputed,
    }
}

fn refund(ctx: &Ctx, zone: &Zone, back: &Back, may_act: bool) -> RefundRow {
    let failed = matches!(back.status, RefundStatus::Failed | RefundStatus::Manual);
    RefundRow {
        number: back.number.clone(),
        why: named(ctx, &format!("staff-refund-{}", back.reason.as_str()), back.reason.as_str()),
        date: day_and_time(back.created_at, zone),
        mark: Mark::new(
            match back.status {
                RefundStatus::Succeeded => "is-good",
                RefundStatus::Failed | RefundStatus::Manual => "is-lapsed",
                _ => "is-soon",
            },
            named(ctx, &format!("staff-state-{}", back.status.as_str()), back.status.as_str()),
        ),
        amount: back.amount().to_string(),
        reason: back.why.clone(),
        to: match (back.destination, &back.by_hand) {
            (Destination::Balance, _) => Some(ctx.t("staff-money-on-balance")),
            (Destination::Gateway, Some(_)) => Some(ctx.t("staff-money-another-way")),
            (Destination::Gateway, None) => None,
        },
        by_hand: back.by_hand.clone(),
        to_customer: back.customer_note.clone(),
        refusal: back.failure.as_deref().filter(|_| failed).map(|code| refusal(ctx, code)),
        retry: (failed && may_act).then(|| paths::staff_refund_retry(back.id)),
        done: ((failed || back.stuck) && may_act).then(|| paths::staff_refund_done(back.id)),
        may_go_to_balance: failed && may_act && !back.of_top_up,
    }
}

fn open_case(ctx: &Ctx, zone: &Zone, case: &OpenCase) -> CaseRow {
    CaseRow {
        what: named(ctx, &format!("staff-case-{}", case.kind), &case.kind),
        since: day_and_time(case.opened_at, zone),
        detail: serde_json::to_string_pretty(&case.detail).unwrap_or_default(),
        close: paths::staff_case_close(case.id),
    }
}
