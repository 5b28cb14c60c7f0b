//! Suspending, resuming and activating a line: asked for here, shown as what it is until the carrier has confirmed it.

use super::line_card::moment;
use crate::accounts::{Proven, SignedIn, to_prove};
use crate::app::App;
use crate::carriers::{Carriers, Change};
use crate::clock::Clock;
use crate::ids::LineId;
use crate::lines::model::Line;
use crate::lines::{self, words};
use crate::paths;
use crate::sync::change::{self, ChangeError, LineChange};
use crate::web::{Ctx, Form, Page, PageError, Path, Person, noted, see_other};
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use sqlx::PgPool;
use time::OffsetDateTime;

/// What stands on the line's page about it.
pub struct Control {
    /// How the newest change stands.
    pub told: Option<Told>,
    pub offer: Option<Offer>,
    pub under_way: bool,
}

pub struct Told {
    pub class: &'static str,
    pub words: String,
}

pub struct Offer {
    pub change: &'static str,
    pub lead: &'static str,
    pub button: &'static str,
    /// Leads to a page that asks once more.
    pub confirm: Option<String>,
}

impl Control {
    /// `None` where the carrier can change nothing from afar.
    pub async fn of(
        pool: &PgPool,
        carriers: &Carriers,
        line: &Line,
        (ctx, person, now): (&Ctx, &Person, OffsetDateTime),
    ) -> sqlx::Result<Option<Self>> {
        let newest = change::newest(pool, line.id, now).await?;
        let is_open = newest.as_ref().is_some_and(|change| change.finished_at.is_none());
        let offer =
            change::possible(carriers, line).filter(|_| !is_open).map(|change| Offer::new(ctx, line.id, change));
        let told = newest.map(|change| Told::new(ctx, person, &change, now));
        Ok((told.is_some() || offer.is_some()).then_some(Self { told, offer, under_way: is_open }))
    }
}

impl Told {
    fn new(ctx: &Ctx, person: &Person, change: &LineChange, now: OffsetDateTime) -> Self {
        let at = change.finished_at.or(change.accepted_at).unwrap_or(change.requested_at);
        let key = format!("change-{}-{}", change.change, change.status);
        Self {
            class: match change.status.as_str() {
                "done" => "is-good",
                "refused" | "unconfirmed" => "is-bad",
                _ => "is-soon",
            },
            words: ctx.t1(&key, "time", moment(at, person, now, ctx.language)),
        }
    }
}

impl Offer {
    fn new(ctx: &Ctx, line: LineId, change: Change) -> Self {
        let (lead, button) = match change {
            Change::Activate => ("change-activate-lead", "change-activate"),
            Change::Suspend => ("change-suspend-lead", "change-suspend"),
            Change::Resume => ("change-resume-lead", "change-resume"),
        };
        let confirm = (change == Change::Suspend).then(|| paths::suspend(line));
        Self { change: change.as_str(), lead: ctx.t(lead), button: ctx.t(button), confirm }
    }
}

#[derive(Template)]
#[template(path = "orders/suspend.html")]
pub struct SuspendPage {
    ctx: Ctx,
    number: String,
    action: String,
    back: String,
}

/// `GET /lines/{line}/suspend`
pub async fn confirm(
    Proven { person, .. }: Proven,
    State(app): State<App>,
    Path(line): Path<LineId>,
    ctx: Ctx,
) -> Result<Response, PageError> {
    let held = lines::held_by(&app.pool, line, person.id).await?.ok_or(PageError::NotFound)?;
    if change::possible(&app.carriers, &held) != Some(Change::Suspend) {
        return Ok(see_other(&paths::line(line)));
    }
    let number = words::number(held.msisdn.as_deref(), &held.iccid).replace(' ', "\u{a0}");
    Ok(Page(SuspendPage { ctx, number, action: paths::line_changes(line), back: paths::line(line) }).into_response())
}

#[derive(Deserialize)]
pub struct Wanted {
    #[serde(default)]
    change: String,
    /// Said on the page that asks once more.
    #[serde(default)]
    confirmed: String,
}

/// `POST /lines/{line}/changes`
pub async fn create(
    SignedIn { person }: SignedIn,
    proven: Result<Proven, Response>,
    State(pool): State<PgPool>,
    State(clock): State<Clock>,
    State(carriers): State<Carriers>,
    Path(line): Path<LineId>,
    Form(wanted): Form<Wanted>,
) -> Result<Response, PageError> {
    let wanted_change = Change::parse(&wanted.change).ok_or(PageError::BadRequest)?;
    lines::held_by(&pool, line, person.id).await?.ok_or(PageError::NotFound)?;
    if wanted_change == Change::Suspend && proven.is_err() {
        return Ok(to_prove(&paths::suspend(line)));
    }
    if wanted_change == Change::Suspend && wanted.confirmed.is_empty() {
        return Ok(see_other(&paths::suspend(line)));
    }
    let note = match change::request(&pool, &clock, &carriers, person.actor(), (line, wanted_change), None).await {
        Ok(()) => "change-requested",
        Err(ChangeError::UnderWay) => "change-under-way",
        Err(ChangeError::NotPossible) => "change-not-possible",
        Err(ChangeError::NoSuchLine) => return Err(PageError::NotFound),
        Err(ChangeError::Database(error)) => return Err(error.into()),
    };
    Ok(noted(&paths::line(line), note))
}
