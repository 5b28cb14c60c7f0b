//! What a person says about work that waited for them.

use crate::accounts::SignedInStaff;
use crate::app::App;
use crate::ids::{AccountId, CaseId, RefundId};
use crate::orders::give_back::{GiveBackError, Hand, close_case, retry};
use crate::paths;
use crate::staff::queries::money;
use crate::web::{Form, Nothing, PageError, Path, Role, see_other};
use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;

#[derive(Deserialize)]
pub struct Note {
    #[serde(default)]
    note: String,
}

/// `POST /staff/refunds/{refund}/retry`
pub async fn retry_refund(
    staff: SignedInStaff,
    State(app): State<App>,
    Path(refund): Path<RefundId>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<Response, PageError> {
    let hand = hand(&staff, &app)?;
    let place = money::place_of_refund(&app.pool, refund).await?.ok_or(PageError::NotFound)?;
    told(place, retry(&hand, refund).await, "refund-retried")
}

/// `POST /staff/cases/{case}/close`
pub async fn case_closed(
    staff: SignedInStaff,
    State(app): State<App>,
    Path(case): Path<CaseId>,
    Form(Note { note }): Form<Note>,
) -> Result<Response, PageError> {
    let hand = hand(&staff, &app)?;
    let place = money::place_of_case(&app.pool, case).await?.ok_or(PageError::NotFound)?;
    let Some(note) = said(&note) else { return Ok(back(place, "say-how")) };
    told(place, close_case(&hand, case, note).await, "case-closed")
}

pub(super) fn hand<'a>(staff: &'a SignedInStaff, app: &'a App) -> Result<Hand<'a>, PageError> {
    let actor = staff.at_least(Role::Finance)?.actor();
    Ok(Hand { pool: &app.pool, clock: &app.clock, actor })
}

/// What was written, if it is a note: something, and no longer than one.
pub(super) fn said(note: &str) -> Option<&str> {
    Some(note.trim()).filter(|note| !note.is_empty() && note.chars().count() <= 300)
}

pub(super) fn told(
    place: (AccountId, String),
    done: Result<(), GiveBackError>,
    note: &str,
) -> Result<Response, PageError> {
    match done {
        Ok(()) => Ok(back(place, note)),
        Err(GiveBackError::NotWaiting) => Ok(back(place, "not-waiting")),
        Err(GiveBackError::Own) => Ok(back(place, "refund-own")),
        Err(GiveBackError::Internal(error)) => Err(error.into()),
        Err(_) => Err(PageError::NotFound),
    }
}

pub(super) fn back((account, number): (AccountId, String), note: &str) -> Response {
    see_other(&paths::staff_money(account, &number, note))
}
