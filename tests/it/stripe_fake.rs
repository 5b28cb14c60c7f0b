//! The rehearsed Stripe, as Stripe's own library sees it.

use crate::support::payments::{World, world};
use crate::support::peers;
use crate::support::stripe::{KEY, SECRET};
use axum::extract::Request;
use axum::http::{HeaderMap, Uri};
use axum::{Router, ServiceExt as _};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use tower::ServiceExt as _;

/// The official library knows no path before `/v1`, so it gets an address of its own.
async fn at_the_root(world: &World) -> String {
    let app = Router::new().nest("/sandbox", world.sandbox.router());
    let service = app.map_request(|mut request: Request| {
        *request.uri_mut() = format!("/sandbox/stripe{}", request.uri()).parse::<Uri>().unwrap();
        request
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, service.into_make_service()).await });
    address
}

struct Library(String);

impl Library {
    async fn with_key(&self, key: &str, method: &str, arguments: Value) -> Value {
        let question = json!({
            "task": "call", "address": self.0, "key": key, "version": "2026-10-28.endive",
            "method": method, "arguments": arguments,
        });
        peers::ask("stripe.mjs", &question).await
    }

    async fn call(&self, method: &str, arguments: Value) -> Value {
        let answer = self.with_key(KEY, method, arguments).await;
        assert!(answer["error"].is_null(), "{method}: {answer}");
        answer["ok"].clone()
    }

    async fn refused(&self, method: &str, arguments: Value) -> Value {
        self.with_key(KEY, method, arguments).await["error"].clone()
    }
}

fn session(world: &World, reference: &str) -> Value {
    json!({
        "mode": "payment", "success_url": "https://shop.example/orders/1?s={CHECKOUT_SESSION_ID}",
        "client_reference_id": reference, "metadata": { "merchant_ref": reference },
        "payment_intent_data": { "metadata": { "merchant_ref": reference } },
        "expires_at": world.clock.now().unix_timestamp() + 3_600,
        "line_items": [{ "quantity": 1, "price_data": {
            "currency": "kwd", "unit_amount": 4_500, "product_data": { "name": "Renewal R-1" } } }],
    })
}

#[tokio::test]
async fn the_official_library_sells_expires_and_refunds() {
    let world = world().await;
    let library = Library(at_the_root(&world).await);
    let wanted = json!([session(&world, "R1"), { "idempotencyKey": "k1" }]);
    let made = library.call("checkout.sessions.create", wanted.clone()).await;
    assert_eq!(
        (&made["status"], &made["payment_status"], &made["amount_total"]),
        (&"open".into(), &"unpaid".into(), &4_500.into())
    );
    assert_eq!((&made["currency"], &made["client_reference_id"]), (&"kwd".into(), &"R1".into()));
    let again = library.call("checkout.sessions.create", wanted.clone()).await;
    assert_eq!(again["id"], made["id"]);

    world.press(made["url"].as_str().unwrap(), "pay").await;
    let expand = json!([made["id"], { "expand": ["payment_intent.latest_charge"] }]);
    let paid = library.call("checkout.sessions.retrieve", expand).await;
    assert_eq!((&paid["status"], &paid["payment_status"]), (&"complete".into(), &"paid".into()));
    assert_eq!(paid["payment_intent"]["latest_charge"]["amount"], 4_500);
    assert_eq!(paid["payment_intent"]["metadata"]["merchant_ref"], "R1");

    let intent = &paid["payment_intent"]["id"];
    let metadata = json!({ "merchant_refund_no": "F1" });
    let refund = json!([{ "payment_intent": intent, "amount": 500, "metadata": metadata }, { "idempotencyKey": "F1" }]);
    let refunded = library.call("refunds.create", refund).await;
    assert_eq!((&refunded["status"], &refunded["amount"]), (&"pending".into(), &500.into()));
    world.pass(5).await;
    assert_eq!(library.call("refunds.retrieve", json!([refunded["id"]])).await["status"], "succeeded");
    let listed = library.call("refunds.list", json!([{ "payment_intent": intent }])).await;
    assert_eq!(listed["data"][0]["metadata"]["merchant_refund_no"], "F1");
    let booked = library.call("balanceTransactions.list", json!([{ "limit": 1, "expand": ["data.source"] }])).await;
    assert_eq!((&booked["data"][0]["type"], &booked["has_more"]), (&"refund".into(), &true.into()));

    let second = library.call("checkout.sessions.create", json!([session(&world, "R2")])).await;
    assert_eq!(library.call("checkout.sessions.expire", json!([second["id"]])).await["status"], "expired");
    assert_eq!(library.refused("checkout.sessions.expire", json!([second["id"]])).await["status"], 400);
}

