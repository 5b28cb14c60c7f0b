//! What the customer keeps: one receipt, told once, for the page, the mail and the PDF.

use crate::calendar::{self, Zone};
use crate::config;
use crate::lang::Lang;
use crate::lines::words;
use crate::orders::pages::method_told;
use crate::orders::queries::detail::Detail;
use crate::orders::ribbon::Change;
use crate::pdf;
use time::{Date, OffsetDateTime};

/// A fact of the receipt: its label's key, and its value, which may differ by language.
pub struct Fact {
    pub key: &'static str,
    pub zh: String,
    pub en: String,
}

impl Fact {
    pub fn value(&self, language: Lang) -> &str {
        match language {
            Lang::Zh => &self.zh,
            Lang::En => &self.en,
        }
    }

    fn same(key: &'static str, value: String) -> Self {
        Self { key, en: value.clone(), zh: value }
    }

    fn each(key: &'static str, tell: impl Fn(Lang) -> String) -> Self {
        Self { key, zh: tell(Lang::Zh), en: tell(Lang::En) }
    }
}

/// The receipt's facts in their order, numbers first as support asks for them.
pub fn facts(detail: &Detail) -> Vec<Fact> {
    let order = &detail.order;
    let zone = order.zone();
    if order.is_top_up() {
        return facts_of_top_up(detail);
    }
    let until = order.fulfilled_until.unwrap_or(order.promised_until);
    let range = |from: Date, to: Date| move |language| span(from, to, language);
    let iccid = words::iccid(&detail.order.iccid);
    let mut facts = vec![
        Fact::same("receipt-order", order.number.clone()),
        Fact::each("receipt-paid-at", |language| {
            order.paid_at.map(|at| instant(at, &zone, language)).unwrap_or_default()
        }),
        Fact::same("receipt-customer", detail.customer.clone()),
        Fact::same(
            "receipt-line",
            match &detail.order.msisdn {
                Some(_) => {
                    format!("{} · ICCID {iccid}", words::number(detail.order.msisdn.as_deref(), &detail.order.iccid))
                }
                None => format!("ICCID {iccid}"),
            },
        ),
        Fact { key: "receipt-plan", zh: detail.order.bought.plan_zh.clone(), en: detail.order.bought.plan_en.clone() },
        Fact::each("receipt-effect", |language| {
            language.t(&format!("effect-name-{}", order.effect.as_str())).to_owned()
        }),
        Fact::each("receipt-before", range(order.before_from, order.before_until)),
        Fact::each("receipt-after", range(order.promised_from.min(until), until)),
        Fact::each("receipt-zone", |language| words::zone(&zone, language)),
        Fact::each("receipt-method", |language| method_told(detail, language)),
        Fact::same("receipt-payment-reference", detail.payment_reference.clone().unwrap_or_default()),
        Fact::same("receipt-carrier-reference", carrier_reference(detail)),
    ];
    if until != order.promised_until {
        let at = facts.iter().position(|fact| fact.key == "receipt-after").map_or(facts.len(), |at| at + 1);
        facts.insert(at, Fact::each("receipt-promised", |language| promised(order.promised_until, until, language)));
    }
    if detail.purchase_refunded {
        facts.push(Fact::same("receipt-refunded", detail.refund_amount().to_string()));
    }
    facts
}

/// What we asked the carrier under, without the words around it.
fn carrier_reference(detail: &Detail) -> String {
    detail.carrier_reference.as_deref().and_then(|id| id.split(':').nth(1)).unwrap_or_default().to_uppercase()
}

/// A top-up is of no line and promises no day.
fn facts_of_top_up(detail: &Detail) -> Vec<Fact> {
    let (order, zone) = (&detail.order, detail.order.zone());
    let mut facts = vec![
        Fact::same("receipt-order", order.number.clone()),
        Fact::each("receipt-paid-at", |language| {
            order.paid_at.map(|at| instant(at, &zone, language)).unwrap_or_default()
        }),
        Fact::same("receipt-customer", detail.customer.clone()),
        Fact { key: "receipt-bought", zh: order.bought.plan_zh.clone(), en: order.bought.plan_en.clone() },
        Fact::each("receipt-method", |language| method_told(detail, language)),
        Fact::same("receipt-payment-reference", detail.payment_reference.clone().unwrap_or_default()),
    ];
    if detail.purchase_refunded {
        facts.push(Fact::same("receipt-refunded", detail.refund_amount().to_string()));
    }
    facts
}

