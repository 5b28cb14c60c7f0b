use super::Person;
use crate::calendar;
use crate::i18n::Arg;
use crate::lang::Lang;
use crate::paths;
use axum::extract::FromRequestParts;
use axum::http::Uri;
use axum::http::header::{ACCEPT_LANGUAGE, COOKIE, REFERER};
use axum::http::request::Parts;
use std::convert::Infallible;
use std::fmt;

/// The form token of this visitor; put on the request by the CSRF layer.
#[derive(Clone)]
pub struct CsrfToken(pub String);

impl fmt::Debug for CsrfToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CsrfToken(…)")
    }
}

/// On every request to a demo: its pages say so, and lead to its mailbox and its clock.
#[derive(Clone, Copy, Debug)]
pub struct InDemo;

/// The name of the cookie that remembers a visitor's language.
pub const LANGUAGE_COOKIE: &str = "lang";

/// What every page is rendered with.
#[derive(Clone)]
pub struct Ctx {
    pub language: Lang,
    pub person: Option<Person>,
    pub csrf: String,
    /// Path and query of this page, for links that come back to it.
    pub here: String,
    /// The text of `?note=KEY`: what just happened, said once at the top of the page.
    pub note: Option<&'static str>,
    pub in_demo: bool,
}

/// Of a form that was sent: the page it was on, as its own address may not be one that can be opened.
fn here(parts: &Parts) -> String {
    let sent_from = || parts.headers.get(REFERER)?.to_str().ok()?.parse::<Uri>().ok();
    let page = if parts.method.is_safe() { Some(parts.uri.clone()) } else { sent_from() };
    page.as_ref().unwrap_or(&parts.uri).path_and_query().map_or("/", |path| path.as_str()).to_owned()
}

impl Ctx {
    pub fn of(parts: &Parts) -> Self {
        let person = parts.extensions.get::<Person>().cloned();
        let language = language(parts, person.as_ref());
        Self {
            language,
            person,
            csrf: parts.extensions.get::<CsrfToken>().map(|token| token.0.clone()).unwrap_or_default(),
            here: here(parts),
            note: note(parts.uri.query().unwrap_or_default(), language),
            in_demo: parts.extensions.get::<InDemo>().is_some(),
        }
    }

    pub fn t(&self, key: &str) -> &'static str {
        self.language.t(key)
    }

    /// A text with one parameter.
    pub fn t1(&self, key: &str, name: &str, value: impl Into<Arg>) -> String {
        self.language.ta(key, &[(name, value.into())])
    }

    /// A text with two parameters.
    pub fn t2(&self, key: &str, name: &str, value: impl Into<Arg>, name2: &str, value2: impl Into<Arg>) -> String {
        self.language.ta(key, &[(name, value.into()), (name2, value2.into())])
    }

    pub fn ta(&self, key: &str, args: &[(&str, Arg)]) -> String {
        self.language.ta(key, args)
    }

    /// The name of the operator in this language.
    pub fn operator(&self) -> &'static str {
        crate::config::brand().name(self.language)
    }

    /// Where this visitor starts from.
    pub fn home(&self) -> &'static str {
        match &self.person {
            Some(person) if person.role.is_staff() => paths::STAFF,
            Some(_) => paths::ACCOUNT,
            None => paths::HOME,
        }
    }

    /// The day on which the account of this visitor is closed.
    pub fn closes(&self) -> Option<String> {
        let person = self.person.as_ref()?;
        Some(calendar::long_date(calendar::today(person.closes_at?, &person.zone()), self.language))
    }

    /// Said where somebody starts from, and where it can be changed.
    pub fn reminds_of_password(&self) -> bool {
        let path = self.here.split('?').next().unwrap_or_default();
        [paths::ACCOUNT, paths::STAFF, paths::SECURITY].contains(&path)
            && self.person.as_ref().is_some_and(|person| person.password_is_old)
    }

    pub fn nav(&self) -> Vec<NavLink> {
        let links: &[(&str, &str)] = match &self.person {
            Some(person) if person.role.is_staff() && self.in_demo => &[
                (paths::STAFF, "common-nav-staff-home"),
                (paths::STAFF_ACCOUNTS, "common-nav-staff-search"),
                (paths::STAFF_GATEWAYS, "common-nav-staff-money"),
                (paths::STAFF_CATALOGUE, "common-nav-staff-catalogue"),
                (paths::REHEARSAL, "common-nav-rehearsal"),
            ],
            Some(person) if person.role.is_staff() => &[
                (paths::STAFF, "common-nav-staff-home"),
                (paths::STAFF_ACCOUNTS, "common-nav-staff-search"),
                (paths::STAFF_GATEWAYS, "common-nav-staff-money"),
                (paths::STAFF_CATALOGUE, "common-nav-staff-catalogue"),
            ],
            Some(_) => &[
                (paths::ACCOUNT, "common-nav-account"),
                (paths::ORDERS, "common-nav-orders"),
                (paths::BALANCE, "common-nav-balance"),
            ],
            None => &[(paths::LOGIN, "common-nav-sign-in"), (paths::REGISTER, "common-nav-register")],
        };
        let path = self.here.split('?').next().unwrap_or_default();
        links.iter().map(|&(to, key)| NavLink { path: to, key, current: to == path }).collect()
    }

    pub fn asset(&self, name: &str) -> String {
        super::assets::path(name)
    }
}

pub struct NavLink {
    pub path: &'static str,
    pub key: &'static str,
    pub current: bool,
}

impl<S: Sync> FromRequestParts<S> for Ctx {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(parts))
    }
}

/// What the person chose, else what this browser chose before, else what it asks for.
fn language(parts: &Parts, person: Option<&Person>) -> Lang {
    let header = |name| parts.headers.get(name).and_then(|value| value.to_str().ok());
    person
        .map(|person| person.language)
        .or_else(|| chosen_before(header(COOKIE)?))
        .or_else(|| header(ACCEPT_LANGUAGE).and_then(Lang::accepted))
        .unwrap_or(Lang::En)
}

fn chosen_before(cookies: &str) -> Option<Lang> {
    let value = cookie(cookies, &format!("__Host-{LANGUAGE_COOKIE}")).or_else(|| cookie(cookies, LANGUAGE_COOKIE));
    value.and_then(Lang::parse)
}

/// The value of `name` in a `Cookie` header.
pub fn cookie<'a>(header: &'a str, name: &str) -> Option<&'a str> {
    header
        .split(';')
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value)
}

/// Only keys made to be notes: a link from elsewhere can choose among them but not write its own.
fn note(query: &str, language: Lang) -> Option<&'static str> {
    let key = query.split('&').find_map(|pair| pair.strip_prefix("note="))?;
    let key = format!("note-{key}");
    language.texts().has(&key).then(|| language.t(&key))
}
