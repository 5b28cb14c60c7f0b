//! The trail of who did what: sealed in batches without anybody waiting, and whatever is changed in it afterwards is found.

use renewal_portal::audit::{self, Act, Actor, Mark, export, seal};
use renewal_portal::db;
use renewal_portal::invariants;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use sqlx::{AssertSqlSafe, PgPool};
use time::OffsetDateTime;

use crate::support::db::fresh_db;
use crate::support::portal::TestPortal;

fn act(n: i64) -> Act<'static> {
    let at = OffsetDateTime::from_unix_timestamp(1_800_000_000 + n).unwrap();
    let subject = Some(("order", n.to_string()));
    Act { at, actor: Actor::SYSTEM, action: "order.created", account: None, subject, detail: json!({ "n": n }) }
}

async fn written(pool: &PgPool, count: i64) {
    for n in 0..count {
        audit::record(pool, act(n)).await.unwrap();
    }
}

async fn sealed(pool: &PgPool) -> i64 {
    let mut tx = db::begin(pool).await.unwrap();
    let sealed = seal::seal(&mut tx).await.unwrap();
    tx.commit().await.unwrap();
    sealed
}

async fn breaks(pool: &PgPool) -> Vec<String> {
    audit::verify(&mut pool.acquire().await.unwrap()).await.unwrap().breaks
}

/// As somebody does who owns the database: the guards are no guards to them.
async fn tampered(sql: &str) -> Vec<String> {
    let pool = fresh_db().await.pool;
    written(&pool, 5).await;
    assert_eq!((sealed(&pool).await, breaks(&pool).await), (5, vec![]));
    sqlx::raw_sql(AssertSqlSafe(format!("alter table audit_log disable trigger all; {sql}")))
        .execute(&pool)
        .await
        .unwrap();
    breaks(&pool).await
}

#[tokio::test]
async fn whatever_is_changed_afterwards_is_found() {
    for (sql, told) in [
        ("update audit_log set at = at + interval '1 microsecond' where position = 3", "position 3"),
        ("update audit_log set actor_role = 'admin' where position = 3", "position 3"),
        ("update audit_log set account_id = gen_random_uuid() where position = 3", "position 3"),
        ("update audit_log set subject_id = 'x' where position = 3", "position 3"),
        ("update audit_log set detail = '{}' where position = 3", "position 3"),
        ("delete from audit_log where position = 1", "nothing stands between 0 and 2"),
        ("delete from audit_log where position = 3", "nothing stands between 2 and 4"),
        ("delete from audit_log where position = 5", "the trail ends at 4"),
        ("delete from audit_log", "the trail ends at 0"),
        ("update audit_log set position = null, hash = null where position = 3", "nothing stands between 2 and 4"),
        (
            "update audit_log set position = position + 100 where position > 2;
             update audit_log set position = position - 99 where position > 100;
             insert into audit_log (at, actor_role, action, position, hash) values (now(), 'system', 'made.up', 3, sha256(''))",
            "position 3",
        ),
        ("insert into audit_log (at, actor_role, action, position, hash) values (now(), 'system', 'made.up', 6, sha256(''))", "position 6"),
    ] {
        let found = tampered(sql).await.join("; ");
        assert!(found.contains(told), "{sql}: {found:?}");
    }
    let swapped = "update audit_log a set detail = b.detail from audit_log b
                   where a.position + b.position = 5 and a.position in (2, 3)";
    assert_eq!(tampered(swapped).await.len(), 2);
}

