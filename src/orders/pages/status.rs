use super::ribbon::RibbonView;
use super::track::{self, Step};
use crate::accounts::SignedIn;
use crate::calendar;
use crate::clock::Clock;
use crate::ids::OrderId;
use crate::lang::Lang;
use crate::lines::words;
use crate::orders::queries::detail::{self, Detail};
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
    title: String,
    standing: Standing,
    payment: &'static str,
    provisioning: &'static str,
    live: String,
    lead: String,
    step: Option<usize>,
    track: Vec<Step>,
    ribbon: Option<RibbonView>,
    differs: Option<String>,
    number: String,
    line: String,
    plan: String,
    amount: String,
    promise: String,
    pay: String,
    renew: String,
    receipt: String,
    cancel: Option<String>,
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
    let waits = Standing::of(&detail.facts, clock.now()) == Standing::Checking;
    let detail = match back.from == "payment" && waits {
        true => {
            ask_gateway(&pool, &clock, &gateways, order).await;
            detail::of_account(&pool, order, person.id).await?.ok_or(PageError::NotFound)?
        }
        false => detail,
    };
    Ok(Page(StatusPage::new(ctx, &person, &detail, clock.now())))
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
    fn new(ctx: Ctx, person: &Person, detail: &Detail, now: OffsetDateTime) -> Self {
        let order = &detail.order;
        let standing = Standing::of(&detail.facts, now);
        let language = ctx.language;
        let promised = day(detail, order.promised_until, language);
        let differs = order.fulfilled_until.filter(|until| *until != order.promised_until);
        let shown = standing.step().is_some().then(|| ribbon(detail, standing, language));
        Self {
            title: format!("status-{}-title", standing.key()),
            standing,
            payment: standing.payment(detail.facts.refund_status.as_deref()),
            provisioning: standing.provisioning(),
            live: if standing.is_live() { paths::order_events(order.id) } else { "settled".to_owned() },
            lead: lead(&ctx, person, detail, standing, now),
            step: standing.step(),
            track: track::steps(&ctx, person, detail, standing, now),
            ribbon: shown,
            differs: differs.map(|until| {
                ctx.t2("status-differs", "actual", day(detail, until, language), "promised", promised.as_str())
            }),
            number: order.number.clone(),
            line: words::number(detail.msisdn.as_deref(), &detail.iccid),
            plan: if language.is_chinese() { detail.plan_zh.clone() } else { detail.plan_en.clone() },
            amount: order.amount().to_string(),
            promise: match order.fulfilled_until {
                Some(_) => ctx.t("status-matches").to_owned(),
                None => ctx.t1("status-promised", "date", promised),
            },
            pay: paths::pay(order.id),
            renew: paths::renew(order.line_id),
            receipt: paths::receipt(order.id),
            cancel: matches!(standing, Standing::Awaiting | Standing::Declined).then(|| paths::cancel(order.id)),
            ctx,
        }
    }
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

fn lead(ctx: &Ctx, person: &Person, detail: &Detail, standing: Standing, now: OffsetDateTime) -> String {
    let order = &detail.order;
    let key = format!("status-{}-lead", standing.key());
    let zone = person.zone();
    let today = calendar::today(now, &zone);
    match standing {
        Standing::Awaiting | Standing::Declined => {
            ctx.t1(&key, "time", calendar::clock_time(calendar::local(order.expires_at, &zone)))
        }
        Standing::Active => {
            ctx.t1(&key, "date", day(detail, order.fulfilled_until.unwrap_or(order.promised_until), ctx.language))
        }
        Standing::Refunding => ctx.t1(&key, "amount", order.amount().to_string()),
        Standing::Refunded => {
            let at = calendar::local(detail.refunded_at.unwrap_or(now), &zone).date();
            ctx.t2(&key, "amount", order.amount().to_string(), "date", calendar::short_date(at, today, ctx.language))
        }
        Standing::Attention => {
            let answer = calendar::add_days(today, 1).unwrap_or(today);
            ctx.t1(&key, "date", calendar::short_date(answer, today, ctx.language))
        }
        _ => ctx.t(&key).to_owned(),
    }
}
