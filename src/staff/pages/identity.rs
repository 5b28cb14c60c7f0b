//! Who a customer is by their document, for whoever must tell a carrier: masked, and whole for a reason that is written down.

use super::work::said;
use crate::accounts::{Proven, SignedInStaff};
use crate::app::App;
use crate::identity::pages::rows::{self, Row};
use crate::identity::{self, Reading};
use crate::ids::AccountId;
use crate::paths;
use crate::staff::queries::account;
use crate::web::limits::{Rate, allow};
use crate::web::{Ctx, Form, Page, PageError, Path, Person, Role, unprocessable};
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

/// Whoever is served, not all customers one after the other.
const READING: (&str, Rate) = ("identity reading", Rate { at_once: 20, one_per: 300 });

#[derive(Template)]
#[template(path = "staff/identity.html")]
struct IdentityPage {
    ctx: Ctx,
    customer: (String, String),
    rows: Vec<Row>,
    is_whole: bool,
    /// It was asked for without a reason.
    lacks_reason: bool,
    typed: String,
}

#[derive(Deserialize)]
pub struct Reason {
    #[serde(default)]
    reason: String,
}

/// `GET /staff/accounts/{account}/identity`
pub async fn show(
    ctx: Ctx,
    staff: SignedInStaff,
    State(app): State<App>,
    Path(account): Path<AccountId>,
    proven: Result<Proven, Response>,
) -> Result<Response, PageError> {
    staff.at_least(Role::Support)?;
    if let Err(elsewhere) = proven {
        return Ok(elsewhere);
    }
    Ok(Page(masked(ctx, &app, account).await?).into_response())
}

/// `POST /staff/accounts/{account}/identity`: whole, with the reason given.
pub async fn disclose(
    ctx: Ctx,
    staff: SignedInStaff,
    State(app): State<App>,
    Path(account): Path<AccountId>,
    proven: Result<Proven, Response>,
    Form(Reason { reason }): Form<Reason>,
) -> Result<Response, PageError> {
    let person = staff.at_least(Role::Support)?;
    if let Err(elsewhere) = proven {
        return Ok(elsewhere);
    }
    match said(&reason) {
        Some(why) => Ok(Page(whole(ctx, &app, person, account, why).await?).into_response()),
        None => {
            let page = masked(ctx, &app, account).await?;
            Ok(unprocessable(IdentityPage { lacks_reason: true, typed: reason, ..page }))
        }
    }
}

async fn masked(ctx: Ctx, app: &App, account: AccountId) -> Result<IdentityPage, PageError> {
    let kept = identity::kept(&app.pool, &app.keys, account).await?.ok_or(PageError::NotFound)?;
    page(app, account, rows::masked(&ctx, &kept.identity), ctx).await
}

async fn whole(ctx: Ctx, app: &App, person: &Person, account: AccountId, why: &str) -> Result<IdentityPage, PageError> {
    allow(&app.pool, READING.0, &person.id.to_string(), READING.1).await?;
    let reading = Reading { by: person.actor(), account, why: Some(why) };
    let kept = identity::disclose((&app.pool, &app.clock), &app.keys, reading).await?.ok_or(PageError::NotFound)?;
    let page = page(app, account, rows::whole(&ctx, &kept.identity), ctx).await?;
    Ok(IdentityPage { is_whole: true, ..page })
}

async fn page(app: &App, id: AccountId, rows: Vec<Row>, ctx: Ctx) -> Result<IdentityPage, PageError> {
    let head = account::head(&app.pool, id).await?.ok_or(PageError::NotFound)?;
    let customer = (paths::staff_account(id), head.name);
    Ok(IdentityPage { ctx, customer, rows, is_whole: false, lacks_reason: false, typed: String::new() })
}
