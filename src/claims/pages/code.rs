use super::{later, retry_after, too_often};
use crate::accounts::SignedIn;
use crate::app::App;
use crate::calendar;
use crate::carriers::names;
use crate::claims::ask::ask;
use crate::claims::model::{Claim, Numbered, Standing};
use crate::claims::prove::{Proved, prove};
use crate::claims::queries;
use crate::ids::ClaimId;
use crate::numbering::{self, Named};
use crate::paths;
use crate::web::{Ctx, Form, Nothing, Page, PageError, Path, Person, noted, see_other, unprocessable};
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

#[derive(Template)]
#[template(path = "claims/code.html")]
struct CodePage {
    ctx: Ctx,
    /// What was read: its name, and itself as people read it.
    read: (&'static str, String),
    carrier: Option<String>,
    /// It does not look like others of its kind: a typing error, perhaps.
    is_odd: bool,
    /// Why no code can be typed any more.
    over: Option<&'static str>,
    until: String,
    named: String,
    action: String,
    again: String,
    error: Option<String>,
}

/// Nothing more can be done here: the line is with another account, or a person adds it.
#[derive(Template)]
#[template(path = "claims/told.html")]
struct ToldPage {
    ctx: Ctx,
    title: &'static str,
    text: &'static str,
    number: String,
}

#[derive(Deserialize)]
pub struct Typed {
    #[serde(default)]
    code: String,
}

/// `GET /claims/{claim}`
pub async fn show(
    SignedIn { person }: SignedIn,
    State(app): State<App>,
    Path(claim): Path<ClaimId>,
    ctx: Ctx,
) -> Result<Response, PageError> {
    page(ctx, &app, &person, claim, None).await
}

/// `POST /claims/{claim}`
pub async fn check(
    SignedIn { person }: SignedIn,
    State(app): State<App>,
    Path(claim): Path<ClaimId>,
    ctx: Ctx,
    Form(Typed { code }): Form<Typed>,
) -> Result<Response, PageError> {
    let error = match prove(&app.pool, &app.clock, person.id, claim, &code).await? {
        Proved::NotFound => return Err(PageError::NotFound),
        Proved::Stands | Proved::Wrong { left: 0 } => return Ok(see_other(&paths::claim(claim))),
        Proved::Wrong { left } => ctx.t1("claim-wrong", "left", i64::from(left)),
        Proved::NoCode => ctx.t("claim-no-code").to_owned(),
    };
    page(ctx, &app, &person, claim, Some(error)).await
}

/// `POST /claims/{claim}/again`: another code for the same.
pub async fn again(
    SignedIn { person }: SignedIn,
    State(app): State<App>,
    Path(claim): Path<ClaimId>,
    ctx: Ctx,
    Form(Nothing {}): Form<Nothing>,
) -> Result<Response, PageError> {
    let known = queries::by_id(&app.pool, claim, person.id).await?.ok_or(PageError::NotFound)?;
    let named = known.numbered().ok_or(PageError::NotFound)?;
    match ask(&app.pool, &app.clock, person.id, &named).await {
        Ok(newer) if newer == claim => Ok(noted(&paths::claim(newer), "code-just-sent")),
        Ok(newer) => Ok(noted(&paths::claim(newer), "code-sent-again")),
        Err(denied) => {
            let again = retry_after(denied)?;
            let error = too_often(&ctx, again);
            Ok(later(again, page(ctx, &app, &person, claim, Some(error)).await?))
        }
    }
}

async fn page(
    ctx: Ctx,
    app: &App,
    person: &Person,
    claim: ClaimId,
    error: Option<String>,
) -> Result<Response, PageError> {
    let claim = queries::by_id(&app.pool, claim, person.id).await?.ok_or(PageError::NotFound)?;
    let named = claim.numbered().ok_or(PageError::NotFound)?;
    let over = match claim.standing(app.clock.now()) {
        Standing::Here(line) => return Ok(noted(&paths::line(line), arrival(&claim))),
        Standing::Held => return Ok(told(ctx, &named, "claim-held-title", "claim-held-text")),
        Standing::Asked => return Ok(told(ctx, &named, "claim-asked-title", "claim-asked-text")),
        Standing::Open { .. } => None,
        Standing::Expired => Some(ctx.t("claim-expired")),
        Standing::TriedTooOften => Some(ctx.t("claim-tried")),
        Standing::Replaced => Some(ctx.t("claim-replaced")),
    };
    let page = CodePage {
        read: (ctx.t(name(&named)), named.grouped()),
        carrier: carrier(app, &ctx, &named).await?,
        is_odd: looks_odd(&named),
        over,
        until: calendar::clock_time(calendar::local(claim.expires_at, &person.zone())),
        named: claim.number.clone(),
        action: paths::claim(claim.id),
        again: paths::claim_again(claim.id),
        error,
        ctx,
    };
    Ok(if page.error.is_some() { unprocessable(page) } else { Page(page).into_response() })
}

fn arrival(claim: &Claim) -> &'static str {
    if claim.outcome.as_deref() == Some("added") { "line-added" } else { "line-yours" }
}

fn told(ctx: Ctx, named: &Numbered, title: &'static str, text: &'static str) -> Response {
    let (title, text) = (ctx.t(title), ctx.t(text));
    Page(ToldPage { title, text, number: named.grouped(), ctx }).into_response()
}

fn name(named: &Numbered) -> &'static str {
    match named {
        Numbered::Iccid(_) => "claim-read-iccid",
        Numbered::Msisdn(_) => "claim-read-number",
    }
}

fn looks_odd(named: &Numbered) -> bool {
    match named {
        Numbered::Iccid(iccid) => !iccid.looks_right(),
        Numbered::Msisdn(number) => !number.looks_right(),
    }
}

/// By how it begins: the operator's own carrier, else who issues such cards. It says nothing of what is in stock.
async fn carrier(app: &App, ctx: &Ctx, named: &Numbered) -> sqlx::Result<Option<String>> {
    let named = match named {
        Numbered::Iccid(iccid) => Named::Iccid(iccid),
        Numbered::Msisdn(number) => Named::Msisdn(number),
    };
    let known = numbering::recognise(&mut *app.pool.acquire().await?, named).await?;
    let ours = known.carrier.and_then(|carrier| names::name(&carrier.code, ctx.language));
    Ok(ours.or(known.issuer.issuer).map(str::to_owned))
}
