use super::rows::{self, Row};
use crate::accounts::{Proven, own_path};
use crate::app::App;
use crate::calendar;
use crate::carriers::names;
use crate::countries;
use crate::identity::keep::{self, Reading};
use crate::identity::model::{DocumentKind, Typed, Wrong};
use crate::lines;
use crate::paths;
use crate::web::{Ctx, Form, Nothing, Page, PageError, Person, noted, see_other, unprocessable};
use askama::Template;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

#[derive(Template)]
#[template(path = "identity/show.html")]
struct IdentityPage {
    ctx: Ctx,
    /// The carriers of the customer's lines that demand it.
    demanding: String,
    /// What is kept, masked unless it was asked for whole.
    rows: Option<Vec<Row>>,
    is_whole: bool,
    saved: String,
    typed: Typed,
    wrong: Vec<Wrong>,
    countries: Vec<(&'static str, &'static str)>,
    next: String,
}

#[derive(Deserialize)]
pub struct Asked {
    #[serde(default)]
    next: String,
}

#[derive(Deserialize)]
pub struct Given {
    #[serde(flatten)]
    typed: Typed,
    #[serde(default)]
    next: String,
}

/// `GET /account/identity`
pub async fn show(
    Proven { person, .. }: Proven,
    State(app): State<App>,
    Query(Asked { next }): Query<Asked>,
    ctx: Ctx,
) -> Result<Response, PageError> {
    Ok(Page(IdentityPage { next, ..IdentityPage::read(&app, ctx, &person, false).await? }).into_response())
}

/// `POST /account/identity/show`: whole, which is written down.
pub async fn disclose(
    Proven { person, .. }: Proven,
    State(app): State<App>,
    ctx: Ctx,
    _sealed: Form<Nothing>,
) -> Result<Response, PageError> {
    Ok(Page(IdentityPage::read(&app, ctx, &person, true).await?).into_response())
}

/// `POST /account/identity`
pub async fn update(
    who: Proven,
    State(app): State<App>,
    ctx: Ctx,
    Form(Given { typed, next }): Form<Given>,
) -> Result<Response, PageError> {
    match typed.read(calendar::today(app.clock.now(), &who.person.zone())) {
        Ok(identity) => {
            keep::save((&app.pool, &app.clock), &app.keys, &who, &identity).await?;
            Ok(own_path(&next).map_or_else(|| noted(paths::IDENTITY, "identity-saved"), see_other))
        }
        Err(wrong) => {
            let page = IdentityPage::read(&app, ctx, &who.person, false).await?;
            Ok(unprocessable(IdentityPage { typed, wrong, next, ..page }))
        }
    }
}

/// `POST /account/identity/remove`
pub async fn remove(who: Proven, State(app): State<App>, _sealed: Form<Nothing>) -> Result<Response, PageError> {
    keep::remove(&app.pool, &app.clock, &who).await?;
    Ok(noted(paths::IDENTITY, "identity-removed"))
}

impl IdentityPage {
    async fn read(app: &App, ctx: Ctx, person: &Person, whole: bool) -> Result<Self, PageError> {
        let kept = match whole {
            true => {
                let reading = Reading { by: person.actor(), account: person.id, why: None };
                keep::disclose((&app.pool, &app.clock), &app.keys, reading).await?
            }
            false => keep::kept(&app.pool, &app.keys, person.id).await?,
        };
        let shown = if whole { rows::whole } else { rows::masked };
        let day = |at| calendar::long_date(calendar::today(at, &person.zone()), ctx.language);
        let mut countries: Vec<_> = countries::all(ctx.language).collect();
        countries.sort_by_key(|(_, name)| *name);
        Ok(Self {
            demanding: demanding(app, &ctx, person).await?,
            saved: kept.as_ref().map(|kept| day(kept.saved_at)).unwrap_or_default(),
            rows: kept.map(|kept| shown(&ctx, &kept.identity)),
            is_whole: whole,
            typed: Typed::default(),
            wrong: vec![],
            countries,
            next: String::new(),
            ctx,
        })
    }

    fn wrong(&self, field: &str) -> Option<&'static str> {
        self.wrong.iter().find(|(wrong, _)| *wrong == field).map(|(_, key)| self.ctx.t(key))
    }

    /// Nobody is asked for what no carrier wants.
    fn may_give(&self) -> bool {
        !self.demanding.is_empty() || self.rows.is_some()
    }
}

async fn demanding(app: &App, ctx: &Ctx, person: &Person) -> sqlx::Result<String> {
    let carriers = lines::carriers_of(&app.pool, person.id).await?;
    let demanding = carriers.iter().filter(|code| app.carriers.demands_identity(code));
    let names: Vec<&str> = demanding.map(|code| names::name(code, ctx.language).unwrap_or(code)).collect();
    Ok(names.join(ctx.t("common-list-comma")))
}
