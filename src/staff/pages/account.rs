use super::entry::{self, Day};
use super::money::{self, MoneyCard};
use super::shown::{Mark, day_and_time};
use crate::accounts::{self, SignedInStaff};
use crate::audit::{self, Act};
use crate::calendar::Zone;
use crate::clock::Clock;
use crate::ids::{self, AccountId};
use crate::lang::Lang;
use crate::ledger::{self, Balance};
use crate::lines::words;
use crate::money::{Currency, Money};
use crate::numbers::{Iccid, Msisdn};
use crate::paths;
use crate::staff::queries::account::{self, Head, HeldLine, PlacedOrder};
use crate::staff::queries::timeline::{self, PAGE, Part};
use crate::web::{Ctx, Form, Nothing, Page, PageError, Path, Role, noted};
use askama::Template;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use sqlx::PgPool;
use time::OffsetDateTime;

#[derive(Deserialize)]
pub struct Asked {
    page: Option<i64>,
    show: Option<String>,
    order: Option<String>,
    views: Option<u8>,
}

/// The kinds of things on the timeline, with the text of each.
const KINDS: [(&str, &str); 5] = [
    ("all", "staff-timeline-all"),
    ("orders", "staff-timeline-orders"),
    ("payments", "staff-timeline-payments"),
    ("messages", "staff-timeline-messages"),
    ("access", "staff-timeline-access"),
];

#[derive(Template)]
#[template(path = "staff/account.html")]
struct Account {
    ctx: Ctx,
    head: Head,
    phone: Option<String>,
    language: &'static str,
    role: Option<String>,
    /// That its owner has it closed, or has had.
    closing: Option<String>,
    /// Where every session is ended.
    end_sessions: Option<String>,
    /// Since when identity details are kept, and where they are shown.
    identity: Option<(Option<String>, String)>,
    since: String,
    zone: String,
    balances: Vec<String>,
    lines: Vec<LineRow>,
    orders: Vec<OrderRow>,
    /// Of the one order that is looked at.
    money: Option<MoneyCard>,
    days: Vec<Day>,
    page: i64,
    more: bool,
    show: &'static str,
    order: Option<String>,
    views: bool,
}

impl Account {
    fn of_kind(&self, kind: &str) -> String {
        self.part(kind, self.views, 1)
    }

    fn with_views_or_without(&self) -> String {
        self.part(self.show, !self.views, 1)
    }

    fn page_before(&self) -> String {
        self.part(self.show, self.views, self.page - 1)
    }

    fn page_after(&self) -> String {
        self.part(self.show, self.views, self.page + 1)
    }

    fn part(&self, show: &str, views: bool, page: i64) -> String {
        let order = self.order.as_ref().map(|order| format!("&order={order}")).unwrap_or_default();
        let views = if views { "&views=1" } else { "" };
        format!("?page={page}&show={show}{views}{order}#timeline")
    }
}

struct OrderRow {
    path: String,
    number: String,
    plan: String,
    date: String,
    amount: String,
    mark: Mark,
}

struct LineRow {
    /// Of a line that is still held.
    path: Option<String>,
    number: String,
    about: String,
    iccid: String,
    plan: String,
    until: String,
    mark: Mark,
}

fn closing(ctx: &Ctx, head: &Head, zone: &Zone) -> Option<String> {
    let closed = head.closed_at.map(|at| ctx.t1("staff-account-closed", "time", day_and_time(at, zone)));
    closed.or_else(|| head.closes_at.map(|at| ctx.t1("staff-account-closing", "time", day_and_time(at, zone))))
}

/// `POST /staff/accounts/{account}/sessions/end`
pub async fn end_sessions(
    staff: SignedInStaff,
    State(pool): State<PgPool>,
    State(clock): State<Clock>,
    Path(id): Path<AccountId>,
    _sealed: Form<Nothing>,
) -> Result<Response, PageError> {
    let person = staff.at_least(Role::Support)?;
    account::head(&pool, id).await?.ok_or(PageError::NotFound)?;
    accounts::end_sessions(&pool, &clock, person, id).await?;
    Ok(noted(&paths::staff_account(id), "signed-out-everywhere"))
}

