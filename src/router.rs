//! Every address of the portal, in groups by who calls it.

use crate::accounts::{self, Accounts, Passkeys};
use crate::app::{App, Mode};
use crate::web::client::TrustedProxies;
use crate::web::headers::{self, SecurityHeaders};
use crate::web::{self, assets, csp, health};
use crate::{balance, claims, contact, devices, home, identity, orders, payments, privacy, staff, sync};
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use axum::{Extension, Router};
use std::net::IpAddr;
use std::time::Duration;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::timeout::RequestBodyDeadlineLayer;

/// How long a program may take to send what it has to say.
const BODY_PATIENCE: Duration = Duration::from_secs(10);

/// The whole portal, with what lies around it.
pub fn pages(app: &App, trusted_proxies: &[IpAddr]) -> Router {
    let accounts = Accounts {
        pool: app.pool.clone(),
        clock: app.clock.clone(),
        base_url: app.base_url.0.clone(),
        leaked: app.leaked.clone(),
        second_step: app.second_step,
        keys: app.keys.clone(),
        texter: app.texter.clone(),
        reset_wait: app.reset_wait,
        passkeys: Passkeys::at(&app.base_url.0),
    };
    let mut people = signed_in().merge(staff_only());
    if app.mode == Mode::Demo {
        people = people.merge(rehearsal());
    }
    let people = people
        .fallback(|| async { web::PageError::NotFound })
        .with_state(app.clone())
        .merge(accounts::pages::routes(accounts.clone()));
    let headers = SecurityHeaders::new(app.base_url.is_https(), &app.gateways.payer_origins());
    let mut people = accounts::guarded(people, &accounts);
    if app.mode == Mode::Demo {
        people = people.layer(Extension(web::InDemo));
    }
    people
        .merge(machines().with_state(app.clone()))
        .layer(from_fn_with_state(headers, headers::add))
        .layer(Extension(TrustedProxies(trusted_proxies.into())))
}

/// A customer who is signed in; what belongs to someone else is not there.
fn signed_in() -> Router<App> {
    Router::new()
        .route("/", get(home::show))
        .route("/account/contact", get(contact::pages::show).post(contact::pages::update))
        .route("/account/phone", post(contact::pages::create))
        .route("/account/phone/code", post(contact::pages::check))
        .route("/account/phone/remove", post(contact::pages::remove))
        .route("/account/identity", get(identity::pages::show).post(identity::pages::update))
        .route("/account/identity/show", post(identity::pages::disclose))
        .route("/account/identity/remove", post(identity::pages::remove))
        .route("/account/data", get(privacy::pages::data).post(privacy::pages::create))
        .route("/account/data/{export}", get(privacy::pages::download))
        .route("/account/close", get(privacy::pages::closing).post(privacy::pages::ask))
        .route("/account/keep", post(privacy::pages::keep))
        .route("/devices", get(devices::pages::show).post(devices::pages::check))
        .route("/account", get(orders::pages::account::show))
        .route("/lines/add", get(claims::pages::new).post(claims::pages::create))
        .route("/lines/add/help", post(claims::pages::help))
        .route("/claims/{claim}", get(claims::pages::show).post(claims::pages::check))
        .route("/claims/{claim}/again", post(claims::pages::again))
        .route("/lines/{line}", get(orders::pages::line::show))
        .route("/lines/{line}/label", get(orders::pages::label::edit).post(orders::pages::label::update))
        .route("/lines/{line}/usage", post(orders::pages::line::refresh))
        .route("/lines/{line}/suspend", get(orders::pages::line_change::confirm))
        .route("/lines/{line}/changes", post(orders::pages::line_change::create))
        .route("/lines/{line}/profiles", post(orders::pages::profile::create))
        .route("/lines/{line}/profiles/{purpose}", get(orders::pages::profile::confirm))
        .route("/lines/{line}/renew", get(orders::pages::renew::show))
        .route("/lines/{line}/renewals", post(orders::pages::renew::create))
        .route("/balance", get(balance::pages::show))
        .route("/balance/top-ups", post(balance::pages::top_up))
        .route("/balance/refunds", post(balance::pages::prefer))
        .route("/orders", get(orders::pages::list::index))
        .route("/orders/{order}", get(orders::pages::status::show))
        .route("/orders/{order}/events", get(orders::pages::events::stream))
        .route("/orders/{order}/pay", get(orders::pages::pay::show).post(orders::pages::pay::create))
        .route("/orders/{order}/pay/code", get(orders::pages::code::show))
        .route("/orders/{order}/cancel", get(orders::pages::cancel::show).post(orders::pages::cancel::create))
        .route("/orders/{order}/receipt", get(orders::pages::receipt::show))
        .route("/orders/{order}/receipt.pdf", get(orders::pages::receipt::pdf))
}

