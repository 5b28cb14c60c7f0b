use super::shown::{Mark, day_and_time, gateway_name, named};
use crate::accounts::SignedInStaff;
use crate::calendar::Zone;
use crate::clock::Clock;
use crate::paths;
use crate::staff::queries::attention::{self, Item};
use crate::web::{Ctx, Page, PageError};
use askama::Template;
use axum::extract::{Query, State};
use axum::response::IntoResponse;
use serde::Deserialize;
use sqlx::PgPool;

/// Of each kind on the first look, and on a page of one kind.
const PER_SECTION: i64 = 25;
const PER_PAGE: i64 = 100;

#[derive(Deserialize)]
pub struct Asked {
    /// The one kind that is shown in full.
    all: Option<String>,
    page: Option<i64>,
}

/// Kinds of work in the order of their weight, and how a number of them is coloured.
const SECTIONS: [(&str, &str); 11] = [
    ("cases", "is-bad"),
    ("requests", "is-soon"),
    ("resets", "is-soon"),
    ("delayed", "is-bad"),
    ("unknown", "is-bad"),
    ("refunds", "is-soon"),
    ("statements", "is-bad"),
    ("unmatched", "is-bad"),
    ("carriers", "is-bad"),
    ("jobs", "is-bad"),
    ("lapsing", ""),
];

#[derive(Template)]
#[template(path = "staff/home.html")]
struct Home {
    ctx: Ctx,
    now: String,
    sections: Vec<Section>,
    /// The page of the one kind that is shown in full.
    page: Option<i64>,
}

struct Section {
    id: &'static str,
    title: &'static str,
    class: &'static str,
    total: i64,
    /// How many come after these.
    rest: i64,
    rows: Vec<Row>,
}

struct Row {
    what: String,
    text: Option<String>,
    /// Where the order it is about is told.
    path: Option<String>,
    mark: Option<Mark>,
    who: Option<Who>,
    since: String,
}

struct Who {
    path: String,
    name: String,
    email: String,
}

impl Home {
    /// Lines about to lapse are their holders' business; everything else is ours.
    fn is_clear(&self) -> bool {
        self.page.is_none() && self.sections.iter().all(|section| section.id == "lapsing" || section.total == 0)
    }
}

/// `GET /staff`
pub async fn show(
    ctx: Ctx,
    staff: SignedInStaff,
    State(pool): State<PgPool>,
    State(clock): State<Clock>,
    Query(asked): Query<Asked>,
) -> Result<impl IntoResponse, PageError> {
    let (now, zone) = (clock.now(), staff.person.zone());
    let only = asked.all.as_deref().and_then(|id| SECTIONS.iter().find(|section| section.0 == id));
    let page = only.map(|_| asked.page.unwrap_or(1).clamp(1, 10_000));
    let (most, skipped) = page.map_or((PER_SECTION, 0), |page| (PER_PAGE, (page - 1) * PER_PAGE));
    let items = attention::items(&pool, now, most, skipped, ctx.language).await?;
    let wanted = SECTIONS.iter().filter(|section| only.is_none_or(|only| only.0 == section.0));
    let sections = wanted.map(|&(id, class)| section(&ctx, &zone, id, class, &items, skipped)).collect();
    Ok(Page(Home { now: day_and_time(now, &zone), sections, page, ctx }))
}

fn section(ctx: &Ctx, zone: &Zone, id: &'static str, class: &'static str, items: &[Item], skipped: i64) -> Section {
    let mine: Vec<_> = items.iter().filter(|item| item.section == id).collect();
    let total = mine.first().map_or(0, |item| item.total);
    Section {
        id,
        title: ctx.t(&format!("staff-home-{id}")),
        class: if total > 0 { class } else { "" },
        total,
        rest: (total - skipped - mine.len() as i64).max(0),
        rows: mine.into_iter().map(|item| row(ctx, zone, item)).collect(),
    }
}

fn row(ctx: &Ctx, zone: &Zone, item: &Item) -> Row {
    let day = item.day.map(|day| day.to_string());
    Row {
        what: what(ctx, item),
        text: item.text.clone().filter(|text| !text.is_empty()),
        path: path(item),
        mark: item.code.as_deref().filter(|_| item.section != "statements").map(|code| mark(ctx, &item.section, code)),
        who: who(item),
        since: day.or(item.at.map(|at| day_and_time(at, zone))).unwrap_or_default(),
    }
}

/// The order's own story, where the text is an order's number; a statement's day.
fn path(item: &Item) -> Option<String> {
    if item.section == "statements" {
        return Some(paths::staff_reconciliation(item.code.as_deref()?.parse().ok()?));
    }
    if item.section == "requests" {
        return Some(paths::STAFF_LINE_REQUESTS.to_owned());
    }
    if item.section == "resets" {
        return Some(paths::STAFF_SECOND_STEP_RESETS.to_owned());
    }
    if item.section == "carriers" {
        return Some(paths::STAFF_CATALOGUE.to_owned());
    }
    let is_order = matches!(item.section.as_str(), "cases" | "delayed" | "unknown" | "refunds");
    Some(paths::staff_order(item.account.filter(|_| is_order)?, item.text.as_deref()?))
}

fn mark(ctx: &Ctx, section: &str, code: &str) -> Mark {
    match section {
        "cases" => Mark::of_order(ctx, code),
        "refunds" => Mark::new("", named(ctx, &format!("staff-refund-{code}"), code)),
        _ => Mark::new("", named(ctx, &format!("staff-outcome-{code}"), code)),
    }
}

fn what(ctx: &Ctx, item: &Item) -> String {
    match item.section.as_str() {
        "cases" => named(ctx, &format!("staff-case-{}", item.what), &item.what),
        "delayed" | "refunds" => named(ctx, &format!("staff-state-{}", item.what), &item.what),
        "lapsing" => {
            crate::numbers::Msisdn::parse(&item.what).map_or_else(|_| item.what.clone(), |number| number.grouped())
        }
        "statements" | "unmatched" => gateway_name(ctx, &item.what),
        "carriers" => named(ctx, &format!("staff-alert-{}", item.what.replace('_', "-")), &item.what),
        "requests" => named(ctx, &format!("staff-request-{}", item.what), &item.what),
        "resets" => named(ctx, &format!("staff-role-{}", item.what), &item.what),
        "jobs" => named(ctx, &format!("job-{}", item.what), &item.what),
        _ => named(ctx, &format!("pay-method-{}", item.what), &item.what),
    }
}

fn who(item: &Item) -> Option<Who> {
    Some(Who { path: paths::staff_account(item.account?), name: item.name.clone()?, email: item.email.clone()? })
}
