use std::time::Duration;

use async_trait::async_trait;
use axum::http::{Method, StatusCode};
use reqwest::RequestBuilder;
use serde_json::Value;

use super::Settings;
use super::bundles::{self, Assignment, BundlesReply};
use super::wire::{self, CatalogueReply, OrderBody, Organisation};
use crate::carriers::settings::Secret;
use crate::carriers::{
    Answer, Carrier, CarrierError, Exchange, Facts, Idempotency, LineControl, LineRef, LineState, Notices, Offer,
    Quote, RefundRule, Refusal, Reply, Reservations, Search, Submission, Usage, UsageLimits,
};
use crate::clock::Clock;
use crate::http_client::Http;
use crate::money::Money;
use crate::plans::effect::Effect;

/// The provider's own word: an order may take ten minutes to show on the line.
const SETTLED_AFTER: Duration = Duration::from_secs(600);
/// Most show at once.
const LOOK_EVERY: Duration = Duration::from_secs(30);
/// The most bundles one answer lists.
const BUNDLES: &str = "200";
const PAGE: usize = 200;
const PAGES: usize = 100;

static FACTS: Facts = Facts {
    protocol: "eSIM Go v2.5",
    idempotency: Idempotency::None,
    search: Search::ByDifference { settled_after: SETTLED_AFTER },
    dry_run: true,
    two_step: false,
    max_top_ups: None,
    renewable: &[LineState::New, LineState::Active, LineState::Depleted, LineState::Expired],
    effect: Some(Effect::Queue),
    refund: RefundRule::UnusedWithin { days: 60 },
    // Neither lag nor limits are published: asked rarely.
    usage: UsageLimits { lag: Duration::ZERO, per_line: Duration::from_secs(900), per_minute: 60 },
};

pub struct EsimGo {
    exchange: Exchange,
    pub(super) api_key: Secret,
    clock: Clock,
}

impl EsimGo {
    pub fn new(settings: &Settings, timeout: Duration, clock: Clock) -> Result<Self, CarrierError> {
        let http = Http::new(timeout).map_err(CarrierError::misconfigured)?;
        let exchange = Exchange::new(&settings.address, http)?;
        Ok(Self { exchange, api_key: settings.api_key.clone(), clock })
    }

    fn keyed(&self, request: RequestBuilder) -> RequestBuilder {
        request.header("X-API-Key", self.api_key.expose())
    }

    async fn order(&self, body: &OrderBody<'_>) -> Result<Reply, CarrierError> {
        let post = self.exchange.request(Method::POST, &["orders"]);
        self.exchange.send(self.keyed(post).json(body)).await
    }

    /// Everything that was ever put on the line, what is used up included; `None` where there is no such line.
    async fn assignments(&self, line: &LineRef) -> Result<Option<Vec<Assignment>>, CarrierError> {
        let about = [("limit", BUNDLES), ("includeUsed", "true")];
        let get = self.exchange.request_with(Method::GET, &["esims", &line.iccid, "bundles"], &about);
        let reply = self.exchange.send(self.keyed(get)).await?;
        match reply.status {
            StatusCode::OK => reply.json::<BundlesReply>()?.assignments().map(Some),
            StatusCode::NOT_FOUND if wire::complains(&reply) => Ok(None),
            _ => Err(reply.failure()),
        }
    }

    async fn organisation(&self) -> Result<Organisation, CarrierError> {
        let get = self.exchange.request(Method::GET, &["organisation"]);
        let reply = self.exchange.send(self.keyed(get)).await?;
        if reply.status == StatusCode::OK { reply.json() } else { Err(reply.failure()) }
    }

    async fn page(&self, page: usize) -> Result<CatalogueReply, CarrierError> {
        let (page, size) = (page.to_string(), PAGE.to_string());
        let about = [("page", page.as_str()), ("perPage", size.as_str())];
        let get = self.exchange.request_with(Method::GET, &["catalogue"], &about);
        let reply = self.exchange.send_for_catalogue(self.keyed(get)).await?;
        if reply.status == StatusCode::OK { reply.json() } else { Err(reply.failure()) }
    }
}

#[async_trait]
impl Carrier for EsimGo {
    fn facts(&self) -> &'static Facts {
        &FACTS
    }

    /// The same for every line.
    async fn offers(&self, _line: Option<&LineRef>) -> Result<Vec<Offer>, CarrierError> {
        let currency = self.organisation().await?.currency.unwrap_or_default();
        let mut offers = vec![];
        for number in 1..=PAGES {
            let page = self.page(number).await?;
            let found = page.bundles.len();
            for bundle in page.bundles {
                offers.push(bundle.offer(&currency)?);
            }
            if found < PAGE {
                break;
            }
        }
        Ok(offers)
    }

    async fn quote(&self, line: &LineRef, product: &str) -> Result<Quote, CarrierError> {
        wire::quote(&self.order(&OrderBody::new("validate", &line.iccid, product)).await?)
    }

    async fn credit(&self) -> Result<Option<Money>, CarrierError> {
        self.organisation().await?.credit()
    }

    /// `null` for a line it does not know, which is the answer to the submission.
    async fn baseline(&self, line: &LineRef) -> Result<Value, CarrierError> {
        let Some(before) = self.assignments(line).await? else { return Ok(Value::Null) };
        Ok(before.into_iter().map(|assignment| Value::String(assignment.id)).collect())
    }

    async fn submit(&self, submission: &Submission<'_>) -> Result<Answer, CarrierError> {
        let request = submission.request;
        if submission.baseline.is_null() {
            return Ok(Answer::Refused(Refusal::UnknownLine));
        }
        let body = OrderBody::new("transaction", &request.line.iccid, &request.product);
        wire::submitted(&self.order(&body).await?)
    }

    async fn find(&self, submission: &Submission<'_>) -> Result<Option<Answer>, CarrierError> {
        if submission.baseline.is_null() {
            return Ok(Some(Answer::Refused(Refusal::UnknownLine)));
        }
        let Some(assignments) = self.assignments(&submission.request.line).await? else {
            return Err(CarrierError::TooEarly(SETTLED_AFTER));
        };
        match bundles::new_one(&assignments, submission)? {
            Some(found) => found.answer(submission).map(Some),
            // What was taken on will come; sent again, it would come twice.
            None if submission.reference.is_none() && settled(submission) => Ok(None),
            None => Err(CarrierError::TooEarly(LOOK_EVERY)),
        }
    }

    async fn usage(&self, line: &LineRef) -> Result<Usage, CarrierError> {
        let now = self.clock.now();
        match self.assignments(line).await? {
            Some(assignments) => bundles::usage(&assignments, now, &line.time_zone),
            None => Ok(Usage::unsaid(now)),
        }
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

fn settled(submission: &Submission<'_>) -> bool {
    submission.sent_at.is_some_and(|sent_at| submission.now - sent_at >= SETTLED_AFTER)
}
