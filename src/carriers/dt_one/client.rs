use std::net::IpAddr;
use std::time::Duration;

use async_trait::async_trait;
use axum::http::Method;
use reqwest::RequestBuilder;

use super::Settings;
use super::wire::{self, CreateBody, No, Product, State, Transaction, Word};
use crate::carriers::settings::Secret;
use crate::carriers::{
    Answer, Carrier, CarrierError, Exchange, Facts, Idempotency, LineControl, LineRef, LineState, Notices, Offer,
    Quote, RefundRule, Refusal, RenewalRequest, Reply, Reservations, Search, Submission, Usage, UsageLimits,
};
use crate::clock::Clock;
use crate::http_client::Http;
use crate::money::Money;

const PAGE: usize = 100;
const PAGES: usize = 200;

static FACTS: Facts = Facts {
    protocol: "DT One DVS v1",
    idempotency: Idempotency::ByRequestId,
    search: Search::ByRequestId,
    dry_run: false,
    two_step: true,
    max_top_ups: None,
    renewable: &[LineState::New, LineState::Active, LineState::Depleted, LineState::Expired],
    effect: None,
    refund: RefundRule::Never,
    // It tells nothing of lines; what it is asked costs it nothing.
    usage: UsageLimits { lag: Duration::ZERO, per_line: Duration::from_secs(86_400), per_minute: 60 },
};

pub struct DtOne {
    exchange: Exchange,
    api_key: Secret,
    api_secret: Secret,
    callback_url: Option<String>,
    pub(super) callback_from: Vec<IpAddr>,
    clock: Clock,
}

/// What came of an attempt to create a transaction.
pub(super) enum Created {
    Now(Transaction),
    /// There is one of this id.
    Before(Transaction),
    Refused(Refusal),
}

impl DtOne {
    pub fn new(settings: &Settings, timeout: Duration, clock: Clock) -> Result<Self, CarrierError> {
        let http = Http::new(timeout).map_err(CarrierError::misconfigured)?;
        Ok(Self {
            exchange: Exchange::new(&settings.address, http)?,
            api_key: settings.api_key.clone(),
            api_secret: settings.api_secret.clone(),
            callback_url: settings.callback_url.clone(),
            callback_from: settings.callback_from.clone(),
            clock,
        })
    }

    async fn send(&self, request: RequestBuilder) -> Result<Reply, CarrierError> {
        self.exchange.send(request.basic_auth(self.api_key.expose(), Some(self.api_secret.expose()))).await
    }

    pub(super) async fn post(&self, path: &[&str]) -> Word<Transaction> {
        wire::word(&self.send(self.exchange.request(Method::POST, path)).await?)
    }

    pub(super) async fn create(
        &self,
        request: &RenewalRequest,
        id: &str,
        confirm: bool,
    ) -> Result<Created, CarrierError> {
        let Some(body) = CreateBody::new(request, id, confirm, self.callback_url.as_deref()) else {
            return Ok(Created::Refused(Refusal::UnknownProduct));
        };
        let post = self.exchange.request(Method::POST, &["async", "transactions"]);
        let reply = self.send(post.json(&body)).await?;
        if let Some(refusal) = wire::refused(&reply) {
            return Ok(Created::Refused(refusal));
        }
        match wire::word::<Transaction>(&reply)? {
            Ok(transaction) if transaction.external_id == id => Ok(Created::Now(transaction)),
            Err(No::IdUsed) => {
                let missing = || CarrierError::unknown("an id that was used and can't be found");
                self.by_our_id(id).await?.map(Created::Before).ok_or_else(missing)
            }
            Ok(_) => Err(CarrierError::unknown("an answer to another request")),
            Err(no) => Err(CarrierError::unknown(format!("not created: {no:?}"))),
        }
    }

    pub(super) async fn by_our_id(&self, id: &str) -> Result<Option<Transaction>, CarrierError> {
        let get = self.exchange.request_with(Method::GET, &["transactions"], &[("external_id", id)]);
        match wire::word::<Vec<Transaction>>(&self.send(get).await?)? {
            Ok(found) => Ok(found.into_iter().find(|transaction| transaction.external_id == id)),
            Err(No::Missing) => Ok(None),
            Err(no) => Err(CarrierError::unknown(format!("not found: {no:?}"))),
        }
    }

    pub(super) async fn by_their_id(&self, id: &str) -> Word<Transaction> {
        wire::word(&self.send(self.exchange.request(Method::GET, &["transactions", id])).await?)
    }

