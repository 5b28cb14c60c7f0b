use crate::accounts::{self, RefundsTo, SignedIn};
use crate::balance::queries::{self, Entry};
use crate::calendar;
use crate::clock::Clock;
use crate::ids::AccountId;
use crate::ledger::{self, Balance};
use crate::money::{Currency, Money};
use crate::orders::top_up::{self, Limits};
use crate::payments::Gateways;
use crate::web::{Ctx, Page, PageError, Person};
use crate::{app::App, paths};
use askama::Template;
use axum::extract::{Query, State};
use sqlx::PgPool;
use time::OffsetDateTime;
use uuid::Uuid;

/// Entries on one page.
const PAGE: i64 = 20;

#[derive(serde::Deserialize)]
pub struct Wanted {
    #[serde(default)]
    page: Option<i64>,
}

#[derive(Template)]
#[template(path = "balance/show.html")]
pub struct BalancePage {
    ctx: Ctx,
    purses: Vec<Purse>,
    prefers_balance: bool,
    entries: Vec<Row>,
    page: i64,
    pages: i64,
}

/// One currency: what there is, and the form that adds to it.
struct Purse {
    code: &'static str,
    available: String,
    held: Option<String>,
    top_up: Option<TopUpForm>,
}

struct TopUpForm {
    /// A double click and a reload mean the same top-up.
    attempt: Uuid,
    suggestions: Vec<Suggestion>,
    other: String,
    limits: String,
    error: Option<String>,
}

struct Suggestion {
    amount: String,
    words: String,
    chosen: bool,
}

struct Row {
    text: String,
    order: Option<(String, String)>,
    when: String,
    amount: String,
    class: &'static str,
}

/// What was sent and can't be taken.
pub struct Refused {
    pub currency: Currency,
    pub choice: String,
    pub other: String,
    pub error: String,
}

/// `GET /balance`
pub async fn show(
    SignedIn { person }: SignedIn,
    State(app): State<App>,
    Query(wanted): Query<Wanted>,
    ctx: Ctx,
) -> Result<Page<BalancePage>, PageError> {
    let page = wanted.page.unwrap_or(1).clamp(1, 100_000);
    Ok(Page(BalancePage::read(&app, &person, ctx, page, None).await?))
}

impl BalancePage {
    pub async fn read(
        app: &App,
        person: &Person,
        ctx: Ctx,
        page: i64,
        refused: Option<Refused>,
    ) -> Result<Self, PageError> {
        let App { pool, clock, gateways, .. } = app;
        let balances = balances(pool, person.id).await?;
        let (entries, total) = queries::entries(pool, person.id, PAGE, (page - 1) * PAGE).await?;
        let purse = |balance: &Balance| Purse::new(&ctx, gateways, balance, refused.as_ref());
        Ok(Self {
            purses: balances.iter().map(purse).collect(),
            prefers_balance: accounts::refunds_to(pool, person.id).await? == RefundsTo::Balance,
            entries: entries.iter().map(|entry| Row::new(entry, person, &ctx, clock)).collect(),
            page,
            pages: (total + PAGE - 1) / PAGE,
            ctx,
        })
    }
}

/// Every currency with a balance, and those of the account's lines; a new customer sees the yuan.
async fn balances(pool: &PgPool, account: AccountId) -> sqlx::Result<Vec<Balance>> {
    let mut found = ledger::balances(pool, account).await?;
    let sold = queries::currencies_of_lines(pool, account).await?;
    let sold: Vec<_> = sold.iter().filter_map(|code| Currency::parse(code).ok()).collect();
    for currency in sold.iter().copied().chain(found.is_empty().then_some(Currency::Cny).filter(|_| sold.is_empty())) {
        if !found.iter().any(|balance| balance.available.currency == currency) {
            found.push(Balance { available: Money::zero(currency), held: Money::zero(currency) });
        }
    }
    let place = |balance: &Balance| sold.iter().position(|currency| *currency == balance.available.currency);
    found.sort_by_key(|balance| place(balance).unwrap_or(usize::MAX));
    Ok(found)
}

impl Purse {
    fn new(ctx: &Ctx, gateways: &Gateways, balance: &Balance, refused: Option<&Refused>) -> Self {
        let currency = balance.available.currency;
        let refused = refused.filter(|refused| refused.currency == currency);
        let can_pay = !gateways.methods_for(currency).is_empty();
        Self {
            code: currency.code(),
            available: balance.available.to_string(),
            held: balance.held.is_positive().then(|| ctx.t1("balance-held", "amount", balance.held.to_string())),
            top_up: can_pay.then(|| TopUpForm::new(ctx, currency, refused)),
        }
    }
}

impl TopUpForm {
    fn new(ctx: &Ctx, currency: Currency, refused: Option<&Refused>) -> Self {
        let Limits { least, most, suggested } = top_up::limits(currency);
        let other = refused.map(|refused| refused.other.clone()).unwrap_or_default();
        let choice = refused.map(|refused| refused.choice.as_str());
        let suggestion = |(at, money): (usize, &Money)| {
            let amount = money.amount();
            let chosen = match choice {
                Some(choice) => choice == amount && other.is_empty(),
                None => at == 1,
            };
            Suggestion { chosen, words: money.to_string(), amount }
        };
        Self {
            attempt: Uuid::now_v7(),
            suggestions: suggested.iter().enumerate().map(suggestion).collect(),
            limits: ctx.t2("balance-limits", "least", least.to_string(), "most", most.to_string()),
            error: refused.map(|refused| refused.error.clone()),
            other,
        }
    }
}

impl Row {
    fn new(entry: &Entry, person: &Person, ctx: &Ctx, clock: &Clock) -> Self {
        let amount = entry.amount();
        let is_in = amount.is_positive();
        Self {
            text: ctx.t(&format!("balance-entry-{}", entry.key())).to_owned(),
            order: entry.order_id.map(paths::order).zip(entry.order_number.clone()),
            when: when(entry.at, person, ctx, clock.now()),
            amount: if is_in { format!("+{amount}") } else { amount.to_string().replacen('-', "−", 1) },
            class: if is_in { "is-in" } else { "" },
        }
    }
}

fn when(at: OffsetDateTime, person: &Person, ctx: &Ctx, now: OffsetDateTime) -> String {
    let zone = person.zone();
    let local = calendar::local(at, &zone);
    let date = calendar::short_date(local.date(), calendar::today(now, &zone), ctx.language);
    format!("{date} {}", calendar::clock_time(local))
}
