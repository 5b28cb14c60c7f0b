pub mod reservations;

use sqlx::types::Json;
use sqlx::{PgConnection, PgExecutor};
use time::{Date, OffsetDateTime};

use super::model::{Provisioning, State};
use super::order::Place;
use crate::carriers::{LineKind, RenewalRequest};
use crate::ids::{LineId, OrderId, ProvisioningId};
use crate::money::{Currency, Money};
use crate::plans::allowance::Allowance;
use crate::plans::effect::Effect;
use crate::plans::term::Term;
use crate::units::Data;

/// What a carrier is told, gathered from the order, its line and its plan.
#[derive(sqlx::FromRow)]
pub struct Facts {
    pub carrier: String,
    kind: String,
    pub iccid: String,
    pub carrier_line_id: Option<String>,
    pub msisdn: Option<String>,
    pub valid_from: Date,
    pub valid_until: Date,
    anchor_day: i16,
    pub time_zone: String,
    pub carrier_product: String,
    #[sqlx(try_from = "String")]
    pub effect: Effect,
    term_unit: String,
    term_count: i32,
    data_unlimited: bool,
    data_bytes: Option<i64>,
    minutes: i32,
    sms: i32,
    amount_minor: i64,
    #[sqlx(try_from = "String")]
    currency: Currency,
    pub promised_until: Date,
}

impl Facts {
    pub fn term(&self) -> sqlx::Result<Term> {
        Term::of(self.term_count, &self.term_unit).map_err(undecodable)
    }

    pub fn kind(&self) -> LineKind {
        if self.kind == "esim" { LineKind::Esim } else { LineKind::FmCard }
    }

    pub fn allowance(&self) -> Allowance {
        Allowance {
            data: Data::stored(self.data_unlimited, self.data_bytes),
            minutes: Some(self.minutes.into()),
            sms: Some(self.sms.into()),
        }
    }

    pub fn sold_for(&self) -> Money {
        Money::new(self.amount_minor, self.currency)
    }

    pub fn anchor_day(&self) -> sqlx::Result<u8> {
        u8::try_from(self.anchor_day).map_err(undecodable)
    }
}

fn undecodable(error: impl std::error::Error + Send + Sync + 'static) -> sqlx::Error {
    sqlx::Error::Decode(Box::new(error))
}

pub async fn facts(conn: &mut PgConnection, order: OrderId) -> sqlx::Result<Facts> {
    sqlx::query_as(
        "select l.carrier, l.kind, l.iccid, l.msisdn, l.carrier_line_id, l.valid_from, l.valid_until, l.anchor_day,
                l.time_zone, p.carrier_product, o.effect, o.term_unit, o.term_count, o.data_unlimited, o.data_bytes,
                o.minutes, o.sms, o.amount_minor, o.currency, o.promised_until
         from orders o join lines l on l.id = o.line_id join plans p on p.code = o.plan
         where o.id = $1",
    )
    .bind(order)
    .fetch_one(conn)
    .await
}

/// Returns the id of the order's one provisioning, this or an earlier one.
pub async fn insert(
    conn: &mut PgConnection,
    id: ProvisioningId,
    place: &Place,
    request: &RenewalRequest,
    reserved: Option<String>,
) -> sqlx::Result<ProvisioningId> {
    sqlx::query(
        "insert into provisionings (id, order_id, attempt_id, account_id, carrier, request_id, request, created_at,
           carrier_reference)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict (order_id) do nothing",
    )
    .bind(id)
    .bind(place.order_id)
    .bind(place.attempt_id)
    .bind(place.account_id)
    .bind(&request.line.carrier)
    .bind(&request.request_id)
    .bind(Json(request))
    .bind(place.now)
    .bind(reserved)
    .execute(&mut *conn)
    .await?;
    sqlx::query_scalar("select id from provisionings where order_id = $1").bind(place.order_id).fetch_one(conn).await
}

#[derive(sqlx::FromRow)]
struct Row {
    id: ProvisioningId,
    order_id: OrderId,
    carrier: String,
    request: Json<RenewalRequest>,
    carrier_reference: Option<String>,
    baseline: Option<serde_json::Value>,
    status: State,
    asked_count: i32,
    refusal: Option<String>,
    carrier_until: Option<Date>,
    created_at: OffsetDateTime,
    submitted_at: Option<OffsetDateTime>,
    finished_at: Option<OffsetDateTime>,
}

