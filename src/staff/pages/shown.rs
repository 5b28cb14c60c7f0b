//! How staff's pages write instants and standings: dense, sortable by eye, the same in both languages.

use crate::calendar::{self, Zone};
use crate::lines::model::{Line, Standing};
use crate::web::Ctx;
use time::OffsetDateTime;

/// `2026-11-22 14:06`
pub fn day_and_time(at: OffsetDateTime, zone: &Zone) -> String {
    let local = calendar::local(at, zone);
    format!("{} {}", local.date(), calendar::clock_time(local))
}

/// `14:06:31`
pub fn real_time(at: OffsetDateTime, zone: &Zone) -> String {
    let local = calendar::local(at, zone);
    format!("{}:{:02}", calendar::clock_time(local), local.second())
}

/// A word with the class that colours it.
pub struct Mark {
    pub class: &'static str,
    pub text: String,
}

impl Mark {
    pub fn new(class: &'static str, text: impl Into<String>) -> Self {
        Self { class, text: text.into() }
    }

    pub fn of_line(ctx: &Ctx, line: &Line, now: OffsetDateTime) -> Self {
        match line.standing(now) {
            Standing::Suspended => Self::new("", ctx.t("mark-suspended")),
            Standing::Lapsed(days) => Self::new("is-lapsed", ctx.t1("mark-lapsed", "days", days)),
            Standing::Today => Self::new("is-soon", ctx.t("mark-expires-today")),
            Standing::Soon(days) => Self::new("is-soon", ctx.t1("mark-days-left", "days", days)),
            Standing::Fine(days) => Self::new("is-good", ctx.t1("mark-days-left", "days", days)),
            Standing::NotStarted(date) => Self::new("", ctx.t1("mark-not-started", "date", date.to_string())),
        }
    }

    pub fn of_order(ctx: &Ctx, status: &str) -> Self {
        let (class, key) = match status {
            "awaiting_payment" => ("", "awaiting"),
            "paid" => ("is-soon", "activating"),
            "fulfilled" => ("is-good", "active"),
            "refunding" => ("is-soon", "refunding"),
            "refunded" => ("", "refunded"),
            "needs_attention" => ("is-lapsed", "attention"),
            "expired" => ("", "expired"),
            _ => ("", "cancelled"),
        };
        Self::new(class, ctx.t(&format!("order-state-{key}")))
    }
}

/// A gateway as people call it.
pub fn gateway_name(ctx: &Ctx, gateway: &str) -> String {
    named(ctx, &format!("staff-gateway-{gateway}"), gateway)
}

/// The text of `key`, or the word as the program has it where no text was written for it.
pub fn named(ctx: &Ctx, key: &str, word: &str) -> String {
    let key = key.replace(['_', '.'], "-");
    if ctx.language.texts().has(&key) { ctx.t(&key).to_owned() } else { word.to_owned() }
}
