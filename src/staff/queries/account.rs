use crate::ids::AccountId;
use crate::lines::model::Line;
use crate::orders::model::OrderStatus;
use sqlx::PgExecutor;
use time::OffsetDateTime;

/// The head of an account's page.
#[derive(sqlx::FromRow, Debug)]
pub struct Head {
    pub name: String,
    pub email: String,
    pub phone: Option<String>,
    pub language: String,
    pub time_zone: String,
    pub role: String,
    pub has_password: bool,
    pub email_verified_at: Option<OffsetDateTime>,
    pub closes_at: Option<OffsetDateTime>,
    pub closed_at: Option<OffsetDateTime>,
    pub disabled_at: Option<OffsetDateTime>,
    pub created_at: OffsetDateTime,
    /// Since when identity details are kept.
    pub identity_saved_at: Option<OffsetDateTime>,
}

#[derive(sqlx::FromRow, Debug)]
pub struct HeldLine {
    #[sqlx(flatten)]
    pub line: Line,
    pub ended_at: Option<OffsetDateTime>,
    pub plan_zh: String,
    pub plan_en: String,
    pub carrier_zh: String,
    pub carrier_en: String,
}

#[derive(sqlx::FromRow, Debug)]
pub struct PlacedOrder {
    pub number: String,
    pub status: String,
    pub amount_minor: i64,
    pub currency: String,
    pub created_at: OffsetDateTime,
    pub plan_zh: String,
    pub plan_en: String,
}

/// The newest orders, as many as are read at a glance.
pub async fn orders(executor: impl PgExecutor<'_>, account: AccountId) -> sqlx::Result<Vec<PlacedOrder>> {
    sqlx::query_as(
        "select o.number, o.status, o.amount_minor, o.currency, o.created_at, o.plan_zh, o.plan_en
         from orders o where o.account_id = $1 order by o.created_at desc, o.id desc limit 10",
    )
    .bind(account)
    .fetch_all(executor)
    .await
}

pub async fn order_status(
    executor: impl PgExecutor<'_>,
    account: AccountId,
    number: &str,
) -> sqlx::Result<Option<OrderStatus>> {
    sqlx::query_scalar("select status from orders where account_id = $1 and number = $2")
        .bind(account)
        .bind(number)
        .fetch_optional(executor)
        .await
}

pub async fn head(executor: impl PgExecutor<'_>, account: AccountId) -> sqlx::Result<Option<Head>> {
    sqlx::query_as(
        "select name, email, phone, language, time_zone, role, password_hash is not null as has_password, email_verified_at, closes_at, closed_at, disabled_at, created_at,
                (select saved_at from identities where account_id = accounts.id) as identity_saved_at
         from accounts where id = $1",
    )
    .bind(account)
    .fetch_optional(executor)
    .await
}

/// The account's lines, those it no longer holds at the end.
pub async fn lines(executor: impl PgExecutor<'_>, account: AccountId) -> sqlx::Result<Vec<HeldLine>> {
    sqlx::query_as(
        "select l.*, p.name_zh as plan_zh, p.name_en as plan_en, c.name_zh as carrier_zh, c.name_en as carrier_en
         from lines l join plans p on p.code = l.plan join carriers c on c.code = l.carrier
         where l.account_id = $1 order by l.ended_at is not null, l.valid_until, l.id limit 200",
    )
    .bind(account)
    .fetch_all(executor)
    .await
}
