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
    // A request id is order:<id>:renew; whatever follows the order's id, it is that order's.
    let counts = sqlx::query_as(
        "with done as (
           select request_id, valid_until, split_part(request_id, ':', 2) as order_id
           from simulator.renewals where refused is null),
         asked as (
           select p.request_id, p.carrier_until, p.status = 'failed_permanent' as refused,
                  p.status = 'succeeded' or o.status = 'fulfilled' as active
           from provisionings p join orders o on o.id = p.order_id)
         select
           (select count(*) from done) as renewals,
           (select count(*) from (select from done group by order_id having count(*) > 1) as more) as doubled,
           (select count(*) from asked left join done using (request_id) where active and done.request_id is null)
             + (select count(*) from orders o where o.status = 'fulfilled' and o.kind = 'renewal'
                and not exists (select from provisionings p where p.order_id = o.id)) as missing,
           (select count(*) from done left join asked using (request_id) where asked.request_id is null) as orphaned,
           (select count(*) from done join asked using (request_id) where refused) as despite_refusal,
           (select count(*) from done join asked using (request_id)
            where active and carrier_until <> valid_until) as differing",
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
