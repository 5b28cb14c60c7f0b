//! An order whose money has come, as rows: where provisioning begins.

use renewal_portal::calendar::{Zone, add_days, today};
use renewal_portal::carriers::names;
use renewal_portal::ids::{AccountId, AttemptId, LineId, OrderId, order_number};
use sqlx::PgPool;
use time::{Date, OffsetDateTime};
use uuid::Uuid;

pub struct PaidOrder {
    pub order: OrderId,
    pub attempt: AttemptId,
    pub account: AccountId,
    pub promised_until: Date,
}

/// 30 days stacked on a line with a week left, paid for.
pub async fn paid_order(pool: &PgPool, number: &str, now: OffsetDateTime) -> PaidOrder {
    let zone = Zone::parse("Asia/Shanghai").unwrap();
    let until = add_days(today(now, &zone), 7).unwrap();
    let paid = PaidOrder {
        order: OrderId::new(),
        attempt: AttemptId::new(),
        account: AccountId::new(),
        promised_until: add_days(until, 30).unwrap(),
    };
    let line = LineId::new();
    catalogue(pool, now).await;
    holder(pool, &paid, line, number, until, now).await;
    money(pool, &paid, line, until, now).await;
    paid
}

async fn catalogue(pool: &PgPool, now: OffsetDateTime) {
    names::save(&mut pool.acquire().await.unwrap(), names::known()).await.unwrap();
    sqlx::query(
        "insert into plans (code, carrier, kinds, name_zh, name_en, term_unit, term_count, data_bytes, coverage,
           price_minor, currency, effect, carrier_product, created_at)
         values ('TEST-30', 'cucc', '{esim,fm_card}', '三十天', '30 days', 'day', 30, 1000000000, '{CN}',
           4900, 'CNY', 'stack', 'cucc:test-30', $1)
         on conflict do nothing",
    )
    .bind(now)
    .execute(pool)
    .await
    .unwrap();
}

async fn holder(pool: &PgPool, paid: &PaidOrder, line: LineId, number: &str, until: Date, now: OffsetDateTime) {
    sqlx::query("insert into accounts (id, email, email_key, name, created_at) values ($1, $2, $2, 'Someone', $3)")
        .bind(paid.account)
        .bind(format!("{}@test.example", paid.account))
        .bind(now)
        .execute(pool)
        .await
        .unwrap();
    sqlx::query(
        "insert into lines (id, account_id, kind, carrier, iccid, msisdn, plan, time_zone, valid_from, valid_until,
           anchor_day, usage_as_of, since, created_at)
         values ($1, $2, 'esim', 'cucc', $3, $4, 'TEST-30', 'Asia/Shanghai', $5, $6, 1, $7, $7, $7)",
    )
    .bind(line)
    .bind(paid.account)
    .bind(format!("8986{:016}", Uuid::new_v4().as_u128() % 10_u128.pow(16)))
    .bind(number)
    .bind(add_days(until, -29).unwrap())
    .bind(until)
    .bind(now)
    .execute(pool)
    .await
    .unwrap();
}

async fn money(pool: &PgPool, paid: &PaidOrder, line: LineId, until: Date, now: OffsetDateTime) {
    sqlx::query(
        "insert into orders (id, number, account_id, line_id, plan, attempt_key, amount_minor, currency, effect, status,
           time_zone, before_from, before_until, promised_from, promised_until, promised_anchor_day, expires_at,
           created_at, paid_at, plan_zh, plan_en, term_unit, term_count, data_unlimited, data_bytes, minutes, sms, iccid, msisdn)
         select $1, $2, $3, $4, p.code, gen_random_uuid(), 4900, 'CNY', 'stack', 'paid',
           'Asia/Shanghai', $5, $6, $5, $7, 1, $8, $8, $8, p.name_zh, p.name_en, p.term_unit, p.term_count, p.data_unlimited, p.data_bytes,
           p.minutes, p.sms, l.iccid, l.msisdn from plans p, lines l where p.code = 'TEST-30' and l.id = $4",
    )
    .bind(paid.order)
    .bind(order_number())
    .bind(paid.account)
    .bind(line)
    .bind(add_days(until, -29).unwrap())
    .bind(until)
    .bind(paid.promised_until)
    .bind(now)
    .execute(pool)
    .await
    .unwrap();
    sqlx::query(
        "insert into payment_attempts (id, order_id, order_number, language, return_url, account_id, amount_minor, currency, gateway, method, merchant_ref,
           provider_txn_id, status, received_minor, received_currency, applied, expires_at, created_at, succeeded_at)
         select $1, o.id, o.number, 'en', 'http://localhost/', $3, 4900, 'CNY', 'test', 'card', $4, $4, 'succeeded', 4900, 'CNY', true, $5, $5, $5
         from orders o where o.id = $2",
    )
    .bind(paid.attempt)
    .bind(paid.order)
    .bind(paid.account)
    .bind(paid.attempt.to_string())
    .bind(now)
    .execute(pool)
    .await
    .unwrap();
}
