use crate::accounts::SignedIn;
use crate::calendar;
use crate::clock::Clock;
use crate::lines::words;
use crate::orders::queries::listing::{self, ListedOrder};
use crate::orders::standing::Standing;
use crate::paths;
use crate::web::{Conn, Ctx, Page, PageError, Person};
use askama::Template;
use axum::extract::{Query, State};
use time::OffsetDateTime;

/// Orders on one page of the history.
const PAGE: i64 = 20;

#[derive(serde::Deserialize)]
pub struct Wanted {
    #[serde(default)]
    page: Option<i64>,
}

#[derive(Template)]
#[template(path = "orders/index.html")]
pub struct OrdersPage {
    ctx: Ctx,
    orders: Vec<OrderRow>,
    page: i64,
    pages: i64,
}

/// One order as a row: of the history, and of the newest few on the personal centre.
pub struct OrderRow {
    pub path: String,
    pub number: String,
    pub line: String,
    pub plan: String,
    pub date: String,
    pub state_key: String,
    pub mark: &'static str,
    pub amount: String,
    pub receipt: Option<String>,
}

impl OrderRow {
    pub fn new(order: &ListedOrder, person: &Person, ctx: &Ctx, now: OffsetDateTime) -> Self {
        let standing = Standing::of(&order.facts, now);
        let zone = person.zone();
        let placed = calendar::local(order.created_at, &zone).date();
        Self {
            path: paths::order(order.id),
            number: order.number.clone(),
            line: match order.is_top_up {
                true => ctx.t("balance-title").to_owned(),
                false => words::number(order.msisdn.as_deref(), &order.iccid),
            },
            plan: if ctx.language.is_chinese() { order.plan_zh.clone() } else { order.plan_en.clone() },
            date: calendar::short_date(placed, calendar::today(now, &zone), ctx.language),
            state_key: match standing {
                Standing::Active if order.is_top_up => "order-state-topped-up".to_owned(),
                _ => format!("order-state-{}", standing.word(order.facts.differs)),
            },
            mark: if standing == Standing::Active && order.facts.differs { "is-soon" } else { standing.mark() },
            amount: order.amount().to_string(),
            receipt: order.has_receipt.then(|| paths::receipt(order.id)),
        }
    }
}

/// `GET /orders`
pub async fn index(
    SignedIn { person }: SignedIn,
    Conn(mut conn): Conn,
    State(clock): State<Clock>,
    Query(wanted): Query<Wanted>,
    ctx: Ctx,
) -> Result<Page<OrdersPage>, PageError> {
    let page = wanted.page.unwrap_or(1).clamp(1, 100_000);
    let rows = listing::of_account(&mut conn, person.id, PAGE, (page - 1) * PAGE).await?;
    let total = listing::count(&mut conn, person.id).await?;
    let now = clock.now();
    let orders = rows.iter().map(|order| OrderRow::new(order, &person, &ctx, now)).collect();
    Ok(Page(OrdersPage { ctx, orders, page, pages: (total + PAGE - 1) / PAGE }))
}
