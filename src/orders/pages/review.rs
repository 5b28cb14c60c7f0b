use super::line_card::Fact;
use super::plan_card;
use super::ribbon::RibbonView;
use crate::calendar;
use crate::lang::Lang;
use crate::lines::words;
use crate::money::Money;
use crate::orders::check::Checked;
use crate::orders::queries::overview::HeldLine;
use crate::orders::renew;
use crate::orders::ribbon::Change;
use crate::paths;
use crate::plans::effect::{Effect, EffectError, Lost, Preview};
use crate::plans::model::Plan;
use crate::units::{self, Data};
use crate::web::Ctx;
use askama::Template;
use std::cmp::Ordering;
use time::{Date, OffsetDateTime};
use uuid::Uuid;

/// Exactly what is bought and what it does, before any money moves.
#[derive(Template)]
#[template(path = "orders/review.html")]
pub struct ReviewPage {
    pub ctx: Ctx,
    number: String,
    line_path: String,
    plan_name: String,
    plan: String,
    attempt: Uuid,
    price: Money,
    price_words: String,
    /// The last day this page promises; it comes back with the form.
    until: Date,
    loss: Option<Loss>,
    ribbon: RibbonView,
    facts: Vec<Fact>,
    zone: String,
    problem: Option<String>,
    can_go_on: bool,
    choose_path: String,
    submit_path: String,
    again_path: String,
    /// Where what the carrier demands is given, and back here.
    to_identity: Option<String>,
}

/// What is given up, told before anything else.
struct Loss {
    what: Option<String>,
    end: Option<String>,
}

/// Why the renewal can't go on as it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    PriceChanged {
        before: Money,
        after: Money,
    },
    /// The carrier asks another price than the catalogue has, so the catalogue must be put right first.
    PriceDiffers {
        before: Money,
        after: Money,
    },
    /// The day turned, or the line moved, since the page was made.
    PromiseChanged,
    NotEligible,
    IdentityNeeded,
    /// Nothing the customer can do about; another plan may do.
    Withheld,
    CarrierDown,
    LineNotRenewable,
    EffectUnclear,
    FormBroken,
    /// The payment of an order that is over is not closed for certain.
    StillClosing,
}

impl Problem {
    /// What the carrier's answer keeps from going on.
    pub fn of(checked: &Checked, plan: &Plan) -> Option<Self> {
        match checked {
            Checked::Renewable => None,
            Checked::OtherPrice(after) => Some(Self::PriceDiffers { before: plan.price, after: *after }),
            Checked::Refused(_) => Some(Self::NotEligible),
            Checked::IdentityNeeded => Some(Self::IdentityNeeded),
            Checked::Withheld => Some(Self::Withheld),
            Checked::Unreachable => Some(Self::CarrierDown),
        }
    }

    /// The page shows what is true now, and the customer may agree to it.
    fn can_go_on(self) -> bool {
        matches!(self, Self::PriceChanged { .. } | Self::PromiseChanged | Self::FormBroken | Self::StillClosing)
    }

    fn words(self, language: Lang) -> String {
        let prices = |key, before: Money, after: Money| {
            language.ta(key, &[("before", before.to_string().into()), ("after", after.to_string().into())])
        };
        let key = match self {
            Self::PriceChanged { before, after } => return prices("review-price-changed", before, after),
            Self::PriceDiffers { before, after } => return prices("review-price-differs", before, after),
            Self::PromiseChanged => "review-promise-changed",
            Self::NotEligible => "review-not-eligible",
            Self::IdentityNeeded => "review-identity-needed",
            Self::Withheld => "review-withheld",
            Self::CarrierDown => "review-carrier-down",
            Self::LineNotRenewable => "review-line-not-renewable",
            Self::EffectUnclear => "review-effect-unclear",
            Self::FormBroken => "review-form-broken",
            Self::StillClosing => "review-still-closing",
        };
        language.t(key).to_owned()
    }
}

impl ReviewPage {
    pub fn new(
        ctx: Ctx,
        held: &HeldLine,
        plan: &Plan,
        attempt: Uuid,
        problem: Option<Problem>,
        now: OffsetDateTime,
    ) -> Result<Self, EffectError> {
        let (line, language) = (&held.line, ctx.language);
        let (preview, today) = (renew::preview(line, plan, now)?, line.today(now));
        let change = Change::previewed(plan.effect, today, line.valid_until, &preview);
        let review_path = paths::review(line.id, &plan.code);
        Ok(Self {
            number: words::number(line.msisdn.as_deref(), &line.iccid),
            line_path: paths::line(line.id),
            plan_name: plan.name(language).to_owned(),
            plan: plan.code.clone(),
            attempt,
            price: plan.price,
            price_words: plan.price.to_string(),
            ribbon: RibbonView::alone(&change, language),
            until: preview.until,
            loss: Loss::of(&change, &preview.lost, language),
            facts: facts(held, plan, &preview, &change, language),
            zone: words::zone(&line.zone(), language),
            problem: problem.map(|problem| problem.words(language)),
            can_go_on: problem.is_none_or(Problem::can_go_on),
            choose_path: paths::renew(line.id),
            submit_path: paths::renewals(line.id),
            to_identity: (problem == Some(Problem::IdentityNeeded)).then(|| paths::identity_then(&review_path)),
            again_path: review_path,
            ctx,
        })
    }
}