#[tokio::test]
async fn the_official_library_is_refused_as_by_stripe() {
    let world = world().await;
    let library = Library(at_the_root(&world).await);
    let stranger = library.with_key("sk_test_other", "balance.retrieve", json!([])).await;
    assert_eq!(
        (&stranger["error"]["type"], &stranger["error"]["status"]),
        (&"StripeAuthenticationError".into(), &401.into())
    );
    let missing = library.refused("checkout.sessions.retrieve", json!(["cs_test_none"])).await;
    assert_eq!((&missing["code"], &missing["status"]), (&"resource_missing".into(), &404.into()));
    library.call("checkout.sessions.create", json!([session(&world, "R1"), { "idempotencyKey": "k1" }])).await;
    let reused =
        library.refused("checkout.sessions.create", json!([session(&world, "R2"), { "idempotencyKey": "k1" }]));
    assert_eq!(reused.await["type"], "StripeIdempotencyError");

    for (field, value) in [
        ("expires_at", json!(world.clock.now().unix_timestamp() + 60)),
        ("expires_at", json!(world.clock.now().unix_timestamp() + 90_000)),
        ("colour", json!("red")),
        ("mode", json!("subscription")),
        ("success_url", Value::Null),
    ] {
        let mut wrong = session(&world, "R3");
        match value.is_null() {
            true => drop(wrong.as_object_mut().unwrap().remove(field)),
            false => wrong[field] = value,
        }
        let error = library.refused("checkout.sessions.create", json!([wrong])).await;
        assert_eq!(error["type"], "StripeInvalidRequestError", "{field}: {error}");
    }
    let mut thousandths = session(&world, "R4");
    thousandths["line_items"][0]["price_data"]["unit_amount"] = 4_505.into();
    assert_eq!(library.refused("checkout.sessions.create", json!([thousandths])).await["status"], 400);
}

type Heard = Arc<Mutex<Vec<(String, String)>>>;

/// Somebody else's address, which takes every notification.
async fn ear() -> (String, Heard) {
    let heard = Heard::default();
    let kept = heard.clone();
    let hear = move |headers: HeaderMap, body: String| {
        let signature = headers["stripe-signature"].to_str().unwrap().to_owned();
        kept.lock().unwrap().push((signature, body));
        async { "" }
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, Router::new().route("/", axum::routing::post(hear))).await });
    (address, heard)
}

#[tokio::test]
async fn the_official_libraries_believe_its_notifications() {
    let world = world().await;
    let (address, heard) = ear().await;
    let (_, url) = world.started_at_stripe().await;
    world.press(&url, "pay").await;
    sqlx::query("update sandbox.notifications set url = $1").bind(&address).execute(&world.db.pool).await.unwrap();
    assert_eq!(world.sandbox.tick().await.unwrap(), 1);
    let (header, body) = heard.lock().unwrap().pop().unwrap();
    for library in ["stripe.mjs", "stripe.py"] {
        let verify =
            |body: &str, secret: &str| json!({ "task": "verify", "body": body, "header": header, "secret": secret });
        let believed: Value = peers::ask(library, &verify(&body, SECRET)).await;
        assert_eq!(believed["type"], "checkout.session.completed", "{library}: {believed}");
        let altered: Value = peers::ask(library, &verify(&body.replacen("paid", "paix", 1), SECRET)).await;
        assert!(!altered["error"].is_null(), "{library}");
        let other: Value = peers::ask(library, &verify(&body, "whsec_other")).await;
        assert!(!other["error"].is_null(), "{library}");
    }
}