#[tokio::test]
async fn nobody_changes_a_row_by_mistake() {
    let pool = fresh_db().await.pool;
    written(&pool, 2).await;
    let (update, delete) = ("update audit_log set action = 'x'", "delete from audit_log");
    for sql in
        [update, delete, "truncate audit_log", "update audit_log set position = 1, hash = sha256(''), detail = '1'"]
    {
        assert!(sqlx::query(sql).execute(&pool).await.is_err(), "{sql}, before it is sealed");
    }
    sealed(&pool).await;
    for sql in [update, delete, "truncate audit_log", "update audit_log set position = null, hash = null"] {
        assert!(sqlx::query(sql).execute(&pool).await.is_err(), "{sql}, after it is sealed");
    }
    assert_eq!(breaks(&pool).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_writer_waits_for_nobody_and_comes_into_the_chain_late() {
    let pool = fresh_db().await.pool;
    let mut slow = db::begin(&pool).await.unwrap();
    audit::record(&mut *slow, act(1)).await.unwrap();
    // Neither another writer nor the sealing waits for a transaction that goes on.
    let mut other = db::begin(&pool).await.unwrap();
    sqlx::query("set local lock_timeout = '1ms'").execute(&mut *other).await.unwrap();
    audit::record(&mut *other, act(2)).await.unwrap();
    other.commit().await.unwrap();
    let mut sealing = db::begin(&pool).await.unwrap();
    sqlx::query("set local lock_timeout = '1ms'").execute(&mut *sealing).await.unwrap();
    assert_eq!(seal::seal(&mut sealing).await.unwrap(), 1);
    audit::record(&pool, act(3)).await.unwrap();
    sealing.commit().await.unwrap();
    slow.commit().await.unwrap();
    assert_eq!(sealed(&pool).await, 2);
    let order: Vec<String> =
        sqlx::query_scalar("select subject_id from audit_log order by position").fetch_all(&pool).await.unwrap();
    assert_eq!(order, ["2", "1", "3"]);
    assert_eq!(breaks(&pool).await, Vec::<String>::new());
}

#[tokio::test]
async fn two_who_seal_at_once_make_one_chain() {
    let pool = fresh_db().await.pool;
    let mut tasks = tokio::task::JoinSet::new();
    for writer in 0..4 {
        let pool = pool.clone();
        tasks.spawn(async move {
            for n in 0..25 {
                audit::record(&pool, act(writer * 100 + n)).await.unwrap();
                sealed(&pool).await;
            }
        });
    }
    tasks.join_all().await;
    let proof = audit::verify(&mut pool.acquire().await.unwrap()).await.unwrap();
    assert_eq!((proof.sealed, proof.waiting, proof.breaks), (100, 0, vec![]));
}

#[tokio::test]
async fn a_chain_written_anew_does_not_go_through_an_old_mark() {
    let pool = fresh_db().await.pool;
    written(&pool, 3).await;
    sealed(&pool).await;
    let mut conn = pool.acquire().await.unwrap();
    let mark: Mark = audit::end(&mut conn).await.unwrap().parse().unwrap();
    written(&pool, 1).await;
    sealed(&pool).await;
    assert!(audit::holds(&mut conn, &mark).await.unwrap());
    let anew = "alter table audit_log disable trigger all;
                update audit_log set position = null, hash = null; delete from audit_log where subject_id = '1';
                update audit_head set position = 0, hash = decode(repeat('00', 32), 'hex')";
    sqlx::raw_sql(anew).execute(&pool).await.unwrap();
    sealed(&pool).await;
    assert_eq!(breaks(&pool).await, Vec::<String>::new(), "the chain by itself is whole");
    assert!(!audit::holds(&mut conn, &mark).await.unwrap());
    assert!("nonsense".parse::<Mark>().is_err());
}

#[tokio::test]
async fn what_is_written_out_can_be_gone_along_without_us() {
    let pool = fresh_db().await.pool;
    written(&pool, 4).await;
    sealed(&pool).await;
    let mut conn = pool.acquire().await.unwrap();
    let mut out = vec![];
    assert_eq!(export::export(&mut conn, 0, &mut out).await.unwrap(), 4);
    let mut last = vec![0; 32];
    for line in String::from_utf8(out).unwrap().lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        last = Sha256::new().chain_update(&last).chain_update(line["entry"].as_str().unwrap()).finalize().to_vec();
        assert_eq!(line["hash"], hex::encode(&last));
    }
    assert!(audit::end(&mut conn).await.unwrap().ends_with(&hex::encode(&last)));
    let mut rest = vec![];
    assert_eq!(export::export(&mut conn, 3, &mut rest).await.unwrap(), 1);
    assert!(String::from_utf8(rest).unwrap().contains("order.created"));
}

#[tokio::test]
async fn the_portal_seals_by_itself_and_its_audit_looks() {
    let portal = TestPortal::start().await;
    portal.mei().await;
    portal.work().await;
    let broken = |verdicts: Vec<invariants::Verdict>| {
        let trail = verdicts.into_iter().find(|verdict| verdict.id == "I12").expect("the trail is looked at");
        assert!(trail.looked_at > 0, "nothing is sealed");
        trail.breaks.len()
    };
    assert_eq!(broken(invariants::prove(&portal.db.pool).await.unwrap()), 0);
    portal.run("alter table audit_log disable trigger all").await;
    portal.run("update audit_log set action = 'nothing.done' where position = 1").await;
    assert_eq!(broken(invariants::prove(&portal.db.pool).await.unwrap()), 1);
}
