use crate::claims::codes;
use crate::ids::AccountId;
use crate::numbers::Msisdn;
use sqlx::{PgConnection, PgExecutor, PgPool};
use time::OffsetDateTime;

#[derive(sqlx::FromRow)]
pub struct Proof {
    pub phone: String,
    pub code_salt: Vec<u8>,
    pub code_hash: Vec<u8>,
    pub tries: i32,
    pub expires_at: OffsetDateTime,
}

impl Proof {
    pub fn is_open(&self, now: OffsetDateTime) -> bool {
        self.tries < codes::MOST_TRIES && now < self.expires_at
    }
}

pub async fn asked_since(
    db: impl PgExecutor<'_>,
    account: AccountId,
    number: &Msisdn,
    since: OffsetDateTime,
) -> sqlx::Result<bool> {
    sqlx::query_scalar(
        "select exists (select from phone_proofs where account_id = $1 and phone = $2 and created_at > $3 and tries < 5)",
    )
    .bind(account)
    .bind(number.as_str())
    .bind(since)
    .fetch_one(db)
    .await
}

/// A new code ends the one before.
pub async fn replace(
    conn: &mut PgConnection,
    account: AccountId,
    number: &Msisdn,
    (salt, hash): (&[u8], &[u8]),
    (created_at, expires_at): (OffsetDateTime, OffsetDateTime),
) -> sqlx::Result<()> {
    sqlx::query(
        "insert into phone_proofs (account_id, phone, code_salt, code_hash, created_at, expires_at) values ($1, $2, $3, $4, $5, $6)
         on conflict (account_id) do update set phone = excluded.phone, code_salt = excluded.code_salt, code_hash = excluded.code_hash,
           tries = 0, created_at = excluded.created_at, expires_at = excluded.expires_at",
    )
    .bind(account)
    .bind(number.as_str())
    .bind(salt)
    .bind(hash)
    .bind(created_at)
    .bind(expires_at)
    .execute(conn)
    .await
    .map(drop)
}

pub async fn proof(pool: &PgPool, account: AccountId) -> sqlx::Result<Option<Proof>> {
    sqlx::query_as("select * from phone_proofs where account_id = $1").bind(account).fetch_optional(pool).await
}

pub async fn lock(conn: &mut PgConnection, account: AccountId) -> sqlx::Result<Option<Proof>> {
    sqlx::query_as("select * from phone_proofs where account_id = $1 for update")
        .bind(account)
        .fetch_optional(conn)
        .await
}

pub async fn count_try(conn: &mut PgConnection, account: AccountId) -> sqlx::Result<()> {
    sqlx::query("update phone_proofs set tries = tries + 1 where account_id = $1")
        .bind(account)
        .execute(conn)
        .await
        .map(drop)
}

/// The number that a code was sent to.
pub async fn forget(conn: &mut PgConnection, account: AccountId) -> sqlx::Result<()> {
    sqlx::query("delete from phone_proofs where account_id = $1").bind(account).execute(conn).await.map(drop)
}