/// `GET /staff/accounts/{account}`
pub async fn show(
    ctx: Ctx,
    staff: SignedInStaff,
    State(pool): State<PgPool>,
    State(clock): State<Clock>,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<impl IntoResponse, PageError> {
    let id: AccountId = id.parse().map_err(|_| PageError::NotFound)?;
    let (now, zone, page) = (clock.now(), staff.person.zone(), asked.page.unwrap_or(1).clamp(1, 10_000));
    let wanted = asked.show.unwrap_or_default();
    let show = KINDS.iter().find(|(kind, _)| *kind == wanted).map_or("all", |(kind, _)| kind);
    let (order, views) = (asked.order.as_deref().and_then(ids::as_order_number), asked.views == Some(1));
    let kind = (show != "all").then_some(show);
    let (language, bodies) = (ctx.language, staff.may(Role::Finance));
    let part = Part { page, kind, order: order.as_deref(), views, bodies, language, zone: zone.name() };
    let mut tx = crate::db::begin(&pool).await?;
    let head = account::head(&mut *tx, id).await?.ok_or(PageError::NotFound)?;
    let balances = ledger::balances(&mut *tx, id).await?;
    let lines = account::lines(&mut *tx, id).await?;
    let orders = account::orders(&mut *tx, id).await?;
    let money = match order.as_deref() {
        Some(number) => {
            let status = account::order_status(&mut *tx, id, number).await?;
            Some(money::card(&mut tx, &ctx, &staff, id, number, status).await?)
        }
        None => None,
    };
    let mut happenings = timeline::timeline(&mut *tx, id, &part).await?;
    audit::record(&mut *tx, viewed(&staff, id, now)).await?;
    tx.commit().await?;
    let more = happenings.len() > PAGE as usize;
    happenings.truncate(PAGE as usize);
    Ok(Page(Account {
        phone: head.phone.as_deref().map(number),
        language: Lang::parse(&head.language).unwrap_or_default().t("layout-language-name"),
        role: (head.role != "customer")
            .then(|| super::shown::named(&ctx, &format!("staff-role-{}", head.role), &head.role)),
        closing: closing(&ctx, &head, &zone),
        end_sessions: staff.may(Role::Support).then(|| paths::staff_end_sessions(id)),
        identity: identity(&ctx, &staff, &head, id),
        since: day_and_time(head.created_at, &zone),
        balances: balances.iter().map(|balance| told_balance(&ctx, balance)).collect(),
        lines: lines.iter().map(|line| line_row(&ctx, line, now)).collect(),
        orders: orders.into_iter().map(|placed| order_row(&ctx, id, placed, &zone)).collect(),
        money,
        days: entry::days(&ctx, &zone, happenings),
        zone: words::zone(&zone, ctx.language),
        page,
        more,
        show,
        order,
        views,
        head,
        ctx,
    }))
}

fn identity(ctx: &Ctx, staff: &SignedInStaff, head: &Head, account: AccountId) -> Option<(Option<String>, String)> {
    let since = day_and_time(head.identity_saved_at?, &staff.person.zone());
    let path = staff.may(Role::Support).then(|| paths::staff_identity(account));
    Some((path, ctx.t1("staff-account-identity-since", "time", since)))
}

/// What may be spent, and what is kept for payments that have begun.
fn told_balance(ctx: &Ctx, balance: &Balance) -> String {
    match balance.held.is_zero() {
        true => balance.available.to_string(),
        false => {
            let held = balance.held.to_string();
            ctx.t2("staff-account-balance-held", "available", balance.available.to_string(), "held", held)
        }
    }
}

fn order_row(ctx: &Ctx, account: AccountId, order: PlacedOrder, zone: &Zone) -> OrderRow {
    let amount = Currency::parse(&order.currency).map(|currency| Money::new(order.amount_minor, currency).to_string());
    OrderRow {
        path: paths::staff_order(account, &order.number),
        plan: if ctx.language.is_chinese() { order.plan_zh } else { order.plan_en },
        date: day_and_time(order.created_at, zone),
        amount: amount.unwrap_or_default(),
        mark: Mark::of_order(ctx, &order.status),
        number: order.number,
    }
}

fn viewed<'a>(staff: &SignedInStaff, account: AccountId, now: OffsetDateTime) -> Act<'a> {
    let detail = serde_json::json!({});
    Act {
        at: now,
        actor: staff.person.actor(),
        action: "account.viewed",
        account: Some(account),
        subject: None,
        detail,
    }
}

fn number(msisdn: &str) -> String {
    Msisdn::parse(msisdn).map_or_else(|_| msisdn.to_owned(), |number| number.grouped())
}

fn line_row(ctx: &Ctx, held: &HeldLine, now: OffsetDateTime) -> LineRow {
    let line = &held.line;
    let (plan, carrier) = match ctx.language.is_chinese() {
        true => (&held.plan_zh, &held.carrier_zh),
        false => (&held.plan_en, &held.carrier_en),
    };
    let kind = ctx.t(if line.is_esim() { "kind-esim" } else { "kind-fm-card" });
    let about: Vec<&str> = [line.label.as_str(), carrier, kind].into_iter().filter(|part| !part.is_empty()).collect();
    LineRow {
        path: held.ended_at.is_none().then(|| paths::staff_line(line.id)),
        number: line.msisdn.as_deref().map_or_else(|| ctx.t("common-none").to_owned(), number),
        about: about.join(" · "),
        iccid: Iccid::parse(&line.iccid).map_or_else(|_| line.iccid.clone(), |iccid| iccid.grouped()),
        plan: plan.clone(),
        until: line.valid_until.to_string(),
        mark: match held.ended_at {
            Some(_) => Mark::new("", ctx.t("staff-account-line-ended")),
            None => Mark::of_line(ctx, line, now),
        },
    }
}
