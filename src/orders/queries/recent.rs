use super::listing::ListedOrder;
use crate::ids::OrderId;
use crate::money::Currency;
use crate::orders::model::OrderStatus;
use crate::orders::standing::Facts;
use time::OffsetDateTime;

/// One of the newest orders, its columns named apart from those of the line it is read beside.
#[derive(sqlx::FromRow)]
pub struct RecentOrder {
    o_id: OrderId,
    o_number: String,
    o_created_at: OffsetDateTime,
    o_amount_minor: i64,
    #[sqlx(try_from = "String")]
    o_currency: Currency,
    o_plan_zh: String,
    o_plan_en: String,
    o_msisdn: Option<String>,
    o_iccid: String,
    o_status: OrderStatus,
    o_paid_at: Option<OffsetDateTime>,
    attempt_status: Option<String>,
    money_undecided: bool,
    provisioning_status: Option<String>,
    refund_status: Option<String>,
    refund_reason: Option<String>,
    o_differs: bool,
    o_has_receipt: bool,
}

impl From<RecentOrder> for ListedOrder {
    fn from(row: RecentOrder) -> Self {
        Self {
            id: row.o_id,
            number: row.o_number,
            created_at: row.o_created_at,
            amount_minor: row.o_amount_minor,
            currency: row.o_currency,
            plan_zh: row.o_plan_zh,
            plan_en: row.o_plan_en,
            msisdn: row.o_msisdn,
            iccid: row.o_iccid,
            facts: Facts {
                status: row.o_status,
                attempt_status: row.attempt_status,
                money_undecided: row.money_undecided,
                provisioning_status: row.provisioning_status,
                refund_status: row.refund_status,
                refund_reason: row.refund_reason,
                differs: row.o_differs,
                paid_at: row.o_paid_at,
            },
            has_receipt: row.o_has_receipt,
            total: 0,
        }
    }
}

/// The newest orders of the account `$1`, numbered.
macro_rules! recent_orders {
    () => {
        "select o.id as o_id, o.number as o_number, o.created_at as o_created_at, o.amount_minor as o_amount_minor,
                o.currency as o_currency, op.name_zh as o_plan_zh, op.name_en as o_plan_en, ol.msisdn as o_msisdn,
                ol.iccid as o_iccid, o.status as o_status, o.paid_at as o_paid_at, a.status as attempt_status,
                p.status as provisioning_status, rf.status as refund_status, rf.reason as refund_reason,
                coalesce(o.fulfilled_until <> o.promised_until, false) as o_differs, o.fulfilled_until is not null as o_has_receipt,
                coalesce(a.status = 'succeeded' and not a.applied and a.refund_reserved_minor = 0, false) as money_undecided,
                row_number() over (order by o.created_at desc) as n
         from (select * from orders where account_id = $1 order by created_at desc limit 5) o
         join lines ol on ol.id = o.line_id join plans op on op.code = o.plan
         left join provisionings p on p.order_id = o.id
         left join lateral (select * from payment_attempts where order_id = o.id order by created_at desc limit 1) a on true
         left join lateral (select r.status, r.reason from refunds r join payment_attempts ra on ra.id = r.attempt_id
           where ra.order_id = o.id order by r.created_at desc limit 1) rf on true"
    };
}
pub(crate) use recent_orders;
