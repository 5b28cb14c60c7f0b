//! Lines in every condition: fine, about to end, ended, suspended, unlimited, with a balance.

use time::{Date, Duration};

use super::chance::Chance;
use super::history::Past;
use crate::calendar;
use crate::ids::{AccountId, LineId};
use crate::imports::bulk::{LineRow, PlanRow, RangeRow};
use crate::numbers;

pub struct Made {
    pub id: LineId,
    pub row: LineRow,
    pub past: Option<Past>,
}

pub struct Holder {
    pub id: AccountId,
    pub time_zone: String,
    pub today: Date,
}

/// What is said of a line; the rest is left to chance.
#[derive(Clone, Copy)]
pub struct Wish {
    pub plan: &'static str,
    pub kind: &'static str,
    pub number: &'static str,
    pub ends_in: i64,
    /// Percent of the plan's data that is left.
    pub left: i64,
    pub label: &'static str,
    pub past: Option<Past>,
}

const fn wish(
    plan: &'static str,
    kind: &'static str,
    number: &'static str,
    ends_in: i64,
    left: i64,
    label: &'static str,
    past: Option<Past>,
) -> Wish {
    Wish { plan, kind, number, ends_in, left, label, past }
}

/// The last three digits of each number choose what the carrier simulator does with it.
#[rustfmt::skip]
pub const OF_LI_WEI: [Wish; 6] = [
    wish("ML-M12", "fm_card", "+8613800138100", 3, 4, "主卡", Some(Past::Fulfilled)),
    wish("LT-M25", "esim", "+8613000138120", 19, 61, "手表", Some(Past::Cancelled)),
    wish("TX-84D", "esim", "+8613300138101", 41, 72, "平板", Some(Past::Expired)),
    wish("SV-120", "fm_card", "+85255138103", 96, 0, "香港", Some(Past::Refunded)),
    wish("RM-JP15", "esim", "+883510138104", 9, 0, "日本出差", None),
    wish("GL-W365", "fm_card", "+447700138106", 212, 80, "环球", Some(Past::Mismatched)),
];

#[rustfmt::skip]
pub const OF_ANA: [Wish; 2] = [
    wish("GL-EU30", "esim", "+447700138210", 0, 35, "Phone", Some(Past::Fulfilled)),
    wish("RM-SEA30", "esim", "+883510138211", -6, 12, "Holiday", None),
];

const ENDS_IN: [i64; 18] = [-60, -24, -9, -3, -1, 0, 1, 2, 3, 3, 5, 7, 11, 18, 26, 47, 120, 260];
const LABELS: [&str; 7] = ["", "", "主卡", "备用", "iPad", "家里", "Car"];

pub fn wished(chance: &mut Chance, holder: &Holder, plans: &[PlanRow], wish: &Wish) -> Option<Made> {
    let plan = plans.iter().find(|plan| plan.code == wish.plan)?;
    Some(make(chance, holder, plan, wish))
}

/// Any line; the first few hundred of them have a past.
pub fn any(chance: &mut Chance, holder: &Holder, plans: &[PlanRow], past: Option<Past>) -> Made {
    let plan = chance.pick(plans);
    let kind = chance.pick(&plan.kinds);
    let ends_in = match past {
        Some(past) if past.moves_the_line() => 6 - chance.below(6).cast_signed(),
        _ => *chance.pick(&ENDS_IN),
    };
    let left = if chance.one_in(9) { 3 } else { chance.below(100).cast_signed() };
    let label = *chance.pick(&LABELS);
    let wish = Wish { plan: "", kind: "", number: "", ends_in, left, label, past };
    let mut made = make(chance, holder, plan, &wish);
    made.row.kind.clone_from(kind);
    if past.is_none() && chance.one_in(60) {
        made.row.status = "suspended".into();
    }
    equip(chance, &mut made.row);
    made
}

