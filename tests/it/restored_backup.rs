//! A backup of an hour ago is put back; gateway and carrier have gone on. What the backup knows of ends once, and what it
//! does not know is told to a person.

use renewal_portal::invariants;
use renewal_portal::payments::reconcile;
use sqlx::{AssertSqlSafe, PgConnection};
use time::Duration;

use crate::support::portal::TestPortal;

/// The portal's tables; the gateway's and the carrier's have schemas of their own.
async fn tables(db: &mut PgConnection) -> Vec<String> {
    sqlx::query_scalar(
        "select relname::text from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace",
    )
    .fetch_all(db)
    .await
    .unwrap()
}

async fn back_up(portal: &TestPortal) {
    let mut tx = portal.db.pool.begin().await.unwrap();
    sqlx::raw_sql("set transaction isolation level repeatable read; create schema backup")
        .execute(&mut *tx)
        .await
        .unwrap();
    for table in tables(&mut tx).await {
        let copy = format!("create table backup.\"{table}\" as table public.\"{table}\"");
        sqlx::query(AssertSqlSafe(copy)).execute(&mut *tx).await.unwrap();
    }
    tx.commit().await.unwrap();
}

/// As `pg_restore` does: data without triggers.
async fn restore(portal: &TestPortal) {
    let mut tx = portal.db.pool.begin().await.unwrap();
    sqlx::raw_sql("set local session_replication_role = replica").execute(&mut *tx).await.unwrap();
    let tables = tables(&mut tx).await;
    let all = tables.iter().map(|table| format!("public.\"{table}\"")).collect::<Vec<_>>().join(", ");
    sqlx::query(AssertSqlSafe(format!("truncate {all}"))).execute(&mut *tx).await.unwrap();
    for table in tables {
        let columns: String = sqlx::query_scalar(
            "select string_agg(quote_ident(attname), ', ') from pg_attribute
             where attrelid = ('public.' || quote_ident($1))::regclass and attnum > 0 and not attisdropped and attgenerated = ''",
        )
        .bind(&table)
        .fetch_one(&mut *tx)
        .await
        .unwrap();
        let copy = format!(
            "insert into public.\"{table}\" ({columns}) overriding system value select {columns} from backup.\"{table}\""
        );
        sqlx::query(AssertSqlSafe(copy)).execute(&mut *tx).await.unwrap();
    }
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn what_it_knows_ends_once_and_what_it_does_not_is_told() {
    let portal = TestPortal::start().await;
    let (mut mei, line) = portal.mei_with("100").await;
    let other = portal.line(mei.account, "100").await;
    let order = mei.place(line, "P30").await;
    let page = mei.pay(order).await;
    back_up(&portal).await;
    mei.press(&page, "pay").await;
    portal.until(order, "fulfilled").await;
    let (until, renewed) = (portal.until_of(line).await, "select count(*) from simulator.renewals");
    let lost = mei.buy(other, "P30", "pay").await;
    portal.until(lost, "fulfilled").await;
    assert_eq!(portal.count(renewed).await, 2);

    restore(&portal).await;
    assert_eq!(portal.status(order).await, "awaiting_payment");
    assert_eq!(portal.count("select count(*) from orders").await, 1);
    portal.until(order, "fulfilled").await;
    portal.settle().await;
    assert_eq!((portal.until_of(line).await, portal.count(renewed).await), (until, 2), "renewed once, as before");
    assert_eq!(portal.count("select count(*) from payment_attempts where status = 'succeeded'").await, 1);

    // The other payment is the gateway's word against nothing: it is on the list that a person signs off.
    let gateway = portal.app.gateways.named("sandbox").unwrap();
    let day = portal.clock.now().date();
    for day in [day - Duration::days(1), day] {
        reconcile::of_day(&portal.db.pool, &portal.clock, gateway.as_ref(), day).await.unwrap();
    }
    assert_eq!(
        portal
            .count("select count(*) from reconciliation_items where list = 'theirs_not_ours' and repair is null")
            .await,
        1
    );
    let verdicts = invariants::prove(&portal.db.pool).await.unwrap();
    let broken: Vec<_> = verdicts.iter().filter(|verdict| !verdict.breaks.is_empty()).collect();
    let told: Vec<_> = broken.iter().map(|verdict| (verdict.id, verdict.breaks.len())).collect();
    assert_eq!(told, [("I8", 1), ("I3", 1)], "the payment and the renewal that nobody knows of: {broken:#?}");
}
