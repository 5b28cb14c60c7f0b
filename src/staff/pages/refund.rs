//! Giving money back: how much and why, then once more with everything that follows from it.

use super::shown::named;
use crate::accounts::{Proven, SignedInStaff, to_prove};
use crate::app::App;
use crate::ids::AttemptId;
use crate::money::Money;
use crate::orders::give_back::{GiveBackError, Hand, Wanted, give_back};
use crate::paths;
use crate::payments::model::Destination;
use crate::payments::refund::{self, RefundError};
use crate::staff::queries::money::{self, Paid};
use crate::web::{Ctx, Form, Page, PageError, Path, Role, see_other, unprocessable};
use askama::Template;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use sqlx::PgPool;

const LONGEST_REASON: usize = 300;

#[derive(Template)]
#[template(path = "staff/refund.html")]
struct RefundPage {
    ctx: Ctx,
    number: String,
    method: String,
    received: String,
    left: String,
    left_minor: i64,
    disputed: bool,
    carrier_in_doubt: bool,
    amount: String,
    reason: String,
    /// `gateway`, `balance`, or nothing said: as the customer prefers.
    to: String,
    /// What the customer has chosen for refunds.
    preferred: &'static str,
    /// The amount as it is read, on the second page.
    confirmed: Option<String>,
    /// How much of it goes where.
    ways: Vec<(String, &'static str)>,
    problem: Option<String>,
    amount_error: Option<&'static str>,
    reason_error: Option<&'static str>,
    action: String,
    back: String,
}

#[derive(Deserialize)]
pub struct Typed {
    #[serde(default)]
    amount: String,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    left: i64,
    #[serde(default)]
    to: String,
}

impl Typed {
    /// The page that shows it once more.
    fn reviewed_at(&self, attempt: AttemptId) -> String {
        let left = self.left.to_string();
        let typed = [("amount", self.amount.as_str()), ("reason", &self.reason), ("left", &left), ("to", &self.to)];
        paths::with_typed(&paths::staff_refund_confirm(attempt), &typed)
    }
}

impl RefundPage {
    fn new(ctx: Ctx, paid: &Paid, typed: Option<Typed>) -> Self {
        let left = paid.left().unwrap_or(Money::zero(paid.amount().currency));
        let (amount, reason, to) =
            typed.map_or((left.amount(), String::new(), String::new()), |typed| (typed.amount, typed.reason, typed.to));
        Self {
            number: paid.order_number.clone(),
            method: named(&ctx, &format!("pay-method-{}", paid.method), &paid.method),
            received: paid.received().unwrap_or(left).to_string(),
            left: left.to_string(),
            left_minor: left.minor,
            disputed: paid.disputed,
            carrier_in_doubt: paid.carrier_in_doubt,
            amount,
            reason,
            to: destination(&to).map_or("", Destination::as_str).to_owned(),
            preferred: ctx.t(match paid.prefers_balance {
                true => "refund-preferred-balance",
                false => "refund-preferred-gateway",
            }),
            confirmed: None,
            ways: vec![],
            problem: None,
            amount_error: None,
            reason_error: None,
            action: paths::staff_refund_confirm(paid.id),
            back: paths::staff_order_money(paid.account_id, &paid.order_number),
            ctx,
        }
    }
}

/// `GET /staff/payments/{attempt}/refund`
pub async fn show(
    ctx: Ctx,
    staff: SignedInStaff,
    State(pool): State<PgPool>,
    Path(attempt): Path<AttemptId>,
) -> Result<impl IntoResponse, PageError> {
    staff.at_least(Role::Finance)?;
    let paid = money::payment(&pool, attempt).await?.ok_or(PageError::NotFound)?;
    Ok(Page(RefundPage::new(ctx, &paid, None)))
}

/// `GET /staff/payments/{attempt}/refund/confirm`: nothing moves yet; what would is shown once more.
pub async fn review(
    ctx: Ctx,
    staff: SignedInStaff,
    proven: Result<Proven, Response>,
    State(pool): State<PgPool>,
    Path(attempt): Path<AttemptId>,
    Query(typed): Query<Typed>,
) -> Result<Response, PageError> {
    staff.at_least(Role::Finance)?;
    if let Err(elsewhere) = proven {
        return Ok(elsewhere);
    }
    let mut conn = pool.acquire().await?;
    let paid = money::payment(&mut *conn, attempt).await?.ok_or(PageError::NotFound)?;
    let reason = typed.reason.trim().to_owned();
    let (seen, to) = (typed.left, destination(&typed.to));
    let amount = read_amount(&paid, &typed.amount);
    let mut page = RefundPage::new(ctx, &paid, Some(typed));
    match (amount, reason_problem(&reason)) {
        // Coming back here after the money was sent must not offer to send it once more.
        (Ok(_), None) if seen != page.left_minor => {
            page.problem = Some(page.ctx.t1("refund-left-since", "left", page.left.as_str()));
            Ok(unprocessable(page))
        }
        (Ok(amount), None) => match refund::ways_back(&mut conn, attempt, amount, to).await {
            Ok(ways) => {
                page.ways = ways.into_iter().map(|(money, to)| (money.to_string(), way(&page.ctx, to))).collect();
                page.amount = amount.amount();
                page.confirmed = Some(amount.to_string());
                Ok(Page(page).into_response())
            }
            Err(RefundError::Database(error)) => Err(error.into()),
            Err(_) => {
                page.amount_error = Some(page.ctx.t("refund-too-much"));
                Ok(unprocessable(page))
            }
        },
        (amount, reason) => {
            page.amount_error = amount.err().map(|key| page.ctx.t(key));
            page.reason_error = reason.map(|key| page.ctx.t(key));
            Ok(unprocessable(page))
        }
    }
}

fn way(ctx: &Ctx, to: Destination) -> &'static str {
    ctx.t(match to {
        Destination::Gateway => "refund-to-gateway",
        Destination::Balance => "refund-to-balance",
    })
}

