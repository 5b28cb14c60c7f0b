use askama::Template;
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Deserialize;

use super::passkeys::Offer;
use crate::{
    accounts::{Refusal, second_step::Way},
    web::{Ctx, Page, PageError, Person, unprocessable},
};

/// A page that asks for one thing: a code, or the password.
#[derive(Template)]
#[template(path = "accounts/code.html")]
pub struct CodePage {
    pub ctx: Ctx,
    pub title: &'static str,
    pub lead: String,
    pub submit: &'static str,
    pub problem: Option<String>,
    pub is_password: bool,
    pub takes_recovery: bool,
    /// There is no app whose code could be typed.
    pub only_recovery: bool,
    /// Whether this browser may be remembered.
    pub remembers: bool,
    pub next: Option<String>,
    /// Where another code is asked for.
    pub again: Option<&'static str>,
    pub app: Option<AppKey>,
    pub links: Vec<(String, &'static str)>,
    pub passkey: Option<Offer>,
}

/// What an app is told.
pub struct AppKey {
    pub picture: String,
    /// For an app on the same device.
    pub url: String,
    pub key: String,
    /// Brought back by the form.
    pub sealed: String,
}

#[derive(Deserialize)]
pub struct CodeForm {
    #[serde(default)]
    pub code: String,
    pub remember: Option<String>,
    pub next: Option<String>,
}

#[derive(Deserialize)]
pub struct NextForm {
    pub next: Option<String>,
}

impl CodePage {
    pub fn asking(ctx: Ctx, way: Way, person: &Person, next: Option<&str>) -> Self {
        let lead = match way {
            Way::Mail => ctx.t1("second-step-mailed", "email", masked(&person.email)),
            Way::Password => ctx.t("second-step-password").to_owned(),
            Way::App => ctx.t("second-step-app").to_owned(),
            Way::Passkey => ctx.t("second-step-passkey").to_owned(),
        };
        Self {
            title: ctx.t("second-step-title"),
            lead,
            submit: ctx.t("second-step-submit"),
            problem: None,
            is_password: way == Way::Password,
            takes_recovery: matches!(way, Way::App | Way::Passkey),
            only_recovery: way == Way::Passkey,
            remembers: false,
            next: next.map(str::to_owned),
            again: None,
            app: None,
            links: vec![],
            passkey: None,
            ctx,
        }
    }

    /// The page again, with what was wrong.
    pub fn refused(mut self, refusal: Refusal) -> Result<Response, PageError> {
        match refusal {
            Refusal::Wrong => {
                let key = if self.is_password { "field-current-wrong" } else { "second-step-wrong" };
                self.problem = Some(self.ctx.t(key).to_owned());
                Ok(unprocessable(self))
            }
            Refusal::TooOften(retry) => {
                self.problem = Some(self.ctx.t1("login-too-often", "minutes", retry.minutes()));
                let after = [(header::RETRY_AFTER, HeaderValue::from(retry.seconds))];
                Ok((StatusCode::TOO_MANY_REQUESTS, after, Page(self)).into_response())
            }
            other => Err(other.into()),
        }
    }
}

/// `l•••@demo.example`: enough for its owner to know it by.
pub fn masked(email: &str) -> String {
    let (name, host) = email.split_once('@').unwrap_or((email, ""));
    let first: String = name.chars().take(1).collect();
    format!("{first}•••@{host}")
}
