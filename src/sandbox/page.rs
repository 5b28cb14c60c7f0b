//! The payer's page. It says whose page it stands in for and belongs to none of them.

use super::ledger::{self, Payment};
use super::{Outcome, Sandbox};
use crate::money::{Currency, Money};
use crate::web::assets;
use askama::Template;
use axum::Form;
use axum::extract::{Path, Query, State};
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

    /// The provider, which is a rehearsed one.
    fn provider(&self) -> String {
        let name = self.payment.protocol.name(self.zh);
        if self.zh { format!("{name}（演练）") } else { format!("{name} (rehearsal)") }
    }
}

#[derive(Deserialize)]
pub struct Choice {
    outcome: Outcome,
}

/// What a provider's own link may carry: where its payer goes back to.
#[derive(Deserialize)]
pub struct Link {
    #[serde(default)]
    redirect_url: String,
}

pub async fn show(State(sandbox): State<Sandbox>, Path(id): Path<String>, Query(link): Query<Link>) -> Response {
    match ledger::by_id(&sandbox.pool, &id).await {
        Ok(Some(payment)) => {
            let return_url = sandbox.way_back(payment.return_url.clone(), &link);
            render(&sandbox, Payment { return_url, ..payment })
        }
        Ok(None) => StatusCode::NOT_FOUND.into_response(),
        Err(error) => broken(&error),
    }
}

/// Whatever was chosen, the payer goes back by a plain GET that proves nothing.
pub async fn choose(
    State(sandbox): State<Sandbox>,
    Path(id): Path<String>,
    Query(link): Query<Link>,
    Form(choice): Form<Choice>,
) -> Response {
    match sandbox.choose(&id, choice.outcome).await {
        Ok(Some(return_url)) => match sandbox.way_back(return_url, &link).as_str() {
            // Whoever scanned a code on another screen stays here.
            "" => Redirect::to(&format!("{}/pay/{id}", sandbox.settings.public_url)).into_response(),
            back => Redirect::to(back).into_response(),
        },
        Ok(None) => StatusCode::NOT_FOUND.into_response(),
        Err(error) => broken(&error),
    }
}

impl Sandbox {
    /// The link's word counts only where the payment has none, and only for the house the sandbox stands beside.
    fn way_back(&self, return_url: String, link: &Link) -> String {
        let house = self.settings.public_url.trim_end_matches("/sandbox");
        let inside = link.redirect_url.strip_prefix(house).is_some_and(|rest| rest.starts_with('/'));
        if return_url.is_empty() && inside { link.redirect_url.clone() } else { return_url }
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

pub fn broken(error: &dyn std::error::Error) -> Response {
    tracing::error!(%error, "the sandbox gateway's page failed");
    StatusCode::SERVICE_UNAVAILABLE.into_response()
}