/// Staff; every look at an account leaves a row in the audit trail.
fn staff_only() -> Router<App> {
    Router::new()
        .route("/staff", get(staff::pages::home))
        .route("/staff/accounts", get(staff::pages::accounts))
        .route("/staff/accounts/{account}", get(staff::pages::account))
        .route("/staff/accounts/{account}/sessions/end", post(staff::pages::end_sessions))
        .route("/staff/accounts/{account}/identity", get(staff::pages::identity).post(staff::pages::disclose_identity))
        .route("/staff/lines/{line}", get(staff::pages::line))
        .route("/staff/lines/{line}/usage", post(staff::pages::line_refresh))
        .route("/staff/lines/{line}/changes", post(staff::pages::line_change))
        .route("/staff/lines/{line}/profiles", post(staff::pages::line_profile))
        .route("/staff/lines/{line}/end", post(staff::pages::line_end))
        .route("/staff/line-requests", get(staff::pages::line_requests))
        .route("/staff/line-requests/{request}/close", post(staff::pages::close_line_request))
        .route("/staff/second-step-resets", get(staff::pages::second_step_resets))
        .route(
            "/staff/second-step-resets/{reset}",
            get(staff::pages::second_step_reset).post(staff::pages::decide_second_step_reset),
        )
        .route("/staff/payments/{attempt}/refund", get(staff::pages::refund))
        .route(
            "/staff/payments/{attempt}/refund/confirm",
            get(staff::pages::refund_review).post(staff::pages::refund_confirm),
        )
        .route("/staff/refunds/{refund}/retry", post(staff::pages::retry_refund))
        .route("/staff/catalogue", get(staff::pages::catalogue))
        .route("/staff/catalogue/pricing", post(staff::pages::save_pricing))
        .route("/staff/catalogue/{carrier}/fetch", post(staff::pages::fetch_catalogue))
        .route("/staff/offers/{offer}", get(staff::pages::offer).post(staff::pages::publish_offer))
        .route("/staff/offers/{offer}/dismiss", post(staff::pages::dismiss_offer))
        .route("/staff/offers/{offer}/restore", post(staff::pages::restore_offer))
        .route("/staff/plans", get(staff::pages::plans))
        .route("/staff/plans/{plan}/sale", get(staff::pages::plan_sale).post(staff::pages::decide_plan_sale))
        .route("/staff/pricing/{rule}/remove", get(staff::pages::pricing_rule).post(staff::pages::remove_pricing))
        .route("/staff/numbering", get(staff::pages::numbering).post(staff::pages::add_range))
        .route("/staff/numbering/{range}/remove", get(staff::pages::range).post(staff::pages::remove_range))
        .route("/staff/refunds/{refund}/done", get(staff::pages::refund_done).post(staff::pages::confirm_refund_done))
        .route("/staff/gateways", get(staff::pages::gateways))
        .route("/staff/reconciliation/{run}", get(staff::pages::reconciliation).post(staff::pages::sign_reconciliation))
        .route("/staff/notices", get(staff::pages::notices))
        .route("/staff/notices/{notice}", get(staff::pages::notice))
        .route("/staff/notices/{notice}/body", post(staff::pages::notice_body))
        .route("/staff/notices/{notice}/replay", post(staff::pages::replay_notice))
        .route("/staff/cases/{case}/close", post(staff::pages::case_closed))
}

/// The demo's own: time can be moved, and mail can be read here instead of being sent.
fn rehearsal() -> Router<App> {
    Router::new()
        .route("/dev/mailbox", get(staff::rehearsal::mailbox))
        .route("/dev/mailbox/{message}", get(staff::rehearsal::message))
        .route("/staff/rehearsal", get(staff::rehearsal::show).post(staff::rehearsal::advance))
}

/// Programs: browsers fetching assets, gateways, whoever watches over us. No session, no form token.
fn machines() -> Router<App> {
    Router::new()
        .route("/static/{*path}", get(assets::show))
        .route("/favicon.ico", get(assets::favicon))
        .route("/webhooks/{gateway}", post(payments::webhooks::receive))
        .route("/webhooks/carriers/{carrier}", post(sync::webhook::receive).head(sync::webhook::look))
        .route(
            "/webhooks/carriers/{carrier}/{word}/gsma/rsp2/es2plus/handleDownloadProgressInfo",
            post(sync::webhook::progress),
        )
        .route("/csp-reports", post(csp::receive))
        .route("/health/live", get(health::live))
        .route("/health/ready", get(health::ready))
        .layer(RequestBodyDeadlineLayer::new(BODY_PATIENCE))
        .layer(CatchPanicLayer::custom(web::sealed))
}
