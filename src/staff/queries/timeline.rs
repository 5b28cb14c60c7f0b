use crate::ids::AccountId;
use crate::lang::Lang;
use serde_json::Value;
use sqlx::PgExecutor;
use time::{Date, OffsetDateTime};

pub const PAGE: i64 = 50;

/// One thing that happened to an account, wherever it is recorded.
#[derive(sqlx::FromRow, Debug)]
pub struct Happening {
    pub at: OffsetDateTime,
    /// Which kind of thing: `order`, `payment-succeeded`, `message-sent`, `audit` ...
    pub what: String,
    /// Which one of its kind: an order's event, an audited action, a case's kind.
    pub which: Option<String>,
    pub order_number: Option<String>,
    /// References, a recipient, a person: as it is.
    pub text: Option<String>,
    /// What has a text of ours, such as `method:card` or `outcome:settled`.
    pub words: Vec<String>,
    pub minor: Option<i64>,
    pub currency: Option<String>,
    pub until: Option<Date>,
    pub raw: Option<Value>,
    pub body: Option<Vec<u8>>,
}

// Every branch begins at an index on the account or its orders. `rank` puts what happened in one instant into the order
// of cause and effect. Looks at the account are told once a day and person. Links that let somebody in are cut before a message leaves the database.
const TIMELINE: &str = r"
with mine as materialized (select id, number, plan_zh, plan_en, msisdn, iccid from orders where account_id = $1),
paid as materialized (select * from payment_attempts where account_id = $1),
happenings (at, rank, what, which, order_number, text, words, minor, currency, until, raw, body) as (
  select e.at, case e.event when 'placed' then 10 else 50 end, 'order', e.event, o.number,
         case e.event when 'placed' then concat_ws(' · ', case $5 when 'zh-CN' then o.plan_zh else o.plan_en end, coalesce(o.msisdn, o.iccid)) end, '{}'::text[], null::bigint, null, null::date,
         nullif(e.detail, '{}'::jsonb), null::bytea
    from mine o join order_events e on e.order_id = o.id
  union all
  select a.created_at, 20, 'payment-opened', a.status, a.order_number, concat_ws(' · ', a.merchant_ref, a.failure), array['method:' || a.method, 'state:' || a.status], a.amount_minor, a.currency,
         null, null, null
    from paid a
  union all
  select a.succeeded_at, 40, case when a.applied then 'payment-succeeded' else 'payment-surplus' end, null, a.order_number,
         a.provider_txn_id, array['method:' || a.method], a.received_minor, a.received_currency, null, null, null
    from paid a where a.succeeded_at is not null
  union all
  select g.received_at, 30, 'notice', g.outcome, a.order_number, g.event_key, array_remove(array['method:' || a.method, 'outcome:' || g.outcome], null), null, null, null, g.notice, case when $9 then g.body end
    from paid a join gateway_events g on g.merchant_ref = a.merchant_ref and g.gateway = a.gateway
  union all
  select r.created_at, 55, 'refund-requested', r.reason, a.order_number, concat_ws(' · ', r.why, r.merchant_refund_no), array['refund:' || r.reason, 'state:' || r.status], r.amount_minor,
         r.currency, null, null, null
    from paid a join refunds r on r.attempt_id = a.id
  union all
  select r.succeeded_at, 65, 'refund-succeeded', null, a.order_number, concat_ws(' · ', r.merchant_refund_no, r.provider_refund_id), '{}', r.amount_minor,
         r.currency, null, null, null
    from paid a join refunds r on r.attempt_id = a.id where r.succeeded_at is not null
  union all
  select v.submitted_at, 60, case v.status when 'unknown' then 'provisioning-unknown' else 'provisioning-submitted' end, null, o.number,
         concat_ws(' · ', case $5 when 'zh-CN' then c.name_zh else c.name_en end, v.request_id), '{}', null, null, null, v.request, null
    from mine o join provisionings v on v.order_id = o.id join carriers c on c.code = v.carrier where v.submitted_at is not null
  union all
  select v.finished_at, 45, case v.status when 'succeeded' then 'provisioning-done' else 'provisioning-refused' end, v.refusal, o.number,
         concat_ws(' · ', case $5 when 'zh-CN' then c.name_zh else c.name_en end, v.request_id), '{}', null, null, v.carrier_until, null, null
    from mine o join provisionings v on v.order_id = o.id join carriers c on c.code = v.carrier where v.finished_at is not null
  union all
  select c.opened_at, 70, 'case-opened', c.kind, o.number, null, '{}', null, null, null, nullif(c.detail, '{}'::jsonb), null
    from mine o join cases c on c.order_id = o.id
  union all
  select c.closed_at, 70, 'case-closed', c.kind, o.number, null, '{}', null, null, null, null, null
    from mine o join cases c on c.order_id = o.id where c.closed_at is not null
  union all
  select coalesce(m.sent_at, m.failed_at, m.created_at), 80,
         case when m.sent_at is not null then 'message-sent' when m.failed_at is not null then 'message-failed' else 'message-waiting' end,
         -- What could open an account is not staff's to read: codes stand in subjects, links and codes in bodies.
         case when m.order_id is null then regexp_replace(m.subject, '[0-9]{6}', '••••••', 'g') else m.subject end, o.number, concat_ws(' · ', m.recipient, m.last_error), '{}', null, null, null, null,
         case when m.order_id is not null then convert_to(m.body_text, 'UTF8') end
    from messages m left join mine o on o.id = m.order_id where m.account_id = $1
  union all
  select l.at, 90, 'audit', l.action, null, coalesce(p.email, l.actor_role), '{}', null, null, null, nullif(l.detail, '{}'::jsonb), null
    from audit_log l left join accounts p on p.id = l.actor_id
    where l.account_id = $1 and l.action <> 'account.viewed' and (l.subject_type is distinct from 'order' or l.actor_role in ('viewer', 'support', 'finance', 'admin'))
  union all
  select max(l.at), 90, 'viewed', null, null, coalesce(p.email, l.actor_role), '{}', count(*), null, null, null, null
    from audit_log l left join accounts p on p.id = l.actor_id
    where $6 and l.account_id = $1 and l.action = 'account.viewed'
    group by (l.at at time zone $7)::date, coalesce(p.email, l.actor_role)
  union all
  select created_at, 0, case when password_hash is null then 'imported' else 'registered' end, null, null, null, '{}', null, null, null, null, null
    from accounts where id = $1
  union all
  select email_verified_at, 5, 'verified', null, null, email, '{}', null, null, null, null, null from accounts where id = $1 and email_verified_at is not null
)
select at, what, which, order_number, text, words, minor, currency, until, raw, body from happenings
where ($8::text is null or order_number = $8) and ($4::text is null or $4 = case
    when what in ('audit', 'viewed', 'registered', 'imported', 'verified') then 'access'
    when what like 'message-%' then 'messages'
    when what = 'notice' or what like 'payment-%' or what like 'refund-%' then 'payments'
    else 'orders' end)
order by at desc, rank desc, which limit $2 offset $3";

/// Which part of the timeline is wanted.
#[derive(Clone, Debug)]
pub struct Part<'a> {
    pub page: i64,
    /// `orders`, `payments`, `messages` or `access`; everything without it.
    pub kind: Option<&'a str>,
    pub order: Option<&'a str>,
    /// Looks of staff at the account, too.
    pub views: bool,
    /// What gateways sent, as they sent it, too.
    pub bodies: bool,
    pub language: Lang,
    /// Whose days are counted.
    pub zone: &'a str,
}

/// One page of what happened, newest first, and one more row if there is another page.
pub async fn timeline(
    executor: impl PgExecutor<'_>,
    account: AccountId,
    part: &Part<'_>,
) -> sqlx::Result<Vec<Happening>> {
    sqlx::query_as(TIMELINE)
        .bind(account)
        .bind(PAGE + 1)
        .bind((part.page - 1) * PAGE)
        .bind(part.kind)
        .bind(part.language.code())
        .bind(part.views)
        .bind(part.zone)
        .bind(part.order)
        .bind(part.bodies)
        .fetch_all(executor)
        .await
}
