use crate::calendar;
use crate::lang::Lang;
use crate::lines::advice::{Advice, Question};
use crate::lines::model::Standing;
use crate::lines::words::{self, Mark, Meter};
use crate::orders::queries::overview::HeldLine;
use crate::paths;
use crate::web::Person;
use time::{Date, OffsetDateTime};

/// A line at a glance: which number, how long still, how much is left, renew now or wait.
pub struct LineCard {
    pub path: String,
    pub number: String,
    pub about: String,
    pub is_lapsed: bool,
    pub mark: Mark,
    pub meter: Meter,
    pub as_of: String,
    pub as_of_date: OffsetDateTime,
    pub facts: Vec<Fact>,
    pub advice: String,
    pub advice_class: &'static str,
    pub button: Option<Button>,
}

pub struct Fact {
    pub term: &'static str,
    pub words: String,
    /// For `<time>`, and the zone it is counted in.
    pub date: Option<(Date, String)>,
}

impl Fact {
    pub fn new(term: &'static str, words: impl Into<String>) -> Self {
        Self { term, words: words.into(), date: None }
    }
}

pub struct Button {
    pub path: String,
    pub key: &'static str,
    pub is_quiet: bool,
}

impl LineCard {
    pub fn new(held: &HeldLine, person: &Person, language: Lang, now: OffsetDateTime) -> Self {
        let line = &held.line;
        let advice = Question::of(line, held.effect, held.open_order().is_some(), held.next_from(), now).answer();
        Self {
            path: paths::line(line.id),
            number: words::number(line.msisdn.as_deref(), &line.iccid),
            about: about(held, language),
            is_lapsed: matches!(line.standing(now), Standing::Lapsed(_)),
            mark: words::mark(line, now, language),
            meter: words::meter(line, now, language),
            as_of: moment(line.usage_as_of, person, now, language),
            as_of_date: line.usage_as_of,
            facts: facts(held, language, now),
            advice: unpaid(held, language, now).unwrap_or_else(|| advice.words(line.today(now), language)),
            advice_class: if held.open_awaits_customer(now) { "is-soon" } else { advice.class() },
            button: button(held, advice, now),
        }
    }
}

/// `Main · China Mobile · FM card`
pub fn about(held: &HeldLine, language: Lang) -> String {
    let parts = [held.line.label.as_str(), held.carrier_name(language), words::kind(&held.line, language)];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ")
}

/// The time of a moment today, else its date, where the person lives.
pub fn moment(at: OffsetDateTime, person: &Person, now: OffsetDateTime, language: Lang) -> String {
    let (local, today) = (calendar::local(at, &person.zone()), calendar::today(now, &person.zone()));
    if local.date() == today {
        calendar::clock_time(local)
    } else {
        calendar::short_date(local.date(), today, language)
    }
}

pub fn facts(held: &HeldLine, language: Lang, now: OffsetDateTime) -> Vec<Fact> {
    let line = &held.line;
    let (today, until) = (line.today(now), line.valid_until);
    let (term, words) = match line.standing(now) {
        Standing::Lapsed(_) => ("line-lapsed-on", calendar::short_date(until, today, language)),
        _ => ("line-valid-until", words::last_day(until, today, language)),
    };
    let mut facts = vec![
        Fact::new(language.t("line-plan"), held.plan_name(language)),
        Fact { term: language.t(term), words, date: Some((until, line.time_zone.clone())) },
    ];
    if let (Some(from), Some(plan)) = (held.next_from(), held.next_plan(language)) {
        let start = calendar::short_date(from, today, language);
        let words = language.ta("line-next-plan", &[("plan", plan.into()), ("start", start.into())]);
        facts.push(Fact { date: Some((from, line.time_zone.clone())), ..Fact::new(language.t("line-next"), words) });
    }
    if let Some(balance) = line.carrier_balance() {
        facts.push(Fact::new(language.t("line-balance"), balance.to_string()));
    }
    if line.validity().lapsed(today) {
        return facts;
    }
    if let Some(minutes) = held.minutes_left() {
        facts.push(Fact::new(language.t("line-minutes"), language.ta("count-minutes", &[("n", minutes.into())])));
    }
    if let Some(sms) = held.sms_left() {
        facts.push(Fact::new(language.t("line-sms"), language.ta("count-sms", &[("n", sms.into())])));
    }
    facts
}

/// What an order that waits for its customer means for the line.
fn unpaid(held: &HeldLine, language: Lang, now: OffsetDateTime) -> Option<String> {
    let line = &held.line;
    let date = || calendar::short_date(line.valid_until, line.today(now), language);
    held.open_awaits_customer(now).then(|| match line.standing(now) {
        Standing::Suspended | Standing::Lapsed(_) => language.t("account-unpaid").to_owned(),
        Standing::Today => language.t("account-unpaid-today").to_owned(),
        Standing::Soon(_) | Standing::Fine(_) | Standing::NotStarted(_) => {
            language.ta("account-unpaid-until", &[("date", date().into())])
        }
    })
}

fn button(held: &HeldLine, advice: Advice, now: OffsetDateTime) -> Option<Button> {
    if let Some(order) = held.open_order().filter(|_| held.open_awaits_customer(now)) {
        return Some(Button { path: paths::pay(order), key: "account-finish-paying", is_quiet: false });
    }
    let (path, key) = match (held.open_order(), advice) {
        (Some(order), _) => (paths::order(order), "line-order-open"),
        (None, Advice::Suspended) => (paths::line_control(held.line.id), "line-to-resume"),
        (None, Advice::Lapsed | Advice::LapsedLong) => (paths::renew(held.line.id), "line-restore"),
        (None, Advice::Wait { .. } | Advice::DataLowAtTheCostOf { .. }) => {
            (paths::renew(held.line.id), "line-renew-anyway")
        }
        (None, _) => (paths::renew(held.line.id), "line-renew"),
    };
    Some(Button { path, key, is_quiet: advice.is_quiet() })
}
