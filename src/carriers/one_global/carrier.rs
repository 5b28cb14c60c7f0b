use std::time::Duration;

use async_trait::async_trait;
use serde_json::Value;

use super::Settings;
use super::client::Client;
use super::notices::Watch;
use super::wire::{self, Order, Standing, Subscription};
use crate::carriers::{
    Answer, Carrier, CarrierError, Facts, Idempotency, LineControl, LineRef, LineState, Notices, Offer, Quote,
    RefundRule, Refusal, Reservations, Search, Submission, Usage, UsageLimits, dates,
};
use crate::clock::Clock;
use crate::money::Money;
use crate::plans::allowance::Allowance;
use crate::units::Data;

/// An order waits its turn with the carrier, so what is not on the SIM yet may still come.
const SETTLED_AFTER: Duration = Duration::from_secs(3_600);
const SOON: Duration = Duration::from_secs(10);

static FACTS: Facts = Facts {
    protocol: "1GLOBAL Connect",
    idempotency: Idempotency::None,
    search: Search::ByDifference { settled_after: SETTLED_AFTER },
    dry_run: false,
    two_step: false,
    max_top_ups: None,
    renewable: &[LineState::New, LineState::Active, LineState::Depleted, LineState::Expired],
    effect: None,
    refund: RefundRule::OnRequest,
    usage: UsageLimits { lag: Duration::ZERO, per_line: Duration::from_secs(60), per_minute: 1_000 },
};

pub struct OneGlobal {
    client: Client,
    clock: Clock,
    watch: Watch,
}

impl OneGlobal {
    pub fn new(settings: &Settings, timeout: Duration, clock: Clock) -> Result<Self, CarrierError> {
        let watch = Watch::new(&settings.notices)?;
        Ok(Self { client: Client::new(settings, timeout, clock.clone())?, clock, watch })
    }

    async fn done(&self, order: &Order, line: &LineRef) -> Result<Answer, CarrierError> {
        let all = self.client.subscriptions(&line.iccid).await?;
        let ours = all.iter().filter(|one| order.subscription() == Some(one.id.as_str()));
        Ok(Answer::Done { valid_until: last_day(ours, line)? })
    }

    /// A plan of this product that was not on the SIM when the request went out.
    async fn by_difference(&self, submission: &Submission<'_>) -> Result<Option<Answer>, CarrierError> {
        let before: Vec<String> = serde_json::from_value(submission.baseline.clone())
            .map_err(|_| CarrierError::unknown("nobody knows what was on the SIM before"))?;
        let (request, all) = (submission.request, self.client.subscriptions(&submission.request.line.iccid).await?);
        let is_new = |one: &&Subscription| !before.contains(&one.id) && one.is_of(&request.product);
        let new: Vec<&Subscription> = all.iter().filter(is_new).collect();
        if !new.is_empty() {
            return Ok(Some(Answer::Done { valid_until: last_day(new.into_iter(), &request.line)? }));
        }
        match submission.sent_at {
            Some(sent) if submission.now - sent < SETTLED_AFTER => Err(CarrierError::TooEarly(SOON)),
            _ => Ok(None),
        }
    }
}

#[async_trait]
impl Carrier for OneGlobal {
    fn facts(&self) -> &'static Facts {
        &FACTS
    }

    async fn offers(&self, _line: Option<&LineRef>) -> Result<Vec<Offer>, CarrierError> {
        Ok(vec![])
    }

    /// What a plan costs is agreed by contract. That the carrier can be asked at all is seen before money is taken.
    async fn quote(&self, line: &LineRef, _product: &str) -> Result<Quote, CarrierError> {
        self.client.subscriptions(&line.iccid).await?;
        Ok(Quote { eligible: Ok(()), price: None, cost: None })
    }

    async fn credit(&self) -> Result<Option<Money>, CarrierError> {
        Ok(None)
    }

    async fn baseline(&self, line: &LineRef) -> Result<Value, CarrierError> {
        let all = self.client.subscriptions(&line.iccid).await.map_err(CarrierError::before_sending)?;
        Ok(all.into_iter().map(|one| Value::String(one.id)).collect())
    }

    /// What is completed at once is taken on as well: nothing that could fail may follow after sending.
    async fn submit(&self, submission: &Submission<'_>) -> Result<Answer, CarrierError> {
        let order = self.client.order(submission.request).await?;
        Ok(match order.standing() {
            Standing::Failed => Answer::Refused(Refusal::NotRenewable),
            Standing::UnderWay | Standing::Completed => Answer::Accepted { reference: Some(order.id) },
        })
    }

    async fn find(&self, submission: &Submission<'_>) -> Result<Option<Answer>, CarrierError> {
        let request = submission.request;
        let Some(reference) = submission.reference else { return self.by_difference(submission).await };
        let order = self.client.order_of(reference, &request.request_id).await?;
        if order.id != reference {
            return Err(CarrierError::unknown("an answer to another question"));
        }
        Ok(Some(match order.standing() {
            Standing::Failed => Answer::Refused(Refusal::NotRenewable),
            Standing::UnderWay => Answer::Accepted { reference: Some(order.id) },
            Standing::Completed => self.done(&order, &request.line).await?,
        }))
    }

    async fn usage(&self, line: &LineRef) -> Result<Usage, CarrierError> {
        let all = self.client.subscriptions(&line.iccid).await?;
        let alive: Vec<&Subscription> = all.iter().filter(|one| one.state() != Some(LineState::Expired)).collect();
        let counted = if alive.is_empty() { all.iter().collect() } else { alive };
        Ok(Usage {
            as_of: self.clock.now(),
            state: wire::state(&all),
            total: sum(&counted, Subscription::total),
            left: sum(&counted, Subscription::left),
            valid_until: last_day(counted.into_iter(), line)?,
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
        Some(&self.watch)
    }
}

/// `None` where one of them doesn't say.
fn sum(subscriptions: &[&Subscription], of: fn(&Subscription) -> Option<i64>) -> Option<Allowance> {
    let bytes = subscriptions.iter().try_fold(0_i64, |sum, one| sum.checked_add(of(one)?))?;
    (!subscriptions.is_empty()).then_some(Allowance { data: Data::Bytes(bytes), ..Allowance::default() })
}

fn last_day<'a>(
    subscriptions: impl Iterator<Item = &'a Subscription>,
    line: &LineRef,
) -> Result<Option<time::Date>, CarrierError> {
    let end = subscriptions.filter_map(Subscription::end).max();
    end.map(|end| dates::last_day(end, &line.time_zone)).transpose()
}
