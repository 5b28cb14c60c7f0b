//! What arrives at the notification address: genuine, forged, repeated and out of order.

use crate::support::payments::{AMOUNT, SECRET, World, world};
use hmac::{Hmac, KeyInit, Mac};
use renewal_portal::ids::AttemptId;
use renewal_portal::payments::{CLOSED, SETTLED, replay};
use sha2::Sha256;

fn sign(secret: &str, seconds: i64, body: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(format!("{seconds}.{body}").as_bytes());
    hex::encode(mac.finalize().into_bytes())
}

fn event(id: &str, kind: &str, merchant_ref: &str, transaction: &str) -> String {
    serde_json::json!({
        "id": id, "type": kind, "created_at": 1, "merchant_ref": merchant_ref,
        "payment": {"id": "sp_1", "status": "paid", "transaction_id": transaction, "received_minor": AMOUNT,
                    "received_currency": "CNY", "paid_at": 1_790_000_000},
    })
    .to_string()
}

impl World {
    async fn send(&self, body: &str, seconds: i64, signature: &str) -> u16 {
        let request = self.http.post(format!("{}/webhooks/sandbox", self.base));
        let request = request.header("sandbox-timestamp", seconds).header("sandbox-signature", signature);
        request.body(body.to_owned()).send().await.unwrap().status().as_u16()
    }

    async fn notify(&self, body: &str) -> u16 {
        let now = self.clock.now().unix_timestamp();
        self.send(body, now, &sign(SECRET, now, body)).await
    }

    async fn events(&self) -> i64 {
        self.count("select count(*) from gateway_events where gateway = $1", "sandbox").await
    }

    async fn reference(&self, attempt: AttemptId) -> String {
        self.attempt(attempt).await.merchant_ref
    }
}

#[tokio::test]
async fn what_is_not_genuine_is_refused_and_leaves_no_trace() {
    let world = world().await;
    let (attempt, _) = world.started().await;
    let body = event("evt_1", "payment.succeeded", &world.reference(attempt).await, "tx_1");
    let now = world.clock.now().unix_timestamp();
    let good = sign(SECRET, now, &body);
    let altered = body.replace("3000", "3001");
    let cases = [
        ("wrong key", body.as_str(), now, sign("another", now, &body)),
        ("altered byte", altered.as_str(), now, good.clone()),
        ("truncated", &body[..body.len() - 1], now, good.clone()),
        ("short signature", &body, now, good[..62].to_owned()),
        ("no hex", &body, now, "forged".to_owned()),
        ("another time", &body, now - 1, good.clone()),
        ("too old", &body, now - 303, sign(SECRET, now - 303, &body)),
        ("dated ahead", &body, now + 303, sign(SECRET, now + 303, &body)),
    ];
    for (what, body, seconds, signature) in cases {
        assert_eq!(world.send(body, seconds, &signature).await, 400, "{what}");
    }
    let unsigned = world.http.post(format!("{}/webhooks/sandbox", world.base)).body(body.clone()).send().await.unwrap();
    assert_eq!(unsigned.status(), 400);
    assert_eq!((world.events().await, world.state(attempt).await), (0, "pending"));
    assert_eq!(world.send(&body, now, &good).await, 200, "the same, untouched, is taken");
    assert_eq!(world.state(attempt).await, "succeeded");
}

