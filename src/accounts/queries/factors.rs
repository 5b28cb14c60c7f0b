use sqlx::{PgConnection, PgExecutor};
use time::OffsetDateTime;

use crate::accounts::second_step::Factors;
use crate::ids::AccountId;
use crate::seal::Sealed;

pub async fn factors(db: impl PgExecutor<'_>, account: AccountId) -> sqlx::Result<Factors> {
    sqlx::query_as(
        "select password_hash is not null as password,
                exists (select from totp where account_id = a.id) as totp,
                (select count(*) from passkeys where account_id = a.id) as passkeys,
                (select count(*) from recovery_codes where account_id = a.id and used_at is null) as recovery_codes
         from accounts a where id = $1",
    )
    .bind(account)
    .fetch_one(db)
    .await
}

/// The sealed secret, and the real time.
#[derive(sqlx::FromRow)]
pub struct TotpRow {
    key_id: String,
    secret: Vec<u8>,
    pub unix_time: i64,
}

impl TotpRow {
    pub fn sealed(&self) -> Sealed {
        Sealed { key: self.key_id.clone(), bytes: self.secret.clone() }
    }
}

pub async fn totp(db: impl PgExecutor<'_>, account: AccountId) -> sqlx::Result<Option<TotpRow>> {
    sqlx::query_as(
        "select key_id, secret, extract(epoch from now())::bigint as unix_time
         from totp where account_id = $1",
    )
    .bind(account)
    .fetch_optional(db)
    .await
}

/// False where there is one already. `step` is that of the code it was confirmed by.
pub async fn insert_totp(
    conn: &mut PgConnection,
    account: AccountId,
    sealed: &Sealed,
    step: i64,
    now: OffsetDateTime,
) -> sqlx::Result<bool> {
    let inserted = sqlx::query(
        "insert into totp (account_id, key_id, secret, last_step, created_at) values ($1, $2, $3, $4, $5)
         on conflict do nothing",
    );
    let inserted = inserted.bind(account).bind(&sealed.key).bind(&sealed.bytes).bind(step).bind(now);
    Ok(inserted.execute(conn).await?.rows_affected() == 1)
}

/// The real time, which no rehearsal moves: phones go by it.
pub async fn unix_time(db: impl PgExecutor<'_>) -> sqlx::Result<i64> {
    sqlx::query_scalar("select extract(epoch from now())::bigint").fetch_one(db).await
}

/// False where a code of this step or a later one was taken before.
pub async fn take_step(conn: &mut PgConnection, account: AccountId, step: i64) -> sqlx::Result<bool> {
    let taken = sqlx::query("update totp set last_step = $2 where account_id = $1 and last_step < $2");
    Ok(taken.bind(account).bind(step).execute(conn).await?.rows_affected() == 1)
}

pub async fn reseal_totp(conn: &mut PgConnection, account: AccountId, old: &Sealed, new: &Sealed) -> sqlx::Result<()> {
    sqlx::query("update totp set key_id = $3, secret = $4 where account_id = $1 and secret = $2")
        .bind(account)
        .bind(&old.bytes)
        .bind(&new.key)
        .bind(&new.bytes)
        .execute(conn)
        .await
        .map(drop)
}

pub async fn remove_totp(conn: &mut PgConnection, account: AccountId) -> sqlx::Result<bool> {
    Ok(sqlx::query("delete from totp where account_id = $1").bind(account).execute(conn).await?.rows_affected() == 1)
}

/// Whoever takes a change back did not set these up.
pub async fn forget_new_ways(conn: &mut PgConnection, account: AccountId, since: OffsetDateTime) -> sqlx::Result<()> {
    for forget in [
        "delete from totp where account_id = $1 and created_at >= $2",
        "delete from passkeys where account_id = $1 and created_at >= $2",
        "delete from recovery_codes where account_id = $1 and created_at >= $2",
        "update accounts set phone = null, phone_verified_at = null, reminders_by_text = false
         where id = $1 and phone_verified_at >= $2",
    ] {
        sqlx::query(forget).bind(account).bind(since).execute(&mut *conn).await?;
    }
    Ok(())
}

pub async fn remove_recovery_codes(conn: &mut PgConnection, account: AccountId) -> sqlx::Result<()> {
    sqlx::query("delete from recovery_codes where account_id = $1").bind(account).execute(conn).await.map(drop)
}

/// All new; those before are worth nothing.
pub async fn replace_recovery_codes(
    conn: &mut PgConnection,
    account: AccountId,
    codes: &[(String, String)],
    now: OffsetDateTime,
) -> sqlx::Result<()> {
    remove_recovery_codes(&mut *conn, account).await?;
    let (selectors, hashes): (Vec<_>, Vec<_>) = codes.iter().cloned().unzip();
    sqlx::query(
        "insert into recovery_codes (account_id, selector, code_hash, created_at)
         select $1, selector, code_hash, $4 from unnest($2::text[], $3::text[]) as new (selector, code_hash)",
    )
    .bind(account)
    .bind(selectors)
    .bind(hashes)
    .bind(now)
    .execute(conn)
    .await
    .map(drop)
}

pub async fn recovery_code(
    db: impl PgExecutor<'_>,
    account: AccountId,
    selector: &str,
) -> sqlx::Result<Option<String>> {
    sqlx::query_scalar(
        "select code_hash from recovery_codes where account_id = $1 and selector = $2 and used_at is null",
    )
    .bind(account)
    .bind(selector)
    .fetch_optional(db)
    .await
}

pub async fn use_recovery_code(
    conn: &mut PgConnection,
    account: AccountId,
    selector: &str,
    now: OffsetDateTime,
) -> sqlx::Result<bool> {
    let used = sqlx::query(
        "update recovery_codes set used_at = $3 where account_id = $1 and selector = $2 and used_at is null",
    );
    Ok(used.bind(account).bind(selector).bind(now).execute(conn).await?.rows_affected() == 1)
}
