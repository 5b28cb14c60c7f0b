use super::line_card::{Button, Fact, LineCard, about, moment};
use super::line_change::Control;
use super::profile::{Profile, Told};
use crate::accounts::{Proven, SignedIn};
use crate::app::App;
use crate::calendar;
use crate::ids::LineId;
use crate::lang::Lang;
use crate::lines::model::Line;
use crate::lines::{self, words};
use crate::numbers::ActivationCode;
use crate::orders::queries::history::{self, Entry};
use crate::orders::queries::overview::{self, HeldLine};
use crate::orders::standing::{Facts, Standing};
use crate::paths;
use crate::qr;
use crate::sync::{self, Asked};
use crate::web::{Ctx, Form, Nothing, Page, PageError, Path, Person, noted};
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use time::OffsetDateTime;

#[derive(Template)]
#[template(path = "orders/line.html")]
pub struct LinePage {
    ctx: Ctx,
    card: LineCard,
    about: String,
    /// Where it is given a name, or another one.
    label: (String, &'static str),
    refresh: Option<Refresh>,
    control: Option<Control>,
    profile: Option<Profile>,
    /// The code on it is about to be replaced, and not shown.
    is_replacing: bool,
    page: String,
    changes: String,
    zone: String,
    facts: Vec<Fact>,
    is_esim: bool,
    install: Option<Install>,
    history: Vec<Row>,
}

impl LinePage {
    /// Something about the line is under way, and the page shows when it is done.
    fn is_moving(&self) -> bool {
        self.is_replacing || self.control.as_ref().is_some_and(|control| control.under_way)
    }
}

/// The carrier can be asked now, or again at a time.
struct Refresh {
    path: String,
    /// When, in words and in seconds from now.
    again: Option<(String, i64)>,
}

struct Install {
    /// Whether it is on a device, where the carrier said so.
    installed: Option<Told>,
    code: Result<InstallCode, Hidden>,
}

/// Whoever has the code has the line: a browser that was left open does not show it.
struct Hidden {
    /// Where a factor is given to see it.
    prove: String,
}

struct InstallCode {
    qr: String,
    code: ActivationCode,
    /// What is typed where nothing can be scanned: the name of each text, and the text.
    by_hand: [(&'static str, String); 2],
    /// Typed on the phone after the activation code; where it is not kept here, the customer was given it elsewhere.
    confirmation: Option<String>,
}

struct Row {
    at: OffsetDateTime,
    date: String,
    what: String,
    change: Option<String>,
    order: Option<String>,
    class: &'static str,
}

/// `GET /lines/{line}`
pub async fn show(
    SignedIn { person }: SignedIn,
    proven: Result<Proven, Response>,
    State(app): State<App>,
    Path(line): Path<LineId>,
    ctx: Ctx,
) -> Result<Page<LinePage>, PageError> {
    let (now, language) = (app.clock.now(), ctx.language);
    let held = overview::line(&app.pool, line, person.id, now).await?.ok_or(PageError::NotFound)?;
    let entries = history::of_line(&app.pool, line).await?;
    let control = Control::of(&app.pool, &app.carriers, &held.line, (&ctx, &person, now)).await?;
    let profile = Profile::of(&app.pool, &app.carriers, &held.line, (&ctx, &person, now)).await?;
    let is_replacing = profile.as_ref().is_some_and(|profile| profile.is_open);
    let card = LineCard::new(&held, &person, language, now);
    Ok(Page(LinePage {
        // A suspended line is resumed further down on this page.
        card: LineCard { button: card.button.filter(|button| button.path != paths::line_control(line)), ..card },
        about: about(&held, language),
        label: (paths::line_label(line), if held.line.label.is_empty() { "label-add" } else { "label-change" }),
        refresh: Refresh::of(&app, &held.line, &person, language),
        control,
        profile,
        is_replacing,
        page: paths::line(line),
        changes: paths::line_changes(line),
        zone: words::zone(&held.line.zone(), ctx.language),
        facts: facts(&held, language, now),
        is_esim: held.line.is_esim(),
        install: Install::of(&held.line, (&person, proven.is_ok()), language, now).filter(|_| !is_replacing),
        history: entries.iter().map(|entry| Row::new(entry, &held, language, now)).collect(),
        ctx,
    }))
}

/// `POST /lines/{line}/usage`: asks the carrier, as far as it lets itself be asked.
pub async fn refresh(
    SignedIn { person }: SignedIn,
    State(app): State<App>,
    Path(line): Path<LineId>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<Response, PageError> {
    let held = lines::held_by(&app.pool, line, person.id).await?.ok_or(PageError::NotFound)?;
    let note = match sync::refresh(&app.pool, &app.clock, &app.carriers, &held).await? {
        Asked::Heard => "usage-fresh",
        Asked::TooSoon(_) => "usage-too-soon",
        Asked::Later => "usage-later",
        Asked::NoAnswer => "usage-silent",
        Asked::Gone => return Err(PageError::NotFound),
    };
    Ok(noted(&paths::line(line), note))
}

impl Refresh {
    /// `None` where the carrier is not connected.
    fn of(app: &App, line: &Line, person: &Person, language: Lang) -> Option<Self> {
        let now = app.clock.now();
        let again = sync::free_again(&app.carriers, line)?.filter(|at| *at > now);
        let again = again.map(|at| (moment(at, person, now, language), (at - now).whole_seconds() + 1));
        Some(Self { path: paths::line_usage(line.id), again })
    }
}

fn facts(held: &HeldLine, language: Lang, now: OffsetDateTime) -> Vec<Fact> {
    let line = &held.line;
    let valid_from = calendar::short_date(line.valid_from, line.today(now), language);
    let mut facts = super::line_card::facts(held, language, now);
    facts.push(Fact {
        date: Some((line.valid_from, line.time_zone.clone())),
        ..Fact::new(language.t("detail-valid-from"), valid_from)
    });
    facts.push(Fact::new(language.t("detail-carrier"), held.carrier_name(language)));
    facts.push(Fact::new(language.t("detail-kind"), words::kind(line, language)));
    facts.push(Fact::new(language.t("detail-iccid"), words::iccid(&line.iccid)));
    facts.extend(line.eid.as_deref().map(|eid| Fact::new(language.t("detail-eid"), words::eid(eid))));
    facts
}

impl Install {
    fn of(line: &Line, (person, is_proven): (&Person, bool), language: Lang, now: OffsetDateTime) -> Option<Self> {
        let code = line.activation_code.as_deref().filter(|_| line.is_esim())?;
        let code = ActivationCode::parse(code).ok()?;
        let code = match is_proven {
            true => Ok(InstallCode::of(line, code, language)?),
            false => Err(Hidden { prove: paths::prove(&paths::install(line.id)) }),
        };
        Some(Self { installed: installed(line, person, language, now), code })
    }
}

impl InstallCode {
    fn of(line: &Line, code: ActivationCode, language: Lang) -> Option<Self> {
        let qr = qr::svg(&code.to_string(), language.t("detail-install-qr-alt")).ok()?;
        let confirmation = line.confirmation_code.clone().filter(|_| code.needs_confirmation);
        let by_hand =
            [("detail-install-address", code.host.clone()), ("detail-install-activation", code.matching_id.clone())];
        Some(Self { qr, code, by_hand, confirmation })
    }
}

fn installed(line: &Line, person: &Person, language: Lang, now: OffsetDateTime) -> Option<Told> {
    let (installed, at) = line.installed.zip(line.installed_as_of)?;
    let (key, class) = match installed {
        true => ("detail-installed", "is-good"),
        false => ("detail-not-installed", ""),
    };
    Some(Told { class, words: language.ta(key, &[("time", moment(at, person, now, language).into())]) })
}

impl Row {
    fn new(entry: &Entry, held: &HeldLine, language: Lang, now: OffsetDateTime) -> Self {
        let today = held.line.today(now);
        let at = calendar::local(entry.at, &held.line.zone()).date();
        let date = |date| calendar::short_date(date, today, language);
        let after = entry.valid_until.map(date).unwrap_or_default();
        let plan = entry.plan_name(language).unwrap_or_default().to_owned();
        let (what, change, class) = match (entry.cause.as_str(), entry.before_until) {
            ("opening", _) => (language.ta("detail-history-opening", &[("after", after.into())]), None, ""),
            ("carrier", _) => (language.ta("detail-history-carrier", &[("after", after.into())]), None, "is-soon"),
            ("renewal", Some(before)) if entry.is_fulfilled() => {
                (plan, Some(format!("{} → {after}", date(before))), "is-good")
            }
            ("renewal", Some(before)) => {
                let days = format!("{} → {after}", date(before));
                let told = [state(entry, language, now), Some(days)];
                (plan, Some(told.into_iter().flatten().collect::<Vec<_>>().join(" · ")), "")
            }
            _ => (plan, state(entry, language, now), ""),
        };
        Self { at: entry.at, date: date(at), what, change, order: entry.order_id.map(paths::order), class }
    }
}

/// How the open order stands.
fn state(entry: &Entry, language: Lang, now: OffsetDateTime) -> Option<String> {
    let facts = Facts {
        status: entry.order_status?,
        expires_at: entry.expires_at?,
        attempt_status: None,
        unpaid_at: None,
        cancel_asked: false,
        money_undecided: false,
        provisioning_status: None,
        refund_status: entry.refund_status,
        refund_reason: entry.refund_reason,
        differs: false,
        paid_at: entry.paid_at,
    };
    Some(language.t(&format!("order-state-{}", Standing::of(&facts, now).word(false))).to_owned())
}
