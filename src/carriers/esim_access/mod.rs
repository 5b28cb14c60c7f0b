//! eSIM Access: eSIMs that are known by a transaction number of their own, since their ICCIDs are used again. A top-up
//! can't be asked after, so what is on the line is noted before, and compared when an answer was lost.

mod client;
mod control;
mod lines;
mod notices;
mod packages;
mod wire;

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use async_trait::async_trait;
use serde::Deserialize;
use serde_json::{Value, json};

use self::client::Client;
use self::lines::{Baseline, Profile};
use self::packages::Package;
use super::settings::Secret;
use super::{
    Answer, Carrier, CarrierError, Facts, Idempotency, LineControl, LineRef, LineState, Notices, Offer, Quote,
    RefundRule, Refusal, Reservations, Search, Submission, Usage, UsageLimits,
};
use crate::clock::Clock;
use crate::money::Money;
use crate::plans::effect::Effect;

/// A top-up that shows on no line this long after it was sent will not come any more.
const SETTLED_AFTER: Duration = Duration::from_secs(10 * 60);

static FACTS: Facts = Facts {
    protocol: "eSIM Access",
    idempotency: Idempotency::None,
    search: Search::ByDifference { settled_after: SETTLED_AFTER },
    dry_run: false,
    two_step: false,
    max_top_ups: Some(10),
    renewable: &RENEWABLE,
    effect: Some(Effect::Stack),
    refund: RefundRule::Never,
    usage: UsageLimits {
        lag: Duration::from_secs(3 * 3_600),
        per_line: Duration::from_secs(30 * 60),
        // It answers eight questions a second; each line takes two, and renewals need room.
        per_minute: 120,
    },
};

const RENEWABLE: [LineState; 3] = [LineState::New, LineState::Active, LineState::Depleted];

/// From where it sends its notices, which it does not sign.
const SENDERS: [Ipv4Addr; 5] = [
    Ipv4Addr::new(3, 1, 131, 226),
    Ipv4Addr::new(54, 254, 74, 88),
    Ipv4Addr::new(18, 136, 190, 97),
    Ipv4Addr::new(18, 136, 60, 197),
    Ipv4Addr::new(18, 136, 19, 137),
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    #[serde(default = "production")]
    pub address: String,
    pub access_code: String,
    pub secret_key: Secret,
    #[serde(default = "senders")]
    pub notices_from: Vec<IpAddr>,
}

fn production() -> String {
    "https://api.esimaccess.com/api/v1/open".to_owned()
}

pub fn senders() -> Vec<IpAddr> {
    SENDERS.map(IpAddr::V4).to_vec()
}

pub struct EsimAccess {
    client: Client,
    notices_from: Vec<IpAddr>,
    clock: Clock,
}

impl EsimAccess {
    /// `timeout` bounds a whole exchange. What is silent for longer is unknown.
    pub fn new(settings: &Settings, timeout: Duration, clock: Clock) -> Result<Self, CarrierError> {
        let client = Client::new(settings, timeout, clock.clone())?;
        Ok(Self { client, notices_from: settings.notices_from.clone(), clock })
    }

    /// By its own number, or by the card's; where several lines have had that card, none is guessed.
    async fn profile(&self, line: &LineRef) -> Result<Result<Profile, Refusal>, CarrierError> {
        let (name, key) = match &line.carrier_line_id {
            Some(id) => ("esimTranNo", id),
            None => ("iccid", &line.iccid),
        };
        let body = json!({ name: key, "pager": { "pageNum": 1, "pageSize": 50 } });
        let found = lines::profiles(&self.client.post(&["esim", "query"], &body).await?)?;
        Ok(found.and_then(|profiles| lines::only(profiles, line)))
    }

    async fn top_ups(&self, iccid: &str) -> Result<Result<Vec<Package>, Refusal>, CarrierError> {
        let body = json!({ "type": "TOPUP", "iccid": iccid });
        packages::read(&self.client.post_for_catalogue(&["package", "list"], &body).await?)
    }

