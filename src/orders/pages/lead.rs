//! The sentences under the status page's title: where the order stands, and where its money is.

use super::status::day;
use super::track::{method_name, moment};
use crate::calendar;
use crate::lang::Lang;
use crate::orders::queries::detail::Detail;
use crate::orders::standing::Standing;
use crate::payments::RefundStatus;
use crate::web::{Ctx, Person};
use time::OffsetDateTime;

pub fn lead(ctx: &Ctx, person: &Person, detail: &Detail, standing: Standing, now: OffsetDateTime) -> String {
    let (order, language) = (&detail.order, ctx.language);
    let key = key(detail, standing);
    match standing {
        Standing::Awaiting | Standing::Declined => {
            ctx.t1(&key, "time", moment(order.expires_at, person, now, language))
        }
        Standing::Unpaid => unpaid(ctx, person, detail, now),
        Standing::Active if order.is_top_up() => ctx.t1("status-topped-up-lead", "amount", order.amount().to_string()),
        Standing::Active => {
            ctx.t1(&key, "date", day(detail, order.fulfilled_until.unwrap_or(order.promised_until), language))
        }
        Standing::Refunding | Standing::Refunded | Standing::WrongAmountReturning | Standing::WrongAmountReturned => {
            with_balance_kept(ctx, detail, given_back(ctx, person, detail, &key, now))
        }
        Standing::Attention => attention(ctx, person, detail, now),
        Standing::Expired | Standing::Cancelled => ctx.t1(&key, "money", money_of_closed(ctx, detail, standing, now)),
        _ => ctx.t(&key).to_owned(),
    }
}

/// Of a payment in two parts one may have come; the other never left the balance.
fn with_balance_kept(ctx: &Ctx, detail: &Detail, told: String) -> String {
    match detail.balance_kept() {
        Some(kept) => format!("{told} {}", ctx.t1("status-balance-kept", "amount", kept.to_string())),
        None => told,
    }
}

/// What the gateway says of a payment that was begun, and until when it can be finished.
fn unpaid(ctx: &Ctx, person: &Person, detail: &Detail, now: OffsetDateTime) -> String {
    let told = |at| moment(at, person, now, ctx.language);
    let key = if detail.facts.unpaid_at.is_some() { "status-unpaid-lead" } else { "status-unpaid-lead-closed" };
    ctx.ta(
        key,
        &[
            ("method", method_name(ctx, detail.method.as_deref()).into()),
            ("asked", detail.facts.unpaid_at.map(told).unwrap_or_default().into()),
            ("time", told(detail.order.expires_at).into()),
        ],
    )
}

fn key(detail: &Detail, standing: Standing) -> String {
    let is_back = matches!(standing, Standing::Refunded | Standing::WrongAmountReturned);
    match is_back && detail.refund_to_balance {
        true => format!("status-{}-lead-balance", standing.key()),
        false => format!("status-{}-lead", standing.key()),
    }
}

/// Each sentence takes of this what it needs.
fn given_back(ctx: &Ctx, person: &Person, detail: &Detail, key: &str, now: OffsetDateTime) -> String {
    ctx.ta(
        key,
        &[
            ("amount", detail.refund_amount().to_string().into()),
            ("reason", reason(ctx, detail).into()),
            ("received", detail.received().to_string().into()),
            ("due", detail.asked().to_string().into()),
            ("date", returned_on(person, detail, ctx.language, now).into()),
        ],
    )
}

/// A person looks at it; by tomorrow there is an answer.
fn attention(ctx: &Ctx, person: &Person, detail: &Detail, now: OffsetDateTime) -> String {
    let today = calendar::today(now, &person.zone());
    let answer = calendar::add_days(today, 1).unwrap_or(today);
    let of_money = matches!(detail.facts.refund_status, Some(RefundStatus::Failed | RefundStatus::Manual));
    let key = if of_money { "status-attention-refund-lead" } else { "status-attention-lead" };
    let amount = detail.refund_amount().to_string();
    ctx.t2(key, "date", calendar::short_date(answer, today, ctx.language), "amount", amount)
}

fn reason(ctx: &Ctx, detail: &Detail) -> &'static str {
    ctx.t(super::refusal_key(detail.refusal.as_deref()))
}

fn returned_on(person: &Person, detail: &Detail, language: Lang, now: OffsetDateTime) -> String {
    let zone = person.zone();
    let at = calendar::local(detail.refunded_at.unwrap_or(now), &zone).date();
    calendar::short_date(at, calendar::today(now, &zone), language)
}

/// What became of a payment that was tried for an order that then ended without one.
fn money_of_closed(ctx: &Ctx, detail: &Detail, standing: Standing, now: OffsetDateTime) -> String {
    let facts = &detail.facts;
    let amount = detail.refund_amount().to_string();
    match facts.refund_status {
        Some(RefundStatus::Succeeded) if detail.refund_to_balance => {
            return with_balance_kept(ctx, detail, ctx.t1("status-closed-returned-balance", "amount", amount));
        }
        Some(RefundStatus::Succeeded) => {
            return with_balance_kept(ctx, detail, ctx.t1("status-closed-returned", "amount", amount));
        }
        Some(_) => return with_balance_kept(ctx, detail, ctx.t1("status-closed-returning", "amount", amount)),
        None => {}
    }
    let key = match (detail.payment_may_come(now), standing) {
        (false, _) => "status-closed-no-money",
        (true, Standing::Cancelled) => "status-cancelled-may-come",
        (true, _) => "status-expired-may-come",
    };
    ctx.t(key).to_owned()
}
