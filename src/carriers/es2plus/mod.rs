//! GSMA ES2+ (SGP.22, 5.3): orders eSIM profiles from a carrier's SM-DP+. Mutual TLS; every answer is HTTP 200 and says
//! in its header what became of the call. No query, and no promise that a repeated call is done once.

mod client;
mod wire;

use std::time::Duration;

use async_trait::async_trait;
use serde::Deserialize;
use subtle::ConstantTimeEq;

use super::settings::Secret;
use super::{
    CancelOrder, CarrierError, ConfirmOrder, Confirmed, DownloadOrder, Notice, NoticeError, ProfileRefusal,
    ProfileTerms, Profiles,
};
use crate::numbers::ActivationCode;
use client::Client;

/// A word that guards an address has at least so many characters.
const SHORTEST_WORD: usize = 16;

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// What stands before `/gsma/rsp2/es2plus`.
    pub address: String,
    pub function_requester_identifier: String,
    /// Where phones download profiles; a name, not an address.
    pub smdp_address: String,
    pub profile_type: Option<String>,
    #[serde(default)]
    pub confirmation_code: bool,
    /// PEM; both or neither, and both where the address is `https`.
    pub client_certificate: Option<Secret>,
    pub client_key: Option<Secret>,
    /// PEM: whose certificates the server may show; without it, those the system trusts.
    pub ca: Option<Secret>,
    /// The last part of the address the server tells of downloads at; without it nothing is believed.
    pub progress_secret: Option<Secret>,
}

pub struct Es2Plus {
    client: Client,
    terms: ProfileTerms,
    progress_secret: Option<Secret>,
}

impl Es2Plus {
    pub fn new(settings: &Settings, timeout: Duration) -> Result<Self, CarrierError> {
        if ActivationCode::parse(&format!("1${}$X", settings.smdp_address)).is_err() {
            return Err(CarrierError::misconfigured("smdp_address is not a full server name"));
        }
        if settings.progress_secret.as_ref().is_some_and(|word| !is_good(word.expose())) {
            return Err(CarrierError::misconfigured("progress_secret: 16 or more letters, digits or hyphens"));
        }
        Ok(Self {
            client: Client::new(settings, timeout)?,
            terms: ProfileTerms {
                profile_type: settings.profile_type.clone(),
                confirmation_code: settings.confirmation_code,
                smdp_address: settings.smdp_address.clone(),
            },
            progress_secret: settings.progress_secret.clone(),
        })
    }
}

fn is_good(word: &str) -> bool {
    word.len() >= SHORTEST_WORD && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}

#[async_trait]
impl Profiles for Es2Plus {
    fn terms(&self) -> &ProfileTerms {
        &self.terms
    }

    async fn download_order(&self, order: &DownloadOrder<'_>) -> Result<Result<String, ProfileRefusal>, CarrierError> {
        let answer = self.client.call("downloadOrder", |header| wire::download_order(header, order)).await?;
        Ok(match answer.outcome()? {
            Ok(()) => Ok(answer.iccid()?),
            Err(refusal) => Err(refusal),
        })
    }

    async fn confirm_order(&self, order: &ConfirmOrder<'_>) -> Result<Result<Confirmed, ProfileRefusal>, CarrierError> {
        let answer = self.client.call("confirmOrder", |header| wire::confirm_order(header, order)).await?;
        Ok(match answer.outcome()? {
            Ok(()) => Ok(answer.confirmed()?),
            Err(refusal) => Err(refusal),
        })
    }

    async fn cancel_order(&self, order: &CancelOrder<'_>) -> Result<Result<(), ProfileRefusal>, CarrierError> {
        self.client.call("cancelOrder", |header| wire::cancel_order(header, order)).await?.outcome()
    }

    async fn release_profile(&self, iccid: &str) -> Result<Result<(), ProfileRefusal>, CarrierError> {
        self.client.call("releaseProfile", |header| wire::release_profile(header, iccid)).await?.outcome()
    }

    fn read_progress(&self, word: &str, body: &[u8]) -> Result<Notice, NoticeError> {
        let secret = self.progress_secret.as_ref().ok_or(NoticeError::NotGenuine("no progress_secret is set"))?;
        if !bool::from(secret.expose().as_bytes().ct_eq(word.as_bytes())) {
            return Err(NoticeError::NotGenuine("another word in its address"));
        }
        wire::progress(body)
    }
}
