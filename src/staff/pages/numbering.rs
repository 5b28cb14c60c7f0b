//! How the operator's cards and numbers begin, and which carrier and plan that tells.

use super::shown::named;
use crate::accounts::SignedInStaff;
use crate::app::App;
use crate::numbering::{self, Kind, NewRange, Prefix, Range, RangeError};
use crate::numbers::{NumberError, half_width};
use crate::paths;
use crate::staff::queries::catalogue::{self, CarrierRow};
use crate::web::{Ctx, Form, Nothing, Page, PageError, Path, Role, noted, unprocessable};
use askama::Template;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use sqlx::PgPool;

const LONGEST_NOTE: usize = 200;
/// Whoever has more ranges than this keeps them in a file.
const AT_MOST: usize = 500;

#[derive(Template)]
#[template(path = "staff/numbering.html")]
struct NumberingPage {
    ctx: Ctx,
    note: Option<&'static str>,
    groups: Vec<Group>,
    more: Option<String>,
    carriers: Vec<(String, String)>,
    typed: Typed,
    /// The field that is wrong and why.
    wrong: Option<(&'static str, String)>,
    may_change: bool,
}

struct Group {
    title: &'static str,
    rows: Vec<Row>,
}

struct Row {
    prefix: String,
    carrier: String,
    about: String,
    remove: String,
}

#[derive(Deserialize)]
pub struct Asked {
    note: Option<String>,
}

#[derive(Deserialize, Default)]
pub struct Typed {
    #[serde(default)]
    kind: String,
    #[serde(default)]
    prefix: String,
    #[serde(default)]
    carrier: String,
    #[serde(default)]
    line_kind: String,
    #[serde(default)]
    plan: String,
    #[serde(default)]
    note: String,
}

/// `GET /staff/numbering`
pub async fn index(
    ctx: Ctx,
    staff: SignedInStaff,
    State(pool): State<PgPool>,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let note = match asked.note.as_deref() {
        Some("added") => Some(ctx.t("numbering-note-added")),
        Some("removed") => Some(ctx.t("numbering-note-removed")),
        _ => None,
    };
    let page = NumberingPage::of(ctx, &staff, &pool).await?;
    Ok(Page(NumberingPage { note, ..page }).into_response())
}

impl NumberingPage {
    async fn of(ctx: Ctx, staff: &SignedInStaff, pool: &PgPool) -> Result<Self, PageError> {
        let (ranges, carriers) = (numbering::every(pool).await?, catalogue::carriers(pool).await?);
        let more = ranges.len().checked_sub(AT_MOST).filter(|more| *more > 0);
        let group = |kind: Kind, title| {
            let of_kind = ranges.iter().take(AT_MOST).filter(|range| range.kind == kind.as_str());
            Group { title, rows: of_kind.map(|range| row(&ctx, &carriers, range)).collect() }
        };
        let groups =
            vec![group(Kind::Iccid, ctx.t("numbering-iccids")), group(Kind::Msisdn, ctx.t("numbering-msisdns"))];
        Ok(Self {
            note: None,
            more: more.map(|more| ctx.t1("numbering-more", "n", i64::try_from(more).unwrap_or(i64::MAX))),
            carriers: carriers.iter().map(|row| (row.code.clone(), name(&ctx, row))).collect(),
            typed: Typed::default(),
            wrong: None,
            may_change: staff.at_least(Role::Admin).is_ok(),
            groups,
            ctx,
        })
    }

