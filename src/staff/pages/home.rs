use super::shown::{day_and_time, named};
use crate::accounts::SignedInStaff;
use crate::app::Mode;
use crate::calendar::Zone;
use crate::clock::Clock;
use crate::paths;
use crate::staff::queries::attention::{self, Item};
use crate::web::{Ctx, Page, PageError};
use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse;
use sqlx::PgPool;

/// Of each kind; the rest comes up as these are dealt with.
const PER_SECTION: i64 = 25;

/// Kinds of work in the order of their weight, and how a number of them is coloured.
const SECTIONS: [(&str, &str); 7] = [
    ("cases", "is-bad"),
    ("delayed", "is-bad"),
    ("unknown", "is-bad"),
    ("refunds", "is-soon"),
    ("unmatched", "is-bad"),
    ("jobs", "is-bad"),
    ("lapsing", ""),
];

#[derive(Template)]
#[template(path = "staff/home.html")]
struct Home {
    ctx: Ctx,
    now: String,
    sections: Vec<Section>,
    can_rehearse: bool,
}

struct Section {
    id: &'static str,
    title: &'static str,
    class: &'static str,
    total: i64,
    rows: Vec<Row>,
}

struct Row {
    what: String,
    text: Option<String>,
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
        self.sections.iter().all(|section| section.id == "lapsing" || section.total == 0)
    }
}

/// `GET /staff`
pub async fn show(
    ctx: Ctx,
    staff: SignedInStaff,
    State(pool): State<PgPool>,
    State(clock): State<Clock>,
    State(mode): State<Mode>,
) -> Result<impl IntoResponse, PageError> {
    let (now, zone) = (clock.now(), staff.person.zone());
    let items = attention::items(&pool, now, PER_SECTION).await?;
    let sections = SECTIONS.iter().map(|&(id, class)| section(&ctx, &zone, id, class, &items)).collect();
    Ok(Page(Home { now: day_and_time(now, &zone), sections, can_rehearse: mode == Mode::Demo, ctx }))
}

fn section(ctx: &Ctx, zone: &Zone, id: &'static str, class: &'static str, items: &[Item]) -> Section {
    let mine: Vec<_> = items.iter().filter(|item| item.section == id).collect();
    let total = mine.first().map_or(0, |item| item.total);
    Section {
        id,
        title: ctx.t(&format!("staff-home-{id}")),
        class: if total > 0 { class } else { "" },
        total,
        rows: mine.into_iter().map(|item| row(ctx, zone, item)).collect(),
    }
}

fn row(ctx: &Ctx, zone: &Zone, item: &Item) -> Row {
    let day = item.day.map(|day| day.to_string());
    Row {
        what: what(ctx, item),
        text: item.text.clone().filter(|text| !text.is_empty()),
        who: who(item),
        since: day.or(item.at.map(|at| day_and_time(at, zone))).unwrap_or_default(),
    }
}

fn what(ctx: &Ctx, item: &Item) -> String {
    match item.section.as_str() {
        "cases" => named(ctx, &format!("staff-case-{}", item.what), &item.what),
        "delayed" | "refunds" => named(ctx, &format!("staff-state-{}", item.what), &item.what),
        "lapsing" => {
            crate::numbers::Msisdn::parse(&item.what).map_or_else(|_| item.what.clone(), |number| number.grouped())
        }
        "jobs" => named(ctx, &format!("job-{}", item.what), &item.what),
        _ => item.what.clone(),
    }
}

fn who(item: &Item) -> Option<Who> {
    Some(Who { path: paths::staff_account(item.account?), name: item.name.clone()?, email: item.email.clone()? })
}
