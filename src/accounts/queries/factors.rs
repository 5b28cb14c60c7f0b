use sqlx::{PgConnection, PgExecutor};
use time::OffsetDateTime;

use crate::accounts::second_step::Factors;
use crate::ids::AccountId;
use crate::seal::Sealed;

pub async fn factors(db: impl PgExecutor<'_>, account: AccountId) -> sqlx::Result<Factors> {
    sqlx::query_as(
        "select password_hash is not null as password,
                exists (select from totp where account_id = a.id and confirmed_at is not null) as totp,
                (select count(*) from recovery_codes where account_id = a.id and used_at is null) as recovery_codes
         from accounts a where id = $1",
    )
    .bind(account)
    .fetch_one(db)
    .await
}

/// The sealed secret and the time by the database's clock, which no rehearsal moves: phones go by the real one.
#[derive(sqlx::FromRow)]
pub struct TotpRow {
    key_id: String,
    secret: Vec<u8>,
    pub confirmed: bool,
    pub unix_time: i64,
}

impl TotpRow {
    pub fn sealed(&self) -> Sealed {
        Sealed { key: self.key_id.clone(), bytes: self.secret.clone() }
    }
}

pub async fn totp(db: impl PgExecutor<'_>, account: AccountId) -> sqlx::Result<Option<TotpRow>> {
    sqlx::query_as(
        "select key_id, secret, confirmed_at is not null as confirmed, extract(epoch from now())::bigint as unix_time
         from totp where account_id = $1",
    )
    .bind(account)
    .fetch_optional(db)
    .await
}

/// In place of one that was never confirmed; one that counts stays.
pub async fn begin_totp(
    conn: &mut PgConnection,
    account: AccountId,
    sealed: &Sealed,
    now: OffsetDateTime,
) -> sqlx::Result<()> {
    sqlx::query(
        "insert into totp (account_id, key_id, secret, created_at) values ($1, $2, $3, $4)
         on conflict (account_id) do update set key_id = excluded.key_id, secret = excluded.secret,
           created_at = excluded.created_at, last_step = 0 where totp.confirmed_at is null",
    )
    .bind(account)
    .bind(&sealed.key)
    .bind(&sealed.bytes)
    .bind(now)
    .execute(conn)
    .await
    .map(drop)
}

/// False where a code of this step or a later one was taken before.
pub async fn take_step(conn: &mut PgConnection, account: AccountId, step: i64) -> sqlx::Result<bool> {
    let taken = sqlx::query("update totp set last_step = $2 where account_id = $1 and last_step < $2");
    Ok(taken.bind(account).bind(step).execute(conn).await?.rows_affected() == 1)
}

pub async fn confirm_totp(conn: &mut PgConnection, account: AccountId, now: OffsetDateTime) -> sqlx::Result<bool> {
    let confirmed = sqlx::query("update totp set confirmed_at = $2 where account_id = $1 and confirmed_at is null");
    Ok(confirmed.bind(account).bind(now).execute(conn).await?.rows_affected() == 1)
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
pub async fn remove_new_factors(
    conn: &mut PgConnection,
    account: AccountId,
    since: OffsetDateTime,
) -> sqlx::Result<()> {
    sqlx::query(
        "with gone as (delete from totp where account_id = $1 and coalesce(confirmed_at, created_at) >= $2 returning 1)
         delete from recovery_codes where account_id = $1 and exists (select from gone)",
    )
    .bind(account)
    .bind(since)
    .execute(conn)
    .await
    .map(drop)
}

/// All new; those before are worth nothing.
pub async fn replace_recovery_codes(
    conn: &mut PgConnection,
    account: AccountId,
    codes: &[(String, String)],
) -> sqlx::Result<()> {
    sqlx::query("delete from recovery_codes where account_id = $1").bind(account).execute(&mut *conn).await?;
    let (selectors, hashes): (Vec<_>, Vec<_>) = codes.iter().cloned().unzip();
    sqlx::query(
        "insert into recovery_codes (account_id, selector, code_hash) select $1, * from unnest($2::text[], $3::text[])",
    )
    .bind(account)
    .bind(selectors)
    .bind(hashes)
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
