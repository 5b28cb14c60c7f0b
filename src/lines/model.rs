use crate::calendar::{self, Zone};
use crate::ids::{AccountId, LineId};
use crate::money::{Currency, Money};
use crate::plans::allowance::Allowance;
use crate::plans::effect::LineTerm;
use crate::plans::validity::Validity;
use crate::units::Data;
use time::{Date, OffsetDateTime};

/// A line as its row has it.
#[derive(sqlx::FromRow, Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub id: LineId,
    pub account_id: AccountId,
    /// `fm_card` or `esim`.
    pub kind: String,
    pub carrier: String,
    pub iccid: String,
    pub msisdn: Option<String>,
    pub carrier_line_id: Option<String>,
    pub eid: Option<String>,
    pub activation_code: Option<String>,
    /// Given apart from the activation code, where that one says that it is needed.
    pub confirmation_code: Option<String>,
    /// Whether the profile is on a device, and when that was true; `None` where nobody said.
    pub installed: Option<bool>,
    pub installed_as_of: Option<OffsetDateTime>,
    pub label: String,
    pub plan: String,
    /// `new`, `active`, `suspended` or `terminated`, as the carrier has it; lapsed is a matter of the date.
    pub status: String,
    pub time_zone: String,
    pub valid_from: Date,
    pub valid_until: Date,
    pub anchor_day: i16,
    pub data_unlimited: bool,
    pub data_total_bytes: Option<i64>,
    pub data_left_bytes: Option<i64>,
    pub minutes_left: Option<i32>,
    pub sms_left: Option<i32>,
    pub usage_as_of: OffsetDateTime,
    /// When the carrier was last asked about it, whatever it answered.
    pub asked_at: Option<OffsetDateTime>,
    pub carrier_balance_minor: Option<i64>,
    pub carrier_balance_currency: Option<String>,
}

/// How a line stands today, in the order in which it matters to its holder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    Suspended,
    /// Days since the last day.
    Lapsed(i64),
    Today,
    /// A week or less: days from today to the last day.
    Soon(i64),
    Fine(i64),
    NotStarted(Date),
}

impl Line {
    pub fn is_esim(&self) -> bool {
        self.kind == "esim"
    }

    /// What is sold and not used yet is renewed like what is in use.
    pub fn takes_renewals(&self) -> bool {
        matches!(self.status.as_str(), "new" | "active")
    }

    pub fn zone(&self) -> Zone {
        Zone::parse(&self.time_zone).unwrap_or_else(|_| Zone::utc())
    }

    pub fn today(&self, now: OffsetDateTime) -> Date {
        calendar::today(now, &self.zone())
    }

    pub fn validity(&self) -> Validity {
        Validity {
            from: self.valid_from,
            until: self.valid_until,
            anchor_day: u8::try_from(self.anchor_day).unwrap_or(1),
        }
    }

    pub fn left(&self) -> Allowance {
        let data = match self.data_left_bytes {
            _ if self.data_unlimited => Data::Unlimited,
            Some(bytes) => Data::Bytes(bytes),
            None => Data::None,
        };
        Allowance { data, minutes: self.minutes_left.map(i64::from), sms: self.sms_left.map(i64::from) }
    }

    pub fn term(&self) -> LineTerm {
        LineTerm { validity: Some(self.validity()), left: self.left() }
    }

    pub fn carrier_balance(&self) -> Option<Money> {
        let currency = Currency::parse(self.carrier_balance_currency.as_deref()?).ok()?;
        Some(Money::new(self.carrier_balance_minor?, currency))
    }

    pub fn standing(&self, now: OffsetDateTime) -> Standing {
        let today = self.today(now);
        match (calendar::days_between(today, self.valid_until), self.status.as_str()) {
            (_, "suspended") => Standing::Suspended,
            (left, _) if left < 0 => Standing::Lapsed(-left),
            (0, _) => Standing::Today,
            _ if self.valid_from > today => Standing::NotStarted(self.valid_from),
            (left @ 1..=7, _) => Standing::Soon(left),
            (left, _) => Standing::Fine(left),
        }
    }
}
