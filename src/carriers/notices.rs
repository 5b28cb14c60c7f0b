use std::net::IpAddr;

use axum::http::HeaderMap;

/// What a carrier sent, as it came.
pub struct Delivery<'a> {
    pub headers: &'a HeaderMap,
    pub body: &'a [u8],
    /// Who sent it, by the trusted proxies' word.
    pub peer: IpAddr,
}

pub trait Notices: Send + Sync {
    /// Believes a delivery or not, and reads it. Only what is genuine is ever stored.
    fn read(&self, delivery: &Delivery<'_>) -> Result<Notice, NoticeError>;
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// The same for the same event, however often it is delivered.
    pub event_key: String,
    pub iccid: Option<String>,
    /// The carrier's own id of the line, where it has one.
    pub carrier_line_id: Option<String>,
    /// Our request id or the carrier's reference of a renewal it speaks of.
    pub reference: Option<String>,
    pub kind: NoticeKind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoticeKind {
    /// Little or no data is left.
    LowData,
    Expiring,
    /// The line's state, profile or validity has changed.
    LineChanged,
    /// A renewal has moved on.
    Renewal,
    /// The operator's credit with the carrier runs low.
    LowCredit,
    /// The line's profile is on a device.
    Installed,
    /// A profile's download moved on or failed; the carrier's own words.
    Download(String),
    /// The carrier only looks whether somebody is there.
    Health,
    /// Genuine, and of a kind we don't know.
    Other(String),
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoticeError {
    #[error("not from the carrier: {0}")]
    NotGenuine(&'static str),
    #[error("can't be read: {0}")]
    Unreadable(String),
}
