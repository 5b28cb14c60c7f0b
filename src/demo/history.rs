//! Orders of the past weeks, one of each outcome, as the portal itself would have left them.

use serde_json::{Value, json};
use time::format_description::well_known::Rfc3339;
use time::{Date, Duration, OffsetDateTime};

use super::lines::Made;
use crate::calendar::{self, Zone};
use crate::ids::{self, AttemptId, CaseId, OrderId, ProvisioningId, RefundId};
use crate::imports::bulk::PlanRow;
use crate::paths;
use crate::plans::allowance::Allowance;
use crate::plans::effect::{self, Effect, LineTerm, PlanTerm, Preview};
use crate::plans::term::Term;
use crate::plans::validity::Validity;
use crate::units::Data;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Past {
    Fulfilled,
    /// Renewed, but not until the day that was promised.
    Deviating,
    /// Paid, refused by the carrier, paid back.
    Refunded,
    Expired,
    Cancelled,
    /// Paid with another amount than asked for; paid back, and a person looks at it.
    Mismatched,
}

impl Past {
    pub const ALL: [Past; 6] =
        [Past::Fulfilled, Past::Deviating, Past::Refunded, Past::Expired, Past::Cancelled, Past::Mismatched];

    pub fn moves_the_line(self) -> bool {
        matches!(self, Past::Fulfilled | Past::Deviating)
    }
}

/// Rows for each table, as JSON.
#[derive(Default)]
pub struct History {
    pub orders: Vec<Value>,
    pub events: Vec<Value>,
    pub attempts: Vec<Value>,
    pub provisionings: Vec<Value>,
    pub refunds: Vec<Value>,
    pub cases: Vec<Value>,
    pub renewed: Vec<Value>,
}

/// One order while it is told.
struct Story<'a> {
    id: OrderId,
    number: String,
    attempt: AttemptId,
    line: &'a Made,
    plan: &'a PlanRow,
    promise: Preview,
    placed: OffsetDateTime,
    paid: OffsetDateTime,
    done: OffsetDateTime,
}

impl History {
    /// `None` where the calendar or the amounts leave their range, which they do not.
    pub fn tell(&mut self, line: &Made, plan: &PlanRow, now: OffsetDateTime) -> Option<()> {
        let past = line.past?;
        let placed = if past.moves_the_line() { renewal_day(line)? } else { now - Duration::days(9) };
        let promise = promise(line, plan, placed)?;
        let (paid, done) = (placed + Duration::seconds(50), placed + Duration::seconds(58));
        let story = Story {
            id: OrderId::new(),
            number: ids::order_number(),
            attempt: AttemptId::new(),
            line,
            plan,
            promise,
            placed,
            paid,
            done,
        };
        match past {
            Past::Fulfilled => self.fulfilled(&story, story.promise.until),
            Past::Deviating => self.fulfilled(&story, story.promise.until - Duration::days(2)),
            Past::Refunded => self.refunded(&story),
            Past::Expired => self.ended(&story, "expired", story.placed + Duration::minutes(40)),
            Past::Cancelled => self.ended(&story, "cancelled", story.paid),
            Past::Mismatched => self.mismatched(&story),
        }
        Some(())
    }

    fn fulfilled(&mut self, story: &Story, until: Date) {
        let kept = until == story.promise.until;
        let answered = until.to_string();
        self.order(
            story,
            "fulfilled",
            json!({
                "fulfilled_until": answered, "paid_at": at(story.paid), "fulfilled_at": at(story.done),
            }),
        );
        self.event(story, story.paid, "settled", "awaiting_payment", "paid");
        self.event(story, story.done, "provisioned", "paid", "fulfilled");
        self.attempt(story, story.plan.price_minor, true, 0);
        self.provisioning(story, json!({ "status": "succeeded", "carrier_until": answered }));
        let boundary = until + Duration::days(1);
        let anchor = if kept { story.promise.anchor_day } else { boundary.day() };
        self.renewed.push(json!({
            "line_id": story.line.id, "order_id": story.id, "valid_from": story.promise.from.min(until).to_string(),
            "before_until": story.line.row.valid_until.to_string(), "valid_until": answered,
            "anchor_day": anchor, "recorded_at": at(story.done),
        }));
        if !kept {
            let detail = json!({ "promised": story.promise.until.to_string(), "answered": answered });
            self.case(story, "deviation", detail);
        }
    }

