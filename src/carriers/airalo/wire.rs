//! Packages and figures of a line.

use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::Number;
use time::{OffsetDateTime, UtcOffset};

use super::orders;
use crate::carriers::{CarrierError, LineState, Offer, Quote, Refusal, Reply, Usage, amounts, dates};
use crate::money::{Currency, Money};
use crate::plans::allowance::Allowance;
use crate::plans::term::Term;
use crate::units::{Data, GB};

/// So many of its MB are what it prints as a GB.
const MB_PER_GB: i128 = 1_024;

#[derive(Deserialize)]
struct TopUps {
    data: Vec<Package>,
}

#[derive(Deserialize)]
pub struct Package {
    pub id: String,
    #[serde(rename = "type")]
    pub kind: Option<String>,
    title: Option<String>,
    net_price: Option<Number>,
    amount: Option<Number>,
    day: Option<i32>,
    #[serde(default)]
    is_unlimited: bool,
    voice: Option<i64>,
    text: Option<i64>,
}

#[derive(Deserialize)]
struct UsageReply {
    data: Figures,
}

#[derive(Deserialize)]
struct Figures {
    status: String,
    remaining: Option<Number>,
    total: Option<Number>,
    expired_at: Option<String>,
    #[serde(default)]
    is_unlimited: bool,
    remaining_voice: Option<i64>,
    total_voice: Option<i64>,
    remaining_text: Option<i64>,
    total_text: Option<i64>,
}

/// The packages a line can be topped up with now; what isn't among them can't be had.
pub fn quote(reply: &Reply, product: &str, currency: Currency) -> Result<Quote, CarrierError> {
    let (eligible, cost) = match top_ups(reply)? {
        Err(refusal) => (Err(refusal), None),
        Ok(packages) if packages.is_empty() => (Err(Refusal::NotRenewable), None),
        Ok(packages) => match packages.iter().find(|package| package.id == product) {
            None => (Err(Refusal::UnknownProduct), None),
            Some(package) => (Ok(()), package.cost(currency)?),
        },
    };
    Ok(Quote { eligible, price: None, cost })
}

pub fn offers(reply: &Reply, currency: Currency) -> Result<Vec<Offer>, CarrierError> {
    let packages = top_ups(reply)?.unwrap_or_default();
    packages.into_iter().map(|package| package.offer(currency)).collect()
}

fn top_ups(reply: &Reply) -> Result<Result<Vec<Package>, Refusal>, CarrierError> {
    match reply.status {
        StatusCode::OK => Ok(Ok(reply.json::<TopUps>()?.data)),
        // Its own word: an address that isn't there has no list.
        StatusCode::NOT_FOUND => reply.json::<TopUps>().map(|_| Err(Refusal::UnknownLine)),
        StatusCode::UNPROCESSABLE_ENTITY => orders::refusal(reply).map(Err),
        _ => Err(reply.failure()),
    }
}

impl Package {
    fn cost(&self, currency: Currency) -> Result<Option<Money>, CarrierError> {
        self.net_price.as_ref().map_or(Ok(None), |price| amounts::cost(price, currency.code()))
    }

    pub fn offer(self, currency: Currency) -> Result<Offer, CarrierError> {
        Ok(Offer {
            cost: self.cost(currency)?,
            term: self.day.and_then(|days| Term::of(days, "day").ok()),
            allowance: Allowance {
                data: data(self.is_unlimited, self.amount.as_ref()),
                minutes: self.voice.filter(|minutes| *minutes > 0),
                sms: self.text.filter(|messages| *messages > 0),
            },
            title: self.title.unwrap_or_else(|| self.id.clone()),
            product: self.id,
            coverage: vec![],
            effect: None,
        })
    }
}

/// `expired_at` has no zone; it is taken as UTC.
pub fn usage(reply: &Reply, now: OffsetDateTime, zone: &str) -> Result<Usage, CarrierError> {
    let unsaid = Usage::unsaid(now);
    match reply.status {
        StatusCode::OK => {}
        // Its own word: an address that isn't there has no data.
        StatusCode::NOT_FOUND => return reply.json::<TopUps>().map(|_| unsaid),
        StatusCode::UNPROCESSABLE_ENTITY => match orders::refusal(reply)? {
            Refusal::Recycled => return Ok(Usage { state: Some(LineState::Ended), ..unsaid }),
            Refusal::UnknownLine => return Ok(unsaid),
            _ => return Err(reply.failure()),
        },
        _ => return Err(reply.failure()),
    }
    let figures = reply.json::<UsageReply>()?.data;
    let end = figures.expired_at.as_deref().map(|text| dates::instant(text, UtcOffset::UTC)).transpose()?;
    Ok(Usage {
        state: state(&figures.status),
        total: Some(Allowance {
            data: data(figures.is_unlimited, figures.total.as_ref()),
            minutes: figures.total_voice,
            sms: figures.total_text,
        }),
        left: Some(Allowance {
            data: data(figures.is_unlimited, figures.remaining.as_ref()),
            minutes: figures.remaining_voice,
            sms: figures.remaining_text,
        }),
        valid_until: end.map(|end| dates::last_day(end, zone)).transpose()?,
        ..unsaid
    })
}

