use std::time::Duration;

use async_trait::async_trait;
use time::OffsetDateTime;

use super::client::{Api, Client};
use super::found::{Found, day, latest};
use super::wire::balance::{self, Balance, Bucket, TopUp};
use super::wire::catalogue::Offering;
use super::wire::inventory::{self, Product};
use super::wire::order::{self, Order};
use super::wire::{Ref, Standing};
use super::{KnownBy, RenewBy, Settings};
use crate::carriers::{
    Answer, Carrier, CarrierError, Facts, Idempotency, LineControl, LineRef, LineState, Notices, Offer, Quote,
    RefundRule, Refusal, RenewalRequest, Reservations, Search, Submission, Usage, UsageLimits,
};
use crate::clock::Clock;
use crate::money::Money;

static FACTS: Facts = Facts {
    protocol: "TM Forum",
    idempotency: Idempotency::None,
    search: Search::ByRequestId,
    dry_run: false,
    two_step: false,
    max_top_ups: None,
    renewable: &[LineState::New, LineState::Active, LineState::Depleted, LineState::Expired],
    effect: None,
    refund: RefundRule::OnRequest,
    usage: UsageLimits { lag: Duration::ZERO, per_line: Duration::from_secs(900), per_minute: 60 },
};

/// A request that was cut off may still be on its way into the carrier's lists.
const SETTLED_AFTER: time::Duration = time::Duration::minutes(1);
const SOON: Duration = Duration::from_secs(10);

pub struct TmForum {
    client: Client,
    clock: Clock,
    renew_by: RenewBy,
    known_by: KnownBy,
    buckets: bool,
    account: Option<String>,
    data_characteristic: String,
}

impl TmForum {
    pub fn new(settings: &Settings, timeout: Duration, clock: Clock) -> Result<Self, CarrierError> {
        if settings.token.is_some() && settings.oauth.is_some() {
            return Err(CarrierError::misconfigured("a token and a place to get tokens; it is one of both"));
        }
        Ok(Self {
            client: Client::new(settings, timeout, clock.clone())?,
            clock,
            renew_by: settings.renew_by,
            known_by: settings.known_by,
            buckets: settings.buckets,
            account: settings.account.clone(),
            data_characteristic: settings.data_characteristic.clone(),
        })
    }

    async fn product(&self, line: &LineRef) -> Result<Option<Product>, CarrierError> {
        if let Some(id) = &line.carrier_line_id {
            return self.client.get(Api::Inventory, &["product", id]).await;
        }
        let filter = ("productSerialNumber", line.iccid.as_str());
        let products = self.client.matching(Api::Inventory, "product", filter, |found: &Product| found.is_of(line));
        Ok(inventory::current(products.await?, self.clock.now()))
    }

    async fn data_buckets(&self, line: &LineRef) -> Result<Vec<Bucket>, CarrierError> {
        let Some(number) = self.number(line) else { return Ok(vec![]) };
        let filter = ("logicalResource.id", number);
        self.client.matching(Api::Balance, "bucket", filter, |bucket: &Bucket| bucket.is_data_of(number)).await
    }