    fn refunded(&mut self, story: &Story) {
        let back = story.done + Duration::minutes(3);
        self.order(story, "refunded", json!({ "paid_at": at(story.paid), "closed_at": at(back) }));
        self.event(story, story.paid, "settled", "awaiting_payment", "paid");
        self.event(story, story.done, "provisioning_refused", "paid", "refunding");
        self.event(story, back, "refunded", "refunding", "refunded");
        self.attempt(story, story.plan.price_minor, true, story.plan.price_minor);
        self.provisioning(story, json!({ "status": "failed_permanent", "refusal": "not_renewable" }));
        self.refund(story, story.plan.price_minor, "provisioning_failed", back);
    }

    fn ended(&mut self, story: &Story, status: &str, when: OffsetDateTime) {
        self.order(story, status, json!({ "closed_at": at(when) }));
        self.event(story, when, status, "awaiting_payment", status);
    }

    fn mismatched(&mut self, story: &Story) {
        let received = story.plan.price_minor - 1;
        self.order(story, "needs_attention", json!({}));
        self.event(story, story.paid, "amount_mismatch", "awaiting_payment", "needs_attention");
        self.attempt(story, received, false, received);
        self.refund(story, received, "amount_mismatch", story.done);
        let detail = json!({ "expected_minor": story.plan.price_minor, "received_minor": received, "currency": story.plan.currency });
        self.case(story, "amount_mismatch", detail);
    }

    fn order(&mut self, story: &Story, status: &str, more: Value) {
        let (row, promise, plan) = (&story.line.row, &story.promise, story.plan);
        let lost = promise.lost.data.bytes().unwrap_or(0);
        let order = json!({
            "id": story.id, "number": story.number, "account_id": row.account_id, "line_id": story.line.id,
            "kind": "renewal", "plan": plan.code, "attempt_key": uuid::Uuid::now_v7(), "amount_minor": plan.price_minor,
            "currency": plan.currency, "effect": plan.effect, "status": status, "time_zone": row.time_zone,
            "plan_zh": plan.name_zh, "plan_en": plan.name_en, "term_unit": plan.term_unit, "term_count": plan.term_count,
            "data_unlimited": plan.data_unlimited, "data_bytes": plan.data_bytes, "minutes": plan.minutes, "sms": plan.sms,
            "iccid": row.iccid, "msisdn": row.msisdn,
            "before_from": row.valid_from.to_string(), "before_until": row.valid_until.to_string(),
            "promised_from": promise.effective_from.to_string(), "promised_until": promise.until.to_string(),
            "promised_anchor_day": promise.anchor_day, "lost_data_bytes": lost, "lost_days": promise.lost.days,
            "expires_at": at(story.placed + Duration::minutes(40)), "created_at": at(story.placed),
        });
        self.orders.push(merged(order, more));
        self.events.push(
            json!({ "order_id": story.id, "at": at(story.placed), "event": "placed", "to_status": "awaiting_payment" }),
        );
    }

    fn event(&mut self, story: &Story, when: OffsetDateTime, event: &str, from: &str, to: &str) {
        self.events.push(json!({
            "order_id": story.id, "at": at(when), "event": event, "from_status": from, "to_status": to,
        }));
    }

