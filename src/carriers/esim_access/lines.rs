//! A line as it stands with eSIM Access, before a top-up and after it.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use time::{Date, OffsetDateTime, UtcOffset};

use super::{RENEWABLE, wire};
use crate::carriers::{Answer, CarrierError, LineRef, LineState, Refusal, Reply, Usage, dates};
use crate::plans::allowance::Allowance;
use crate::units::Data;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Found {
    #[serde(default)]
    esim_list: Vec<Profile>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Profile {
    #[serde(rename = "esimTranNo")]
    pub line_id: String,
    pub iccid: String,
    esim_status: String,
    smdp_status: Option<String>,
    /// Bytes, of all that was ever bought for it.
    total_volume: i64,
    total_duration: Option<i64>,
    expired_time: Option<String>,
}

/// What was on a line before anything was sent.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Baseline {
    pub line_id: String,
    volume: i64,
    duration: Option<i64>,
    /// Before it is first used its end is that of the offer to use it.
    begun: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Noted {
    Line(Baseline),
    Refused(String),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ToppedUp {
    transaction_id: String,
    expired_time: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Used {
    #[serde(rename_all = "camelCase")]
    Named {
        esim_usage_list: Vec<Figures>,
    },
    Bare(Vec<Figures>),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Figures {
    esim_tran_no: String,
    data_usage: i64,
    total_data: i64,
    last_update_time: Option<String>,
}

pub fn profiles(reply: &Reply) -> Result<Result<Vec<Profile>, Refusal>, CarrierError> {
    Ok(wire::open::<Found>(reply)?.map(|found| found.esim_list))
}

/// The one that was asked for.
pub fn only(profiles: Vec<Profile>, line: &LineRef) -> Result<Profile, Refusal> {
    let is_it = |profile: &Profile| match &line.carrier_line_id {
        Some(id) => profile.line_id == *id,
        None => profile.iccid.trim_end_matches(['F', 'f']) == line.iccid,
    };
    let mut fitting = profiles.into_iter().filter(is_it);
    match (fitting.next(), fitting.next()) {
        (Some(profile), None) => Ok(profile),
        (None, _) => Err(Refusal::UnknownLine),
        (Some(_), Some(_)) => Err(Refusal::Other("several_lines".to_owned())),
    }
}

pub fn noted(line: Result<Profile, Refusal>) -> Value {
    let noted = match line {
        Ok(profile) => Noted::Line(Baseline {
            begun: profile.state() != Some(LineState::New),
            line_id: profile.line_id,
            volume: profile.total_volume,
            duration: profile.total_duration,
        }),
        Err(refusal) => Noted::Refused(refusal.code().to_owned()),
    };
    serde_json::to_value(noted).unwrap_or_default()
}

pub fn recalled(noted: &Value) -> Result<Result<Baseline, Refusal>, CarrierError> {
    match Noted::deserialize(noted) {
        Ok(Noted::Line(baseline)) => Ok(Ok(baseline)),
        Ok(Noted::Refused(code)) => Ok(Err(Refusal::parse(&code))),
        Err(_) => Err(CarrierError::misconfigured("what was on the line before is not known")),
    }
}

pub fn topped_up(reply: &Reply, transaction: &str, before: &Baseline, zone: &str) -> Result<Answer, CarrierError> {
    let done = match wire::open::<ToppedUp>(reply)? {
        Ok(done) => done,
        Err(refusal) => return Ok(Answer::Refused(refusal)),
    };
    if done.transaction_id != transaction {
        return Err(CarrierError::unknown("an answer to another request"));
    }
    Ok(Answer::Done { valid_until: before.last_day(done.expired_time.as_deref(), zone) })
}

/// Its figures are hours old and say how old.
pub fn usage(profile: &Profile, reply: &Reply, now: OffsetDateTime, zone: &str) -> Result<Usage, CarrierError> {
    let Ok(Used::Named { esim_usage_list: listed } | Used::Bare(listed)) = wire::open::<Used>(reply)? else {
        return Ok(Usage::unsaid(now));
    };
    let figures = listed.into_iter().find(|figures| figures.esim_tran_no == profile.line_id);
    let bytes = |bytes: i64| Some(Allowance { data: Data::Bytes(bytes.max(0)), ..Allowance::default() });
    let told = figures.as_ref().and_then(|figures| figures.last_update_time.as_deref());
    let begun = profile.state() != Some(LineState::New);
    let end = profile.end().filter(|_| begun).map(|text| dates::instant(text, UtcOffset::UTC)).transpose()?;
    Ok(Usage {
        as_of: told.map_or(Ok(now), |text| dates::instant(text, UtcOffset::UTC))?.min(now),
        state: profile.state(),
        total: bytes(figures.as_ref().map_or(profile.total_volume, |figures| figures.total_data)),
        left: figures.and_then(|figures| bytes(figures.total_data.saturating_sub(figures.data_usage))),
        valid_until: end.map(|end| dates::last_day(end, zone)).transpose()?,
        balance: None,
        installed: profile.installed(),
    })
}

impl Profile {
    pub fn state(&self) -> Option<LineState> {
        Some(match self.esim_status.as_str() {
            "GOT_RESOURCE" => LineState::New,
            "IN_USE" => LineState::Active,
            "USED_UP" => LineState::Depleted,
            "SUSPENDED" => LineState::Suspended,
            "USED_EXPIRED" | "UNUSED_EXPIRED" => LineState::Expired,
            "CANCEL" | "REVOKED" => LineState::Ended,
            _ => return None,
        })
    }

    pub fn takes_top_ups(&self) -> Result<(), Refusal> {
        match self.state() {
            Some(state) if RENEWABLE.contains(&state) => Ok(()),
            Some(LineState::Suspended) => Err(Refusal::Other("suspended".to_owned())),
            _ => Err(Refusal::NotRenewable),
        }
    }

    pub fn end(&self) -> Option<&str> {
        self.expired_time.as_deref()
    }

    /// What lies between is a download that may yet fail.
    fn installed(&self) -> Option<bool> {
        match self.smdp_status.as_deref()? {
            "RELEASED" => Some(false),
            "ENABLED" | "DISABLED" => Some(true),
            _ => None,
        }
    }
}

impl Baseline {
    pub fn is_as(&self, now: &Profile) -> bool {
        self.volume == now.total_volume && self.duration == now.total_duration
    }

    pub fn grown_by(&self, volume: i64, now: &Profile) -> bool {
        volume > 0 && self.volume.checked_add(volume) == Some(now.total_volume)
    }

    /// `None` where the end says nothing about the line's days or can't be read: the top-up is done all the same.
    pub fn last_day(&self, end: Option<&str>, zone: &str) -> Option<Date> {
        let end = dates::instant(end.filter(|_| self.begun)?, UtcOffset::UTC).ok()?;
        dates::last_day(end, zone).ok()
    }
}

#[cfg(test)]
mod tests;
