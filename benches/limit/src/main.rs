//! The least that a personal centre and an order can cost on this stack: one query for the session, one for the page,
//! one template; one transaction for an order. No forms are checked, nothing is translated, nothing is written down
//! beside the order. It is a yardstick and no example.
use askama::Template;
use axum::{
    Form, Router,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{Html, Redirect},
    routing::{get, post},
};
use sqlx::{PgPool, postgres::PgPoolOptions};
use time::{Date, OffsetDateTime};

type Failure = (StatusCode, String);

fn failure(error: impl ToString) -> Failure {
    (StatusCode::INTERNAL_SERVER_ERROR, error.to_string())
}

#[derive(sqlx::FromRow)]
struct Customer {
    id: i64,
    name: String,
    email: String,
}

#[derive(sqlx::FromRow)]
struct Row {
    is_order: bool,
    id: i64,
    number: String,
    iccid: String,
    status: String,
    plan: String,
    minor: i64,
    day: Date,
}

impl Row {
    fn amount(&self) -> String {
        format!("{}.{:02}", self.minor / 100, self.minor % 100)
    }

    fn days_left(&self, today: &Date) -> i64 {
        (self.day - *today).whole_days()
    }
}

#[derive(Template)]
#[template(path = "account.html")]
struct AccountPage {
    customer: Customer,
    today: Date,
    lines: Vec<Row>,
    orders: Vec<Row>,
}

async fn customer(pool: &PgPool, headers: &HeaderMap) -> Result<Customer, Failure> {
    let cookie = headers.get(header::COOKIE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let session = cookie.split("; ").find_map(|pair| pair.strip_prefix("sid=")).unwrap_or_default();
    sqlx::query_as(
        "select c.id, c.name, c.email from sessions s join customers c on c.id = s.customer_id
         where s.id = $1 and s.expires_at > now()",
    )
    .bind(session)
    .fetch_optional(pool)
    .await
    .map_err(failure)?
    .ok_or((StatusCode::UNAUTHORIZED, String::new()))
}

async fn account(State(pool): State<PgPool>, headers: HeaderMap) -> Result<Html<String>, Failure> {
    let customer = customer(&pool, &headers).await?;
    let rows: Vec<Row> = sqlx::query_as(
        "select false as is_order, l.id, l.number, l.iccid, l.status, p.name as plan, p.minor, l.valid_until as day
         from lines l join plans p on p.id = l.plan_id where l.customer_id = $1
         union all
         select true, o.id, l.number, l.iccid, o.status, p.name, o.minor, o.created_at::date
         from (select * from orders where customer_id = $1 order by created_at desc limit 10) o
         join lines l on l.id = o.line_id join plans p on p.id = o.plan_id",
    )
    .bind(customer.id)
    .fetch_all(&pool)
    .await
    .map_err(failure)?;
    let (orders, lines) = rows.into_iter().partition(|row| row.is_order);
    let page = AccountPage { customer, today: OffsetDateTime::now_utc().date(), lines, orders };
    page.render().map(Html).map_err(failure)
}

#[derive(serde::Deserialize)]
struct Wanted {
    line: i64,
}

async fn order(State(pool): State<PgPool>, headers: HeaderMap, Form(wanted): Form<Wanted>) -> Result<Redirect, Failure> {
    let customer = customer(&pool, &headers).await?;
    // A task of its own: a handler that is dropped while it begins would leave its transaction open.
    let placed = tokio::spawn(async move { place(&pool, customer.id, wanted.line).await });
    let id = placed.await.map_err(failure)?.map_err(failure)?;
    Ok(Redirect::to(&format!("/orders/{id}")))
}

async fn place(pool: &PgPool, customer: i64, line: i64) -> sqlx::Result<i64> {
    let mut tx = pool.begin().await?;
    let id = sqlx::query_scalar(
        "insert into orders (customer_id, line_id, plan_id, minor, status)
         select l.customer_id, l.id, p.id, p.minor, 'new' from lines l join plans p on p.id = l.plan_id
         where l.id = $1 and l.customer_id = $2 returning id",
    )
    .bind(line)
    .bind(customer)
    .fetch_one(&mut *tx)
    .await?;
    sqlx::query("update lines set valid_until = valid_until + 30 where id = $1").bind(line).execute(&mut *tx).await?;
    tx.commit().await?;
    Ok(id)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let setting = |name: &str| std::env::var(name).map_err(|_| format!("{name} is not set"));
    let pool = PgPoolOptions::new()
        .max_connections(setting("DB_POOL")?.parse()?)
        .test_before_acquire(false)
        .connect(&setting("DATABASE_URL")?)
        .await?;
    let app = Router::new().route("/account", get(account)).route("/order", post(order)).with_state(pool);
    let listener = tokio::net::TcpListener::bind(setting("LISTEN")?).await?;
    axum::serve(axum::serve::ListenerExt::tap_io(listener, |stream| drop(stream.set_nodelay(true))), app).await?;
    Ok(())
}
