//! Passkeys (WebAuthn): a key on a phone, a computer or a stick that asks its owner for a finger, a face or a PIN, and so is
//! two factors at once. What a browser is asked is kept here, for five minutes and one answer.
mod add;
mod give;
mod remove;

use std::sync::Arc;

use anyhow::anyhow;
use webauthn_rs::{Webauthn, WebauthnBuilder, prelude::Url};

pub use self::{
    add::{add, begin as begin_to_add},
    give::{begin, prove, sign_in},
    remove::remove,
};
use super::error::Refusal;
use crate::config::brand;

/// Of one account.
pub const MOST: usize = 10;
pub const LONGEST_NAME: usize = 60;

/// Where keys are asked for.
#[derive(Clone)]
pub struct Passkeys(Arc<Webauthn>);

impl Passkeys {
    /// Keys belong to a host name: where the portal is found by a bare address there are none.
    pub fn at(base_url: &str) -> Option<Self> {
        let url = Url::parse(base_url).ok()?;
        let built =
            WebauthnBuilder::new(url.domain()?, &url).and_then(|builder| builder.rp_name(&brand().name_en).build());
        built
            .inspect_err(|error| tracing::error!(%error, "no passkeys at this address"))
            .ok()
            .map(|built| Self(Arc::new(built)))
    }
}

/// What the browser is asked, and the name under which its answer comes back.
#[derive(serde::Serialize)]
pub struct Asked<T> {
    pub ceremony: crate::ids::CeremonyId,
    #[serde(flatten)]
    pub options: T,
}

/// What the browser answered.
#[derive(Clone, Copy)]
pub struct Answer<'a> {
    pub ceremony: crate::ids::CeremonyId,
    pub credential: &'a str,
}

fn failed(error: impl std::fmt::Display) -> Refusal {
    Refusal::Failed(anyhow!("passkeys: {error}"))
}

fn refused(error: impl std::fmt::Display) -> Refusal {
    tracing::warn!(%error, "a passkey was refused");
    Refusal::Wrong
}