impl From<Row> for Provisioning {
    fn from(row: Row) -> Provisioning {
        Provisioning {
            id: row.id,
            order_id: row.order_id,
            carrier: row.carrier,
            request: row.request.0,
            carrier_reference: row.carrier_reference,
            baseline: row.baseline,
            state: row.status,
            asked_count: row.asked_count,
            refusal: row.refusal,
            carrier_until: row.carrier_until,
            created_at: row.created_at,
            submitted_at: row.submitted_at,
            finished_at: row.finished_at,
        }
    }
}

pub async fn by_id(db: impl PgExecutor<'_>, id: ProvisioningId) -> sqlx::Result<Option<Provisioning>> {
    let row = sqlx::query_as::<_, Row>("select * from provisionings where id = $1").bind(id).fetch_optional(db).await?;
    Ok(row.map(Provisioning::from))
}

pub async fn of_order(db: impl PgExecutor<'_>, order: OrderId) -> sqlx::Result<Option<Provisioning>> {
    let select = "select * from provisionings where order_id = $1";
    let row = sqlx::query_as::<_, Row>(select).bind(order).fetch_optional(db).await?;
    Ok(row.map(Provisioning::from))
}

/// Whether the carrier may be renewing the line, or has and it is not written down on the line yet.
pub async fn under_way(conn: &mut PgConnection, line: LineId) -> sqlx::Result<bool> {
    sqlx::query_scalar(
        "select exists (select from orders o join provisionings p on p.order_id = o.id
           where o.line_id = $1 and (p.status in ('queued', 'submitted', 'unknown') or o.status = 'paid'))",
    )
    .bind(line)
    .fetch_one(conn)
    .await
}

/// Those that have not ended, by the carrier's or our reference, else by their line.
pub async fn open(
    conn: &mut PgConnection,
    carrier: &str,
    reference: Option<&str>,
    line: Option<LineId>,
) -> sqlx::Result<Vec<ProvisioningId>> {
    sqlx::query_scalar(
        "select p.id from provisionings p join orders o on o.id = p.order_id
         where p.carrier = $1 and p.status in ('queued', 'submitted', 'unknown')
           and (p.request_id = $2 or p.carrier_reference = $2 or o.line_id = $3)",
    )
    .bind(carrier)
    .bind(reference)
    .bind(line)
    .fetch_all(conn)
    .await
}

/// Written down before the request goes out, so that a crash can't hide that it did. False if it
/// has ended meanwhile.
pub async fn mark_sent(
    db: impl PgExecutor<'_>,
    id: ProvisioningId,
    baseline: &serde_json::Value,
    now: OffsetDateTime,
) -> sqlx::Result<bool> {
    let marked = sqlx::query(
        "update provisionings set submitted_at = $2, baseline = $3
         where id = $1 and status in ('queued', 'submitted', 'unknown')",
    )
    .bind(id)
    .bind(now)
    .bind(baseline)
    .execute(db)
    .await?;
    Ok(marked.rows_affected() == 1)
}

/// Where a step with the carrier leaves it.
pub struct Step<'a> {
    pub state: State,
    pub asked_count: i32,
    /// The carrier surely has nothing of it.
    pub unsent: bool,
    pub refusal: Option<&'a str>,
    pub carrier_reference: Option<&'a str>,
    pub carrier_until: Option<Date>,
    pub finished_at: Option<OffsetDateTime>,
}

/// False if it is no longer in the state it was read in.
pub async fn record(conn: &mut PgConnection, was: &Provisioning, step: Step<'_>) -> sqlx::Result<bool> {
    let moved = sqlx::query(
        "update provisionings set status = $3, asked_count = $4, refusal = $6, carrier_until = $7, finished_at = $8,
                carrier_reference = coalesce($9, carrier_reference),
                submitted_at = case when $5 then null else submitted_at end
         where id = $1 and status = $2",
    )
    .bind(was.id)
    .bind(was.state)
    .bind(step.state)
    .bind(step.asked_count)
    .bind(step.unsent)
    .bind(step.refusal)
    .bind(step.carrier_until)
    .bind(step.finished_at)
    .bind(step.carrier_reference)
    .execute(conn)
    .await?;
    Ok(moved.rows_affected() == 1)
}
