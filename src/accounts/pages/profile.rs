use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use serde::Deserialize;

use super::register::name_error;
use crate::{
    accounts::{
        Accounts,
        extract::SignedIn,
        name,
        profile::{self, Profile},
    },
    calendar::{Zone, zones},
    lang::Lang,
    paths,
    web::{Ctx, Form, Page, PageError, noted, unprocessable},
};

#[derive(Template)]
#[template(path = "accounts/profile.html")]
struct ProfilePage {
    ctx: Ctx,
    name: String,
    error: Option<String>,
    language: Lang,
    zone: String,
    /// Parts of the world, each with its zones: the name, and how it is shown.
    regions: Vec<(&'static str, Vec<(&'static str, String)>)>,
}

#[derive(Deserialize)]
pub struct ProfileForm {
    #[serde(default)]
    name: String,
    #[serde(default)]
    language: String,
    #[serde(default)]
    time_zone: String,
}

/// `GET /account/profile`
pub async fn edit(SignedIn { person }: SignedIn, ctx: Ctx) -> Response {
    let zone = person.zone().name().to_owned();
    Page(page(ctx, person.name, person.language, zone, None)).into_response()
}

fn page(ctx: Ctx, name: String, language: Lang, zone: String, error: Option<String>) -> ProfilePage {
    ProfilePage { ctx, name, error, language, zone, regions: regions() }
}

impl ProfilePage {
    fn is_chosen(&self, zone: &str) -> bool {
        zone == self.zone
    }
}

fn regions() -> Vec<(&'static str, Vec<(&'static str, String)>)> {
    let mut regions: Vec<(&str, Vec<_>)> = vec![];
    for zone in zones() {
        let (region, place) = zone.split_once('/').unwrap_or(("UTC", zone));
        let shown = (zone.as_str(), place.replace('_', " "));
        match regions.last_mut() {
            Some((last, places)) if *last == region => places.push(shown),
            _ => regions.push((region, vec![shown])),
        }
    }
    regions
}

/// `POST /account/profile`
pub async fn update(
    State(accounts): State<Accounts>,
    SignedIn { person }: SignedIn,
    ctx: Ctx,
    Form(given): Form<ProfileForm>,
) -> Result<Response, PageError> {
    let language = Lang::parse(&given.language).ok_or(PageError::BadRequest)?;
    if !zones().contains(&given.time_zone) {
        return Err(PageError::BadRequest);
    }
    let zone = Zone::parse(&given.time_zone).map_err(|_| PageError::BadRequest)?;
    let name = match name::tidied(&given.name, name::LONGEST) {
        Ok(name) => name,
        Err(why) => {
            let error = Some(name_error(&ctx, why));
            return Ok(unprocessable(page(ctx, given.name, language, given.time_zone, error)));
        }
    };
    profile::save(&accounts, &person, Profile { name: &name, language, zone: &zone }).await?;
    Ok(noted(paths::PROFILE, "profile-saved"))
}