/// `POST /staff/payments/{attempt}/refund/confirm`
pub async fn confirm(
    ctx: Ctx,
    staff: SignedInStaff,
    proven: Result<Proven, Response>,
    State(app): State<App>,
    Path(attempt): Path<AttemptId>,
    Form(typed): Form<Typed>,
) -> Result<Response, PageError> {
    let actor = staff.at_least(Role::Finance)?.actor();
    let paid = money::payment(&app.pool, attempt).await?.ok_or(PageError::NotFound)?;
    let Ok(proof) = proven else { return Ok(to_prove(&typed.reviewed_at(attempt))) };
    let reason = typed.reason.trim().to_owned();
    let amount = read_amount(&paid, &typed.amount).map_err(|_| PageError::BadRequest)?;
    if reason_problem(&reason).is_some() {
        return Err(PageError::BadRequest);
    }
    let hand = Hand { pool: &app.pool, clock: &app.clock, actor };
    let to = destination(&typed.to);
    let wanted = Wanted { attempt, amount, seen_left: typed.left, to, reason: &reason };
    let problem = match give_back(&hand, &proof, wanted).await {
        Ok(_) => {
            return Ok(see_other(&paths::staff_money(paid.account_id, &paid.order_number, "refund-requested")));
        }
        Err(GiveBackError::OtherLeft { left }) => ctx.t1("refund-other-left", "left", left.to_string()),
        Err(GiveBackError::Own) => ctx.t("refund-own").to_owned(),
        Err(GiveBackError::TooMuch) => ctx.t("refund-too-much").to_owned(),
        Err(GiveBackError::AtWork) => ctx.t("refund-at-work").to_owned(),
        Err(GiveBackError::Spent) => ctx.t("refund-spent").to_owned(),
        Err(GiveBackError::NotThere | GiveBackError::NotWaiting | GiveBackError::TopUp) => {
            return Err(PageError::NotFound);
        }
        Err(GiveBackError::Internal(error)) => return Err(error.into()),
    };
    let paid = money::payment(&app.pool, attempt).await?.ok_or(PageError::NotFound)?;
    let mut page = RefundPage::new(ctx, &paid, Some(typed));
    page.problem = Some(problem);
    Ok(unprocessable(page))
}

fn read_amount(paid: &Paid, typed: &str) -> Result<Money, &'static str> {
    let left = paid.left().filter(|left| left.is_positive()).ok_or("refund-nothing-left")?;
    let amount = Money::parse(typed.trim(), left.currency).map_err(|_| "refund-no-amount")?;
    match amount.minor {
        ..=0 => Err("refund-no-amount"),
        minor if minor > left.minor => Err("refund-too-much"),
        _ => Ok(amount),
    }
}

fn destination(text: &str) -> Option<Destination> {
    Destination::ALL.iter().copied().find(|to| to.as_str() == text)
}

fn reason_problem(reason: &str) -> Option<&'static str> {
    match reason.chars().count() {
        0 => Some("refund-no-reason"),
        count if count > LONGEST_REASON => Some("refund-long-reason"),
        _ => None,
    }
}
