use super::ribbon::RibbonView;
use super::track::{self, Step};
use crate::accounts::SignedIn;
use crate::calendar;
use crate::clock::Clock;
use crate::config;
use crate::ids::OrderId;
use crate::lang::Lang;
use crate::lines::words;
use crate::orders::model::Order;
use crate::orders::queries::detail::{self, Detail};
use crate::orders::queries::returns::{self, Return};
use crate::orders::ribbon::Change;
use crate::orders::standing::Standing;
use crate::paths;
use crate::payments::{self, Gateways};
use crate::web::{Ctx, Page, PageError, Path, Person};
use askama::Template;
use axum::extract::{Query, State};
use sqlx::PgPool;
use std::time::Duration;
use time::OffsetDateTime;

/// How long a customer who comes back from paying waits for the gateway's word before the page says "checking".
const GATEWAY_PATIENCE: Duration = Duration::from_millis(1500);

#[derive(Template)]
#[template(path = "orders/show.html")]
pub struct StatusPage {
    ctx: Ctx,
    title: &'static str,
    standing: Standing,
    payment: &'static str,
    provisioning: &'static str,
    live: String,
    reloads: bool,
    lead: String,
    step: Option<usize>,
    track: Vec<Step>,
    ribbon: Option<RibbonView>,
    differs: Option<Differs>,
    /// Money that went or goes back beside what the steps tell.
    returns: Vec<String>,
    number: String,
    line: String,
    line_path: String,
    plan: String,
    amount: String,
    promise: Option<String>,
    asks_support: bool,
    support: &'static str,
    pay: String,
    /// Asks the gateway anew.
    ask: String,
    renew: String,
    again: &'static str,
    is_top_up: bool,
    receipt: String,
    cancel: Option<String>,
}

/// The carrier's other date, and what is done about it.
struct Differs {
    words: String,
    next: &'static str,
}

#[derive(serde::Deserialize)]
pub struct Back {
    #[serde(default)]
    from: String,
}

/// `GET /orders/{order}`: coming back from the payment page proves nothing, so the gateway is asked.
pub async fn show(
    SignedIn { person }: SignedIn,
    State(pool): State<PgPool>,
    State(clock): State<Clock>,
    State(gateways): State<Gateways>,
    Path(order): Path<OrderId>,
    Query(back): Query<Back>,
    ctx: Ctx,
) -> Result<Page<StatusPage>, PageError> {
    let detail = detail::of_account(&pool, order, person.id).await?.ok_or(PageError::NotFound)?;
    let detail = match back.from == "payment" && detail.facts.awaits_gateway() {
        true => {
            ask_gateway(&pool, &clock, &gateways, order).await;
            detail::of_account(&pool, order, person.id).await?.ok_or(PageError::NotFound)?
        }
        false => detail,
    };
    let returns = returns::of_order(&pool, order).await?;
    Ok(Page(StatusPage::new(ctx, &person, &detail, &returns, clock.now())))
}

/// Asks on a task of its own: a gateway that hangs holds up the answer for a moment only, and still gets heard.
async fn ask_gateway(pool: &PgPool, clock: &Clock, gateways: &Gateways, order: OrderId) {
    let (pool, clock, gateways) = (pool.clone(), clock.clone(), gateways.clone());
    let asking = tokio::spawn(async move { payments::query::order_now(&pool, &clock, &gateways, order).await });
    if let Ok(Ok(Err(error))) = tokio::time::timeout(GATEWAY_PATIENCE, asking).await {
        tracing::warn!(order.id = %order, %error, "the gateway could not be asked on return");
    }
}

