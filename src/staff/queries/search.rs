use crate::ids::AccountId;
use crate::staff::needle::Needle;
use sqlx::PgPool;

/// More than fit on the page; the last one says that there are more.
pub const AT_MOST: usize = 50;

/// An account and what it was found by.
#[derive(sqlx::FromRow, Debug)]
pub struct Hit {
    pub id: AccountId,
    pub name: String,
    pub email: String,
    /// `email`, `name`, `order`, `phone`, `number` or `iccid`.
    pub by: String,
    pub found: String,
    pub lines: i64,
    pub order_number: Option<String>,
    pub order_status: Option<String>,
}

// Ranges rather than LIKE: they use the index with any plan and need no escaping. U+10FFFF comes after every character.
const SEARCH: &str = "
with hits as (
  (select id as account_id, 'email' as by, email as found from accounts
   where email_key ~>=~ $1 and email_key ~<~ ($1 || chr(1114111)) limit 200)
  union all
  (select id, 'name', name from accounts where lower(name) ~>=~ $2 and lower(name) ~<~ ($2 || chr(1114111)) limit 200)
  union all
  (select account_id, 'order', number from orders where number = $3)
  union all
  (select id, 'phone', phone from accounts where reverse(phone) ~>=~ reverse($4) and reverse(phone) ~<~ (reverse($4) || chr(1114111)) limit 200)
  union all
  (select account_id, 'number', msisdn from lines
   where reverse(msisdn) ~>=~ reverse($4) and reverse(msisdn) ~<~ (reverse($4) || chr(1114111)) limit 200)
  union all
  (select account_id, 'iccid', iccid from lines
   where reverse(iccid) ~>=~ reverse($4) and reverse(iccid) ~<~ (reverse($4) || chr(1114111)) limit 200)
  union all
  (select account_id, 'iccid', iccid from lines where iccid ~>=~ $5 and iccid ~<~ ($5 || chr(1114111)) limit 200)
), accounts_hit as (
  select distinct on (account_id) account_id, by, found from hits order by account_id, by = 'order' desc, by = 'number' desc, by, found)
select a.id, a.name, a.email, h.by, h.found,
       (select count(*) from lines l where l.account_id = a.id and l.ended_at is null) as lines,
       o.number as order_number, o.status as order_status
from (select * from accounts_hit order by found, account_id limit $6) h
join accounts a on a.id = h.account_id
left join lateral (select number, status from orders where account_id = a.id order by created_at desc limit 1) o on true
order by h.found, a.id";

pub async fn accounts(pool: &PgPool, needle: &Needle) -> sqlx::Result<Vec<Hit>> {
    sqlx::query_as(SEARCH)
        .bind(&needle.email)
        .bind(&needle.name)
        .bind(&needle.order)
        .bind(&needle.ending)
        .bind(&needle.iccid)
        .bind(AT_MOST as i64 + 1)
        .fetch_all(pool)
        .await
}