fn make(chance: &mut Chance, holder: &Holder, plan: &PlanRow, wish: &Wish) -> Made {
    let until = holder.today + Duration::days(wish.ends_in);
    // Every term has begun, however far its end is.
    let from = until.min(holder.today) - Duration::days(12 + chance.below(17).cast_signed());
    let boundary = until + Duration::days(1);
    let number = if wish.number.is_empty() { number(chance, &plan.carrier) } else { wish.number.into() };
    let holds_money = plan.carrier == "cmhk";
    let mut row = LineRow {
        account_id: Some(holder.id),
        kind: wish.kind.into(),
        carrier: plan.carrier.clone(),
        iccid: iccid(chance, &plan.carrier),
        msisdn: Some(number),
        carrier_line_id: None,
        eid: None,
        activation_code: None,
        confirmation_code: None,
        label: wish.label.into(),
        plan: plan.code.clone(),
        status: "active".into(),
        time_zone: holder.time_zone.clone(),
        valid_from: from,
        valid_until: until,
        anchor_day: boundary.day().into(),
        data_unlimited: plan.data_unlimited,
        data_total_bytes: plan.data_bytes,
        data_left_bytes: plan.data_bytes.map(|total| total / 100 * wish.left),
        minutes_left: (plan.minutes > 0).then(|| chance.below(plan.minutes as u64 + 1) as i32),
        sms_left: (plan.sms > 0).then(|| chance.below(plan.sms as u64 + 1) as i32),
        carrier_balance_minor: holds_money.then(|| 300 + chance.below(11_700).cast_signed()),
        carrier_balance_currency: holds_money.then(|| plan.currency.clone()),
    };
    equip(chance, &mut row);
    Made { id: LineId::new(), row, past: wish.past }
}

/// What an eSIM has and a card has not.
fn equip(chance: &mut Chance, row: &mut LineRow) {
    if row.kind == "esim" && row.eid.is_none() {
        row.eid = Some(eid(chance));
        let token = chance.next();
        row.activation_code = Some(format!("LPA:1$smdp.{}.example${token:016X}", row.carrier));
    }
}

/// How each carrier's cards begin, how its numbers do, and the digits of a number between that and the last three.
const RANGES: [(&str, &str, &str, usize); 6] = [
    ("cmcc", "898600", "+86138", 5),
    ("cucc", "898601", "+86130", 5),
    ("ctcc", "898611", "+86133", 5),
    ("cmhk", "8985212", "+8525", 4),
    ("roamia", "8991039", "+883510", 3),
    ("globix", "8944571", "+447700", 3),
];

/// The same, as the operator's own table has it.
pub fn ranges() -> Vec<RangeRow> {
    let row = |kind, prefix: &str, carrier: &str| RangeRow {
        kind,
        prefix: prefix.trim_start_matches('+').into(),
        carrier: carrier.into(),
        line_kind: None,
        plan: None,
        note: String::new(),
    };
    RANGES
        .iter()
        .flat_map(|(carrier, iccid, number, _)| [row("iccid", iccid, carrier), row("msisdn", number, carrier)])
        .collect()
}

fn range(carrier: &str) -> (&'static str, &'static str, usize) {
    let [.., last] = RANGES;
    let (_, iccid, number, digits) = *RANGES.iter().find(|range| range.0 == carrier).unwrap_or(&last);
    (iccid, number, digits)
}

fn iccid(chance: &mut Chance, carrier: &str) -> String {
    let (issuer, ..) = range(carrier);
    let length = if chance.one_in(5) { 18 } else { 19 };
    let body = format!("{issuer}{}", chance.digits(length - issuer.len()));
    let fits = |digit: &char| numbers::luhn(&format!("{body}{digit}"));
    let check = ('0'..='9').find(fits).unwrap_or('0');
    format!("{body}{check}")
}

fn eid(chance: &mut Chance) -> String {
    let body = format!("8904903200{}", chance.digits(20));
    let rest = body.bytes().fold(0, |rest, digit| (rest * 10 + u64::from(digit - b'0')) % 97);
    format!("{body}{:02}", 98 - rest * 100 % 97)
}

/// Ends in 300 to 999: none of the numbers the simulator treats in a way of its own.
fn number(chance: &mut Chance, carrier: &str) -> String {
    let (_, start, digits) = range(carrier);
    format!("{start}{}{}", chance.digits(digits), 300 + chance.below(700))
}

/// A line that an order moved began as it was before: its order then brings it to where it is wished.
pub fn start_before_the_past(line: &mut Made, plan: Option<&PlanRow>) {
    let moved = line.past.is_some_and(Past::moves_the_line);
    let Some(until) = plan.filter(|_| moved).and_then(|plan| before(plan, &line.row)) else { return };
    let length = line.row.valid_until - line.row.valid_from;
    line.row.valid_until = until;
    line.row.valid_from = until - length;
}

fn before(plan: &PlanRow, row: &LineRow) -> Option<Date> {
    let boundary = row.valid_until.next_day()?;
    let anchor = u8::try_from(row.anchor_day).ok()?;
    // Where the term begins at once, it begins on the day of the renewal, the last one before.
    let overlap = i64::from(!matches!(plan.effect.as_str(), "queue" | "stack"));
    let started = match plan.term_unit.as_str() {
        "month" => calendar::add_months(boundary, -plan.term_count, anchor).ok()?,
        _ => calendar::add_days(boundary, -i64::from(plan.term_count)).ok()?,
    };
    calendar::add_days(started, overlap - 1).ok()
}
