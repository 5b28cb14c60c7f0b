//! The payer's page. It looks like a bank's and belongs to none.

use super::ledger::{self, Payment};
use super::{Outcome, Sandbox};
use crate::money::{Currency, Money};
use crate::web::assets;
use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use serde::Deserialize;

#[derive(Template)]
#[template(path = "sandbox/pay.html")]
struct PayPage {
    zh: bool,
    css: String,
    payment: Payment,
    amount: String,
    /// The payer may choose now.
    waiting: bool,
}

impl PayPage {
    /// The text in the payer's language.
    fn t(&self, zh: &'static str, en: &'static str) -> &'static str {
        if self.zh { zh } else { en }
    }
}

#[derive(Deserialize)]
pub struct Choice {
    outcome: Outcome,
}

pub async fn show(State(sandbox): State<Sandbox>, Path(id): Path<String>) -> Response {
    match ledger::by_id(&sandbox.pool, &id).await {
        Ok(Some(payment)) => render(&sandbox, payment),
        Ok(None) => StatusCode::NOT_FOUND.into_response(),
        Err(error) => broken(&error),
    }
}

/// Whatever was chosen, the payer goes back by a plain GET that proves nothing.
pub async fn choose(State(sandbox): State<Sandbox>, Path(id): Path<String>, Form(choice): Form<Choice>) -> Response {
    match sandbox.choose(&id, choice.outcome).await {
        Ok(Some(return_url)) => Redirect::to(&return_url).into_response(),
        Ok(None) => StatusCode::NOT_FOUND.into_response(),
        Err(error) => broken(&error),
    }
}

fn render(sandbox: &Sandbox, payment: Payment) -> Response {
    let amount = match Currency::parse(&payment.currency) {
        Ok(currency) => Money::new(payment.amount_minor, currency).to_string(),
        Err(_) => format!("{} {}", payment.amount_minor, payment.currency),
    };
    let page = PayPage {
        zh: payment.lang.starts_with("zh"),
        css: assets::path("bank.css"),
        waiting: payment.awaits_payer(sandbox.clock.now()),
        amount,
        payment,
    };
    match page.render() {
        Ok(html) => Html(html).into_response(),
        Err(error) => broken(&error),
    }
}

fn broken(error: &dyn std::error::Error) -> Response {
    tracing::error!(%error, "the sandbox gateway's page failed");
    StatusCode::SERVICE_UNAVAILABLE.into_response()
}
