//! What gateways told us: found by reference, read, taken up again.

use super::notice_told::{Said, said};
use super::shown::{Mark, day_and_time, gateway_name, named};
use crate::accounts::SignedInStaff;
use crate::app::App;
use crate::audit::{self, Act};
use crate::calendar::Zone;
use crate::paths;
use crate::payments::Gateways;
use crate::payments::replay::{self, Again, NotRead};
use crate::staff::queries::notices::{self, Listed, PAGE, Wanted};
use crate::web::{Ctx, Form, Nothing, Page, PageError, Path, Role, noted};
use askama::Template;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::json;
use sqlx::PgPool;

#[derive(Deserialize, Default)]
pub struct Asked {
    #[serde(default)]
    gateway: String,
    #[serde(default)]
    outcome: String,
    #[serde(default)]
    reference: String,
    page: Option<i64>,
}

const OUTCOMES: [&str; 11] = [
    "settled",
    "settled_before",
    "second_transaction",
    "transaction_reused",
    "attempt_updated",
    "refund_updated",
    "refund_elsewhere",
    "disputed",
    "nothing_to_do",
    "unknown_reference",
    "unreadable",
];

#[derive(Template)]
#[template(path = "staff/notices.html")]
struct NoticesPage {
    ctx: Ctx,
    gateways: Vec<(String, String, bool)>,
    outcomes: Vec<(&'static str, String, bool)>,
    reference: String,
    rows: Vec<Row>,
    before: Option<String>,
    after: Option<String>,
}

struct Row {
    path: String,
    time: String,
    gateway: String,
    reference: String,
    /// Of a refund: its own number.
    refund: Option<String>,
    order: Option<(String, String)>,
    mark: Mark,
}

/// `GET /staff/notices`
pub async fn index(
    ctx: Ctx,
    staff: SignedInStaff,
    State(pool): State<PgPool>,
    State(gateways): State<Gateways>,
    Query(asked): Query<Asked>,
) -> Result<impl IntoResponse, PageError> {
    let (zone, page) = (staff.person.zone(), asked.page.unwrap_or(1).clamp(1, 10_000));
    let filled = |text: &'_ str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let (gateway, outcome, reference) = (filled(&asked.gateway), filled(&asked.outcome), filled(&asked.reference));
    let wanted =
        Wanted { gateway: gateway.as_deref(), outcome: outcome.as_deref(), reference: reference.as_deref(), page };
    let mut found = notices::list(&pool, &wanted).await?;
    let more = found.len() > PAGE as usize;
    found.truncate(PAGE as usize);
    let names = gateways.all().iter().map(|gateway| gateway.name().to_owned());
    let at = |page: i64| paths::staff_notices(&asked.gateway, &asked.outcome, &asked.reference, page);
    Ok(Page(NoticesPage {
        gateways: names
            .map(|name| (name.clone(), gateway_name(&ctx, &name), Some(&name) == gateway.as_ref()))
            .collect(),
        outcomes: OUTCOMES
            .iter()
            .map(|code| (*code, outcome_word(&ctx, code), outcome.as_deref() == Some(*code)))
            .collect(),
        rows: found.iter().map(|listed| row(&ctx, &zone, listed)).collect(),
        before: (page > 1).then(|| at(page - 1)),
        after: more.then(|| at(page + 1)),
        reference: reference.unwrap_or_default(),
        ctx,
    }))
}

fn outcome_word(ctx: &Ctx, code: &str) -> String {
    named(ctx, &format!("staff-outcome-{code}"), code)
}

fn row(ctx: &Ctx, zone: &Zone, listed: &Listed) -> Row {
    let order = listed.account_id.zip(listed.order_number.clone());
    Row {
        path: paths::staff_notice(listed.id),
        time: day_and_time(listed.received_at, zone),
        gateway: gateway_name(ctx, &listed.gateway),
        refund: listed.refund.clone(),
        reference: listed.merchant_ref.clone().unwrap_or_else(|| listed.event_key.clone()),
        order: order.map(|(account, number)| (paths::staff_order(account, &number), number)),
        mark: mark(ctx, listed),
    }
}

fn mark(ctx: &Ctx, listed: &Listed) -> Mark {
    let outcome = listed.outcome.as_deref().unwrap_or_default();
    let class = match (listed.processed, outcome) {
        (false, _) => "is-lapsed",
        (true, "second_transaction" | "transaction_reused" | "refund_elsewhere" | "disputed") => "is-soon",
        (true, "settled") => "is-good",
        _ => "",
    };
    match outcome {
        "" => Mark::new(class, ctx.t("staff-notice-untouched")),
        outcome => Mark::new(class, outcome_word(ctx, outcome)),
    }
}

#[derive(Template)]
#[template(path = "staff/notice.html")]
struct NoticePage {
    ctx: Ctx,
    row: Row,
    event_key: String,
    size: i32,
    /// What it says, as people write it; empty where it says nothing of that kind.
    said: Vec<Said>,
    notice: String,
    body: Option<String>,
    /// Finance may see the bytes and have them applied again.
    body_path: Option<String>,
    replay_path: Option<String>,
}

/// `GET /staff/notices/{notice}`
pub async fn show(
    ctx: Ctx,
    staff: SignedInStaff,
    State(pool): State<PgPool>,
    Path(id): Path<i64>,
) -> Result<impl IntoResponse, PageError> {
    page(ctx, &staff, &pool, id, None).await
}

/// `POST /staff/notices/{notice}/body`: who reads what a gateway wrote leaves a trace.
pub async fn body(
    ctx: Ctx,
    staff: SignedInStaff,
    State(app): State<App>,
    Path(id): Path<i64>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<impl IntoResponse, PageError> {
    staff.at_least(Role::Finance)?;
    let mut tx = crate::db::begin(&app.pool).await?;
    let body = notices::body(&mut *tx, id).await?.ok_or(PageError::NotFound)?;
    record(&mut tx, &staff, &app, id, "notice.body_read").await?;
    tx.commit().await?;
    page(ctx, &staff, &app.pool, id, Some(String::from_utf8_lossy(&body).into_owned())).await
}

/// `POST /staff/notices/{notice}/replay`
pub async fn again(
    staff: SignedInStaff,
    State(app): State<App>,
    Path(id): Path<i64>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<Response, PageError> {
    staff.at_least(Role::Finance)?;
    let mut tx = crate::db::begin(&app.pool).await?;
    let outcome = replay::replay_one(&mut tx, &app.gateways, id, app.clock.now()).await?.ok_or(PageError::NotFound)?;
    record(&mut tx, &staff, &app, id, "notice.replayed").await?;
    tx.commit().await?;
    let note = match outcome {
        Again::Applied => "notice-applied",
        Again::NotApplied => "notice-not-applied",
        Again::NotRead(NotRead::NoGateway) => "notice-no-gateway",
        Again::NotRead(NotRead::Refused(_)) => "notice-not-opened",
    };
    Ok(noted(&paths::staff_notice(id), note))
}

async fn record(
    conn: &mut sqlx::PgConnection,
    staff: &SignedInStaff,
    app: &App,
    id: i64,
    action: &'static str,
) -> Result<(), PageError> {
    let (at, actor, subject) = (app.clock.now(), staff.person.actor(), Some(("notice", id.to_string())));
    audit::record(conn, Act { at, actor, action, account: None, subject, detail: json!({}) }).await?;
    Ok(())
}

async fn page(
    ctx: Ctx,
    staff: &SignedInStaff,
    pool: &PgPool,
    id: i64,
    body: Option<String>,
) -> Result<Page<NoticePage>, PageError> {
    let one = notices::one(pool, id).await?.ok_or(PageError::NotFound)?;
    let may_act = staff.may(Role::Finance);
    Ok(Page(NoticePage {
        row: row(&ctx, &staff.person.zone(), &one.listed),
        event_key: one.listed.event_key.clone(),
        size: one.size,
        said: said(&ctx, &staff.person.zone(), &one.notice),
        notice: serde_json::to_string_pretty(&one.notice).unwrap_or_default(),
        body_path: (may_act && body.is_none()).then(|| format!("{}/body", paths::staff_notice(id))),
        replay_path: may_act.then(|| format!("{}/replay", paths::staff_notice(id))),
        body,
        ctx,
    }))
}
