//! How one thing that happened looks on the timeline.

use super::shown::{named, real_time};
use crate::calendar::{self, Zone};
use crate::money::{Currency, Money};
use crate::staff::queries::timeline::Happening;
use crate::web::Ctx;
use time::Date;

/// What happened on one day, newest first.
pub struct Day {
    pub date: Date,
    pub entries: Vec<Entry>,
}

pub struct Entry {
    pub class: &'static str,
    pub icon: &'static str,
    pub title: String,
    pub time: String,
    pub text: String,
    pub raw: Option<String>,
}

pub fn days(ctx: &Ctx, zone: &Zone, happenings: Vec<Happening>) -> Vec<Day> {
    let mut days: Vec<Day> = vec![];
    for happening in happenings {
        let date = calendar::local(happening.at, zone).date();
        let entry = entry(ctx, zone, happening);
        match days.last_mut() {
            Some(day) if day.date == date => day.entries.push(entry),
            _ => days.push(Day { date, entries: vec![entry] }),
        }
    }
    days
}

fn entry(ctx: &Ctx, zone: &Zone, happening: Happening) -> Entry {
    let (class, icon) = look(&happening);
    Entry {
        class,
        icon,
        title: title(ctx, &happening),
        time: real_time(happening.at, zone),
        text: text(ctx, &happening),
        raw: raw(&happening),
    }
}

fn look(happening: &Happening) -> (&'static str, &'static str) {
    match (happening.what.as_str(), happening.which.as_deref().unwrap_or_default()) {
        ("order", "placed") => ("", "order"),
        ("order", "provisioned") => ("is-good", "check"),
        ("order", "provisioning_stuck" | "provisioning_refused") => ("is-soon", "warn"),
        ("order", "amount_mismatch" | "refund_failed") => ("is-bad", "warn"),
        ("order", _) => ("", "order"),
        ("payment-succeeded", _) => ("is-good", "card"),
        ("payment-surplus", _) => ("is-soon", "card"),
        ("payment-opened", "failed") => ("is-bad", "card"),
        ("payment-opened", "unknown") => ("is-soon", "card"),
        ("provisioning-done", _) => ("is-good", "sim"),
        ("provisioning-refused", _) => ("is-bad", "sim"),
        ("provisioning-unknown", _) => ("is-soon", "sim"),
        ("provisioning-submitted", _) => ("", "sim"),
        ("case-opened", _) => ("is-soon", "warn"),
        ("case-closed", _) => ("is-good", "check"),
        ("message-failed", _) => ("is-bad", "mail"),
        ("message-sent" | "message-waiting", _) => ("", "mail"),
        ("viewed", _) => ("", "eye"),
        ("audit" | "registered" | "imported", _) => ("", "person"),
        ("verified", _) => ("is-good", "person"),
        _ => ("", "card"),
    }
}

fn title(ctx: &Ctx, happening: &Happening) -> String {
    let which = happening.which.as_deref().unwrap_or_default();
    let key = format!("timeline-{}", happening.what);
    match happening.what.as_str() {
        "order" if which == "placed" => {
            ctx.t1("timeline-order-created", "number", happening.order_number.as_deref().unwrap_or_default())
        }
        "order" => named(ctx, &format!("timeline-order-{which}"), which),
        "viewed" => {
            let staff = happening.text.as_deref().unwrap_or_default();
            ctx.t2("timeline-viewed", "staff", staff, "n", happening.minor.unwrap_or(1))
        }
        "audit" => named(ctx, &format!("timeline-audit-{which}"), which),
        "notice" => ctx.t("timeline-notice-received").to_owned(),
        "case-opened" | "case-closed" => ctx.t1(&key, "reason", named(ctx, &format!("staff-case-{which}"), which)),
        "message-sent" | "message-waiting" | "message-failed" => ctx.t1(&key, "subject", which),
        "provisioning-done" => ctx.t1(&key, "date", happening.until.map(|date| date.to_string()).unwrap_or_default()),
        "provisioning-refused" => ctx.t1(&key, "reason", named(ctx, &format!("refusal-{which}"), which)),
        "provisioning-submitted" | "provisioning-unknown" | "registered" | "imported" | "verified" => {
            ctx.t(&key).to_owned()
        }
        _ => ctx.t1(&key, "amount", amount(happening)),
    }
}

fn amount(happening: &Happening) -> String {
    let currency = happening.currency.as_deref().and_then(|code| Currency::parse(code).ok());
    happening.minor.zip(currency).map(|(minor, currency)| Money::new(minor, currency).to_string()).unwrap_or_default()
}

/// The order it belongs to, then what it is known by elsewhere.
fn text(ctx: &Ctx, happening: &Happening) -> String {
    let is_placed = happening.what == "order" && happening.which.as_deref() == Some("placed");
    let order = happening.order_number.clone().filter(|_| !is_placed);
    let words = happening.words.iter().map(|said| word(ctx, said));
    let rest = happening.text.clone().filter(|_| happening.what != "viewed");
    let parts: Vec<String> = order.into_iter().chain(words).chain(rest).filter(|part| !part.is_empty()).collect();
    parts.join(" · ")
}

fn word(ctx: &Ctx, said: &str) -> String {
    let (kind, code) = said.split_once(':').unwrap_or(("state", said));
    let key = match kind {
        "method" => format!("pay-method-{code}"),
        "outcome" => format!("staff-outcome-{code}"),
        "refund" => format!("staff-refund-{code}"),
        _ => format!("staff-state-{code}"),
    };
    named(ctx, &key, code)
}

fn raw(happening: &Happening) -> Option<String> {
    let said = happening.raw.as_ref().and_then(|value| serde_json::to_string_pretty(value).ok());
    let body = happening.body.as_ref().map(|body| String::from_utf8_lossy(body).into_owned());
    match (said, body) {
        (Some(said), Some(body)) => Some(format!("{said}\n\n{body}")),
        (said, body) => said.or(body),
    }
}
