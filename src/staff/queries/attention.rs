use crate::ids::AccountId;
use crate::lang::Lang;
use sqlx::PgPool;
use time::{Date, OffsetDateTime};

/// Something that needs a person, with how many of its kind there are.
#[derive(sqlx::FromRow, Debug)]
pub struct Item {
    /// `cases`, `requests`, `resets`, `delayed`, `unknown`, `refunds`, `statements`, `unmatched`, `carriers`, `jobs` or `lapsing`.
    pub section: String,
    pub total: i64,
    pub what: String,
    pub text: Option<String>,
    /// Whether a case's money went back, why a refund was asked for, what became of a notice, the id of a
    /// statement's day.
    pub code: Option<String>,
    pub account: Option<AccountId>,
    pub name: Option<String>,
    pub email: Option<String>,
    pub at: Option<OffsetDateTime>,
    pub day: Option<Date>,
}

// The oldest of each kind come first: they have waited longest. Open work is little, and each branch has an index of it.
const ATTENTION: &str = "
with items (section, total, what, text, code, account, at, day) as (
  (select 'cases', count(*) over (), c.kind, o.number,
          case when o.status in ('refunding', 'refunded') then o.status when exists (
            select from payment_attempts a join refunds r on r.attempt_id = a.id where a.order_id = o.id and r.status = 'succeeded') then 'refunded' end,
          o.account_id, c.opened_at, null::date
     from cases c join orders o on o.id = c.order_id where c.closed_at is null order by c.opened_at limit $2 offset $3)
  union all
  (select 'requests', count(*) over (), r.kind, r.named, null, r.account_id, r.opened_at, null
     from line_requests r where r.closed_at is null order by r.opened_at limit $2 offset $3)
  union all
  (select 'resets', count(*) over (), a.role, a.email, null, r.account_id, r.asked_at, null
     from second_step_resets r join accounts a on a.id = r.account_id where r.state = 'open' order by r.asked_at limit $2 offset $3)
  union all
  (select 'delayed', count(*) over (), coalesce(v.status, 'queued'), o.number, null, o.account_id, o.paid_at, null
     from orders o left join provisionings v on v.order_id = o.id
    where o.status = 'paid' and o.paid_at < $1 - interval '15 minutes' order by o.paid_at limit $2 offset $3)
  union all
  (select 'unknown', count(*) over (), a.method, a.order_number, null, a.account_id, a.created_at, null
     from payment_attempts a where a.status = 'unknown' and a.created_at < $1 - interval '15 minutes' order by a.created_at limit $2 offset $3)
  union all
  (select 'refunds', count(*) over (), r.status, a.order_number, coalesce(r.why, r.reason), a.account_id, r.created_at, null
     from refunds r join payment_attempts a on a.id = r.attempt_id
    where r.status <> 'succeeded' and (r.status in ('failed', 'manual') or r.created_at < $1 - interval '15 minutes') order by r.created_at limit $2 offset $3)
  union all
  (select 'statements', count(*) over (), s.gateway, s.day::text, s.id::text, null, s.ran_at, null
     from reconciliation_runs s
    where s.signed_at is null and (exists (select from reconciliation_items i where i.run_id = s.id and i.repair is null)
       or (s.failure is not null and s.ran_at > (s.day + 3)::timestamptz)) order by s.day, s.id limit $2 offset $3)
  union all
  (select 'unmatched', count(*) over (), g.gateway, g.merchant_ref, g.outcome, null, g.received_at, null
     from gateway_events g where g.processed_at is null order by g.id limit $2 offset $3)
  union all
  (select 'carriers', count(*) over (), a.kind,
          concat_ws(' · ', (select case $4 when 'zh-CN' then c.name_zh else c.name_en end from carriers c where c.code = a.carrier), nullif(a.product, '')),
          null, null::uuid, a.raised_at, null
     from carrier_alerts a where a.closed_at is null order by a.raised_at limit $2 offset $3)
  union all
  (select 'jobs', count(*) over (), j.kind, j.last_error, null, null, j.created_at, null from jobs j where j.state = 'dead' order by j.id limit $2 offset $3)
  union all
  (select 'lapsing', count(*) over (), coalesce(l.msisdn, l.iccid),
          (select case $4 when 'zh-CN' then c.name_zh else c.name_en end from carriers c where c.code = l.carrier), null, l.account_id, null, l.valid_until
     from lines l
    where l.ended_at is null and l.status = 'active' and l.valid_until between $1::date - 1 and $1::date + 8
      and l.valid_until - ($1 at time zone l.time_zone)::date between 0 and 7
    order by l.valid_until, l.id limit $2 offset $3))
select i.section, i.total, i.what, i.text, i.code, i.account, p.name, p.email, i.at, i.day
from items i left join accounts p on p.id = i.account order by i.section, i.day, i.at";

/// What needs a person now: of each kind, at most `most` after the first `skipped`.
pub async fn items(
    pool: &PgPool,
    now: OffsetDateTime,
    most: i64,
    skipped: i64,
    language: Lang,
) -> sqlx::Result<Vec<Item>> {
    sqlx::query_as(ATTENTION).bind(now).bind(most).bind(skipped).bind(language.code()).fetch_all(pool).await
}
