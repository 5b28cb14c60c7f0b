use super::book::{Booking, Line, Times};
use super::model::Place;
use crate::ids::AccountId;
use crate::money::{Currency, Money};
use sqlx::{PgConnection, PgExecutor};
use std::collections::HashMap;

type Wanted<'a> = (Place<'a>, Currency);

/// The rows of these accounts by name; one that was never used is made.
pub(super) async fn accounts(conn: &mut PgConnection, wanted: &[Wanted<'_>]) -> sqlx::Result<HashMap<String, i64>> {
    let names: Vec<_> = wanted.iter().map(|(place, currency)| place.name(currency.code())).collect();
    let found = named(conn, &names).await?;
    if found.len() == names.len() {
        return Ok(found);
    }
    make(conn, wanted).await?;
    named(conn, &names).await
}

async fn named(conn: &mut PgConnection, names: &[String]) -> sqlx::Result<HashMap<String, i64>> {
    let rows: Vec<(String, i64)> =
        sqlx::query_as("select name, id from ledger_accounts where name = any($1)").bind(names).fetch_all(conn).await?;
    Ok(rows.into_iter().collect())
}

async fn make(conn: &mut PgConnection, wanted: &[Wanted<'_>]) -> sqlx::Result<()> {
    for (place, currency) in wanted {
        sqlx::query(
            "insert into ledger_accounts (kind, account_id, gateway, currency, balance_minor)
             values ($1, $2, $3, $4, case when $2::uuid is null then null else 0 end) on conflict do nothing",
        )
        .bind(place.kind())
        .bind(place.customer())
        .bind(place.gateway())
        .bind(currency.code())
        .execute(&mut *conn)
        .await?;
    }
    Ok(())
}

pub(super) async fn lock_balances(conn: &mut PgConnection, names: &[String]) -> sqlx::Result<HashMap<String, i64>> {
    let rows: Vec<(String, i64)> = sqlx::query_as(
        "select name, balance_minor from ledger_accounts where name = any($1) and balance_minor is not null
         order by id for no key update",
    )
    .bind(names)
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().collect())
}

pub(super) async fn insert(conn: &mut PgConnection, booking: &Booking<'_>, lines: &[Line]) -> sqlx::Result<bool> {
    let accounts: Vec<_> = lines.iter().map(|line| line.ledger_account).collect();
    let currencies: Vec<_> = lines.iter().map(|line| line.currency.code()).collect();
    let amounts: Vec<_> = lines.iter().map(|line| line.minor).collect();
    let booked = sqlx::query(
        "with made as (
           insert into ledger_transactions (kind, subject, ordinal, order_id, at)
           values ($1, $2, case when $3 then (select count(*) from ledger_transactions where kind = $1 and subject = $2) else 0 end, $4, $5)
           on conflict do nothing returning id)
         insert into ledger_entries (transaction_id, ledger_account, currency, amount_minor)
         select made.id, e.ledger_account, e.currency, e.amount_minor
         from made, unnest($6::bigint[], $7::text[], $8::bigint[]) as e (ledger_account, currency, amount_minor)",
    )
    .bind(booking.kind.name())
    .bind(booking.subject)
    .bind(booking.times == Times::Another)
    .bind(booking.order)
    .bind(booking.at)
    .bind(accounts)
    .bind(currencies)
    .bind(amounts)
    .execute(conn)
    .await?;
    Ok(booked.rows_affected() > 0)
}

/// What the customer may spend in this currency.
pub async fn available(db: impl PgExecutor<'_>, account: AccountId, currency: Currency) -> sqlx::Result<Money> {
    let minor: Option<i64> = sqlx::query_scalar("select balance_minor from ledger_accounts where name = $1")
        .bind(Place::Balance(account).name(currency.code()))
        .fetch_optional(db)
        .await?;
    Ok(Money::new(minor.unwrap_or(0), currency))
}

/// What the customer has: to spend, and kept for payments that have begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Balance {
    pub available: Money,
    pub held: Money,
}

/// Every currency the customer ever had money in.
pub async fn balances(db: impl PgExecutor<'_>, account: AccountId) -> sqlx::Result<Vec<Balance>> {
    let rows: Vec<(String, i64, i64)> = sqlx::query_as(
        "select currency, coalesce(sum(balance_minor) filter (where kind = 'customer_balance'), 0)::bigint,
                coalesce(sum(balance_minor) filter (where kind = 'customer_held'), 0)::bigint
         from ledger_accounts where account_id = $1 group by currency order by currency",
    )
    .bind(account)
    .fetch_all(db)
    .await?;
    let balance = |(currency, available, held): (String, i64, i64)| {
        let currency = Currency::parse(&currency).ok()?;
        Some(Balance { available: Money::new(available, currency), held: Money::new(held, currency) })
    };
    Ok(rows.into_iter().filter_map(balance).collect())
}