fn state(text: &str) -> Option<LineState> {
    Some(match text {
        "NOT_ACTIVE" => LineState::New,
        "ACTIVE" => LineState::Active,
        "FINISHED" => LineState::Depleted,
        "EXPIRED" => LineState::Expired,
        _ => return None,
    })
}

/// Whole megabytes; for unlimited packages the number means nothing.
fn data(unlimited: bool, megabytes: Option<&Number>) -> Data {
    let bytes = |whole: i64| i64::try_from(i128::from(whole) * i128::from(GB) / MB_PER_GB).ok();
    match megabytes.and_then(amounts::whole).and_then(bytes) {
        _ if unlimited => Data::Unlimited,
        None => Data::None,
        Some(bytes) => Data::Bytes(bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use time::macros::{date, datetime};

    const NOW: OffsetDateTime = datetime!(2026-11-22 12:00 UTC);
    const TOP_UPS: &str = r#"{"pricing":{"model":"net_pricing"},"data":[
        {"id":"bonbon-3gb-topup","type":"topup","price":10,"amount":3072,"day":30,"is_unlimited":false,
         "title":"3 GB - 30 Days","data":"3 GB","short_info":null,"voice":100,"text":0,"net_price":8.005},
        {"id":"bonbon-free","type":"topup","price":10,"amount":0,"day":7,"is_unlimited":true,"title":"Unlimited"}]}"#;

    fn reply(status: u16, body: &str) -> Reply {
        Reply { status: StatusCode::from_u16(status).unwrap(), body: body.into() }
    }

    #[test]
    fn what_is_in_the_list_can_be_had_at_its_net_price() {
        let asked = |product| quote(&reply(200, TOP_UPS), product, Currency::Usd).unwrap();
        let quoted = asked("bonbon-3gb-topup");
        assert_eq!((quoted.eligible, quoted.price), (Ok(()), None));
        assert_eq!(quoted.cost, Some(Money::new(801, Currency::Usd)), "half a cent is a cent");
        assert_eq!(asked("bonbon-free").cost, None);
        assert_eq!(asked("another").eligible, Err(Refusal::UnknownProduct));
    }

    #[test]
    fn why_a_line_has_no_list() {
        for (status, body, refusal) in [
            (200, r#"{"data":[]}"#, Refusal::NotRenewable),
            (404, r#"{"data":[],"meta":{"message":"messages.resource_not_found"}}"#, Refusal::UnknownLine),
            (422, r#"{"code":73,"reason":"The eSIM has been recycled."}"#, Refusal::Recycled),
            (422, r#"{"code":23,"reason":"disabled"}"#, Refusal::NotRenewable),
        ] {
            let quoted = quote(&reply(status, body), "bonbon-3gb-topup", Currency::Usd);
            assert_eq!(quoted.unwrap().eligible, Err(refusal), "{body}");
        }
        for (status, body) in
            [(404, "{}"), (200, "{}"), (200, r#"{"data":[{"id":7}]}"#), (500, "{}"), (200, "[]"), (422, "{}")]
        {
            assert!(quote(&reply(status, body), "x", Currency::Usd).is_err(), "{status} {body}");
        }
        let absurd = TOP_UPS.replace("8.005", "1e300");
        assert!(quote(&reply(200, &absurd), "bonbon-3gb-topup", Currency::Usd).is_err());
    }

    #[test]
    fn offers_are_told_in_our_own_units() {
        let listed = offers(&reply(200, TOP_UPS), Currency::Usd).unwrap();
        let bytes = Allowance { data: Data::Bytes(3 * GB), minutes: Some(100), sms: None };
        assert_eq!((listed[0].term, listed[0].allowance), (Some(Term::Days(30)), bytes));
        assert_eq!((listed[1].term, listed[1].allowance.data), (Some(Term::Days(7)), Data::Unlimited));
    }

    #[test]
    fn figures_are_as_far_as_they_go() {
        let said = |body: &str| usage(&reply(200, body), NOW, "Asia/Shanghai");
        let active = said(
            r#"{"data":{"remaining":767,"total":2048,"expired_at":"2026-11-30 16:00:00","is_unlimited":false,
                "status":"ACTIVE","remaining_voice":5,"remaining_text":0,"total_voice":10,"total_text":0}}"#,
        )
        .unwrap();
        assert_eq!((active.state, active.valid_until), (Some(LineState::Active), Some(date!(2026 - 11 - 30))));
        let (total, left) = (active.total.unwrap(), active.left.unwrap());
        assert_eq!((total.data, left.data), (Data::Bytes(2 * GB), Data::Bytes(749_023_437)));
        assert_eq!((total.minutes, left.minutes), (Some(10), Some(5)));
        let bare = said(r#"{"data":{"status":"ON_THE_MOON","expired_at":null}}"#).unwrap();
        assert_eq!((bare.state, bare.valid_until), (None, None));
        let odd = said(r#"{"data":{"status":"ACTIVE","remaining":-3,"total":1e300}}"#).unwrap();
        assert_eq!((odd.left.unwrap().data, odd.total.unwrap().data), (Data::None, Data::None));
        for body in ["{}", r#"{"data":{}}"#, r#"{"data":{"status":"ACTIVE","expired_at":"soon"}}"#] {
            assert!(said(body).is_err(), "{body}");
        }
        let recycled = usage(&reply(422, r#"{"code":73}"#), NOW, "UTC").unwrap();
        assert_eq!(recycled.state, Some(LineState::Ended));
    }
}
