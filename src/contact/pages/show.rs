use crate::accounts::{self, Preferences, Proven, SignedIn};
use crate::app::App;
use crate::contact::{phone, prefer};
use crate::numbers::Msisdn;
use crate::paths;
use crate::web::{Ctx, Form, Page, PageError, Person, noted};
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

#[derive(Template)]
#[template(path = "contact/show.html")]
pub struct ContactPage {
    ctx: Ctx,
    email: String,
    prefers: Preferences,
    /// Whether codes can be sent.
    can_text: bool,
    phone: Option<String>,
    is_verified: bool,
    /// The number that a code is on its way to.
    asked: Option<String>,
    /// Where somebody gives a factor before they type a number, if they did not lately.
    prove: Option<String>,
    pub typed: String,
    pub phone_error: Option<String>,
    pub code_error: Option<String>,
}

#[derive(Deserialize)]
pub struct Wanted {
    reminders_by_mail: Option<String>,
    reminders_by_text: Option<String>,
    news: Option<String>,
}

/// `GET /account/contact`
pub async fn show(
    SignedIn { person }: SignedIn,
    proven: Result<Proven, Response>,
    State(app): State<App>,
    ctx: Ctx,
) -> Result<Response, PageError> {
    let page = ContactPage::read(&app, ctx, &person).await?;
    let prove = (page.can_text && proven.is_err()).then(|| paths::prove(paths::CONTACT));
    Ok(Page(ContactPage { prove, ..page }).into_response())
}

/// `POST /account/contact`
pub async fn update(
    SignedIn { person }: SignedIn,
    State(app): State<App>,
    Form(wanted): Form<Wanted>,
) -> Result<Response, PageError> {
    let new = Preferences {
        reminders_by_mail: wanted.reminders_by_mail.is_some(),
        reminders_by_text: wanted.reminders_by_text.is_some(),
        news: wanted.news.is_some(),
    };
    prefer::prefer(&app.pool, &app.clock, &person, new).await?;
    Ok(noted(paths::CONTACT, "contact-saved"))
}

impl ContactPage {
    pub async fn read(app: &App, ctx: Ctx, person: &Person) -> Result<Self, PageError> {
        let phone = accounts::phone(&app.pool, person.id).await?;
        let asked = phone::asked(&app.pool, &app.clock, person).await?;
        let unproved = phone.as_ref().filter(|phone| !phone.is_verified).map(|phone| shown(&phone.number));
        Ok(Self {
            email: person.email.clone(),
            prefers: accounts::preferences(&app.pool, person.id).await?,
            can_text: app.texter.can_send(),
            is_verified: phone.as_ref().is_some_and(|phone| phone.is_verified),
            typed: unproved.unwrap_or_default(),
            phone: phone.map(|phone| shown(&phone.number)),
            asked: asked.map(|proof| shown(&proof.phone)),
            prove: None,
            phone_error: None,
            code_error: None,
            ctx,
        })
    }

    fn may_text(&self) -> bool {
        self.is_verified && self.can_text
    }

    fn is_wrong(&self) -> bool {
        self.phone_error.is_some() || self.code_error.is_some()
    }
}

fn shown(number: &str) -> String {
    match Msisdn::parse(number) {
        Ok(number) if number.grouped().starts_with('+') => number.grouped(),
        Ok(number) => format!("+{} {}", number.country_code(), number.grouped()),
        Err(_) => number.to_owned(),
    }
}
