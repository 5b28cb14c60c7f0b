//! What the carrier's own books say about the portal's orders.

use sqlx::PgConnection;

/// Everything but `renewals` counts broken promises.
#[derive(sqlx::FromRow, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub renewals: i64,
    /// Orders renewed more than once.
    pub doubled: i64,
    /// Orders shown as active that the carrier never renewed.
    pub missing: i64,
    /// Renewals nobody at the portal asked for.
    pub orphaned: i64,
    /// Renewals of orders shown as refused.
    pub despite_refusal: i64,
    /// Active orders whose recorded last day is not the carrier's; some carriers name none.
    pub differing: i64,
}

impl Counts {
    pub fn broken(&self) -> i64 {
        self.doubled + self.missing + self.orphaned + self.despite_refusal + self.differing
    }
}

/// Holds the ledger against orders and provisionings. `None` where there is no simulator's ledger.
pub async fn check(conn: &mut PgConnection) -> sqlx::Result<Option<Counts>> {
    let there: bool =
        sqlx::query_scalar("select to_regclass('simulator.renewals') is not null").fetch_one(&mut *conn).await?;
    if !there {
        return Ok(None);
    }
    // A request id is order:<id>:renew; whatever follows the order's id, it is that order's. A protocol that passes on no id
    // of ours is told apart by the carrier's reference, or by line, product and time where its answer was lost.
    let counts = sqlx::query_as(
        "with done as (
           select request_id, valid_until, carrier, iccid, product, received_at,
                  case when request_id like 'order:%' then split_part(request_id, ':', 2) end as told
           from simulator.renewals where refused is null),
         asked as (
           select p.order_id::text as order_id, p.request_id, p.carrier, p.carrier_reference, p.carrier_until,
                  p.request -> 'line' ->> 'iccid' as iccid, p.request ->> 'product' as product, p.created_at,
                  coalesce(p.finished_at, 'infinity') as finished_at, p.status = 'failed_permanent' as refused,
                  p.status = 'succeeded' or o.status = 'fulfilled' as active
           from provisionings p join orders o on o.id = p.order_id),
         links as (
           select request_id, order_id, 1 as preference from done join asked using (request_id)
           union all
           select done.request_id, order_id, 2 from done
             join asked on asked.carrier = done.carrier and asked.carrier_reference = done.request_id
           union all
           select done.request_id, order_id, 3 from done join asked using (carrier, iccid, product)
           where received_at between created_at and finished_at and coalesce(told, order_id) = order_id),
         linked as (
           select distinct on (request_id) request_id, order_id from links order by request_id, preference),
         renewed as (
           select done.valid_until, done.told, asked.order_id, asked.refused, asked.active, asked.carrier_until
           from done left join linked using (request_id) left join asked on asked.order_id = linked.order_id)
         select
           (select count(*) from renewed) as renewals,
           (select count(*) from (select from renewed where coalesce(order_id, told) is not null
              group by coalesce(order_id, told) having count(*) > 1) as more) as doubled,
           (select count(*) from asked where active and not exists (select from renewed where renewed.order_id = asked.order_id))
             + (select count(*) from orders o where o.status = 'fulfilled' and o.kind = 'renewal'
                and not exists (select from provisionings p where p.order_id = o.id)) as missing,
           (select count(*) from renewed where order_id is null) as orphaned,
           (select count(*) from renewed where refused) as despite_refusal,
           (select count(*) from renewed where active and carrier_until <> valid_until) as differing",
    )
    .fetch_one(conn)
    .await?;
    Ok(Some(counts))
}

/// Writes into the ledger what the carrier did before these books were opened: the demo's past
/// orders. Not for orders the simulator was asked to renew.
pub async fn write_up_the_past(conn: &mut PgConnection) -> sqlx::Result<u64> {
    sqlx::raw_sql(include_str!("schema.sql")).execute(&mut *conn).await?;
    let written = sqlx::query(
        "insert into simulator.renewals (request_id, fingerprint, carrier, iccid, product, refused,
           before_until, valid_until, received_at, due_at)
         select p.request_id, ''::bytea, l.carrier, l.iccid, plan.carrier_product,
                case p.status when 'failed_permanent' then coalesce(p.refusal, 'not_renewable') end,
                o.before_until, coalesce(p.carrier_until, o.before_until), p.created_at, p.created_at
         from provisionings p
           join orders o on o.id = p.order_id
           join lines l on l.id = o.line_id
           join plans plan on plan.code = o.plan
         where p.status in ('succeeded', 'failed_permanent')
         on conflict do nothing",
    )
    .execute(conn)
    .await?;
    Ok(written.rows_affected())
}
