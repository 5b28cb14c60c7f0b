//! A new profile for an eSIM: issued again, or for a new device. Asked once more before anything is ordered, and shown as
//! what it is until the carrier's server has made it.

use super::line_card::moment;
use crate::accounts::{Proven, SignedIn, to_prove};
use crate::app::App;
use crate::carriers::Carriers;
use crate::ids::LineId;
use crate::lines::model::Line;
use crate::lines::{self, words};
use crate::numbers::Eid;
use crate::paths;
use crate::profiles::{self, ProfileOrder, Purpose, RequestError, State as Step, Wish};
use crate::web::{Ctx, Form, Page, PageError, Path, Person, noted, see_other, unprocessable};
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use sqlx::PgPool;
use time::{Duration, OffsetDateTime};

/// A call that is under way for longer is told as one without an answer.
const SILENCE: Duration = Duration::seconds(30);

/// What stands on the line's page about it.
pub struct Profile {
    pub told: Option<Told>,
    /// The pages that ask once more: another code, another device.
    pub offers: Option<[(String, &'static str); 2]>,
    /// The code on the line is about to be replaced.
    pub is_open: bool,
}

pub struct Told {
    pub class: &'static str,
    pub words: String,
}

impl Profile {
    /// `None` where there is nothing to say: the carrier orders no profiles.
    pub async fn of(
        pool: &PgPool,
        carriers: &Carriers,
        line: &Line,
        (ctx, person, now): (&Ctx, &Person, OffsetDateTime),
    ) -> sqlx::Result<Option<Self>> {
        let newest = profiles::newest(pool, line.id, now).await?;
        let ended = newest.as_ref().is_none_or(|order| order.finished_at.is_some());
        let free =
            ended && profiles::possible(carriers, line, now) && !profiles::is_being_renewed(pool, line.id).await?;
        let offer = |purpose: Purpose| paths::profile(line.id, purpose.as_str());
        let offers = free.then(|| {
            [(offer(Purpose::Reissue), ctx.t("profile-reissue")), (offer(Purpose::Move), ctx.t("profile-move"))]
        });
        let is_open = newest.as_ref().is_some_and(|order| !order.state.has_ended() && !order.state.is_ready());
        let told = newest.map(|order| Told::new(ctx, person, &order, now));
        Ok((told.is_some() || offers.is_some()).then_some(Self { told, offers, is_open }))
    }
}

impl Told {
    fn new(ctx: &Ctx, person: &Person, order: &ProfileOrder, now: OffsetDateTime) -> Self {
        let (key, class, at) = match order.state {
            Step::Released | Step::Done => ("profile-ready", "is-good", order.released_at),
            Step::Refused if order.freed => ("profile-refused-freed", "is-bad", order.finished_at),
            Step::Refused => ("profile-refused", "is-bad", order.finished_at),
            Step::Failed => ("profile-failed", "is-bad", order.finished_at),
            Step::Withdrawing => ("profile-withdrawing", "is-soon", None),
            _ if order.sent_at.is_some_and(|at| now - at > SILENCE) => ("profile-silent", "is-soon", order.sent_at),
            _ => ("profile-working", "is-soon", None),
        };
        let at = at.unwrap_or(order.requested_at);
        Self { class, words: ctx.t1(key, "time", moment(at, person, now, ctx.language)) }
    }
}

#[derive(Template)]
#[template(path = "orders/profile.html")]
pub struct ProfilePage {
    ctx: Ctx,
    number: String,
    action: String,
    back: String,
    is_move: bool,
    eid: String,
    eid_error: Option<&'static str>,
}

impl ProfilePage {
    fn new(ctx: Ctx, line: &Line, purpose: Purpose) -> Self {
        Self {
            ctx,
            number: words::number(line.msisdn.as_deref(), &line.iccid).replace(' ', "\u{a0}"),
            action: paths::line_profiles(line.id),
            back: paths::line(line.id),
            is_move: purpose == Purpose::Move,
            eid: String::new(),
            eid_error: None,
        }
    }
}

/// `GET /lines/{line}/profiles/{purpose}`
pub async fn confirm(
    Proven { person, .. }: Proven,
    State(app): State<App>,
    Path((line, purpose)): Path<(LineId, String)>,
    ctx: Ctx,
) -> Result<Response, PageError> {
    let purpose = Purpose::parse(&purpose).ok_or(PageError::NotFound)?;
    let held = lines::held_by(&app.pool, line, person.id).await?.ok_or(PageError::NotFound)?;
    if !profiles::possible(&app.carriers, &held, app.clock.now()) {
        return Ok(see_other(&paths::line(line)));
    }
    Ok(Page(ProfilePage::new(ctx, &held, purpose)).into_response())
}

#[derive(Deserialize)]
pub struct Wanted {
    #[serde(default)]
    purpose: String,
    #[serde(default)]
    eid: String,
}

/// `POST /lines/{line}/profiles`
pub async fn create(
    SignedIn { person }: SignedIn,
    proven: Result<Proven, Response>,
    State(app): State<App>,
    Path(line): Path<LineId>,
    ctx: Ctx,
    Form(wanted): Form<Wanted>,
) -> Result<Response, PageError> {
    let purpose = Purpose::parse(&wanted.purpose).ok_or(PageError::BadRequest)?;
    let held = lines::held_by(&app.pool, line, person.id).await?.ok_or(PageError::NotFound)?;
    let Ok(who) = proven else { return Ok(to_prove(&paths::profile(line, purpose.as_str()))) };
    let Ok(eid) = device(&wanted.eid, purpose) else {
        let mut page = ProfilePage::new(ctx, &held, purpose);
        page.eid_error = Some(page.ctx.t("profile-eid-wrong"));
        page.eid = wanted.eid;
        return Ok(unprocessable(page));
    };
    let wish = Wish { line, purpose, eid: eid.as_ref(), reason: None };
    let asked = profiles::request(&app.pool, &app.clock, &app.carriers, &app.base_url, &who, &wish).await;
    Ok(noted(&paths::line(line), note(asked)?))
}

/// The new device's, if there is to be one and it was named.
fn device(typed: &str, purpose: Purpose) -> Result<Option<Eid>, crate::numbers::NumberError> {
    match purpose {
        Purpose::Move if !typed.trim().is_empty() => Eid::parse(typed).map(Some),
        _ => Ok(None),
    }
}

fn note(asked: Result<(), RequestError>) -> Result<&'static str, PageError> {
    match asked {
        Ok(()) => Ok("profile-requested"),
        Err(RequestError::UnderWay) => Ok("profile-under-way"),
        Err(RequestError::OrderOpen) => Ok("profile-order-open"),
        Err(RequestError::TooMany) => Ok("profile-too-many"),
        Err(RequestError::NotPossible) => Ok("profile-not-possible"),
        Err(RequestError::NoSuchLine) => Err(PageError::NotFound),
        Err(RequestError::Database(error)) => Err(error.into()),
    }
}
