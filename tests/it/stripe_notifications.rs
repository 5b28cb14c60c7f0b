//! What arrives at `/webhooks/stripe`, signed by Stripe's own libraries.

use crate::support::payments::{World, world};
use crate::support::stripe::{OLD_SECRET, SECRET, paid, signed_by};
use renewal_portal::ids::AttemptId;
use serde_json::{Value, json};
use std::time::Duration;

const LIBRARIES: [&str; 2] = ["stripe.mjs", "stripe.py"];

impl World {
    /// Sets the clock to the beginning of this second.
    async fn be_at(&self, second: i64) {
        while self.clock.now().millisecond() > 300 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        self.pass(second - self.clock.now().unix_timestamp()).await;
    }

    async fn stored(&self) -> i64 {
        self.count("select count(*) from gateway_events where gateway = $1", "stripe").await
    }

    async fn open_reference(&self) -> (AttemptId, String) {
        let (attempt, _) = self.started_at_stripe().await;
        (attempt, self.attempt(attempt).await.merchant_ref)
    }

    /// Signed now, by the official library.
    async fn genuine(&self, body: &str) -> u16 {
        let now = self.clock.now().unix_timestamp();
        self.tell_as_stripe(body, &signed_by(LIBRARIES[0], SECRET, now, body).await).await
    }
}

#[tokio::test]
async fn what_the_official_libraries_sign_is_believed_and_nothing_else() {
    let world = world().await;
    for library in LIBRARIES {
        let (attempt, reference) = world.open_reference().await;
        let body = changed(&format!("evt_{library}"), &reference, "/data/object/payment_intent", library.into());
        let before = world.stored().await;
        let now = world.clock.now().unix_timestamp();
        let good = signed_by(library, SECRET, now, &body).await;

        let mut altered = body.clone().into_bytes();
        let last = altered.len() - 2;
        altered[last] ^= 1;
        assert_eq!(world.tell_as_stripe(altered, &good).await, 400, "{library}: altered by a bit");
        for (secret, seconds, why) in [
            (SECRET, now - 301, "aged"),
            (SECRET, now + 301, "dated ahead"),
            ("whsec_of_somebody_else", now, "another secret"),
        ] {
            let header = signed_by(library, secret, seconds, &body).await;
            world.be_at(now).await;
            assert_eq!(world.tell_as_stripe(body.clone(), &header).await, 400, "{library}: {why}");
        }
        assert_eq!((world.stored().await, world.state(attempt).await), (before, "pending"), "{library}");

        assert_eq!(world.tell_as_stripe(body.clone(), &good).await, 200, "{library}");
        assert_eq!(world.state(attempt).await, "succeeded", "{library}");
        assert_eq!(world.tell_as_stripe(body, &good).await, 200, "{library}: again");
        assert_eq!(world.stored().await, before + 1, "{library}");
    }
}

#[tokio::test]
async fn while_a_secret_is_rolled_both_are_believed() {
    let world = world().await;
    for (event, secret) in [("evt_new", SECRET), ("evt_old", OLD_SECRET)] {
        let (attempt, reference) = world.open_reference().await;
        let body = changed(event, &reference, "/data/object/payment_intent", format!("pi_{event}").into());
        let header = signed_by("stripe.mjs", secret, world.clock.now().unix_timestamp(), &body).await;
        assert_eq!(world.tell_as_stripe(body, &header).await, 200, "{event}");
        assert_eq!(world.state(attempt).await, "succeeded", "{event}");
    }
}

/// A paid event with one thing changed.
fn changed(event: &str, reference: &str, pointer: &str, value: Value) -> String {
    let mut body = paid(event, reference);
    *body.pointer_mut(pointer).unwrap() = value;
    body.to_string()
}

