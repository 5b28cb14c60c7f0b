use axum::{
    Extension,
    extract::{Query, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Deserialize;

use super::{
    form::{Field, FormPage},
    passkeys::Offer,
    second_step::to_second_step,
};
use crate::{
    accounts::{
        Accounts, Refusal, SessionId,
        browser::Browser,
        extract::MaybeSignedIn,
        greet,
        next::own_path,
        session::{self, Stage},
        sign_in::{Admitted, Attempt, sign_in},
        sign_out::sign_out,
    },
    paths,
    web::{Ctx, Form, Nothing, Page, PageError, limits::RetryAfter, noted, see_other, unprocessable},
};

#[derive(Deserialize)]
pub struct Wanted {
    next: Option<String>,
}

#[derive(Deserialize)]
pub struct SignInForm {
    #[serde(default)]
    email: String,
    #[serde(default)]
    password: String,
    next: Option<String>,
}

#[derive(Clone, Copy, PartialEq)]
enum Door {
    Customers,
    Staff,
}

/// `GET /login`
pub async fn new(
    State(accounts): State<Accounts>,
    ctx: Ctx,
    headers: HeaderMap,
    Query(wanted): Query<Wanted>,
) -> Response {
    let Some((email, forget)) = greet::carried(accounts.cookies(), &headers) else {
        return show(Door::Customers, &accounts, ctx, "", wanted);
    };
    let mut response = show(Door::Customers, &accounts, ctx, &email, wanted);
    response.headers_mut().append(header::SET_COOKIE, forget);
    response
}

/// `GET /staff/login`
pub async fn new_for_staff(State(accounts): State<Accounts>, ctx: Ctx, Query(wanted): Query<Wanted>) -> Response {
    show(Door::Staff, &accounts, ctx, "", wanted)
}

fn show(door: Door, accounts: &Accounts, ctx: Ctx, email: &str, wanted: Wanted) -> Response {
    let next = wanted.next.as_deref().and_then(own_path);
    if ctx.person.as_ref().is_some_and(|person| door == Door::Customers || person.role.is_staff()) {
        return see_other(next.unwrap_or(ctx.home()));
    }
    Page(form(door, accounts, ctx, email, next)).into_response()
}

fn form(door: Door, accounts: &Accounts, ctx: Ctx, email: &str, next: Option<&str>) -> FormPage {
    let address = Field { autocomplete: "username webauthn", ..Field::email(email) };
    let mut form = FormPage::new(ctx, "login", vec![address, Field::password()]);
    form.passkey = Offer::of(accounts, next).map(|offer| Offer { autofill: true, ..offer });
    form.links.push((paths::FORGOT_PASSWORD.into(), "login-forgot"));
    if next.is_some() {
        form.lead = form.ctx.t("login-needed");
    }
    match door {
        Door::Customers => {
            form.links.push((paths::LOGIN_CODE.into(), "login-by-code"));
            form.links.push((paths::REGISTER.into(), "login-register"));
        }
        Door::Staff => (form.title, form.lead) = (form.ctx.t("staff-login-title"), form.ctx.t("staff-login-lead")),
    }
    if let Some(next) = next {
        form.hidden.push(("next", next.to_owned()));
    }
    form
}

/// `POST /login`
pub async fn create(
    State(accounts): State<Accounts>,
    ctx: Ctx,
    browser: Browser,
    before: Option<Extension<SessionId>>,
    form: Form<SignInForm>,
) -> Result<Response, PageError> {
    admit(Door::Customers, accounts, ctx, browser, before, form.0).await
}

/// `POST /staff/login`
pub async fn create_for_staff(
    State(accounts): State<Accounts>,
    ctx: Ctx,
    browser: Browser,
    before: Option<Extension<SessionId>>,
    form: Form<SignInForm>,
) -> Result<Response, PageError> {
    admit(Door::Staff, accounts, ctx, browser, before, form.0).await
}

async fn admit(
    door: Door,
    accounts: Accounts,
    ctx: Ctx,
    browser: Browser,
    before: Option<Extension<SessionId>>,
    given: SignInForm,
) -> Result<Response, PageError> {
    let attempt = Attempt {
        email: &given.email,
        password: &given.password,
        browser: &browser,
        staff_door: door == Door::Staff,
        replaces: before.as_ref().map(|session| &session.0),
    };
    let next = given.next.as_deref().and_then(own_path);
    match sign_in(&accounts, attempt).await {
        Ok(admitted) => Ok(welcome(&accounts, admitted, &browser, next)),
        Err(Refusal::Wrong) => {
            let mut page = form(door, &accounts, ctx, &given.email, next);
            page.problem = Some(page.ctx.t("login-wrong").to_owned());
            Ok(unprocessable(page))
        }
        Err(Refusal::TooOften(retry)) => Ok(too_often(form(door, &accounts, ctx, &given.email, next), retry)),
        Err(other) => Err(other.into()),
    }
}

/// The form again, and when it will be read again.
pub fn too_often(mut page: FormPage, retry: RetryAfter) -> Response {
    page.problem = Some(page.ctx.t1("login-too-often", "minutes", retry.minutes()));
    let after = [(header::RETRY_AFTER, HeaderValue::from(retry.seconds))];
    (StatusCode::TOO_MANY_REQUESTS, after, Page(page)).into_response()
}

/// To the sign-in page, which says `note` and has the address filled in: a link in a mail signs nobody in by itself.
pub fn to_sign_in(accounts: &Accounts, note: &str, email: &str) -> Response {
    let mut response = noted(paths::LOGIN, note);
    if let Some(cookie) = greet::carry(accounts.cookies(), email) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

/// To where they wanted to go, or to the second step first.
pub fn welcome(accounts: &Accounts, admitted: Admitted, browser: &Browser, next: Option<&str>) -> Response {
    let home = if admitted.role.is_staff() { paths::STAFF } else { paths::ACCOUNT };
    let mut response = match admitted.stage {
        Stage::Whole => see_other(next.unwrap_or(home)),
        Stage::SecondStep => see_other(&to_second_step(next, "")),
    };
    if let Some(cookie) = accounts.cookies().set(session::COOKIE, &admitted.session.reveal(), None) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    browser.keep(accounts.cookies(), response.headers_mut());
    response
}

/// `POST /logout`
pub async fn remove(
    State(accounts): State<Accounts>,
    session: Option<Extension<SessionId>>,
    MaybeSignedIn { person }: MaybeSignedIn,
    _sealed: Form<Nothing>,
) -> Result<Response, PageError> {
    if let Some(Extension(session)) = session {
        sign_out(&accounts.pool, &accounts.clock, &session, person.as_ref()).await?;
    }
    let mut headers = HeaderMap::new();
    if let Some(cookie) = accounts.cookies().clear(session::COOKIE) {
        headers.append(header::SET_COOKIE, cookie);
    }
    Ok((headers, noted(paths::LOGIN, "signed-out")).into_response())
}