    fn wrong_at(&self, field: &str) -> Option<&str> {
        self.wrong.as_ref().filter(|(at, _)| *at == field).map(|(_, why)| why.as_str())
    }
}

fn name(ctx: &Ctx, row: &CarrierRow) -> String {
    if ctx.language.is_chinese() { row.name_zh.clone() } else { row.name_en.clone() }
}

fn row(ctx: &Ctx, carriers: &[CarrierRow], range: &Range) -> Row {
    let carrier = carriers.iter().find(|row| row.code == range.carrier);
    let kind = range.line_kind.as_deref().map(|kind| named(ctx, &format!("kind-{kind}"), kind));
    let note = Some(range.note.clone()).filter(|note| !note.is_empty());
    Row {
        prefix: shown(range),
        carrier: carrier.map_or_else(|| range.carrier.clone(), |row| name(ctx, row)),
        about: [kind, range.plan.clone(), note].into_iter().flatten().collect::<Vec<_>>().join(" · "),
        remove: paths::staff_range_remove(range.id),
    }
}

fn shown(range: &Range) -> String {
    let plus = if range.kind == Kind::Msisdn.as_str() { "+" } else { "" };
    format!("{plus}{}", range.prefix)
}

/// `POST /staff/numbering`
pub async fn add(
    ctx: Ctx,
    staff: SignedInStaff,
    State(app): State<App>,
    Form(typed): Form<Typed>,
) -> Result<Response, PageError> {
    let actor = staff.at_least(Role::Admin)?.actor();
    let wrong = match typed.read() {
        Err((field, key)) => (field, ctx.t(key).to_owned()),
        Ok(range) => match numbering::add(&app.pool, &app.clock, actor, &range).await {
            Ok(()) => return Ok(noted(paths::STAFF_NUMBERING, "added")),
            Err(error) => refused(&ctx, error)?,
        },
    };
    let page = NumberingPage::of(ctx, &staff, &app.pool).await?;
    Ok(unprocessable(NumberingPage { wrong: Some(wrong), typed, ..page }))
}

fn refused(ctx: &Ctx, error: RangeError) -> Result<(&'static str, String), PageError> {
    Ok(match error {
        RangeError::NoSuchCarrier => ("carrier", ctx.t("numbering-carrier-wrong").to_owned()),
        RangeError::NoSuchPlan => ("plan", ctx.t("numbering-plan-wrong").to_owned()),
        RangeError::OthersPlan => ("plan", ctx.t("numbering-plan-others").to_owned()),
        RangeError::OtherKind => ("plan", ctx.t("numbering-plan-kind").to_owned()),
        RangeError::Taken { carrier } => ("prefix", ctx.t1("numbering-prefix-taken", "carrier", carrier)),
        RangeError::Database(error) => return Err(error.into()),
    })
}

impl Typed {
    /// The range, or the field that is wrong and the text that says why.
    fn read(&self) -> Result<NewRange, (&'static str, &'static str)> {
        let kind = Kind::parse(&self.kind).ok_or(("kind", "numbering-kind-wrong"))?;
        // Spreadsheets lose the plus; a person who types 138 may mean a number at home.
        if kind == Kind::Msisdn && !half_width(&self.prefix).trim().starts_with(['+', '0']) {
            return Err(("prefix", "numbering-prefix-country"));
        }
        let prefix = Prefix::parse(kind, &self.prefix).map_err(|error| ("prefix", unreadable(kind, &error)))?;
        let line_kind = match self.line_kind.as_str() {
            "" => None,
            kind @ ("fm_card" | "esim") => Some(kind.to_owned()),
            _ => return Err(("line_kind", "numbering-line-kind-wrong")),
        };
        let plan = Some(self.plan.trim().to_ascii_uppercase()).filter(|plan| !plan.is_empty());
        let note = self.note.trim().to_owned();
        if note.chars().count() > LONGEST_NOTE || note.chars().any(char::is_control) {
            return Err(("note", "numbering-note-wrong"));
        }
        Ok(NewRange { kind, prefix, carrier: self.carrier.clone(), line_kind, plan, note })
    }
}

fn unreadable(kind: Kind, error: &NumberError) -> &'static str {
    match (error, kind) {
        (NumberError::Length(..), Kind::Iccid) => "numbering-prefix-length",
        (NumberError::Length(..), Kind::Msisdn) => "numbering-prefix-length-number",
        (NumberError::CheckDigits, _) => "numbering-prefix-not-89",
        (NumberError::NoCountryCode, _) => "numbering-prefix-country",
        _ => "numbering-prefix-digits",
    }
}

#[derive(Template)]
#[template(path = "staff/numbering_remove.html")]
struct RemovePage {
    ctx: Ctx,
    prefix: String,
    carrier: String,
    about: String,
    action: String,
}

/// `GET /staff/numbering/{range}/remove`: nothing is done yet.
pub async fn confirm(
    ctx: Ctx,
    staff: SignedInStaff,
    State(pool): State<PgPool>,
    Path(id): Path<i64>,
) -> Result<Response, PageError> {
    staff.at_least(Role::Admin)?;
    let range = numbering::by_id(&pool, id).await?.ok_or(PageError::NotFound)?;
    let Row { prefix, carrier, about, remove } = row(&ctx, &catalogue::carriers(&pool).await?, &range);
    Ok(Page(RemovePage { prefix, carrier, about, action: remove, ctx }).into_response())
}

/// `POST /staff/numbering/{range}/remove`
pub async fn remove(
    staff: SignedInStaff,
    State(app): State<App>,
    Path(id): Path<i64>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<Response, PageError> {
    let actor = staff.at_least(Role::Admin)?.actor();
    numbering::remove(&app.pool, &app.clock, actor, id).await?;
    Ok(noted(paths::STAFF_NUMBERING, "removed"))
}