impl StatusPage {
    fn new(ctx: Ctx, person: &Person, detail: &Detail, returns: &[Return], now: OffsetDateTime) -> Self {
        let (order, standing) = (&detail.order, Standing::of(&detail.facts, now));
        let step = standing.step().filter(|_| !order.is_top_up());
        Self {
            title: title(&ctx, detail, standing),
            standing,
            payment: standing.payment(detail.facts.refund_status),
            provisioning: standing.provisioning(),
            live: live(detail, standing, now),
            reloads: standing.is_waiting() || detail.facts.is_refunding(),
            lead: super::lead::lead(&ctx, person, detail, standing, now),
            step,
            track: track::steps(&ctx, person, detail, standing, now),
            ribbon: step.map(|_| ribbon(detail, standing, ctx.language)),
            differs: differs(&ctx, detail),
            returns: super::returns::sentences(&ctx, person, &beside(detail, standing, returns), now),
            number: order.number.clone(),
            line: subject(order, ctx.language),
            line_path: subject_path(order),
            plan: detail.plan_name(ctx.language).to_owned(),
            amount: order.amount().to_string(),
            promise: promise(&ctx, detail),
            asks_support: asks_support(standing),
            support: &config::brand().support_email,
            pay: paths::pay(order.id),
            ask: paths::paid(order.id),
            renew: order.line_id.map_or(paths::BALANCE.to_owned(), paths::renew),
            again: ctx.t(if order.is_top_up() { "status-top-up-again" } else { "status-renew-again" }),
            is_top_up: order.is_top_up(),
            receipt: paths::receipt(order.id),
            cancel: may_cancel(detail, standing).then(|| paths::cancel(order.id)),
            ctx,
        }
    }
}

fn title(ctx: &Ctx, detail: &Detail, standing: Standing) -> &'static str {
    match standing {
        Standing::Active if detail.order.is_top_up() => ctx.t("status-topped-up-title"),
        Standing::Active if detail.facts.differs => ctx.t("status-differs-title"),
        _ => ctx.t(&format!("status-{}-title", standing.key())),
    }
}

/// Where the page listens, if anything may still change by itself.
fn live(detail: &Detail, standing: Standing, now: OffsetDateTime) -> String {
    let may_move = matches!(standing, Standing::Expired | Standing::Cancelled) && detail.payment_may_come(now);
    match standing.is_live() || detail.facts.is_refunding() || may_move {
        true => paths::order_events(detail.order.id),
        false => "settled".to_owned(),
    }
}

fn promise(ctx: &Ctx, detail: &Detail) -> Option<String> {
    let told = || ctx.t1("status-promised", "date", day(detail, detail.order.promised_until, ctx.language));
    detail.order.fulfilled_until.is_none().then(told)
}

fn asks_support(standing: Standing) -> bool {
    use Standing::*;
    matches!(standing, Refunding | Refunded | Attention | WrongAmountReturning | WrongAmountReturned)
}

/// Also while a payment is begun: it is closed first, and money that is here already is not cancelled away.
fn may_cancel(detail: &Detail, standing: Standing) -> bool {
    (standing.awaits_customer() || standing == Standing::Checking) && !detail.facts.money_undecided
}

/// What the steps don't tell already.
fn beside(detail: &Detail, standing: Standing, returns: &[Return]) -> Vec<Return> {
    let told = detail.refund_number.as_deref().filter(|_| !standing.is_open() && standing != Standing::Active);
    returns.iter().filter(|back| Some(back.number.as_str()) != told).cloned().collect()
}

/// What was ordered for: the number of a line, or the balance.
pub fn subject(order: &Order, language: Lang) -> String {
    match order.is_top_up() {
        true => language.t("balance-title").to_owned(),
        false => words::number(order.msisdn.as_deref(), &order.iccid),
    }
}

pub fn subject_path(order: &Order) -> String {
    order.line_id.map_or(paths::BALANCE.to_owned(), paths::line)
}

/// A last day as the customer reads it, with the year if it is another one than the order's.
pub fn day(detail: &Detail, date: time::Date, language: Lang) -> String {
    calendar::short_date(date, detail.order.created_at.date(), language)
}

fn ribbon(detail: &Detail, standing: Standing, language: Lang) -> RibbonView {
    let mut change = Change::promised(&detail.order);
    change.until = detail.order.fulfilled_until.unwrap_or(change.until);
    let view = RibbonView::alone(&change, language);
    if standing == Standing::Active { view.moving() } else { view }
}

fn differs(ctx: &Ctx, detail: &Detail) -> Option<Differs> {
    let actual = detail.order.fulfilled_until.filter(|until| *until != detail.order.promised_until)?;
    let told = |date| day(detail, date, ctx.language);
    Some(Differs {
        words: ctx.t2("status-differs", "actual", told(actual), "promised", told(detail.order.promised_until)),
        next: ctx.t(if detail.deviation_open { "status-differs-next" } else { "status-differs-closed" }),
    })
}
