use super::{later, retry_after, too_often};
use crate::accounts::{Proven, SignedIn};
use crate::app::App;
use crate::claims::activate::{Activated, activate};
use crate::claims::ask::ask;
use crate::claims::model::Numbered;
use crate::claims::read::{Named, Unreadable, read};
use crate::claims::requests;
use crate::lines;
use crate::numbers::{ActivationCode, ActivationCodeError};
use crate::paths;
use crate::web::{Ctx, Form, Page, PageError, noted, see_other, unprocessable};
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

/// Longer than any code is, and shorter than what nobody reads.
const LONGEST: usize = 700;

#[derive(Template)]
#[template(path = "claims/add.html")]
struct AddPage {
    ctx: Ctx,
    /// Whether codes can be sent.
    can_text: bool,
    named: String,
    error: Option<String>,
    /// What was typed can't be added from here; a person can be asked.
    may_ask: bool,
}

#[derive(Deserialize)]
pub struct Typed {
    #[serde(default)]
    named: String,
}

impl AddPage {
    fn new(ctx: Ctx, app: &App) -> Self {
        Self { ctx, can_text: app.texter.can_send(), named: String::new(), error: None, may_ask: false }
    }

    fn wrong(self, named: String, error: String, may_ask: bool) -> Self {
        Self { named: named.chars().take(LONGEST).collect(), error: Some(error), may_ask, ..self }
    }
}

/// `GET /lines/add`: whoever finds a browser open does not have the balance spent on a line of their own.
pub async fn new(_: Proven, State(app): State<App>, ctx: Ctx) -> Response {
    Page(AddPage::new(ctx, &app)).into_response()
}

/// `POST /lines/add`
pub async fn create(
    Proven { person, .. }: Proven,
    State(app): State<App>,
    ctx: Ctx,
    Form(Typed { named }): Form<Typed>,
) -> Result<Response, PageError> {
    let page = AddPage::new(ctx, &app);
    let asked = match read(&named) {
        Err(why) => {
            let error = unreadable(&page.ctx, why);
            return Ok(unprocessable(page.wrong(named, error, false)));
        }
        Ok(Named::ActivationCode(code)) => match activate(&app.pool, &app.clock, person.id, &code).await {
            Ok(activated) => return Ok(told(page, named, &code, activated)),
            Err(denied) => Err(denied),
        },
        Ok(Named::Numbered(_)) if !page.can_text => {
            let error = page.ctx.t("claim-no-texts").to_owned();
            return Ok(unprocessable(page.wrong(named, error, true)));
        }
        Ok(Named::Numbered(Numbered::Msisdn(number))) if !app.texter.reaches(&number) => {
            let error = page.ctx.t("claim-no-texts-there").to_owned();
            return Ok(unprocessable(page.wrong(named, error, true)));
        }
        Ok(Named::Numbered(numbered)) => match lines::held_as(&app.pool, person.id, numbered.as_str()).await? {
            Some(line) => return Ok(noted(&paths::line(line), "line-yours")),
            None => ask(&app.pool, &app.clock, person.id, &numbered).await,
        },
    };
    match asked {
        Ok(claim) => Ok(see_other(&paths::claim(claim))),
        Err(denied) => {
            let again = retry_after(denied)?;
            let error = too_often(&page.ctx, again);
            Ok(later(again, Page(page.wrong(named, error, false))))
        }
    }
}

/// `POST /lines/add/help`: a person is asked to add what was typed.
pub async fn help(
    SignedIn { person }: SignedIn,
    State(app): State<App>,
    ctx: Ctx,
    Form(Typed { named }): Form<Typed>,
) -> Result<Response, PageError> {
    if named.trim().is_empty() {
        return Ok(see_other(paths::ADD_LINE));
    }
    match requests::ask_for_help(&app.pool, &app.clock, person.id, named.trim()).await {
        Ok(()) => Ok(see_other(paths::ADD_LINE_ASKED)),
        Err(denied) => {
            let again = retry_after(denied)?;
            let page = AddPage::new(ctx, &app);
            let error = too_often(&page.ctx, again);
            Ok(later(again, Page(page.wrong(named, error, false))))
        }
    }
}

fn told(page: AddPage, named: String, code: &ActivationCode, activated: Activated) -> Response {
    match activated {
        Activated::Added(line) => noted(&paths::line(line), "line-added"),
        Activated::Yours(line) => noted(&paths::line(line), "line-yours"),
        Activated::Held => {
            let error = page.ctx.t("claim-code-held").to_owned();
            unprocessable(page.wrong(named, error, false))
        }
        Activated::Unknown => {
            let error = page.ctx.t1("claim-code-unknown", "host", code.host.as_str());
            unprocessable(page.wrong(named, error, true))
        }
    }
}

fn unreadable(ctx: &Ctx, why: Unreadable) -> String {
    use ActivationCodeError as Code;
    let key = match why {
        Unreadable::Empty => "claim-error-empty",
        Unreadable::Shortened => "claim-error-shortened",
        Unreadable::NoCountryCode => "claim-error-country",
        Unreadable::Device => "claim-error-device",
        Unreadable::ActivationCode(Code::Empty | Code::Format) => "claim-error-code",
        Unreadable::ActivationCode(Code::Host) => "claim-error-code-host",
        Unreadable::ActivationCode(Code::Flag) => "claim-error-code-flag",
        Unreadable::ActivationCode(Code::MatchingId | Code::Oid) => "claim-error-code-end",
        Unreadable::Other => "claim-error-other",
    };
    ctx.t(key).to_owned()
}
