use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};

use super::form::unfit;
use crate::{
    accounts::{
        Accounts, Refusal,
        password::{Strength, strength},
        rates,
    },
    web::{Ctx, Form, PageError, client::Client},
};

#[derive(Deserialize)]
pub struct Typed {
    #[serde(default)]
    password: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    name: String,
}

#[derive(Serialize)]
pub struct Told {
    /// 1 to 4; what is 1 is refused.
    level: u8,
    text: String,
}

/// `POST /password/strength`: how fit a password is while it is typed. What is sent is judged and forgotten.
pub async fn tell(
    State(accounts): State<Accounts>,
    ctx: Ctx,
    client: Client,
    Form(typed): Form<Typed>,
) -> Result<Json<Told>, PageError> {
    rates::may_ask_strength(&accounts.pool, &client.to_string()).await.map_err(Refusal::from)?;
    let (email, name) = match &ctx.person {
        Some(person) => (person.email.clone(), person.name.clone()),
        None => (typed.email, typed.name),
    };
    Ok(Json(match strength(&typed.password, &[&email, &name]) {
        Err(why) => Told { level: 1, text: unfit(&ctx, why) },
        Ok(Strength::Fair) => Told { level: 2, text: ctx.t("strength-fair").to_owned() },
        Ok(Strength::Good) => Told { level: 3, text: ctx.t("strength-good").to_owned() },
        Ok(Strength::Strong) => Told { level: 4, text: ctx.t("strength-strong").to_owned() },
    }))
}
