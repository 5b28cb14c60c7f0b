//! Airalo's Partners API. It takes every order that arrives as a new one, so our request id stands in the order's
//! description, and the list of orders is searched for it before anything is sent again.

mod catalogue;
mod client;
mod notices;
mod orders;
mod signature;
mod wire;

use std::time::Duration;

use async_trait::async_trait;
use serde::Deserialize;

use self::client::Client;
use super::settings::Secret;
use super::{
    Answer, Carrier, CarrierError, Facts, Idempotency, LineControl, LineRef, LineState, Notices, Offer, Quote,
    RefundRule, Reservations, Search, Submission, Usage, UsageLimits,
};
use crate::clock::Clock;
use crate::money::{Currency, Money};

/// An order that is in no list this long after it was sent will not come any more.
const SETTLED_AFTER: Duration = Duration::from_secs(120);
/// It answers for so long with the same figures of a line.
const CACHED: Duration = Duration::from_secs(20 * 60);

static FACTS: Facts = Facts {
    protocol: "Airalo Partners",
    idempotency: Idempotency::None,
    search: Search::ByRequestId,
    dry_run: false,
    two_step: false,
    max_top_ups: None,
    // Which line takes which top-up is asked afresh each time.
    renewable: &[LineState::New, LineState::Active, LineState::Depleted, LineState::Expired],
    effect: None,
    refund: RefundRule::OnRequest,
    usage: UsageLimits { lag: CACHED, per_line: CACHED, per_minute: 240 },
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    #[serde(default = "production")]
    pub address: String,
    pub client_id: String,
    pub client_secret: Secret,
    /// What Airalo bills the operator in.
    #[serde(default = "dollars")]
    pub currency: Currency,
}

fn production() -> String {
    "https://partners-api.airalo.com/v2".to_owned()
}

fn dollars() -> Currency {
    Currency::Usd
}

pub struct Airalo {
    client: Client,
    secret: Secret,
    currency: Currency,
    clock: Clock,
}

impl Airalo {
    /// `timeout` bounds a whole exchange. What is silent for longer is unknown.
    pub fn new(settings: &Settings, timeout: Duration, clock: Clock) -> Result<Self, CarrierError> {
        let client = Client::new(settings, timeout, clock.clone())?;
        Ok(Self { client, secret: settings.client_secret.clone(), currency: settings.currency, clock })
    }
}

#[async_trait]
impl Carrier for Airalo {
    fn facts(&self) -> &'static Facts {
        &FACTS
    }

    async fn offers(&self, line: Option<&LineRef>) -> Result<Vec<Offer>, CarrierError> {
        match line {
            Some(line) => wire::offers(&self.client.get(&["sims", &line.iccid, "topups"], &[]).await?, self.currency),
            None => catalogue::read(&self.client, self.currency).await,
        }
    }

    async fn quote(&self, line: &LineRef, product: &str) -> Result<Quote, CarrierError> {
        wire::quote(&self.client.get(&["sims", &line.iccid, "topups"], &[]).await?, product, self.currency)
    }

    /// What the amounts of its balance are counted in is not published.
    async fn credit(&self) -> Result<Option<Money>, CarrierError> {
        Ok(None)
    }

    async fn baseline(&self, _line: &LineRef) -> Result<serde_json::Value, CarrierError> {
        Ok(serde_json::Value::Null)
    }

    async fn submit(&self, submission: &Submission<'_>) -> Result<Answer, CarrierError> {
        let request = submission.request;
        let order = orders::Order {
            package_id: &request.product,
            iccid: &request.line.iccid,
            description: &request.request_id,
        };
        orders::submitted(&self.client.order(&order).await?, &order)
    }

    async fn find(&self, submission: &Submission<'_>) -> Result<Option<Answer>, CarrierError> {
        let id = submission.request.request_id.as_str();
        let query = [("filter[description]", id), ("include", "status"), ("limit", "50")];
        match orders::found(&self.client.get(&["orders"], &query).await?, id)? {
            Some(answer) => Ok(Some(answer)),
            None => submission.not_shown(SETTLED_AFTER),
        }
    }

    async fn usage(&self, line: &LineRef) -> Result<Usage, CarrierError> {
        let reply = self.client.get(&["sims", &line.iccid, "usage"], &[]).await?;
        wire::usage(&reply, self.clock.now(), &line.time_zone)
    }

    fn reservations(&self) -> Option<&dyn Reservations> {
        None
    }

    fn control(&self) -> Option<&dyn LineControl> {
        None
    }

    fn notices(&self) -> Option<&dyn Notices> {
        Some(self)
    }
}
