use crate::support::db::fresh_db;
use renewal_portal::db::MIGRATOR;
use sqlx::PgPool;

async fn rows(pool: &PgPool, sql: &'static str) -> Vec<String> {
    sqlx::query_scalar(sql).fetch_all(pool).await.expect("the catalogue of the database")
}

#[tokio::test]
async fn they_apply_to_an_empty_database_and_then_change_nothing() {
    let db = fresh_db().await;
    sqlx::raw_sql("drop schema public cascade; create schema public")
        .execute(&db.pool)
        .await
        .expect("an empty database");
    let tables = "select table_name::text || '.' || column_name from information_schema.columns where table_schema = 'public' order by 1";
    assert!(rows(&db.pool, tables).await.is_empty());
    MIGRATOR.run(&db.pool).await.expect("the migrations");
    let first = rows(&db.pool, tables).await;
    assert!(first.contains(&"orders.line_id".to_owned()));
    MIGRATOR.run(&db.pool).await.expect("the migrations, again");
    assert_eq!(rows(&db.pool, tables).await, first);
}

#[tokio::test]
async fn every_table_has_a_primary_key() {
    let db = fresh_db().await;
    let keyless = "select c.relname::text from pg_class c
        where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
          and not exists (select from pg_constraint k where k.conrelid = c.oid and k.contype = 'p')";
    assert_eq!(rows(&db.pool, keyless).await, [""; 0]);
}

/// Without one, deleting or locking the row referred to reads the whole table. Small fixed lists that are never
/// deleted from need none.
#[tokio::test]
async fn every_reference_between_large_tables_has_its_index() {
    let db = fresh_db().await;
    let bare = "select k.conrelid::regclass::text || ' (' || string_agg(a.attname, ', ' order by array_position(k.conkey, a.attnum)) || ')'
        from pg_constraint k join pg_attribute a on a.attrelid = k.conrelid and a.attnum = any(k.conkey)
        where k.contype = 'f' and k.connamespace = 'public'::regnamespace
          and k.confrelid not in ('carriers'::regclass, 'plans'::regclass)
          and not exists (select from pg_index i where i.indrelid = k.conrelid and (i.indkey::int2[])[0] = any(k.conkey))
        group by k.oid, k.conrelid order by 1";
    assert_eq!(rows(&db.pool, bare).await, [""; 0]);
}

#[tokio::test]
async fn every_state_is_checked_by_the_database() {
    let db = fresh_db().await;
    let unchecked = "select a.attrelid::regclass::text || '.' || a.attname
        from pg_attribute a join pg_class c on c.oid = a.attrelid
        where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and a.attname in ('status', 'state', 'role', 'effect', 'currency')
          and not exists (select from pg_constraint k where k.conrelid = c.oid and k.contype = 'c' and a.attnum = any(k.conkey)) order by 1";
    assert_eq!(rows(&db.pool, unchecked).await, [""; 0]);
}
