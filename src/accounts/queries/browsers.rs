use sqlx::{PgConnection, PgExecutor};

use crate::accounts::browser::Browser;
use crate::ids::AccountId;

/// Whether the account was never signed in to from there, though it was from elsewhere. From now on it was.
pub async fn meets_new_browser(conn: &mut PgConnection, account: AccountId, browser: &Browser) -> sqlx::Result<bool> {
    sqlx::query_scalar(
        "with before as (select exists (select from known_browsers where account_id = $1) as any),
         met as (
           insert into known_browsers (account_id, mark_hash) values ($1, $2)
           on conflict (account_id, mark_hash) do update set seen_at = now() returning xmax = 0 as is_new)
         select is_new and before.any from met, before",
    )
    .bind(account)
    .bind(browser.mark_for(account))
    .fetch_one(conn)
    .await
}

/// Browsers whose cookie is gone by now; the last one stays, so that the next one is told of.
pub async fn forget_browsers(db: impl PgExecutor<'_>) -> sqlx::Result<u64> {
    let old = "delete from known_browsers b where seen_at < now() - interval '400 days'
       and exists (select from known_browsers o where o.account_id = b.account_id and o.seen_at > b.seen_at)";
    Ok(sqlx::query(old).execute(db).await?.rows_affected())
}

/// Whether it was signed in from there before.
pub async fn knows(db: impl PgExecutor<'_>, account: AccountId, browser: &Browser) -> sqlx::Result<bool> {
    sqlx::query_scalar("select exists (select from known_browsers where account_id = $1 and mark_hash = $2)")
        .bind(account)
        .bind(browser.mark_for(account))
        .fetch_one(db)
        .await
}

pub async fn is_trusted(db: impl PgExecutor<'_>, account: AccountId, browser: &Browser) -> sqlx::Result<bool> {
    sqlx::query_scalar(
        "select exists (select from known_browsers
           where account_id = $1 and trust_hash = any($2) and trusted_until > now())",
    )
    .bind(account)
    .bind(browser.trust_for(account))
    .fetch_one(db)
    .await
}

/// A browser that is known, where it was given a token for that.
pub async fn trust(conn: &mut PgConnection, account: AccountId, browser: &Browser) -> sqlx::Result<()> {
    let Some(token) = browser.new_trust_for(account) else { return Ok(()) };
    sqlx::query(
        "update known_browsers set trust_hash = $3, trusted_until = now() + interval '30 days'
         where account_id = $1 and mark_hash = $2",
    )
    .bind(account)
    .bind(browser.mark_for(account))
    .bind(token)
    .execute(conn)
    .await
    .map(drop)
}

/// But this one: whoever has another token, for the same mark even, is asked again.
pub async fn trust_no_other(conn: &mut PgConnection, account: AccountId, this: &Browser) -> sqlx::Result<()> {
    sqlx::query(
        "update known_browsers set trust_hash = null, trusted_until = null
         where account_id = $1 and trust_hash <> all($2)",
    )
    .bind(account)
    .bind(this.trust_for(account))
    .execute(conn)
    .await
    .map(drop)
}

/// Whichever comes next is told of: that there were some is not forgotten.
pub async fn know_no_browser(conn: &mut PgConnection, account: AccountId) -> sqlx::Result<()> {
    sqlx::query(
        "update known_browsers set mark_hash = sha256(gen_random_uuid()::text::bytea), trust_hash = null, trusted_until = null
         where account_id = $1",
    )
    .bind(account)
    .execute(conn)
    .await
    .map(drop)
}

pub async fn trust_nobody(conn: &mut PgConnection, account: AccountId) -> sqlx::Result<()> {
    sqlx::query("update known_browsers set trust_hash = null, trusted_until = null where account_id = $1")
        .bind(account)
        .execute(conn)
        .await
        .map(drop)
}

/// How many browsers but this one are asked for no second step.
pub async fn trusted_elsewhere(db: impl PgExecutor<'_>, account: AccountId, this: &Browser) -> sqlx::Result<i64> {
    sqlx::query_scalar(
        "select count(*) from known_browsers
         where account_id = $1 and trusted_until > now() and trust_hash <> all($2)",
    )
    .bind(account)
    .bind(this.trust_for(account))
    .fetch_one(db)
    .await
}
