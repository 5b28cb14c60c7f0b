use super::line_card::LineCard;
use super::list::OrderRow;
use crate::accounts::SignedIn;
use crate::clock::Clock;
use crate::lines::model::Standing;
use crate::money::Money;
use crate::orders::queries::overview::{self, HeldLine};
use crate::web::{Conn, Ctx, Page, PageError};
use askama::Template;
use axum::extract::State;
use time::OffsetDateTime;

#[derive(Template)]
#[template(path = "orders/account.html")]
pub struct AccountPage {
    ctx: Ctx,
    name: String,
    lead: String,
    cards: Vec<LineCard>,
    orders: Vec<OrderRow>,
    balance: Option<String>,
}

/// `GET /account`
pub async fn show(
    SignedIn { person }: SignedIn,
    Conn(mut conn): Conn,
    State(clock): State<Clock>,
    ctx: Ctx,
) -> Result<Page<AccountPage>, PageError> {
    let now = clock.now();
    let (mut lines, orders) = overview::of_account(&mut conn, person.id, now).await?;
    lines.sort_by_key(|held| (urgency(held.line.standing(now)), held.line.valid_until));
    Ok(Page(AccountPage {
        lead: lead(&lines, &ctx, now),
        cards: lines.iter().map(|held| LineCard::new(held, &person, ctx.language, now)).collect(),
        balance: orders.first().and_then(|newest| balance(&newest.balances())),
        orders: orders.iter().map(|order| OrderRow::new(order, &person, &ctx, now)).collect(),
        name: person.name,
        ctx,
    }))
}

/// `None`: there is nothing to spend, so nothing is said.
fn balance(balances: &[Money]) -> Option<String> {
    let amounts: Vec<_> = balances.iter().map(Money::to_string).collect();
    (!amounts.is_empty()).then(|| amounts.join(" + "))
}

/// What needs its holder first stands first.
fn urgency(standing: Standing) -> u8 {
    match standing {
        Standing::Today | Standing::Soon(_) => 0,
        Standing::Lapsed(_) => 1,
        Standing::Fine(_) | Standing::NotStarted(_) => 2,
        Standing::Suspended => 3,
    }
}

fn lead(lines: &[HeldLine], ctx: &Ctx, now: OffsetDateTime) -> String {
    let count = |wanted: fn(Standing) -> bool| lines.iter().filter(|held| wanted(held.line.standing(now))).count();
    let soon = count(|standing| matches!(standing, Standing::Today | Standing::Soon(_)));
    let lapsed = count(|standing| matches!(standing, Standing::Lapsed(_)));
    let mut lead = ctx.t2("account-lead", "lines", lines.len(), "soon", soon);
    if lapsed > 0 {
        lead = format!("{lead} · {}", ctx.t1("account-lead-lapsed", "lapsed", lapsed));
    }
    lead
}