    fn attempt(&mut self, story: &Story, received: i64, applied: bool, given_back: i64) {
        self.attempts.push(json!({
            "id": story.attempt, "order_id": story.id, "account_id": story.line.row.account_id,
            "amount_minor": story.plan.price_minor, "currency": story.plan.currency,
            "gateway": "sandbox", "method": "sandbox", "merchant_ref": format!("R{}", story.attempt.0.simple()),
            "order_number": story.number, "language": "zh-CN", "return_url": paths::order(story.id), "payer_device": "phone", "payer_address": "unknown",
            "provider_ref": format!("past-{}", story.attempt.0.simple()),
            "provider_txn_id": format!("past-{}", story.attempt.0.simple()),
            "status": "succeeded", "received_minor": received, "received_currency": story.plan.currency,
            "applied": applied, "refund_reserved_minor": given_back, "query_count": 0,
            "expires_at": at(story.placed + Duration::minutes(40)), "created_at": at(story.placed),
            "succeeded_at": at(story.paid),
        }));
    }

    fn provisioning(&mut self, story: &Story, more: Value) {
        let row = &story.line.row;
        let request_id = format!("order:{}:renew", story.id);
        let provisioning = json!({
            "id": ProvisioningId::new(), "order_id": story.id, "attempt_id": story.attempt,
            "account_id": row.account_id, "settled": true, "carrier": row.carrier, "request_id": request_id,
            "request": { "request_id": request_id }, "asked_count": 1, "created_at": at(story.paid),
            "submitted_at": at(story.paid), "finished_at": at(story.done),
        });
        self.provisionings.push(merged(provisioning, more));
    }

    fn refund(&mut self, story: &Story, amount: i64, reason: &str, when: OffsetDateTime) {
        let id = RefundId::new();
        self.refunds.push(json!({
            "id": id, "attempt_id": story.attempt, "account_id": story.line.row.account_id, "amount_minor": amount,
            "currency": story.plan.currency, "merchant_refund_no": format!("F{}", id.0.simple()), "reason": reason,
            "source": "payment", "destination": "gateway", "status": "succeeded", "provider_refund_id": format!("past-{}", id.0.simple()), "reserved_minor": amount, "turn": 1,
            "asked_at": at(when),
            "created_at": at(story.done), "succeeded_at": at(when),
        }));
    }

    fn case(&mut self, story: &Story, kind: &str, detail: Value) {
        self.cases.push(json!({
            "id": CaseId::new(), "account_id": story.line.row.account_id, "order_id": story.id, "kind": kind,
            "detail": detail, "opened_at": at(story.done),
        }));
    }
}

/// The last day of the period before, around noon where the line is.
fn renewal_day(line: &Made) -> Option<OffsetDateTime> {
    let zone = Zone::parse(&line.row.time_zone).ok()?;
    Some(calendar::start_of_day(line.row.valid_until, &zone) + Duration::hours(9))
}

fn promise(line: &Made, plan: &PlanRow, when: OffsetDateTime) -> Option<Preview> {
    let row = &line.row;
    let zone = Zone::parse(&row.time_zone).ok()?;
    let validity =
        Validity { from: row.valid_from, until: row.valid_until, anchor_day: u8::try_from(row.anchor_day).ok()? };
    let left = Allowance {
        data: row.data_left_bytes.map_or(Data::None, Data::Bytes),
        minutes: row.minutes_left.map(i64::from),
        sms: row.sms_left.map(i64::from),
    };
    let data = match plan.data_bytes {
        _ if plan.data_unlimited => Data::Unlimited,
        Some(bytes) => Data::Bytes(bytes),
        None => Data::None,
    };
    let count = u32::try_from(plan.term_count).ok()?;
    let bought = PlanTerm {
        term: if plan.term_unit == "month" { Term::Months(count) } else { Term::Days(count) },
        allowance: Allowance { data, minutes: Some(plan.minutes.into()), sms: Some(plan.sms.into()) },
        below_minimum: false,
    };
    let effect: Effect = plan.effect.parse().ok()?;
    let line = LineTerm { validity: Some(validity), left };
    effect::preview(effect, calendar::today(when, &zone), &line, &bought).ok()
}

fn at(when: OffsetDateTime) -> String {
    when.format(&Rfc3339).unwrap_or_default()
}

fn merged(mut row: Value, more: Value) -> Value {
    if let (Value::Object(row), Value::Object(more)) = (&mut row, more) {
        row.extend(more);
    }
    row
}
