use super::target::{self, MOST_DAYS};
use crate::accounts::SignedInStaff;
use crate::audit::{self, Act};
use crate::clock::Clock;
use crate::paths;
use crate::staff::pages::{day_and_time, named, real_time};
use crate::staff::queries::rehearsal as queries;
use crate::web::{Ctx, Form, Page, PageError, Role, see_other, unprocessable};
use askama::Template;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use sqlx::PgPool;
use std::time::Duration;
use time::OffsetDateTime;
use tokio::time::{Instant, sleep};

/// How long an answer waits for what fell due.
const PATIENCE: Duration = Duration::from_secs(5);

#[derive(Deserialize)]
pub struct Asked {
    /// What ran since this instant is shown; seconds of the database's own time.
    since: Option<i64>,
}

#[derive(Deserialize)]
pub struct Wish {
    forward: String,
    days: Option<String>,
}

#[derive(Template)]
#[template(path = "staff/rehearsal.html")]
struct Rehearsal {
    ctx: Ctx,
    now: String,
    real: String,
    ahead: Option<String>,
    zone: String,
    next: Vec<Next>,
    /// `None` when nothing was moved just now.
    ran: Option<Vec<Ran>>,
    is_busy: bool,
    error: Option<String>,
    days: String,
}

struct Next {
    name: String,
    count: i64,
    at: String,
}

struct Ran {
    name: String,
    count: i64,
    class: &'static str,
    state: &'static str,
    error: Option<String>,
}

/// `GET /staff/rehearsal`
pub async fn show(
    ctx: Ctx,
    staff: SignedInStaff,
    State(pool): State<PgPool>,
    State(clock): State<Clock>,
    Query(asked): Query<Asked>,
) -> Result<impl IntoResponse, PageError> {
    let since = asked.since.and_then(|seconds| OffsetDateTime::from_unix_timestamp(seconds).ok());
    Ok(Page(page(ctx, &staff, &pool, &clock, since).await?))
}

/// `POST /staff/rehearsal`
pub async fn advance(
    ctx: Ctx,
    staff: SignedInStaff,
    State(pool): State<PgPool>,
    State(clock): State<Clock>,
    Form(wish): Form<Wish>,
) -> Result<Response, PageError> {
    staff.at_least(Role::Support)?;
    let Some(by) = target::span(&wish.forward, wish.days.as_deref(), clock.now(), &staff.person.zone()) else {
        let mut page = page(ctx, &staff, &pool, &clock, None).await?;
        page.error = Some(page.ctx.t1("rehearsal-days-wrong", "most", MOST_DAYS));
        page.days = wish.days.unwrap_or_default();
        return Ok(unprocessable(page));
    };
    let since = queries::real_now(&pool).await?;
    let ahead = move_forward(&pool, &clock, &staff, by).await?;
    clock.set_ahead(ahead);
    wait_for_what_is_due(&pool, &clock).await?;
    Ok(see_other(&format!("{}?since={}", paths::REHEARSAL, since.unix_timestamp())).into_response())
}

async fn move_forward(pool: &PgPool, clock: &Clock, staff: &SignedInStaff, by: time::Duration) -> sqlx::Result<i64> {
    let mut tx = crate::db::begin(pool).await?;
    let act = Act {
        at: clock.now(),
        actor: staff.person.actor(),
        action: "clock.moved",
        account: None,
        subject: None,
        detail: serde_json::json!({ "seconds": by.whole_seconds() }),
    };
    audit::record(&mut *tx, act).await?;
    let ahead = queries::move_forward(&mut *tx, by).await?;
    tx.commit().await?;
    Ok(ahead)
}

async fn wait_for_what_is_due(pool: &PgPool, clock: &Clock) -> sqlx::Result<()> {
    let deadline = Instant::now() + PATIENCE;
    while queries::is_busy(pool, clock.now()).await? && Instant::now() < deadline {
        sleep(Duration::from_millis(100)).await;
    }
    Ok(())
}

async fn page(
    ctx: Ctx,
    staff: &SignedInStaff,
    pool: &PgPool,
    clock: &Clock,
    since: Option<OffsetDateTime>,
) -> sqlx::Result<Rehearsal> {
    let (now, zone) = (clock.now(), staff.person.zone());
    let ahead = time::Duration::seconds(clock.ahead_seconds());
    let next = queries::next(pool).await?;
    let ran = match since {
        Some(since) => {
            Some(queries::ran_since(pool, since, ahead).await?.into_iter().map(|ran| shown(&ctx, ran)).collect())
        }
        None => None,
    };
    Ok(Rehearsal {
        now: day_and_time(now, &zone),
        real: day_and_time(now - ahead, &zone),
        ahead: (!ahead.is_zero()).then(|| amount(&ctx, ahead)),
        zone: zone.name().to_owned(),
        next: next
            .iter()
            .map(|due| Next {
                name: named(&ctx, &format!("job-{}", due.kind), &due.kind),
                count: due.count,
                at: format!("{}{}", day_and_time(due.run_at, &zone), &real_time(due.run_at, &zone)[5..]),
            })
            .collect(),
        is_busy: ran.is_some() && queries::is_busy(pool, now).await?,
        ran,
        error: None,
        days: String::new(),
        ctx,
    })
}

/// `8 days 1 hour`, `2 hours`
fn amount(ctx: &Ctx, ahead: time::Duration) -> String {
    let (days, hours) = (ahead.whole_days(), ahead.whole_hours() % 24);
    let part = |key, n: i64| (n > 0).then(|| ctx.t1(key, "n", n));
    let parts: Vec<String> =
        [part("rehearsal-days", days), part("rehearsal-hours", hours)].into_iter().flatten().collect();
    if parts.is_empty() { ctx.t1("rehearsal-minutes", "n", ahead.whole_minutes()) } else { parts.join(" ") }
}

fn shown(ctx: &Ctx, ran: queries::Ran) -> Ran {
    let (class, state) = match ran.state.as_str() {
        "done" => ("is-good", "rehearsal-job-done"),
        "dead" => ("is-lapsed", "rehearsal-job-dead"),
        _ => ("is-soon", "rehearsal-job-again"),
    };
    Ran {
        name: named(ctx, &format!("job-{}", ran.kind), &ran.kind),
        count: ran.count,
        class,
        state: ctx.t(state),
        error: ran.last_error.filter(|_| ran.state != "done"),
    }
}
