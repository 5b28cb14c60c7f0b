//! One row of the lines file.

use std::collections::HashMap;

use time::util::days_in_month;
use time::{Date, OffsetDateTime};

use super::cells;
use super::columns::Column;
use super::customers::KnownCustomer;
use super::lines::LineRow;
use super::plans::{PlanRow, carrier, data};
use super::row::RowReader;
use crate::accounts::email;
use crate::calendar::{self, Zone};
use crate::carriers::names;
use crate::ids::AccountId;
use crate::money::{Currency, Money};
use crate::numbering::{self, Named, Ranges};
use crate::numbers::{ActivationCode, Eid, Iccid, Msisdn, half_width};
use crate::units::Data;

/// What rows refer to.
pub struct References {
    now: OffsetDateTime,
    plans: HashMap<String, PlanRow>,
    customers: HashMap<String, Holder>,
    ranges: Ranges,
}

#[derive(Clone)]
struct Holder {
    id: AccountId,
    zone: Zone,
}

impl References {
    pub(super) fn new(now: OffsetDateTime, plans: Vec<PlanRow>, customers: Vec<KnownCustomer>, ranges: Ranges) -> Self {
        let holder = |customer: KnownCustomer| {
            let zone = Zone::parse(&customer.row.time_zone).unwrap_or_else(|_| Zone::utc());
            (customer.row.email_key, Holder { id: customer.id, zone })
        };
        References {
            now,
            plans: plans.into_iter().map(|plan| (plan.code.clone(), plan)).collect(),
            customers: customers.into_iter().map(holder).collect(),
            ranges,
        }
    }

    fn plan(&self, text: &str) -> Result<&PlanRow, String> {
        let code = half_width(text).to_ascii_uppercase();
        self.plans.get(&code).ok_or_else(|| "is not a plan in the catalogue; import the plans first".into())
    }

    /// Nobody where the cell is empty.
    fn holder(&self, text: &str) -> Result<Option<&Holder>, String> {
        if text.is_empty() {
            return Ok(None);
        }
        let unknown = || "is not a customer here; import the customers first".to_owned();
        self.customers.get(&email::key(text)).map(Some).ok_or_else(unknown)
    }
}

pub(super) fn read(row: &mut RowReader, references: &References) -> Option<LineRow> {
    let kind = row.read(Column::Kind, cells::kind);
    let iccid = read_iccid(row);
    let msisdn = row.read_if_any(Column::Msisdn, Msisdn::parse);
    let carrier_line_id = row.read(Column::CarrierLineId, |text| cells::text(text, 60));
    let eid = row.read_if_any(Column::Eid, Eid::parse);
    let activation_code = row.read_if_any(Column::ActivationCode, ActivationCode::parse);
    let confirmation_code = row.read(Column::ConfirmationCode, |text| cells::text(text, 60));
    let carrier = row.read(Column::Carrier, carrier);
    let holder = row.read(Column::CustomerEmail, |text| references.holder(text));
    let plan = row.read(Column::Plan, |text| references.plan(text));
    let status = row.read(Column::Status, cells::status);
    let validity = read_validity(row, references.now, holder.flatten());
    let total = row.read(Column::DataTotal, data);
    let left = row.read(Column::DataLeft, data);
    let minutes_left = row.read(Column::MinutesLeft, cells::count);
    let sms_left = row.read(Column::SmsLeft, cells::count);
    let balance = read_balance(row, plan);
    let label = row.read(Column::Label, |text| cells::text(text, 60));
    fits_the_plan(row, plan?, carrier.as_deref(), kind);
    fits_the_carrier(row, references, iccid.as_ref()?, carrier.as_deref()?);
    let (valid_from, valid_until) = validity?;
    let (holder, balance) = (holder?, balance?);
    Some(LineRow {
        account_id: holder.map(|holder| holder.id),
        kind: kind?.to_owned(),
        carrier: carrier?,
        iccid: iccid?.to_string(),
        msisdn: msisdn?.map(|number| number.to_string()),
        carrier_line_id: Some(carrier_line_id?).filter(|id| !id.is_empty()),
        eid: eid?.map(|eid| eid.to_string()),
        activation_code: activation_code?.map(|code| code.to_string()),
        confirmation_code: Some(confirmation_code?).filter(|code| !code.is_empty()),
        label: label?,
        plan: plan?.code.clone(),
        status: status?.to_owned(),
        time_zone: holder.map_or_else(Zone::utc, |holder| holder.zone.clone()).name().to_owned(),
        valid_from,
        valid_until,
        anchor_day: anchor_day(valid_from, valid_until),
        data_unlimited: total? == Data::Unlimited,
        data_total_bytes: total?.bytes(),
        data_left_bytes: left?.bytes(),
        minutes_left: minutes_left?,
        sms_left: sms_left?,
        carrier_balance_minor: balance.map(|money| money.minor),
        carrier_balance_currency: balance.map(|money| money.currency.code().to_owned()),
    })
}

fn read_iccid(row: &mut RowReader) -> Option<Iccid> {
    let iccid = row.read(Column::Iccid, |text| Iccid::parse(text).map_err(|error| error.to_string()))?;
    if !iccid.looks_right() {
        row.warn(
            Column::Iccid,
            "has a check digit that does not fit; taken all the same, as some carriers' cards are like that",
        );
    }
    Some(iccid)
}

