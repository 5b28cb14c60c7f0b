//! The ledger by itself: what the database refuses, and that many at once leave it whole.

use futures_util::future::join_all;
use proptest::prelude::*;
use renewal_portal::ids::AccountId;
use renewal_portal::ledger::{self, Booking, Kind, LedgerError, Move, Place, Times};
use renewal_portal::money::{Currency, Money};
use sqlx::PgPool;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::support::db::fresh_db;

const CNY: Currency = Currency::Cny;

async fn account(pool: &PgPool) -> AccountId {
    let id = AccountId::new();
    sqlx::query(
        "insert into accounts (id, email, email_key, name, created_at) values ($1, $1::text, $1::text, 'A', now())",
    )
    .bind(id)
    .execute(pool)
    .await
    .unwrap();
    id
}

async fn book(pool: &PgPool, kind: Kind, subject: Uuid, times: Times, moves: &[Move<'_>]) -> Result<bool, LedgerError> {
    let mut tx = pool.begin().await.unwrap();
    let booking = Booking { kind, subject, times, order: None, moves, at: OffsetDateTime::UNIX_EPOCH };
    let booked = ledger::book(&mut tx, &booking).await?;
    tx.commit().await?;
    Ok(booked)
}

fn from_to<'a>(from: Place<'a>, to: Place<'a>, minor: i64) -> Move<'a> {
    Move { from, to, money: Money::new(minor, CNY) }
}

/// A customer with so much to spend.
async fn customer_with(pool: &PgPool, minor: i64) -> AccountId {
    let who = account(pool).await;
    let moves = [from_to(Place::Gateway("sandbox"), Place::Balance(who), minor)];
    assert!(book(pool, Kind::PaymentApplied, Uuid::now_v7(), Times::Once, &moves).await.unwrap());
    who
}

async fn available(pool: &PgPool, who: AccountId) -> i64 {
    ledger::available(pool, who, CNY).await.unwrap().minor
}

async fn count(pool: &PgPool, sql: &'static str) -> i64 {
    sqlx::query_scalar(sql).fetch_one(pool).await.unwrap()
}

async fn refused(pool: &PgPool, sql: &'static str) -> String {
    let error = sqlx::raw_sql(sql).execute(pool).await.expect_err("the database takes it");
    error.as_database_error().expect("the database's refusal").message().to_owned()
}

#[tokio::test]
async fn a_fact_is_booked_once() {
    let db = fresh_db().await;
    let subject = Uuid::now_v7();
    let moves = [from_to(Place::Gateway("sandbox"), Place::Undecided, 500)];
    assert!(book(&db.pool, Kind::PaymentReceived, subject, Times::Once, &moves).await.unwrap());
    assert!(!book(&db.pool, Kind::PaymentReceived, subject, Times::Once, &moves).await.unwrap());
    assert!(book(&db.pool, Kind::BalanceHeld, subject, Times::Another, &moves).await.unwrap());
    assert!(book(&db.pool, Kind::BalanceHeld, subject, Times::Another, &moves).await.unwrap());
    assert_eq!(count(&db.pool, "select max(ordinal)::bigint from ledger_transactions").await, 1);
    assert_eq!(count(&db.pool, "select sum(amount_minor)::bigint from ledger_entries").await, 0);
}

#[tokio::test]
async fn nothing_moves_where_nothing_is_moved() {
    let db = fresh_db().await;
    let moves = [from_to(Place::Sales, Place::Sales, 5), from_to(Place::Sales, Place::Undecided, 0)];
    assert!(!book(&db.pool, Kind::PaymentApplied, Uuid::now_v7(), Times::Once, &moves).await.unwrap());
    let below = [from_to(Place::Sales, Place::Undecided, -5)];
    let refused = book(&db.pool, Kind::PaymentApplied, Uuid::now_v7(), Times::Once, &below).await;
    assert!(matches!(refused, Err(LedgerError::Amount)));
}

#[tokio::test]
async fn fifty_who_spend_one_balance_at_once_spend_it_once() {
    let db = fresh_db().await;
    let who = customer_with(&db.pool, 1_000).await;
    let moves = [from_to(Place::Balance(who), Place::Held(who), 600)];
    let spend = || book(&db.pool, Kind::BalanceHeld, Uuid::now_v7(), Times::Another, &moves);
    let spent = join_all((0..50).map(|_| spend())).await;
    assert_eq!(spent.iter().filter(|one| matches!(one, Ok(true))).count(), 1);
    assert_eq!(spent.iter().filter(|one| matches!(one, Err(LedgerError::NotCovered))).count(), 49);
    assert_eq!(available(&db.pool, who).await, 400);
}

/// Holding takes balance then held, releasing held then balance: neither waits for the other for ever.
#[tokio::test]
async fn holding_and_releasing_at_once_never_lock_each_other_out() {
    let db = fresh_db().await;
    let who = customer_with(&db.pool, 10_000).await;
    let both = (0..60).map(|n| {
        let pool = &db.pool;
        async move {
            let there = [from_to(Place::Balance(who), Place::Held(who), 10)];
            let back = [from_to(Place::Held(who), Place::Balance(who), 10)];
            let (kind, moves) = if n % 2 == 0 { (Kind::BalanceHeld, there) } else { (Kind::BalanceReleased, back) };
            book(pool, kind, Uuid::now_v7(), Times::Another, &moves).await
        }
    });
    let done = join_all(both).await;
    assert!(done.iter().all(|one| matches!(one, Ok(true) | Err(LedgerError::NotCovered))), "{done:?}");
    assert_eq!(count(&db.pool, "select sum(balance_minor)::bigint from ledger_accounts").await, 10_000);
}

#[tokio::test]
async fn the_database_refuses_what_does_not_add_up() {
    let db = fresh_db().await;
    let who = customer_with(&db.pool, 1_000).await;
    let one_sided = "insert into ledger_transactions (kind, subject, ordinal, at) values ('payment_applied', gen_random_uuid(), 0, now());
        insert into ledger_entries (transaction_id, ledger_account, currency, amount_minor)
        select currval('ledger_transactions_id_seq'), id, currency, 5 from ledger_accounts where kind = 'customer_balance'";
    assert!(refused(&db.pool, one_sided).await.contains("does not add up to zero"));
    let empty = "insert into ledger_transactions (kind, subject, ordinal, at) values ('payment_applied', gen_random_uuid(), 0, now())";
    assert!(refused(&db.pool, empty).await.contains("has no entries"));
    let afterwards = "insert into ledger_accounts (kind, currency) values ('sales', 'CNY');
        insert into ledger_entries (transaction_id, ledger_account, currency, amount_minor)
        select t.id, a.id, a.currency, 5 from ledger_transactions t, ledger_accounts a where a.kind = 'sales'";
    assert!(refused(&db.pool, afterwards).await.contains("does not add up to zero"));
    assert_eq!(available(&db.pool, who).await, 1_000);
}

#[tokio::test]
async fn the_database_refuses_a_balance_below_zero() {
    let db = fresh_db().await;
    customer_with(&db.pool, 1_000).await;
    let overspent = "insert into ledger_accounts (kind, currency) values ('sales', 'CNY');
        insert into ledger_transactions (kind, subject, ordinal, at) values ('payment_applied', gen_random_uuid(), 0, now());
        insert into ledger_entries (transaction_id, ledger_account, currency, amount_minor)
        select currval('ledger_transactions_id_seq'), id, currency, case kind when 'sales' then 1001 else -1001 end
        from ledger_accounts where kind in ('sales', 'customer_balance')";
    assert!(refused(&db.pool, overspent).await.contains("ledger_accounts_covered"));
}

#[tokio::test]
async fn the_database_keeps_what_is_booked() {
    let db = fresh_db().await;
    customer_with(&db.pool, 1_000).await;
    for sql in [
        "update ledger_entries set amount_minor = amount_minor + 1",
        "delete from ledger_entries",
        "update ledger_transactions set kind = 'balance_held'",
        "truncate ledger_entries",
        "delete from ledger_accounts",
        "update ledger_accounts set balance_minor = balance_minor + 1 where balance_minor is not null",
    ] {
        assert!(refused(&db.pool, sql).await.contains("what is booked stays booked"), "{sql}");
    }
    let twice = "insert into ledger_transactions (kind, subject, ordinal, at) select kind, subject, ordinal, at from ledger_transactions";
    assert!(refused(&db.pool, twice).await.contains("ledger_transactions_once"));
}

/// What a customer may do with money, as far as the books see it.
#[derive(Clone, Copy, Debug)]
enum Step {
    TopUp(i64),
    Hold(i64),
    Release(i64),
    Buy(i64),
    GiveBack(i64),
}

fn steps() -> impl Strategy<Value = Vec<(usize, Step)>> {
    let minor = 1..500_i64;
    let step = prop_oneof![
        minor.clone().prop_map(Step::TopUp),
        minor.clone().prop_map(Step::Hold),
        minor.clone().prop_map(Step::Release),
        minor.clone().prop_map(Step::Buy),
        minor.prop_map(Step::GiveBack),
    ];
    prop::collection::vec((0..3_usize, step), 1..40)
}

/// Whatever is tried, in whatever order: what is covered is booked, the rest changes nothing, and a plain sum in memory agrees.
#[test]
fn any_sequence_leaves_what_a_plain_sum_says() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let db = runtime.block_on(fresh_db());
    let config = ProptestConfig { cases: 40, max_shrink_iters: 200, ..ProptestConfig::default() };
    proptest!(config, |(steps in steps())| {
        runtime.block_on(follow(&db.pool, &steps))?;
    });
}

