use std::time::Duration;

use async_trait::async_trait;
use axum::http::Method;

use super::notice::Signed;
use super::wire::{self, QuoteBody, RenewalBody, StateBody};
use crate::carriers::{
    Answer, Carrier, CarrierError, Change, Exchange, Facts, Idempotency, LineControl, LineRef, LineState, Notices,
    Offer, Quote, RefundRule, Refusal, Reservations, Search, Submission, Usage, UsageLimits,
};
use crate::http_client::Http;
use crate::money::Money;

static FACTS: Facts = Facts {
    protocol: "simulator",
    idempotency: Idempotency::ByRequestId,
    search: Search::ByRequestId,
    dry_run: true,
    two_step: false,
    max_top_ups: None,
    renewable: &[LineState::New, LineState::Active, LineState::Depleted, LineState::Expired],
    effect: None,
    refund: RefundRule::Never,
    usage: UsageLimits { lag: Duration::ZERO, per_line: Duration::from_secs(60), per_minute: 600 },
};

pub struct SimulatorClient {
    exchange: Exchange,
    /// Whose catalogue is asked for; one simulator stands for many carriers.
    carrier: Option<String>,
    notices: Option<Signed>,
}

impl SimulatorClient {
    /// `timeout` bounds a whole exchange. What is silent for longer is unknown.
    pub fn new(base: &str, timeout: Duration) -> Result<SimulatorClient, CarrierError> {
        let http = Http::new(timeout).map_err(CarrierError::misconfigured)?;
        Ok(SimulatorClient { exchange: Exchange::new(base, http)?, carrier: None, notices: None })
    }

    pub fn of(self, carrier: &str) -> SimulatorClient {
        SimulatorClient { carrier: Some(carrier.to_owned()), ..self }
    }

    /// Believes what is signed with this secret.
    pub fn hearing(self, secret: &str) -> SimulatorClient {
        SimulatorClient { notices: Some(Signed::with(secret)), ..self }
    }
}

#[async_trait]
impl Carrier for SimulatorClient {
    fn facts(&self) -> &'static Facts {
        &FACTS
    }

    async fn offers(&self, line: Option<&LineRef>) -> Result<Vec<Offer>, CarrierError> {
        let Some(carrier) = line.map(|line| &line.carrier).or(self.carrier.as_ref()) else { return Ok(Vec::new()) };
        let get = self.exchange.request(Method::GET, &["v1", "products", carrier]);
        wire::offers(&self.exchange.send_for_catalogue(get).await?)
    }

    async fn quote(&self, line: &LineRef, product: &str) -> Result<Quote, CarrierError> {
        let request = self.exchange.request(Method::POST, &["v1", "quotes"]);
        wire::quote(&self.exchange.send(request.json(&QuoteBody { line, product })).await?)
    }

    async fn credit(&self) -> Result<Option<Money>, CarrierError> {
        Ok(None)
    }

    async fn baseline(&self, _line: &LineRef) -> Result<serde_json::Value, CarrierError> {
        Ok(serde_json::Value::Null)
    }

    async fn submit(&self, submission: &Submission<'_>) -> Result<Answer, CarrierError> {
        let request = submission.request;
        let post = self.exchange.request(Method::POST, &["v1", "renewals"]);
        wire::submitted(&self.exchange.send(post.json(&RenewalBody::from(request))).await?, &request.request_id)
    }

    async fn find(&self, submission: &Submission<'_>) -> Result<Option<Answer>, CarrierError> {
        let request_id = &submission.request.request_id;
        let get = self.exchange.request(Method::GET, &["v1", "renewals", request_id]);
        wire::found(&self.exchange.send(get).await?, request_id)
    }

    async fn usage(&self, line: &LineRef) -> Result<Usage, CarrierError> {
        let get = self.exchange.request(Method::GET, &["v1", "lines", &line.carrier, &line.iccid]);
        wire::usage(&self.exchange.send(get).await?)
    }

    fn reservations(&self) -> Option<&dyn Reservations> {
        None
    }

    fn control(&self) -> Option<&dyn LineControl> {
        Some(self)
    }

    fn notices(&self) -> Option<&dyn Notices> {
        self.notices.as_ref().map(|signed| signed as &dyn Notices)
    }
}

#[async_trait]
impl LineControl for SimulatorClient {
    fn can(&self) -> &'static [Change] {
        &[Change::Activate, Change::Suspend, Change::Resume]
    }

    async fn change(&self, line: &LineRef, change: Change) -> Result<Result<(), Refusal>, CarrierError> {
        let put = self.exchange.request(Method::PUT, &["v1", "lines", &line.carrier, &line.iccid, "state"]);
        wire::changed(&self.exchange.send(put.json(&StateBody::after(change))).await?)
    }
}