#[tokio::test]
async fn more_than_a_notification_may_have_is_not_read() {
    let world = world().await;
    let body = " ".repeat(300 * 1024);
    assert_eq!(world.notify(&body).await, 413);
    let unknown = world.http.post(format!("{}/webhooks/nobody", world.base)).body("{}").send().await.unwrap();
    assert_eq!(unknown.status(), 404);
    assert_eq!(world.events().await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn twenty_at_once_settle_once() {
    let world = world().await;
    let (attempt, _) = world.started().await;
    let reference = world.reference(attempt).await;
    // Half repeat one event, half are other events that state the same fact.
    let bodies: Vec<String> = (0..20)
        .map(|n| event(&format!("evt_{}", if n % 2 == 0 { 0 } else { n }), "payment.succeeded", &reference, "tx_1"))
        .collect();
    let answers = futures_util::future::join_all(bodies.iter().map(|body| world.notify(body))).await;
    assert_eq!(answers, vec![200; 20]);
    assert_eq!((world.state(attempt).await, world.told(SETTLED).await), ("succeeded", 1));
    assert_eq!(world.events().await, 11);
    let settled = world.count("select count(*) from gateway_events where outcome = $1", "settled").await;
    assert_eq!(settled, 1);
}

#[tokio::test]
async fn another_transaction_on_the_same_attempt_changes_nothing_and_calls_a_person() {
    let world = world().await;
    let (attempt, _) = world.started().await;
    let reference = world.reference(attempt).await;
    assert_eq!(world.notify(&event("evt_1", "payment.succeeded", &reference, "tx_1")).await, 200);
    assert_eq!(world.notify(&event("evt_2", "payment.succeeded", &reference, "tx_2")).await, 200);
    assert_eq!(world.attempt(attempt).await.provider_txn_id.as_deref(), Some("tx_1"));
    assert_eq!(world.told(SETTLED).await, 1);
    assert_eq!(world.count("select count(*) from cases where kind = $1", "second_transaction").await, 1);
}

/// One transaction is recorded but not committed when another is notified: the second waits and then sees the first.
#[tokio::test]
async fn two_transactions_at_the_same_moment_are_told_apart() {
    let world = world().await;
    let (attempt, _) = world.started().await;
    let mut first = world.db.pool.begin().await.unwrap();
    sqlx::query(
        "update payment_attempts set status = 'succeeded', provider_txn_id = 'tx_1', received_minor = 3000,
                                     received_currency = 'CNY' where id = $1",
    )
    .bind(attempt)
    .execute(&mut *first)
    .await
    .unwrap();
    let body = event("evt_2", "payment.succeeded", &world.reference(attempt).await, "tx_2");
    let (status, ()) = tokio::join!(world.notify(&body), async {
        until_someone_waits(&world).await;
        first.commit().await.unwrap();
    });
    assert_eq!(status, 200);
    assert_eq!(world.attempt(attempt).await.provider_txn_id.as_deref(), Some("tx_1"));
    assert_eq!(world.count("select count(*) from cases where kind = $1", "second_transaction").await, 1);
}

async fn until_someone_waits(world: &World) {
    let waiting = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = $1";
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(10);
    while world.count(waiting, "Lock").await == 0 {
        assert!(std::time::Instant::now() < deadline, "nobody waits for the lock");
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn an_unknown_reference_is_kept_and_asked_for_again() {
    let world = world().await;
    let (attempt, _) = world.started().await;
    let body = event("evt_1", "payment.succeeded", "R000", "tx_1");
    assert_eq!(world.notify(&body).await, 404);
    assert_eq!(world.events().await, 1);
    assert_eq!(world.notify(&body).await, 404, "stored is not processed");
    assert_eq!(replay::replay_unprocessed(&world.db.pool, &world.clock, &world.gateways).await.unwrap(), 0);
    sqlx::query("update payment_attempts set merchant_ref = 'R000'").execute(&world.db.pool).await.unwrap();
    assert_eq!(replay::replay_unprocessed(&world.db.pool, &world.clock, &world.gateways).await.unwrap(), 1);
    assert_eq!(world.state(attempt).await, "succeeded");
    assert_eq!(world.notify(&body).await, 200);
    assert_eq!(world.told(SETTLED).await, 1);
}

#[tokio::test]
async fn a_genuine_body_that_cannot_be_read_is_kept() {
    let world = world().await;
    for body in ["{}", "<html>", r#"{"id":"evt_9","type":"payment.succeeded","merchant_ref":"R1"}"#] {
        assert_eq!(world.notify(body).await, 404, "{body}");
    }
    assert_eq!(world.events().await, 3);
    assert_eq!(world.notify(r#"{"id":"evt_10","type":"a.new.kind"}"#).await, 200);
}

/// Every order of up to four events, each also with one of them repeated at the end, ends the same.
#[tokio::test]
async fn whatever_the_order_the_end_is_the_same() {
    let world = world().await;
    let kinds = ["payment.processing", "payment.succeeded", "payment.failed", "payment.closed"];
    for chosen in 1u32..16 {
        let subset: Vec<&str> = (0..4).filter(|bit| chosen >> bit & 1 == 1).map(|bit| kinds[bit]).collect();
        let paid = subset.contains(&"payment.succeeded");
        let ended = subset.contains(&"payment.failed") || subset.contains(&"payment.closed");
        for (n, order) in permutations(&subset).into_iter().enumerate() {
            let attempt = fresh_attempt(&world).await;
            let reference = world.reference(attempt).await;
            for kind in order.iter().chain(&order[..1]) {
                let id = format!("evt_{chosen}_{n}_{kind}");
                assert_eq!(world.notify(&event(&id, kind, &reference, &format!("tx_{chosen}_{n}"))).await, 200);
            }
            let state = world.state(attempt).await;
            match (paid, ended) {
                (true, _) => assert_eq!(state, "succeeded", "{order:?}"),
                (false, true) => assert!(["failed", "closed"].contains(&state), "{order:?} {state}"),
                (false, false) => assert_eq!(state, "pending", "{order:?}"),
            }
            let key = attempt.to_string();
            let told =
                world.count("select count(*) from jobs where dedupe_key = $1 and kind = 'payment-settled'", &key).await;
            assert_eq!(told, i64::from(paid), "{order:?}");
        }
    }
    assert!(world.told(CLOSED).await > 0);
}

/// An attempt that is ready, for an order that no other stands in the way of.
async fn fresh_attempt(world: &World) -> AttemptId {
    sqlx::query("update orders set status = 'cancelled' where status = 'awaiting_payment'")
        .execute(&world.db.pool)
        .await
        .unwrap();
    let attempt = world.open(world.order().await).await;
    sqlx::query("update payment_attempts set status = 'pending' where id = $1")
        .bind(attempt)
        .execute(&world.db.pool)
        .await
        .unwrap();
    attempt
}

fn permutations<'a>(of: &[&'a str]) -> Vec<Vec<&'a str>> {
    if of.is_empty() {
        return vec![vec![]];
    }
    let mut all = Vec::new();
    for (at, first) in of.iter().enumerate() {
        let rest: Vec<&str> = of.iter().enumerate().filter(|(n, _)| *n != at).map(|(_, one)| *one).collect();
        all.extend(permutations(&rest).into_iter().map(|tail| [vec![*first], tail].concat()));
    }
    all
}
