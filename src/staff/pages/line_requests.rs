//! Lines that customers could not add by themselves.

use super::shown::{day_and_time, named};
use super::work::said;
use crate::accounts::SignedInStaff;
use crate::app::App;
use crate::calendar::Zone;
use crate::claims::{self, OpenRequest};
use crate::ids::LineRequestId;
use crate::numbers::Msisdn;
use crate::paths;
use crate::web::{Ctx, Form, Page, PageError, Path, Role, noted};
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

#[derive(Template)]
#[template(path = "staff/line_requests.html")]
struct RequestsPage {
    ctx: Ctx,
    may_close: bool,
    rows: Vec<Row>,
}

struct Row {
    what: String,
    named: String,
    proof: String,
    customer: (String, String, String),
    since: String,
    close: String,
    /// Of its field.
    id: String,
}

/// `GET /staff/line-requests`
pub async fn index(ctx: Ctx, staff: SignedInStaff, State(app): State<App>) -> Result<impl IntoResponse, PageError> {
    let zone = staff.person.zone();
    let requests = claims::open_requests(&app.pool).await?;
    let rows = requests.into_iter().map(|request| row(&ctx, request, &zone)).collect();
    Ok(Page(RequestsPage { may_close: staff.at_least(Role::Support).is_ok(), rows, ctx }))
}

fn row(ctx: &Ctx, request: OpenRequest, zone: &Zone) -> Row {
    let proof = match request.proved_by.as_deref() {
        Some(number) => {
            let number = Msisdn::parse(number).map_or_else(|_| number.to_owned(), |number| number.grouped());
            ctx.t1("staff-requests-proved", "number", number)
        }
        None if request.kind == "held" => String::new(),
        None => ctx.t("staff-requests-unproved").to_owned(),
    };
    Row {
        what: named(ctx, &format!("staff-request-{}", request.kind), &request.kind),
        named: request.named,
        proof,
        customer: (paths::staff_account(request.account_id), request.customer, request.email),
        since: day_and_time(request.opened_at, zone),
        close: paths::staff_line_request_close(request.id),
        id: request.id.to_string(),
    }
}

#[derive(Deserialize)]
pub struct Note {
    #[serde(default)]
    note: String,
}

/// `POST /staff/line-requests/{request}/close`
pub async fn close(
    staff: SignedInStaff,
    State(app): State<App>,
    Path(request): Path<LineRequestId>,
    Form(Note { note }): Form<Note>,
) -> Result<Response, PageError> {
    let actor = staff.at_least(Role::Support)?.actor();
    let note = match said(&note) {
        None => "say-how",
        Some(note) if claims::close(&app.pool, &app.clock, actor, request, note).await? => "request-closed",
        Some(_) => "not-waiting",
    };
    Ok(noted(paths::STAFF_LINE_REQUESTS, note))
}
