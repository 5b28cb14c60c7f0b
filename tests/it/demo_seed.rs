//! The demo's made-up operator keeps every promise the portal makes about real ones.

use std::time::{Duration, Instant};

use renewal_portal::demo::seed;
use renewal_portal::simulator::ledger;
use sqlx::PgPool;

use crate::support::db::fresh_db;

async fn number(pool: &PgPool, sql: &'static str) -> i64 {
    sqlx::query_scalar(sql).fetch_one(pool).await.expect(sql)
}

#[tokio::test]
async fn the_demo_is_seeded_once_and_believably() {
    let db = fresh_db().await;
    let started = Instant::now();
    seed::unless_seeded(&db.pool, |_| {}).await.expect("a seeded demo");
    assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
    let lines = number(&db.pool, "select count(*) from lines").await;
    assert!((2_700..3_300).contains(&lines), "{lines}");

    for (sql, least) in [
        ("select count(*) from accounts where role = 'customer' and password_hash is null", 2_000),
        ("select count(*) from plans", 18),
        ("select count(distinct carrier) from plans", 6),
        ("select count(distinct effect) from plans", 6),
        ("select count(distinct currency) from plans", 6),
        ("select count(*) from lines where status = 'suspended'", 10),
        ("select count(*) from lines where data_unlimited", 50),
        ("select count(*) from lines where kind = 'fm_card' and carrier_balance_minor > 0", 100),
        ("select count(*) from lines where valid_until < current_date - 1", 100),
        ("select count(*) from lines where valid_until between current_date - 1 and current_date + 3", 100),
        ("select count(distinct status) from orders", 5),
        ("select count(*) from orders", 60),
        ("select count(distinct kind) from cases where closed_at is null", 2),
    ] {
        let found = number(&db.pool, sql).await;
        assert!(found >= least, "{sql}: {found}");
    }
    nothing_is_out_of_place(&db.pool).await;
    the_bank_knows_what_was_paid(&db.pool).await;
    let books =
        ledger::check(&mut db.pool.acquire().await.unwrap()).await.expect("the carrier's books").expect("books");
    assert_eq!(books.broken(), 0, "{books:?}");
    assert!(books.renewals >= 20, "{books:?}");

    let li_wei: Vec<String> = sqlx::query_scalar(
        "select right(msisdn, 3) from lines l join accounts a on a.id = l.account_id
         where a.email = 'li.wei@demo.example' order by valid_until",
    )
    .fetch_all(&db.pool)
    .await
    .expect("lines");
    assert_eq!(li_wei, ["100", "104", "120", "101", "103", "106"]);

    seed::unless_seeded(&db.pool, |text| panic!("seeded twice: {text}")).await.expect("nothing to do");
    assert_eq!(number(&db.pool, "select count(*) from lines").await, lines);
}

/// So that it can be given back.
async fn the_bank_knows_what_was_paid(pool: &PgPool) {
    let paid = "select count(*) from payment_attempts a where a.status = 'succeeded'";
    let known = "select count(*) from payment_attempts a join sandbox.payments p
           on p.merchant_ref = a.merchant_ref and p.transaction_id = a.provider_txn_id and p.received_minor = a.received_minor";
    let back = "select count(*) from refunds";
    let known_back =
        "select count(*) from refunds join sandbox.refunds using (merchant_refund_no, amount_minor, status)";
    let counts = (number(pool, paid).await, number(pool, back).await);
    assert!(counts.0 > 20 && counts.1 > 5, "{counts:?}");
    assert_eq!((number(pool, known).await, number(pool, known_back).await), counts);
}

/// Each of these counts something that must not be.
async fn nothing_is_out_of_place(pool: &PgPool) {
    for sql in [
        "select count(*) from orders o where status = 'fulfilled' and not exists
           (select from payment_attempts a join provisionings p on p.attempt_id = a.id
            where a.order_id = o.id and a.applied and p.status = 'succeeded' and p.carrier_until = o.fulfilled_until)",
        "select count(*) from payment_attempts a join orders o on o.id = a.order_id
         where a.received_minor - coalesce((select sum(r.amount_minor) from refunds r where r.attempt_id = a.id and r.status = 'succeeded'), 0)
           <> case when o.status = 'fulfilled' then o.amount_minor else 0 end",
        "select count(*) from lines l join lateral
           (select * from line_validities v where v.line_id = l.id order by entry desc limit 1) v on true
         where (l.valid_from, l.valid_until, l.anchor_day) <> (v.valid_from, v.valid_until, v.anchor_day)",
        "select count(*) from line_validities v join line_validities b on b.line_id = v.line_id and b.entry = v.entry - 1
         where v.before_until <> b.valid_until",
        "select count(*) from orders o where status = 'needs_attention' and not exists (select from cases c where c.order_id = o.id)",
        "select count(*) from orders o where status = 'fulfilled' and fulfilled_until <> promised_until
           and not exists (select from cases c where c.order_id = o.id and c.kind = 'deviation')",
        "select count(*) from orders o where not exists (select from order_events e where e.order_id = o.id and e.to_status = o.status)",
        "select count(*) from orders where created_at > now()",
        "select count(*) from orders where status in ('awaiting_payment', 'paid', 'refunding')",
        "select count(*) from lines l join accounts a on a.id = l.account_id where a.email like '%@customers.example' and right(msisdn, 3)::int < 300",
        "select count(*) from lines where iccid !~ '^89[0-9]{17,18}$'",
        "select count(*) from lines where kind = 'esim' and (eid is null or eid::numeric % 97 <> 1 or activation_code is null)",
    ] {
        assert_eq!(number(pool, sql).await, 0, "{sql}");
    }
}
