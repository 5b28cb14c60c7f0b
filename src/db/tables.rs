//! The tables: whether they are as new as this program, and what its own role may do with them.

use super::pool::MIGRATOR;
use anyhow::{Context, Result};
use sqlx::PgPool;

/// A role that does the portal's work and can neither change tables nor turn off what guards them. The books and the
/// trail of a role that can't take anything back are safe from whoever gets hold of it, too.
const RIGHTS: &str = "
do $$
declare
  app text := current_setting('portal.role');
begin
  execute format('grant usage on schema public to %I', app);
  execute format('grant select, insert, update, delete on all tables in schema public to %I', app);
  execute format('grant usage on all sequences in schema public to %I', app);
  execute format('revoke insert, update, delete on _sqlx_migrations from %I', app);
  execute format('revoke update, delete on ledger_entries, ledger_transactions from %I', app);
  execute format('revoke delete on ledger_accounts, audit_log, audit_head from %I', app);
end $$";

/// Whether nothing is to be applied; tables of a newer program serve as well.
pub async fn are_current(pool: &PgPool) -> sqlx::Result<bool> {
    let newest = MIGRATOR.iter().map(|migration| migration.version).max().unwrap_or(0);
    sqlx::query_scalar("select coalesce(max(version), 0) >= $1 from _sqlx_migrations where success")
        .bind(newest)
        .fetch_one(pool)
        .await
}

/// Brings them up to date. Where they are, a role does that may not change them.
pub async fn migrate(pool: &PgPool) -> Result<()> {
    if are_current(pool).await.unwrap_or(false) {
        return Ok(());
    }
    MIGRATOR.run(pool).await.context("the tables can't be brought up to date (`renewal-portal migrate` as their owner)")
}

/// Gives `role` what the portal needs, and no more. Once more after each migration: new tables are new.
pub async fn grant(pool: &PgPool, role: &str) -> Result<()> {
    let mut tx = super::begin(pool).await?;
    sqlx::query("select set_config('portal.role', $1, true)").bind(role).execute(&mut *tx).await?;
    sqlx::raw_sql(RIGHTS).execute(&mut *tx).await.with_context(|| format!("the rights of {role}"))?;
    Ok(tx.commit().await?)
}
