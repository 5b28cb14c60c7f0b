use crate::calendar;
use crate::lang::Lang;
use crate::lines::words;
use crate::orders::ribbon::{Change, Ribbon};
use crate::plans::effect::Effect;
use askama::Template;
use askama::filters::HtmlSafe;
use time::Date;

/// The ribbon with the words beside it; `{{ ribbon }}` in a template draws it.
#[derive(Template, Clone, Debug)]
#[template(path = "components/ribbon.html")]
pub struct RibbonView {
    ribbon: Ribbon,
    labels: Vec<Label>,
    caption: Option<String>,
    moving: bool,
}

#[derive(Clone, Debug)]
struct Label {
    /// `today`, `left`, `lost` or `new`: which part of the bar it names.
    key: &'static str,
    term: &'static str,
    date: Date,
    words: String,
}

impl HtmlSafe for RibbonView {}

impl RibbonView {
    /// Beside others of the same page, all drawn to the same number of days.
    pub fn among(change: &Change, days_shown: i64, language: Lang) -> Self {
        Self {
            ribbon: Ribbon::draw(change, days_shown),
            labels: labels(change, language),
            caption: None,
            moving: false,
        }
    }

    /// By itself, with the effect told in a sentence.
    pub fn alone(change: &Change, language: Lang) -> Self {
        Self { caption: Some(effect_sentence(change, language)), ..Self::among(change, change.days_shown(), language) }
    }

    /// The added part grows into its place: for the moment when it has become true.
    pub fn moving(self) -> Self {
        Self { moving: true, ..self }
    }

    pub fn captioned(self, caption: &str) -> Self {
        Self { caption: Some(caption.to_owned()), ..self }
    }
}

fn labels(change: &Change, language: Lang) -> Vec<Label> {
    let label = |key, text, date| Label {
        key,
        term: language.t(text),
        date,
        words: calendar::short_date(date, change.today, language),
    };
    let today = label("today", if change.is_ordered { "ribbon-ordered" } else { "ribbon-today" }, change.today);
    let mut after = label("new", "ribbon-after", change.until);
    after.words = words::last_day(change.until, change.today, language);
    let before = match (change.is_lapsed(), change.gives_up_days()) {
        (true, _) => label("lost", "ribbon-lapsed", change.before_until),
        (_, true) => label("lost", "ribbon-until", change.before_until),
        _ => label("left", "ribbon-until", change.before_until),
    };
    let mut labels = vec![today, before, after];
    labels.sort_by_key(|label| label.date);
    labels
}

/// What the renewal does, in one sentence.
pub fn effect_sentence(change: &Change, language: Lang) -> String {
    let date = |date| calendar::short_date(date, change.today, language);
    let days = change.lost_days;
    match change.effect {
        _ if change.is_lapsed() => language.t("effect-lapsed").to_owned(),
        Effect::Queue => language
            .ta("effect-queue", &[("until", date(change.before_until).into()), ("start", date(change.starts).into())]),
        Effect::Stack => language.ta("effect-stack", &[("until", date(change.before_until).into())]),
        Effect::Roll => language.ta("effect-roll", &[("days", days.into())]),
        Effect::Restart => language.ta("effect-restart", &[("days", days.into())]),
        Effect::Replace => language.ta("effect-replace", &[("days", days.into())]),
        Effect::Max if change.until == change.before_until => {
            language.ta("effect-max-same", &[("until", date(change.until).into())])
        }
        Effect::Max => language.t("effect-max").to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::date;

    fn change(effect: Effect) -> Change {
        Change {
            effect,
            today: date!(2026 - 11 - 22),
            before_until: date!(2026 - 11 - 25),
            starts: date!(2026 - 11 - 26),
            until: date!(2027 - 02 - 25),
            lost_days: 3,
            is_ordered: false,
        }
    }

    #[test]
    fn every_effect_is_told_in_both_languages() {
        for language in Lang::ALL {
            for effect in Effect::ALL {
                let html = RibbonView::alone(&change(effect), language).to_string();
                assert!(html.contains(&effect_sentence(&change(effect), language)), "{html}");
                assert!(html.contains(r#"<time datetime="2027-02-25">"#), "{html}");
            }
        }
    }

    #[test]
    fn a_lapsed_line_is_told_so() {
        let lapsed = Change { before_until: date!(2026 - 11 - 19), ..change(Effect::Stack) };
        let html = RibbonView::alone(&lapsed, Lang::En).to_string();
        assert!(
            html.contains("The line has lapsed") && html.contains("Ended") && html.contains("19\u{a0}Nov"),
            "{html}"
        );
    }

    #[test]
    fn labels_stand_in_the_order_of_their_days() {
        let nearer = Change { before_until: date!(2027 - 06 - 22), ..change(Effect::Replace) };
        let keys = |change: &Change| labels(change, Lang::En).iter().map(|label| label.key).collect::<Vec<_>>();
        assert_eq!(keys(&nearer), ["today", "new", "lost"]);
        assert_eq!(keys(&change(Effect::Queue)), ["today", "left", "new"]);
        assert_eq!(keys(&Change { before_until: date!(2026 - 11 - 19), ..nearer }), ["lost", "today", "new"]);
    }

    #[test]
    fn an_order_does_not_call_its_day_today() {
        let ordered = Change { is_ordered: true, ..change(Effect::Queue) };
        for (language, told, not) in [(Lang::En, "Ordered", "Today"), (Lang::Zh, "下单日", "今天")] {
            let html = RibbonView::alone(&ordered, language).to_string();
            assert!(html.contains(told) && !html.contains(not), "{html}");
        }
    }

    #[test]
    fn days_given_up_are_told_in_the_right_number() {
        let roll = |lost_days| effect_sentence(&Change { lost_days, ..change(Effect::Roll) }, Lang::En);
        assert!(roll(1).ends_with("; the 1 day you still have no longer counts."), "{}", roll(1));
        assert!(roll(2).ends_with("; the 2 days you still have no longer count."), "{}", roll(2));
        assert!(roll(0).ends_with("Data left is carried over."), "{}", roll(0));
    }

    #[test]
    fn only_days_given_up_are_hatched() {
        assert!(!RibbonView::alone(&change(Effect::Stack), Lang::En).to_string().contains("hatch"));
        assert!(RibbonView::alone(&change(Effect::Restart), Lang::En).to_string().contains("url(#hatch-over)"));
    }
}