    fn number<'a>(&self, line: &'a LineRef) -> Option<&'a str> {
        match self.known_by {
            KnownBy::Iccid => Some(&line.iccid),
            KnownBy::Msisdn => line.msisdn.as_deref().map(|number| number.trim_start_matches('+')),
        }
    }

    async fn quote_offer(&self, line: &LineRef, product: &str) -> Result<Quote, CarrierError> {
        let now = self.clock.now();
        let Some(held) = self.product(line).await? else { return Ok(refused(Refusal::UnknownLine)) };
        let eligible = held.eligible(now)?;
        let offering: Option<Offering> = self.client.get(Api::Catalogue, &["productOffering", product]).await?;
        match offering.filter(|offering| offering.is_sold(now)) {
            Some(offering) => Ok(Quote { eligible, price: None, cost: offering.cost() }),
            None => Ok(refused(Refusal::UnknownProduct)),
        }
    }

    async fn quote_top_up(&self, line: &LineRef) -> Result<Quote, CarrierError> {
        let buckets = self.data_buckets(line).await?;
        let Some(bucket) = buckets.first() else { return Ok(refused(Refusal::UnknownLine)) };
        self.target(bucket, "")?;
        Ok(Quote { eligible: bucket.eligible(self.clock.now())?, price: None, cost: None })
    }

    fn target<'a>(&'a self, bucket: &'a Bucket, number: &'a str) -> Result<TopUp<'a>, CarrierError> {
        let theirs = bucket.party_account.as_ref().and_then(|account: &Ref| account.id.as_deref());
        let account = theirs.or(self.account.as_deref());
        match (bucket.id.as_deref(), account) {
            (Some(bucket), Some(account)) => Ok(TopUp { bucket, account, number }),
            _ => Err(CarrierError::misconfigured("neither the bucket nor the settings name an account")),
        }
    }

    async fn order(&self, request: &RenewalRequest) -> Result<Option<Found>, CarrierError> {
        let body = order::new(request, self.account.as_deref());
        let reply = self.client.create(Api::Orders, "productOrder", &body).await?;
        order::created(&reply, &request.request_id)?.map(Found::order).transpose()
    }

    async fn top_up(&self, request: &RenewalRequest) -> Result<Option<Found>, CarrierError> {
        let buckets = self.data_buckets(&request.line).await.map_err(CarrierError::before_sending)?;
        let (Some(bucket), Some(number)) = (buckets.first(), self.number(&request.line)) else {
            return Ok(Some(Found::refused(Refusal::UnknownLine)));
        };
        let Some(body) = balance::new(request, &self.target(bucket, number)?)? else {
            return Ok(Some(Found::refused(Refusal::UnknownProduct)));
        };
        let reply = self.client.create(Api::Balance, "topupBalance", &body).await?;
        Ok(balance::created(&reply)?.map(Found::top_up))
    }

    async fn search(&self, request: &RenewalRequest) -> Result<Option<Found>, CarrierError> {
        let id = &request.request_id;
        let found: Vec<Found> = match self.renew_by {
            RenewBy::ProductOrder => {
                let filter = ("externalId", id.as_str());
                let orders =
                    self.client.matching(Api::Orders, "productOrder", filter, |order: &Order| order.is_for(id));
                orders.await?.into_iter().map(Found::order).collect::<Result<_, _>>()?
            }
            RenewBy::TopUp => {
                let text = format!("renewal {id}");
                let filter = ("description", text.as_str());
                let top_ups =
                    self.client.matching(Api::Balance, "topupBalance", filter, |balance: &Balance| balance.is_for(id));
                top_ups.await?.into_iter().map(Found::top_up).collect()
            }
        };
        Ok(found.into_iter().max_by_key(|found| found.standing.rank()))
    }

    async fn by_reference(&self, reference: &str) -> Result<Found, CarrierError> {
        let forgotten = || CarrierError::unknown("the carrier no longer has what it took");
        match self.renew_by {
            RenewBy::ProductOrder => {
                let order: Option<Order> = self.client.get(Api::Orders, &["productOrder", reference]).await?;
                Found::order(order.ok_or_else(forgotten)?)
            }
            RenewBy::TopUp => {
                let balance: Option<Balance> = self.client.get(Api::Balance, &["topupBalance", reference]).await?;
                Ok(Found::top_up(balance.ok_or_else(forgotten)?))
            }
        }
    }

    /// The line's end as the carrier has it now; an order only repeats what was asked for.
    async fn end(&self, line: &LineRef) -> Result<Option<OffsetDateTime>, CarrierError> {
        Ok(match self.renew_by {
            RenewBy::ProductOrder => self.product(line).await?.and_then(|product| product.end()),
            RenewBy::TopUp => latest(&self.data_buckets(line).await?),
        })
    }
}

