//! The pages of signing up, in and out. All of them are one shape: a heading, a form of a few fields, a way elsewhere.

pub mod app;
mod code;
pub mod email;
mod form;
pub mod language;
pub mod login_code;
pub mod lost_second_step;
pub mod passkeys;
pub mod password;
pub mod profile;
pub mod prove;
pub mod recover;
pub mod recovery;
pub mod register;
pub mod second_step;
pub mod security;
pub mod sessions;
pub mod sign_in;
pub mod strength;
pub mod undo;

use askama::Template;
use axum::{
    Router,
    routing::{get, post},
};

use super::Accounts;
use crate::web::Ctx;

/// Anyone's, but for `/account`: nobody has to be signed in for these.
pub fn routes(accounts: Accounts) -> Router {
    Router::new()
        .route("/login", get(sign_in::new).post(sign_in::create))
        .route("/staff/login", get(sign_in::new_for_staff).post(sign_in::create_for_staff))
        .route("/login/second-step", get(second_step::show).post(second_step::create))
        .route("/login/second-step/lost", get(lost_second_step::new).post(lost_second_step::create))
        .route("/security/second-step/{token}", get(lost_second_step::show).post(lost_second_step::stop))
        .route("/login/second-step/code", post(second_step::send))
        .route("/login/code", get(login_code::new).post(login_code::create))
        .route("/login/code/confirm", get(login_code::edit).post(login_code::confirm))
        .route("/login/passkey", post(passkeys::give))
        .route("/login/passkey/options", post(passkeys::options))
        .route("/account/security/passkeys", get(passkeys::new).post(passkeys::create))
        .route("/account/security/passkeys/options", post(passkeys::creation_options))
        .route("/account/security/passkeys/{passkey}/remove", post(passkeys::remove))
        .route("/login/prove", get(prove::show).post(prove::create))
        .route("/login/prove/code", post(prove::send))
        .route("/account/security/app", get(app::edit).post(app::update))
        .route("/account/security/app/remove", post(app::remove))
        .route("/account/security/recovery-codes", post(recovery::create))
        .route("/logout", post(sign_in::remove))
        .route("/register", get(register::new).post(register::create))
        .route("/register/{token}", get(register::edit).post(register::update))
        .route("/password/strength", post(strength::tell))
        .route("/password/forgot", get(recover::new).post(recover::create))
        .route("/password/reset/{token}", get(recover::edit).post(recover::update))
        .route("/account/security", get(security::show))
        .route("/account/security/sessions/{session}/end", post(sessions::end))
        .route("/account/security/sessions/end-others", post(sessions::end_others))
        .route("/account/security/password-reminder", post(security::remind))
        .route("/account/security/password", get(password::edit).post(password::update))
        .route("/account/security/email", get(email::edit).post(email::update))
        .route("/email/confirm/{token}", get(email::show).post(email::confirm))
        .route("/account/profile", get(profile::edit).post(profile::update))
        .route("/security/undo/{token}", get(undo::show).post(undo::create))
        .route("/language", post(language::update))
        .with_state(accounts)
}

/// Something was done or is no longer possible; there is nothing to fill in.
#[derive(Template)]
#[template(path = "accounts/told.html")]
struct Told {
    ctx: Ctx,
    icon: &'static str,
    title: &'static str,
    lead: String,
    hint: Option<&'static str>,
    onward: (String, &'static str),
}
