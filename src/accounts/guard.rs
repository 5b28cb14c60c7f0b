use std::sync::Arc;

use axum::{
    Router,
    middleware::{from_fn, from_fn_with_state},
};
use sqlx::PgPool;
use tower_http::catch_panic::CatchPanicLayer;

use super::error::Refusal;
use super::leaked::Leaked;
use super::passkeys::Passkeys;
use super::password::{self, Unfit};
use super::recognise::{Doorkeeper, recognise};
use crate::{
    clock::Clock,
    config::SecondStep,
    paths,
    seal::KeyRing,
    sms::Texter,
    web::{self, cookies::Cookies, csrf},
};

/// What the pages of this slice work with.
#[derive(Clone)]
pub struct Accounts {
    pub pool: PgPool,
    pub clock: Clock,
    /// Links in mails start with this; a request's `Host` is never believed.
    pub base_url: Arc<str>,
    pub leaked: Leaked,
    pub second_step: SecondStep,
    pub keys: KeyRing,
    /// Where texts can be sent to.
    pub texter: Texter,
    /// Nothing where keys can't be asked for.
    pub passkeys: Option<Passkeys>,
    /// How long whoever lost their second step waits until it may be taken off.
    pub reset_wait: time::Duration,
}

impl Accounts {
    pub fn cookies(&self) -> Cookies {
        Cookies::of(&self.base_url)
    }

    /// Whether this may become a password; `about` is what others know of its owner.
    pub(super) async fn accept_password(&self, password: &str, about: &[&str]) -> Result<(), Refusal> {
        password::fit(password, about).map_err(Refusal::Unfit)?;
        match self.leaked.knows(password).await {
            true => Err(Refusal::Unfit(Unfit::Leaked)),
            false => Ok(()),
        }
    }
}

/// Lays around pages, from the outside in: small bodies, read to their end, who is asking, error pages, sealed panics, our
/// own forms only, and that what was started is finished.
pub fn guarded(pages: Router, accounts: &Accounts) -> Router {
    let door =
        Doorkeeper { pool: accounts.pool.clone(), cookies: accounts.cookies(), second_step: accounts.second_step };
    pages
        .layer(from_fn(web::finish_what_was_started))
        .layer(from_fn(web::nul::refuse))
        .layer(csrf::same_origin_only(origin(&accounts.base_url), is_mailed_link))
        .layer(CatchPanicLayer::custom(web::sealed))
        .layer(from_fn(web::error_pages))
        .layer(from_fn_with_state(door, recognise))
        .layer(from_fn(web::read_first))
}

/// `base_url` without anything after the host.
fn origin(base_url: &str) -> &str {
    let start = base_url.find("://").map_or(0, |at| at + 3);
    base_url[start..].find('/').map_or(base_url, |end| &base_url[..start + end])
}

fn is_mailed_link(path: &str) -> bool {
    let mailed = [
        paths::reset_password(""),
        paths::finish_registration(""),
        paths::undo_change(""),
        paths::confirm_email_change(""),
        paths::stop_second_step_reset(""),
    ];
    mailed.iter().any(|link| path.starts_with(link))
}
