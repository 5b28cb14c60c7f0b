use crate::ids::{AccountId, OrderId};
use crate::money::{Currency, Money};
use sqlx::PgPool;
use time::OffsetDateTime;

/// What moved a customer's balance.
#[derive(sqlx::FromRow, Clone, Debug)]
pub struct Entry {
    pub at: OffsetDateTime,
    kind: String,
    /// The payment it was kept for was made.
    was_spent: bool,
    amount_minor: i64,
    #[sqlx(try_from = "String")]
    currency: Currency,
    pub order_id: Option<OrderId>,
    pub order_number: Option<String>,
    total: i64,
}

impl Entry {
    pub fn amount(&self) -> Money {
        Money::new(self.amount_minor, self.currency)
    }

    /// The part of its text's key: `balance-entry-KEY`.
    pub fn key(&self) -> &'static str {
        match self.kind.as_str() {
            "payment_applied" => "top-up",
            "balance_held" if self.was_spent => "spent",
            "balance_held" => "held",
            "balance_released" => "released",
            _ if self.amount_minor < 0 => "top-up-returned",
            _ => "refund",
        }
    }
}

/// The newest first, and how many there are.
pub async fn entries(pool: &PgPool, account: AccountId, limit: i64, offset: i64) -> sqlx::Result<(Vec<Entry>, i64)> {
    let rows: Vec<Entry> = sqlx::query_as(
        "select t.at, t.kind, e.amount_minor, e.currency, o.id as order_id, o.number as order_number, count(*) over () as total,
                exists (select from ledger_transactions s where s.subject = t.subject and s.kind = 'payment_applied') as was_spent
         from ledger_accounts a join ledger_entries e on e.ledger_account = a.id join ledger_transactions t on t.id = e.transaction_id
         left join orders o on o.id = t.order_id
         where a.account_id = $1 and a.kind = 'customer_balance'
         order by t.id desc limit $2 offset $3",
    )
    .bind(account)
    .bind(limit)
    .bind(offset)
    .fetch_all(pool)
    .await?;
    let total = rows.first().map_or(0, |row| row.total);
    Ok((rows, total))
}

/// What the account's lines are sold in, the most frequent first.
pub async fn currencies_of_lines(pool: &PgPool, account: AccountId) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar(
        "select p.currency from lines l join plans p on p.code = l.plan
         where l.account_id = $1 and l.ended_at is null group by p.currency order by count(*) desc, p.currency",
    )
    .bind(account)
    .fetch_all(pool)
    .await
}