impl Loss {
    fn of(change: &Change, lost: &Lost, language: Lang) -> Option<Self> {
        let date = |date| calendar::short_date(date, change.today, language);
        let ends = |key| {
            language.ta(key, &[("after", date(change.until).into()), ("before", date(change.before_until).into())])
        };
        let what = lost_words(change.lost_days, lost, language);
        let end = match change.until.cmp(&change.before_until) {
            Ordering::Less => Some(ends("review-loss-earlier")),
            Ordering::Equal if what.is_some() => Some(ends("review-loss-same")),
            _ => None,
        };
        let what = what.map(|what| language.ta("review-loss", &[("what", what.into())]));
        (what.is_some() || end.is_some()).then_some(Self { what, end })
    }
}

fn facts(held: &HeldLine, plan: &Plan, preview: &Preview, change: &Change, language: Lang) -> Vec<Fact> {
    let (line, today) = (&held.line, change.today);
    let dated =
        |key, words, date| Fact { date: Some((date, line.time_zone.clone())), ..Fact::new(language.t(key), words) };
    let starts = match preview.effective_from > today {
        true => calendar::short_date(preview.effective_from, today, language),
        false => language.t("review-starts-now").to_owned(),
    };
    let before = if change.is_lapsed() { "review-before-lapsed" } else { "review-before" };
    let first_day = if plan.effect == Effect::Queue { preview.effective_from } else { preview.from };
    let mut facts = vec![
        Fact::new(language.t("review-line"), words::number(line.msisdn.as_deref(), &line.iccid)),
        Fact::new(language.t("review-contains"), plan_card::contents(plan, language).join(" · ")),
        Fact::new(language.t("review-term"), plan_card::term(plan.term, language)),
        dated(before, words::period(line.valid_from, line.valid_until, today, language), line.valid_until),
        dated("review-after", words::period(first_day, preview.until, today, language), preview.until),
        dated("review-starts", starts, preview.effective_from),
    ];
    match lost_words(change.lost_days, &preview.lost, language) {
        Some(lost) => facts.insert(0, Fact::new(language.t("review-lost"), lost)),
        None => facts.push(Fact::new(language.t("review-lost"), language.t("review-lost-nothing"))),
    }
    facts
}

/// What is given up, in so many words; `None` if it is nothing.
fn lost_words(days: i64, lost: &Lost, language: Lang) -> Option<String> {
    let count = |key, name, n: i64| (n > 0).then(|| language.ta(key, &[(name, n.into())]));
    let data = match lost.data {
        Data::Unlimited => Some(language.t("has-data-unlimited").to_owned()),
        Data::Bytes(bytes) => Some(language.ta("review-lost-data", &[("amount", units::format_bytes(bytes).into())])),
        Data::None => None,
    };
    let days = count("review-lost-days", "days", days);
    let parts = [days, data, count("has-minutes", "n", lost.minutes), count("has-sms", "n", lost.sms)];
    let parts: Vec<_> = parts.into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(language.t("common-list-comma")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::Currency;
    use time::macros::date;

    #[test]
    fn every_problem_is_told_in_both_languages_and_says_that_nothing_was_charged() {
        let (before, after) = (Money::new(9_900, Currency::Cny), Money::new(10_500, Currency::Cny));
        for problem in [
            Problem::PriceChanged { before, after },
            Problem::PriceDiffers { before, after },
            Problem::PromiseChanged,
            Problem::NotEligible,
            Problem::IdentityNeeded,
            Problem::Withheld,
            Problem::CarrierDown,
            Problem::LineNotRenewable,
            Problem::EffectUnclear,
            Problem::FormBroken,
            Problem::StillClosing,
        ] {
            let (english, chinese) = (problem.words(Lang::En), problem.words(Lang::Zh));
            assert!(english.contains("Nothing was charged"), "{english}");
            assert!(chinese.contains("没有扣款") || chinese.contains("尚未扣款"), "{chinese}");
        }
    }

    #[test]
    fn what_is_lost_is_listed() {
        assert_eq!(lost_words(0, &Lost::default(), Lang::En), None);
        let much = Lost { data: Data::Bytes(1_800_000_000), minutes: 142, sms: 0, days: 4 };
        let told = |days, language| lost_words(days, &much, language).unwrap();
        assert_eq!(told(3, Lang::En), "3 days of validity, 1.8 GB of data, 142 minutes");
        assert_eq!(told(1, Lang::En), "1 day of validity, 1.8 GB of data, 142 minutes");
        assert_eq!(told(3, Lang::Zh), "3 天有效期、1.8 GB 流量、142 分钟");
    }

    #[test]
    fn an_end_that_comes_nearer_is_a_loss_and_one_that_stays_is_none() {
        let change = |effect, until, lost_days| Change {
            effect,
            today: date!(2026 - 11 - 22),
            before_until: date!(2027 - 06 - 22),
            starts: date!(2026 - 11 - 22),
            until,
            lost_days,
            is_ordered: false,
        };
        let nearer = change(Effect::Replace, date!(2026 - 12 - 21), 212);
        let loss = Loss::of(&nearer, &Lost::default(), Lang::Zh).unwrap();
        assert_eq!(loss.what.unwrap(), "您会失去 212 天有效期。");
        assert!(loss.end.unwrap().contains("早于现在的到期日"));
        assert!(Loss::of(&change(Effect::Max, date!(2027 - 06 - 22), 0), &Lost::default(), Lang::Zh).is_none());
        assert!(Loss::of(&change(Effect::Queue, date!(2027 - 07 - 22), 0), &Lost::default(), Lang::Zh).is_none());
    }
}
