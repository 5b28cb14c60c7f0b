//! TMF654: buckets of what is left on a line, and top-ups of them. A top-up has no field for our request id but its
//! description; its period can't be a quarter or a year, so it is bought once and runs to the promised day.

use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use time::OffsetDateTime;

use super::{Period, Quantity, Ref, Standing};
use crate::calendar::{self, Zone};
use crate::carriers::tm_forum::client::failure;
use crate::carriers::{CarrierError, LineState, Refusal, RenewalRequest, Reply, amounts};
use crate::plans::allowance::Allowance;
use crate::units::{Data, GB, KB, MB};

/// Where a top-up goes.
pub struct TopUp<'a> {
    pub bucket: &'a str,
    pub account: &'a str,
    /// The number by which TMF654 knows the line.
    pub number: &'a str,
}

/// `None` where what was bought is no amount of data.
pub fn new(request: &RenewalRequest, to: &TopUp<'_>) -> Result<Option<Value>, CarrierError> {
    let Some(bytes) = request.allowance.data.bytes().filter(|bytes| *bytes > 0) else { return Ok(None) };
    let zone = Zone::parse(&request.line.time_zone).map_err(CarrierError::misconfigured)?;
    let end = calendar::end_of_day(request.promised_until, &zone);
    let (amount, units) = in_whole_units(bytes);
    Ok(Some(json!({
        "description": format!("renewal {}", request.request_id),
        "isAutoTopup": false,
        "amount": { "amount": amount, "units": units },
        "usageType": "data",
        "bucket": { "id": to.bucket },
        "partyAccount": { "id": to.account },
        "logicalResource": [{ "id": to.number }],
        "validFor": { "endDateTime": calendar::rfc3339(&end) },
    })))
}

fn in_whole_units(bytes: i64) -> (i64, &'static str) {
    let units = [(GB, "GB"), (MB, "MB"), (KB, "KB")];
    let whole = units.into_iter().find(|(size, _)| bytes % size == 0);
    whole.map_or((bytes, "B"), |(size, name)| (bytes / size, name))
}

#[derive(Deserialize)]
pub struct Balance {
    pub id: Option<String>,
    description: Option<String>,
    status: Option<String>,
}

impl Balance {
    /// Our id is a word of the description, whatever the carrier writes around it.
    pub fn is_for(&self, request_id: &str) -> bool {
        self.description.as_deref().unwrap_or_default().split_whitespace().any(|word| word == request_id)
    }

    pub fn standing(&self) -> Standing {
        Standing::of(self.status.as_deref())
    }
}