#[tokio::test]
async fn bad_input_is_parked_with_a_reason_and_changes_nothing() {
    let world = world().await;
    let (attempt, reference) = world.open_reference().await;
    let whole = paid("evt_0", &reference).to_string();
    let nested = serde_json::to_string(&whole).unwrap();
    let mut connected = paid("evt_7", &reference);
    connected["account"] = "acct_1".into();
    let cases = [
        ("truncated", whole[..whole.len() - 9].to_owned()),
        ("encoded twice", nested),
        ("not an object", "[]".to_owned()),
        ("empty", String::new()),
        ("unknown reference", paid("evt_1", "R0000000000000000000000000").to_string()),
        ("no reference", changed("evt_2", &reference, "/data/object/client_reference_id", Value::Null)),
        ("unknown currency", changed("evt_3", &reference, "/data/object/currency", "isk".into())),
        ("less than nothing", changed("evt_4", &reference, "/data/object/amount_total", (-1).into())),
        ("an amount in words", changed("evt_5", &reference, "/data/object/amount_total", "all".into())),
        ("live mode", changed("evt_6", &reference, "/livemode", true.into())),
        ("of another account", connected.to_string()),
        ("a character no text has", changed("evt_8", &reference, "/data/object/client_reference_id", "R\0".into())),
    ];
    let all = cases.len();
    for (what, body) in cases {
        assert_eq!(world.genuine(&body).await, 404, "{what}");
    }
    let parked =
        "select count(*) from gateway_events where gateway = $1 and processed_at is null and outcome is not null";
    assert_eq!(world.count(parked, "stripe").await, all as i64);
    assert_eq!(world.state(attempt).await, "pending");
}

#[tokio::test]
async fn what_is_not_needed_is_acknowledged_and_kept() {
    let world = world().await;
    let (attempt, reference) = world.open_reference().await;
    let kinds = ["invoice.paid", "charge.refunded", "checkout.session.something_new"];
    for (at, kind) in kinds.iter().enumerate() {
        let body = changed(&format!("evt_{at}"), &reference, "/type", (*kind).into());
        assert_eq!(world.genuine(&body).await, 200, "{kind}");
    }
    let unpaid = changed("evt_slow", &reference, "/data/object/payment_status", "unpaid".into());
    assert_eq!(world.genuine(&unpaid).await, 200, "a bank that takes its time");
    assert_eq!((world.stored().await, world.state(attempt).await), (4, "pending"));

    let large = format!("{{\"id\":\"evt_large\",\"x\":\"{}\"}}", "x".repeat(300 * 1024));
    assert_eq!(world.tell_as_stripe(large, "t=1,v1=00").await, 413);
    for header in ["", "t=1", "v1=00", "t=x,v1=y"] {
        assert_eq!(world.tell_as_stripe("{}", header).await, 400, "{header}");
    }
    assert_eq!(world.stored().await, 4);
}

/// A notification about money that came before.
fn about(event: &str, kind: &str, object: Value) -> String {
    changed(event, "R0", "/data/object", object).replace("checkout.session.completed", kind)
}

#[tokio::test]
async fn what_was_done_in_the_dashboard_or_at_the_bank_is_seen_here() {
    let world = world().await;
    let (attempt, reference) = world.open_reference().await;
    let by_hand = json!({ "id": "re_1", "object": "refund", "amount": 500, "currency": "cny", "status": "succeeded",
                          "payment_intent": "pi_1", "metadata": {} });
    let refunded = about("evt_1", "refund.created", by_hand);
    assert_eq!(world.genuine(&refunded).await, 404, "of money that is not here yet");
    assert_eq!(world.genuine(&paid("evt_2", &reference).to_string()).await, 200);
    assert_eq!(world.state(attempt).await, "succeeded");
    assert_eq!(world.genuine(&refunded).await, 200, "sent again");
    let external = "select count(*) from refunds where reason = $1 and status = 'succeeded' and amount_minor = 500";
    assert_eq!(world.count(external, "external").await, 1);

    let disputed = json!({ "id": "dp_1", "amount": 3000, "currency": "cny", "reason": "fraudulent",
                           "status": "needs_response", "payment_intent": "pi_1" });
    assert_eq!(world.genuine(&about("evt_3", "charge.dispute.created", disputed)).await, 200);
    assert_eq!(
        world
            .count("select count(*) from payment_attempts where gateway = $1 and disputed_at is not null", "stripe")
            .await,
        1
    );

    let ours = json!({ "id": "re_2", "object": "refund", "amount": 1, "currency": "cny", "status": "succeeded",
                       "payment_intent": "pi_1", "metadata": { "merchant_refund_no": format!("F{:025}", 7) } });
    assert_eq!(world.genuine(&about("evt_4", "refund.updated", ours)).await, 404, "a number we never gave");
}
