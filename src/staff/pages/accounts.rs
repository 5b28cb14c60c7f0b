use super::shown::Mark;
use crate::accounts::SignedInStaff;
use crate::audit::{self, Act};
use crate::clock::Clock;
use crate::numbers::{Iccid, Msisdn};
use crate::paths;
use crate::staff::needle::Needle;
use crate::staff::queries::search::{self, AT_MOST, Hit};
use crate::web::{Ctx, Page, PageError, see_other};
use askama::Template;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use sqlx::PgPool;

#[derive(Deserialize)]
pub struct Asked {
    #[serde(default)]
    q: String,
}

#[derive(Template)]
#[template(path = "staff/accounts.html")]
struct Accounts {
    ctx: Ctx,
    q: String,
    /// Whether anything was looked for.
    searched: bool,
    too_short: bool,
    more: bool,
    rows: Vec<Row>,
}

struct Row {
    path: String,
    name: String,
    email: String,
    by: &'static str,
    found: String,
    lines: i64,
    order: Option<(String, Mark)>,
}

/// `GET /staff/accounts?q=`: a single account is shown at once.
pub async fn index(
    ctx: Ctx,
    staff: SignedInStaff,
    State(pool): State<PgPool>,
    State(clock): State<Clock>,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let Some(needle) = Needle::of(&asked.q) else {
        let too_short = !asked.q.trim().is_empty();
        return Ok(
            Page(Accounts { ctx, q: asked.q, searched: false, too_short, more: false, rows: vec![] }).into_response()
        );
    };
    let mut hits = search::accounts(&pool, &needle).await?;
    audit::record(&pool, searched(&staff, &clock, &needle, hits.len())).await?;
    if let [only] = hits.as_slice() {
        return Ok(see_other(&paths::staff_account(only.id)));
    }
    let more = hits.len() > AT_MOST;
    hits.truncate(AT_MOST);
    let rows = hits.into_iter().map(|hit| row(&ctx, hit)).collect();
    Ok(Page(Accounts { ctx, q: asked.q, searched: true, too_short: false, more, rows }).into_response())
}

/// What was typed may be someone's address, so only its kind is kept.
fn searched<'a>(staff: &SignedInStaff, clock: &Clock, needle: &Needle, hits: usize) -> Act<'a> {
    Act {
        at: clock.now(),
        actor: staff.person.actor(),
        action: "accounts.searched",
        account: None,
        subject: None,
        detail: serde_json::json!({ "by": needle.kind(), "found": hits }),
    }
}

fn row(ctx: &Ctx, hit: Hit) -> Row {
    let status = hit.order_status.unwrap_or_default();
    Row {
        path: paths::staff_account(hit.id),
        found: grouped(&hit.by, hit.found),
        by: ctx.t(&format!("staff-search-by-{}", hit.by)),
        order: hit.order_number.map(|number| (number, Mark::of_order(ctx, &status))),
        name: hit.name,
        email: hit.email,
        lines: hit.lines,
    }
}

fn grouped(by: &str, found: String) -> String {
    match by {
        "number" | "phone" => Msisdn::parse(&found).map_or(found, |number| number.grouped()),
        "iccid" => Iccid::parse(&found).map_or(found, |iccid| iccid.grouped()),
        _ => found,
    }
}