/// The carrier's answer to a new top-up; `None` where it says that it has it already.
pub fn created(reply: &Reply) -> Result<Option<Balance>, CarrierError> {
    match reply.status {
        StatusCode::OK | StatusCode::CREATED | StatusCode::ACCEPTED => reply.json().map(Some),
        StatusCode::CONFLICT => Ok(None),
        _ => Err(failure(reply)),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Bucket {
    pub id: Option<String>,
    pub party_account: Option<Ref>,
    status: Option<String>,
    usage_type: Option<String>,
    remaining_value: Option<Quantity>,
    valid_for: Option<Period>,
    #[serde(default)]
    logical_resource: Vec<Resource>,
}

#[derive(Deserialize)]
struct Resource {
    id: Option<String>,
    value: Option<String>,
}

impl Bucket {
    pub fn is_data_of(&self, number: &str) -> bool {
        let is_data = self.usage_type.as_deref().is_none_or(|usage| usage == "data");
        let named = |text: &Option<String>| text.as_deref().is_some_and(|text| text.trim_start_matches('+') == number);
        is_data && self.logical_resource.iter().any(|resource| named(&resource.id) || named(&resource.value))
    }

    pub fn end(&self) -> Option<OffsetDateTime> {
        self.valid_for.as_ref()?.end()
    }

    pub fn left(&self) -> Option<i64> {
        self.remaining_value.as_ref()?.bytes()
    }

    pub fn state(&self, now: OffsetDateTime) -> Option<LineState> {
        Some(match self.status.as_deref()?.trim() {
            "expired" => LineState::Expired,
            "suspended" => LineState::Suspended,
            "active" if self.end().is_some_and(|end| end <= now) => LineState::Expired,
            "active" if self.left() == Some(0) => LineState::Depleted,
            "active" => LineState::Active,
            _ => return None,
        })
    }

    pub fn eligible(&self, now: OffsetDateTime) -> Result<Result<(), Refusal>, CarrierError> {
        match self.state(now) {
            Some(LineState::Suspended) => Ok(Err(Refusal::NotRenewable)),
            Some(_) => Ok(Ok(())),
            None => Err(CarrierError::unknown("a bucket in a state we don't know")),
        }
    }
}

/// Those of a line together; `None` where any of them doesn't say.
pub fn left(buckets: &[Bucket]) -> Option<Allowance> {
    let bytes = buckets.iter().map(Bucket::left).try_fold(0_i64, |sum, left| sum.checked_add(left?))?;
    (!buckets.is_empty()).then_some(Allowance { data: Data::Bytes(bytes), ..Allowance::default() })
}

impl Quantity {
    fn bytes(&self) -> Option<i64> {
        let (amount, units) = (self.amount.as_ref()?, self.units.as_deref()?.trim());
        if ["B", "BYTE", "BYTES"].iter().any(|name| units.eq_ignore_ascii_case(name)) {
            return amounts::whole(amount);
        }
        Data::parse(&format!("{amount} {units}")).ok()?.bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    const NOW: OffsetDateTime = datetime!(2026-11-22 12:00 UTC);

    fn bucket(text: &str) -> Bucket {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn amounts_are_exact_in_whole_units() {
        for (bytes, amount) in
            [(10 * GB, (10, "GB")), (1_500 * MB, (1_500, "MB")), (7 * KB, (7, "KB")), (999, (999, "B"))]
        {
            assert_eq!(in_whole_units(bytes), amount);
        }
    }

    #[test]
    fn what_is_left_is_read_in_the_units_it_is_written_in() {
        for (value, left) in [
            (r#"{"amount":10.5,"units":"GB"}"#, Some(10_500_000_000)),
            (r#"{"amount":0,"units":"mb"}"#, Some(0)),
            (r#"{"amount":1073741824,"units":"Bytes"}"#, Some(1_073_741_824)),
            (r#"{"amount":12.0,"units":"B"}"#, Some(12)),
            (r#"{"amount":-1,"units":"GB"}"#, None),
            (r#"{"amount":1e30,"units":"GB"}"#, None),
            (r#"{"amount":1,"units":"minutes"}"#, None),
            (r#"{"units":"GB"}"#, None),
        ] {
            assert_eq!(bucket(&format!(r#"{{"remainingValue":{value}}}"#)).left(), left, "{value}");
        }
        let (ten, unsaid) = (r#"{"remainingValue":{"amount":10,"units":"GB"}}"#, "{}");
        assert_eq!(left(&[bucket(ten), bucket(ten)]).unwrap().data, Data::Bytes(20 * GB));
        assert!(left(&[bucket(ten), bucket(unsaid)]).is_none() && left(&[]).is_none());
    }

    #[test]
    fn a_bucket_is_the_lines_by_its_number_and_stands_as_it_says() {
        let text = r#"{"status":"active","usageType":"data","logicalResource":[{"id":"x","value":"+8613800138000"}],
            "remainingValue":{"amount":0,"units":"GB"},"validFor":{"endDateTime":"2026-11-30T16:00:00Z"}}"#;
        assert!(bucket(text).is_data_of("8613800138000") && !bucket(text).is_data_of("13800138000"));
        assert!(!bucket(&text.replace("data", "voice")).is_data_of("8613800138000"));
        assert_eq!(bucket(text).state(NOW), Some(LineState::Depleted));
        assert_eq!(bucket(text).state(datetime!(2026-12-01 0:00 UTC)), Some(LineState::Expired));
        assert_eq!(bucket(&text.replace("active", "suspended")).eligible(NOW), Ok(Err(Refusal::NotRenewable)));
        assert!(bucket("{}").eligible(NOW).is_err());
    }

    #[test]
    fn our_id_is_a_word_of_the_description() {
        let balance = |text: &str| serde_json::from_str::<Balance>(&format!(r#"{{"description":"{text}"}}"#)).unwrap();
        assert!(balance("renewal order:1:renew").is_for("order:1:renew"));
        assert!(balance("[web] renewal order:1:renew done").is_for("order:1:renew"));
        assert!(!balance("renewal order:12:renew").is_for("order:1:renew") && !balance("").is_for("order:1:renew"));
    }
}
