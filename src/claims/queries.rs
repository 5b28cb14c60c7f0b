use super::codes::MOST_TRIES;
use super::model::{Claim, Numbered};
use crate::ids::{AccountId, ClaimId, LineId, LineRequestId};
use crate::numbers::Msisdn;
use sqlx::{PgConnection, PgExecutor, PgPool};
use time::OffsetDateTime;

macro_rules! claims {
    ($rest:literal) => {
        concat!(
            "select c.id, c.account_id, c.kind, c.number, c.sent_to, c.code_salt, c.code_hash, c.tries, c.expires_at,
                    c.outcome, c.line_id, a.language
             from line_claims c join accounts a on a.id = c.account_id where ",
            $rest
        )
    };
}

pub async fn by_id(db: impl PgExecutor<'_>, claim: ClaimId, account: AccountId) -> sqlx::Result<Option<Claim>> {
    sqlx::query_as(claims!("c.id = $1 and c.account_id = $2")).bind(claim).bind(account).fetch_optional(db).await
}

pub async fn named(db: impl PgExecutor<'_>, claim: ClaimId) -> sqlx::Result<Option<Claim>> {
    sqlx::query_as(claims!("c.id = $1")).bind(claim).fetch_optional(db).await
}

pub async fn lock(db: &mut PgConnection, claim: ClaimId) -> sqlx::Result<Option<Claim>> {
    sqlx::query_as(claims!("c.id = $1 for update of c")).bind(claim).fetch_optional(db).await
}

/// Of an account's claims one is made at a time.
pub async fn take_turns(db: &mut PgConnection, account: AccountId) -> sqlx::Result<()> {
    sqlx::query("select from accounts where id = $1 for no key update").bind(account).execute(db).await.map(drop)
}

pub async fn asked_since(
    db: impl PgExecutor<'_>,
    account: AccountId,
    named: &Numbered,
    since: OffsetDateTime,
) -> sqlx::Result<Option<ClaimId>> {
    sqlx::query_scalar(
        "select id from line_claims
         where account_id = $1 and ended_at is null and kind = $2 and number = $3 and created_at > $4 and tries < $5",
    )
    .bind(account)
    .bind(named.kind())
    .bind(named.as_str())
    .bind(since)
    .bind(MOST_TRIES)
    .fetch_optional(db)
    .await
}

pub async fn replace_open(db: &mut PgConnection, account: AccountId, now: OffsetDateTime) -> sqlx::Result<()> {
    sqlx::query("update line_claims set ended_at = $2, outcome = 'replaced' where account_id = $1 and ended_at is null")
        .bind(account)
        .bind(now)
        .execute(db)
        .await
        .map(drop)
}

pub async fn insert(
    db: &mut PgConnection,
    claim: ClaimId,
    account: AccountId,
    named: &Numbered,
    salt: &[u8],
    (created_at, expires_at): (OffsetDateTime, OffsetDateTime),
) -> sqlx::Result<()> {
    sqlx::query(
        "insert into line_claims (id, account_id, kind, number, code_salt, created_at, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(claim)
    .bind(account)
    .bind(named.kind())
    .bind(named.as_str())
    .bind(salt)
    .bind(created_at)
    .bind(expires_at)
    .execute(db)
    .await
    .map(drop)
}

pub async fn set_code(db: &mut PgConnection, claim: ClaimId, number: &Msisdn, hash: &[u8]) -> sqlx::Result<()> {
    sqlx::query("update line_claims set sent_to = $2, code_hash = $3 where id = $1")
        .bind(claim)
        .bind(number.as_str())
        .bind(hash)
        .execute(db)
        .await
        .map(drop)
}

pub async fn count_try(db: &mut PgConnection, claim: ClaimId) -> sqlx::Result<()> {
    sqlx::query("update line_claims set tries = tries + 1 where id = $1").bind(claim).execute(db).await.map(drop)
}

pub async fn end(
    db: &mut PgConnection,
    claim: ClaimId,
    outcome: &str,
    line: Option<LineId>,
    now: OffsetDateTime,
) -> sqlx::Result<()> {
    sqlx::query("update line_claims set outcome = $2, line_id = $3, ended_at = $4 where id = $1")
        .bind(claim)
        .bind(outcome)
        .bind(line)
        .bind(now)
        .execute(db)
        .await
        .map(drop)
}

/// Claims that say nothing any more.
pub async fn sweep(pool: &PgPool, before: OffsetDateTime) -> sqlx::Result<()> {
    sqlx::query("delete from line_claims where created_at < $1").bind(before).execute(pool).await.map(drop)
}

/// What waits for a person.
#[derive(sqlx::FromRow, Debug)]
pub struct OpenRequest {
    pub id: LineRequestId,
    pub account_id: AccountId,
    pub customer: String,
    pub email: String,
    /// `held`, `unknown` or `help`.
    pub kind: String,
    pub named: String,
    pub proved_by: Option<String>,
    pub opened_at: OffsetDateTime,
}

/// `None`: it is open already.
pub async fn insert_request(
    db: &mut PgConnection,
    account: AccountId,
    (kind, named, proved_by): (&str, &str, Option<&str>),
    now: OffsetDateTime,
) -> sqlx::Result<Option<LineRequestId>> {
    sqlx::query_scalar(
        "insert into line_requests (id, account_id, kind, named, proved_by, opened_at) values ($1, $2, $3, $4, $5, $6)
         on conflict do nothing returning id",
    )
    .bind(LineRequestId::new())
    .bind(account)
    .bind(kind)
    .bind(named)
    .bind(proved_by)
    .bind(now)
    .fetch_optional(db)
    .await
}

pub async fn open_requests(pool: &PgPool) -> sqlx::Result<Vec<OpenRequest>> {
    sqlx::query_as(
        "select r.id, r.account_id, a.name as customer, a.email, r.kind, r.named, r.proved_by, r.opened_at
         from line_requests r join accounts a on a.id = r.account_id
         where r.closed_at is null order by r.opened_at, r.id limit 100",
    )
    .fetch_all(pool)
    .await
}

/// Whose it was; `None`: it is closed already.
pub async fn close_request(
    db: &mut PgConnection,
    request: LineRequestId,
    note: &str,
    now: OffsetDateTime,
) -> sqlx::Result<Option<AccountId>> {
    sqlx::query_scalar(
        "update line_requests set closed_at = $3, note = $2 where id = $1 and closed_at is null returning account_id",
    )
    .bind(request)
    .bind(note)
    .bind(now)
    .fetch_optional(db)
    .await
}

/// What an account asked for.
pub async fn forget(db: &mut PgConnection, account: AccountId) -> sqlx::Result<()> {
    for forget in ["delete from line_claims where account_id = $1", "delete from line_requests where account_id = $1"] {
        sqlx::query(forget).bind(account).execute(&mut *db).await?;
    }
    Ok(())
}