    /// Whether what is on the line now is what was there before and the top-up.
    async fn compared(&self, submission: &Submission<'_>, before: &Baseline) -> Result<Option<Answer>, CarrierError> {
        let request = submission.request;
        let line = LineRef { carrier_line_id: Some(before.line_id.clone()), ..request.line.clone() };
        let now = self.profile(&line).await?.map_err(|_| CarrierError::TooEarly(SETTLED_AFTER))?;
        if before.is_as(&now) {
            return submission.not_shown(SETTLED_AFTER);
        }
        let packages = self.top_ups(&now.iccid).await?.unwrap_or_default();
        match packages.iter().find(|package| package.code == request.product) {
            Some(package) if before.grown_by(package.volume, &now) => {
                Ok(Some(Answer::Done { valid_until: before.last_day(now.end(), &line.time_zone) }))
            }
            // It has changed otherwise; until somebody has looked, nothing is sent again.
            _ => Err(CarrierError::TooEarly(SETTLED_AFTER)),
        }
    }
}

#[async_trait]
impl Carrier for EsimAccess {
    fn facts(&self) -> &'static Facts {
        &FACTS
    }

    async fn offers(&self, line: Option<&LineRef>) -> Result<Vec<Offer>, CarrierError> {
        let listed = match line {
            Some(line) => self.top_ups(&line.iccid).await?,
            None => {
                let body = json!({ "type": "TOPUP" });
                packages::read(&self.client.post_for_catalogue(&["package", "list"], &body).await?)?
            }
        };
        listed.unwrap_or_default().into_iter().map(Package::offer).collect()
    }

    async fn quote(&self, line: &LineRef, product: &str) -> Result<Quote, CarrierError> {
        let refused = |refusal| Ok(Quote { eligible: Err(refusal), price: None, cost: None });
        let profile = match self.profile(line).await? {
            Ok(profile) => profile,
            Err(refusal) => return refused(refusal),
        };
        if let Err(refusal) = profile.takes_top_ups() {
            return refused(refusal);
        }
        match self.top_ups(&profile.iccid).await? {
            Err(refusal) => refused(refusal),
            Ok(packages) => match packages.iter().find(|package| package.code == product) {
                None => refused(Refusal::UnknownProduct),
                Some(package) => Ok(Quote { eligible: Ok(()), price: None, cost: package.cost()? }),
            },
        }
    }

    async fn credit(&self) -> Result<Option<Money>, CarrierError> {
        packages::balance(&self.client.post(&["balance", "query"], &json!({})).await?).map(Some)
    }

    /// Why the line can't be told is noted as well, and is the answer to the submission.
    async fn baseline(&self, line: &LineRef) -> Result<Value, CarrierError> {
        Ok(lines::noted(self.profile(line).await?))
    }

    async fn submit(&self, submission: &Submission<'_>) -> Result<Answer, CarrierError> {
        let request = submission.request;
        let before = match lines::recalled(submission.baseline)? {
            Ok(before) => before,
            Err(refusal) => return Ok(Answer::Refused(refusal)),
        };
        let transaction = wire::transaction_id(&request.request_id);
        let body = json!({
            "esimTranNo": before.line_id, "packageCode": request.product, "transactionId": transaction,
        });
        let reply = self.client.post(&["esim", "topup"], &body).await?;
        lines::topped_up(&reply, &transaction, &before, &request.line.time_zone)
    }

    async fn find(&self, submission: &Submission<'_>) -> Result<Option<Answer>, CarrierError> {
        match lines::recalled(submission.baseline)? {
            Ok(before) => self.compared(submission, &before).await,
            Err(refusal) => Ok(Some(Answer::Refused(refusal))),
        }
    }

    async fn usage(&self, line: &LineRef) -> Result<Usage, CarrierError> {
        let now = self.clock.now();
        // None, or several and which of them can't be told.
        let Ok(profile) = self.profile(line).await? else { return Ok(Usage::unsaid(now)) };
        let body = json!({ "esimTranNoList": [profile.line_id] });
        let reply = self.client.post(&["esim", "usage", "query"], &body).await?;
        lines::usage(&profile, &reply, now, &line.time_zone)
    }

    fn reservations(&self) -> Option<&dyn Reservations> {
        None
    }

    fn control(&self) -> Option<&dyn LineControl> {
        Some(self)
    }

    fn notices(&self) -> Option<&dyn Notices> {
        Some(self)
    }
}