async fn follow(pool: &PgPool, steps: &[(usize, Step)]) -> Result<(), TestCaseError> {
    let people = [account(pool).await, account(pool).await, account(pool).await];
    let mut plain = [(0_i64, 0_i64); 3];
    for (who, step) in steps {
        let (available, held) = &mut plain[*who];
        let person = people[*who];
        let (balance, kept) = (Place::Balance(person), Place::Held(person));
        let (kind, one, covered) = match *step {
            Step::TopUp(n) => (Kind::PaymentApplied, from_to(Place::Gateway("g"), balance, n), true),
            Step::Hold(n) => (Kind::BalanceHeld, from_to(balance, kept, n), *available >= n),
            Step::Release(n) => (Kind::BalanceReleased, from_to(kept, balance, n), *held >= n),
            Step::Buy(n) => (Kind::PaymentApplied, from_to(kept, Place::Sales, n), *held >= n),
            Step::GiveBack(n) => (Kind::RefundSucceeded, from_to(Place::Sales, balance, n), true),
        };
        let booked = book(pool, kind, Uuid::now_v7(), Times::Another, &[one]).await;
        prop_assert_eq!(matches!(booked, Ok(true)), covered, "{:?} {:?}", step, booked);
        if covered {
            for (place, sign) in [(one.from, -1), (one.to, 1)] {
                match place {
                    Place::Balance(_) => *available += sign * one.money.minor,
                    Place::Held(_) => *held += sign * one.money.minor,
                    _ => {}
                }
            }
        }
    }
    for (person, (available, held)) in people.into_iter().zip(plain) {
        let found = ledger::balances(pool, person).await.unwrap();
        let found = found.first().map_or((0, 0), |balance| (balance.available.minor, balance.held.minor));
        prop_assert_eq!(found, (available, held));
    }
    prop_assert_eq!(count(pool, "select coalesce(sum(amount_minor), 0)::bigint from ledger_entries").await, 0);
    Ok(())
}