#[async_trait]
impl Carrier for TmForum {
    fn facts(&self) -> &'static Facts {
        &FACTS
    }

    async fn offers(&self, _line: Option<&LineRef>) -> Result<Vec<Offer>, CarrierError> {
        if self.renew_by == RenewBy::TopUp {
            return Ok(vec![]);
        }
        let (now, offerings) =
            (self.clock.now(), self.client.all::<Offering>(Api::Catalogue, "productOffering").await?);
        let sold = offerings.iter().filter(|offering| offering.is_sold(now));
        Ok(sold.filter_map(|offering| offering.offer(&self.data_characteristic)).collect())
    }

    async fn quote(&self, line: &LineRef, product: &str) -> Result<Quote, CarrierError> {
        match self.renew_by {
            RenewBy::ProductOrder => self.quote_offer(line, product).await,
            RenewBy::TopUp => self.quote_top_up(line).await,
        }
    }

    async fn credit(&self) -> Result<Option<Money>, CarrierError> {
        Ok(None)
    }

    async fn baseline(&self, _line: &LineRef) -> Result<serde_json::Value, CarrierError> {
        Ok(serde_json::Value::Null)
    }

    /// What is completed at once is taken on as well: nothing that could fail may follow after sending.
    async fn submit(&self, submission: &Submission<'_>) -> Result<Answer, CarrierError> {
        let sent = match self.renew_by {
            RenewBy::ProductOrder => self.order(submission.request).await?,
            RenewBy::TopUp => self.top_up(submission.request).await?,
        };
        match sent {
            Some(Found { standing: Standing::Refused(code), .. }) => Ok(Answer::Refused(Refusal::parse(&code))),
            Some(Found { reference, .. }) => Ok(Answer::Accepted { reference }),
            None => Err(CarrierError::unknown("the carrier says that it has this request already")),
        }
    }

    async fn find(&self, submission: &Submission<'_>) -> Result<Option<Answer>, CarrierError> {
        let found = match submission.reference {
            Some(reference) => Some(self.by_reference(reference).await?),
            None => self.search(submission.request).await?,
        };
        let settled = submission.sent_at.is_none_or(|sent| submission.now - sent >= SETTLED_AFTER);
        let line = &submission.request.line;
        Ok(Some(match found {
            Some(Found { reference, standing: Standing::UnderWay }) => Answer::Accepted { reference },
            Some(Found { standing: Standing::Refused(code), .. }) => Answer::Refused(Refusal::parse(&code)),
            Some(_) => Answer::Done { valid_until: day(self.end(line).await?, line)? },
            None if settled => return Ok(None),
            None => return Err(CarrierError::TooEarly(SOON)),
        }))
    }

    async fn usage(&self, line: &LineRef) -> Result<Usage, CarrierError> {
        let now = self.clock.now();
        let by_product = self.renew_by == RenewBy::ProductOrder;
        let product = if by_product { self.product(line).await? } else { None };
        let buckets = if self.buckets || !by_product { self.data_buckets(line).await? } else { vec![] };
        if product.is_none() && buckets.is_empty() {
            return Ok(Usage::unsaid(now));
        }
        let of_buckets = buckets.first().and_then(|bucket| bucket.state(now));
        let state = match product.as_ref().map(|product| product.state(now)) {
            Some(Some(LineState::Active)) if of_buckets == Some(LineState::Depleted) => of_buckets,
            Some(state) => state,
            None => of_buckets,
        };
        let end = product.and_then(|product| product.end()).or_else(|| latest(&buckets));
        Ok(Usage {
            as_of: now,
            state,
            total: None,
            left: balance::left(&buckets),
            valid_until: day(end, line)?,
            balance: None,
            installed: None,
        })
    }

    fn reservations(&self) -> Option<&dyn Reservations> {
        None
    }

    fn control(&self) -> Option<&dyn LineControl> {
        None
    }

    fn notices(&self) -> Option<&dyn Notices> {
        None
    }
}

fn refused(refusal: Refusal) -> Quote {
    Quote { eligible: Err(refusal), price: None, cost: None }
}