/// Operators' lists hold lapsed lines whose start was noted a few weeks after their end. Both days
/// are past and the line has lapsed whichever of them is wrong, so it is taken. Anything else that
/// ends before it begins is refused.
fn read_validity(row: &mut RowReader, now: OffsetDateTime, holder: Option<&Holder>) -> Option<(Date, Date)> {
    const A_QUARTER: i64 = 92;
    let from = row.read(Column::ValidFrom, cells::date);
    let until = row.read(Column::ValidUntil, cells::date);
    let (from, until) = (from?, until?);
    let zone = holder.map_or_else(Zone::utc, |holder| holder.zone.clone());
    let gap = calendar::days_between(until, from);
    if gap <= 0 {
        Some((from, until))
    } else if gap <= A_QUARTER && from <= calendar::today(now, &zone) {
        row.warn(
            Column::ValidFrom,
            format!("lies after the end, {until}; taken as a lapsed line that ended on that day"),
        );
        Some((until, until))
    } else {
        row.refuse(Column::ValidUntil, format!("lies before the start, {from}"));
        None
    }
}

/// The day of the month on which the next period begins; after a short month, the longer day the
/// line's own start remembers.
fn anchor_day(from: Date, until: Date) -> i16 {
    let next = until.next_day().unwrap_or(until);
    let clamped = from.day().min(days_in_month(next.month(), next.year()));
    i16::from(if clamped == next.day() { from.day() } else { next.day() })
}

/// The carrier's own balance, in the currency its plan is sold in.
fn read_balance(row: &mut RowReader, plan: Option<&PlanRow>) -> Option<Option<Money>> {
    let text = half_width(row.text(Column::CarrierBalance)).trim().to_owned();
    if text.starts_with('-') {
        row.refuse(Column::CarrierBalance, "must not be negative");
        return None;
    }
    if text.is_empty() {
        return Some(None);
    }
    let currency = Currency::parse(&plan?.currency).ok()?;
    match Money::parse(&text, currency) {
        Ok(money) => Some(Some(money)),
        Err(error) => match rounded_down(&text, currency) {
            Some(money) => {
                row.warn(
                    Column::CarrierBalance,
                    format!("is finer than {currency} is; {} {currency} was taken", money.amount()),
                );
                Some(Some(money))
            }
            None => {
                row.refuse(Column::CarrierBalance, error.to_string());
                None
            }
        },
    }
}

fn rounded_down(text: &str, currency: Currency) -> Option<Money> {
    let (whole, fraction) = text.split_once('.')?;
    let exact = !fraction.is_empty() && fraction.bytes().all(|byte| byte.is_ascii_digit());
    let kept: String = fraction.chars().take(currency.exponent() as usize).collect();
    let text = if kept.is_empty() { whole.to_owned() } else { format!("{whole}.{kept}") };
    Money::parse(&text, currency).ok().filter(|_| exact)
}

fn fits_the_plan(row: &mut RowReader, plan: &PlanRow, carrier: Option<&str>, kind: Option<&str>) {
    if let Some(carrier) = carrier.filter(|carrier| plan.carrier != *carrier) {
        row.refuse(Column::Plan, format!("is a plan of {}, not of {carrier}", plan.carrier));
    } else if let Some(kind) = kind.filter(|kind| !plan.kinds.iter().any(|sold| sold == kind)) {
        row.warn(Column::Plan, format!("is not sold for {kind}"));
    }
}

/// The operator's own table knows best; without it, the issuer may be a carrier that is known by that name.
/// Carriers use each other's cards, so it is a hint.
fn fits_the_carrier(row: &mut RowReader, references: &References, iccid: &Iccid, carrier: &str) {
    let ours = references.ranges.carrier(Named::Iccid(iccid)).map(|ours| ours.code.as_str());
    let issuer = || {
        let issuer = numbering::issuer(iccid).issuer?;
        names::known().iter().find(|name| name.en == issuer).map(|name| name.code.as_str())
    };
    if let Some(other) = ours.or_else(issuer).filter(|other| *other != carrier) {
        row.warn(Column::Carrier, format!("has an ICCID that begins as those of {other} do; taken all the same"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::date;

    #[test]
    fn the_anchor_day_outlives_a_short_month() {
        for (from, until, anchor) in [
            (date!(2026 - 11 - 04), date!(2026 - 12 - 03), 4),
            (date!(2026 - 01 - 31), date!(2026 - 02 - 27), 31),
            (date!(2026 - 03 - 30), date!(2026 - 04 - 29), 30),
            (date!(2026 - 11 - 04), date!(2026 - 11 - 22), 23),
            (date!(2026 - 01 - 31), date!(2026 - 03 - 30), 31),
        ] {
            assert_eq!(anchor_day(from, until), anchor, "{from} {until}");
        }
    }

    #[test]
    fn a_balance_finer_than_its_currency_loses_the_rest() {
        assert_eq!(rounded_down("39.42", Currency::Jpy), Some(Money::new(39, Currency::Jpy)));
        assert_eq!(rounded_down("39.429", Currency::Cny), Some(Money::new(3_942, Currency::Cny)));
        assert_eq!(rounded_down("39.x", Currency::Jpy), None);
        assert_eq!(rounded_down("39.", Currency::Jpy), None);
        assert_eq!(rounded_down("abc", Currency::Jpy), None);
    }
}