/// What the receipt is called, and what it confirms.
pub fn title(detail: &Detail) -> (&'static str, &'static str) {
    match detail.order.is_top_up() {
        true => ("receipt-title-top-up", "receipt-note-top-up"),
        false => ("receipt-title", "receipt-note"),
    }
}

/// The promised last day beside the one the carrier gave.
fn promised(promised: Date, given: Date, language: Lang) -> String {
    let date = |date| calendar::long_date(date, language).into();
    language.ta("receipt-promised-told", &[("promised", date(promised)), ("given", date(given))])
}

fn span(from: Date, to: Date, language: Lang) -> String {
    format!("{} – {}", calendar::long_date(from, language), calendar::long_date(to, language))
}

fn instant(at: OffsetDateTime, zone: &Zone, language: Lang) -> String {
    let local = calendar::local(at, zone);
    format!(
        "{} {} ({})",
        calendar::long_date(local.date(), language),
        calendar::clock_time(local),
        words::zone(zone, language)
    )
}

/// The receipt on one A4 page, the reader's language large and the other beneath.
pub fn draw(detail: &Detail, language: Lang) -> Result<Vec<u8>, pdf::Error> {
    let both = |key: &str| pdf::Text::both(language.t(key), language.other().t(key));
    let rows = facts(detail)
        .into_iter()
        .map(|fact| pdf::Row::new(both(fact.key), pdf::Text::both(fact.value(language), fact.value(language.other()))));
    let mut rows: Vec<_> = rows.collect();
    let facts = rows.split_off(1);
    pdf::render(&pdf::Receipt {
        language: language.code().to_owned(),
        title: both(title(detail).0),
        operator: config::brand().name(language).to_owned(),
        references: rows,
        amount: pdf::Row::new(
            both("receipt-amount"),
            pdf::Text::one(format!("{} {}", detail.order.amount(), detail.order.currency.code())),
        ),
        ribbon: (!detail.order.is_top_up()).then(|| ribbon(detail, language)),
        sections: vec![pdf::Section {
            heading: both(if detail.order.is_top_up() { "receipt-bought" } else { "receipt-line" }),
            rows: facts,
        }],
        notes: vec![both(title(detail).1)],
    })
}

fn ribbon(detail: &Detail, language: Lang) -> pdf::Ribbon {
    let mut change = Change::promised(&detail.order);
    change.until = detail.order.fulfilled_until.unwrap_or(change.until);
    let days = |from: Date, to: Date| u32::try_from((calendar::days_between(from, to)).max(0)).unwrap_or(0);
    let text = |key: &str| pdf::Text::both(language.t(key), language.other().t(key));
    let mark = |day, key: &str, date| pdf::Mark {
        day,
        label: text(key),
        date: pdf::Text::one(calendar::long_date(date, language)),
    };
    let left = if change.is_lapsed() { 0 } else { days(change.today, change.before_until) + 1 };
    let whole = days(change.today, change.until) + 1;
    let kept = if change.gives_up_days() { pdf::Part::Lost } else { pdf::Part::Left };
    let segments = vec![
        pdf::Segment { days: left.min(whole), part: kept, label: text("ribbon-until") },
        pdf::Segment { days: whole.saturating_sub(left), part: pdf::Part::Added, label: text("ribbon-after") },
    ];
    let mut marks = vec![mark(0, "ribbon-ordered", change.today)];
    if left > 0 && left < whole {
        marks.push(mark(left, "ribbon-until", change.before_until));
    }
    marks.push(mark(whole, "ribbon-after", change.until));
    pdf::Ribbon {
        heading: text("receipt-after"),
        segments: segments.into_iter().filter(|segment| segment.days > 0).collect(),
        marks,
    }
}