    async fn products(&self, page: usize) -> Result<Vec<Product>, CarrierError> {
        let (page, size) = (page.to_string(), PAGE.to_string());
        let about = [("type", "FIXED_VALUE_RECHARGE"), ("page", page.as_str()), ("per_page", size.as_str())];
        let get = self.exchange.request_with(Method::GET, &["products"], &about);
        let get = get.basic_auth(self.api_key.expose(), Some(self.api_secret.expose()));
        let found = wire::word(&self.exchange.send_for_catalogue(get).await?)?;
        found.map_err(|no| CarrierError::unknown(format!("no products: {no:?}")))
    }

    /// Confirms what is held. `None`: it can't be any more, and nothing of it was delivered.
    async fn confirm(&self, reference: &str) -> Result<Option<Answer>, CarrierError> {
        match self.post(&["async", "transactions", reference, "confirm"]).await? {
            Ok(transaction) => Ok(Some(transaction.answer())),
            Err(No::Missing | No::CancelledAlready) => Ok(None),
            // Confirmed before, or lapsed: its state tells which.
            Err(_) => match self.by_their_id(reference).await? {
                Ok(transaction) if transaction.has_lapsed() => Ok(None),
                Ok(transaction) => Ok(Some(transaction.answer())),
                Err(no) => Err(CarrierError::unknown(format!("confirmed or not: {no:?}"))),
            },
        }
    }

    /// In one step, under this id.
    async fn buy(&self, request: &RenewalRequest, id: &str) -> Result<Option<Answer>, CarrierError> {
        match self.create(request, id, true).await? {
            Created::Now(transaction) => Ok(Some(transaction.answer())),
            Created::Before(held) if held.state() == State::Created => self.confirm(&held.id.to_string()).await,
            Created::Before(gone) if gone.has_lapsed() => Ok(None),
            Created::Before(transaction) => Ok(Some(transaction.answer())),
            Created::Refused(refusal) => Ok(Some(Answer::Refused(refusal))),
        }
    }
}

/// For what takes the place of a transaction that lapsed.
fn second_id(request_id: &str) -> String {
    format!("{request_id}:2")
}

#[async_trait]
impl Carrier for DtOne {
    fn facts(&self) -> &'static Facts {
        &FACTS
    }

    async fn offers(&self, _line: Option<&LineRef>) -> Result<Vec<Offer>, CarrierError> {
        let mut offers = vec![];
        for number in 1..=PAGES {
            let page = self.products(number).await?;
            let found = page.len();
            for product in page {
                offers.push(product.offer()?);
            }
            if found < PAGE {
                break;
            }
        }
        Ok(offers)
    }

    async fn quote(&self, _line: &LineRef, product: &str) -> Result<Quote, CarrierError> {
        if product.parse::<u64>().is_err() {
            return Ok(Quote { eligible: Err(Refusal::UnknownProduct), price: None, cost: None });
        }
        wire::quote(&self.send(self.exchange.request(Method::GET, &["products", product])).await?)
    }

    async fn credit(&self) -> Result<Option<Money>, CarrierError> {
        let reply = self.send(self.exchange.request(Method::GET, &["balances"])).await?;
        match wire::word(&reply)? {
            Ok(balances) => wire::credit(balances),
            Err(_) => Ok(None),
        }
    }

    async fn baseline(&self, _line: &LineRef) -> Result<serde_json::Value, CarrierError> {
        Ok(serde_json::Value::Null)
    }

    async fn submit(&self, submission: &Submission<'_>) -> Result<Answer, CarrierError> {
        let request = submission.request;
        if let Some(reference) = submission.reference
            && let Some(answer) = self.confirm(reference).await?
        {
            return Ok(answer);
        }
        if let Some(answer) = self.buy(request, &request.request_id).await? {
            return Ok(answer);
        }
        let second = self.buy(request, &second_id(&request.request_id)).await?;
        Ok(second.unwrap_or_else(|| Answer::Refused(Refusal::Other("cancelled".to_owned()))))
    }

    async fn find(&self, submission: &Submission<'_>) -> Result<Option<Answer>, CarrierError> {
        let request_id = &submission.request.request_id;
        match self.by_our_id(request_id).await? {
            None => Ok(None),
            Some(first) if first.has_lapsed() => {
                let second = self.by_our_id(&second_id(request_id)).await?;
                Ok(second.filter(|second| second.state() != State::Created).map(|second| second.answer()))
            }
            Some(first) => Ok(Some(first.answer())),
        }
    }

    async fn usage(&self, _line: &LineRef) -> Result<Usage, CarrierError> {
        Ok(Usage::unsaid(self.clock.now()))
    }

    fn reservations(&self) -> Option<&dyn Reservations> {
        Some(self)
    }

    fn control(&self) -> Option<&dyn LineControl> {
        None
    }

    /// Only where it was said who sends them.
    fn notices(&self) -> Option<&dyn Notices> {
        if self.callback_from.is_empty() { None } else { Some(self) }
    }
}
