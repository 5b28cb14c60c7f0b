//! Our signatures, our sandbox's and our ears, held against implementations that are not ours.

use crate::support::peers::ask;
use crate::support::portal::TestPortal;
use crate::support::wechat::{
    GATEWAY_PUBLIC, MERCHANT, MERCHANT_PUBLIC, PHONE, SECRET, Signed, calls, notification, paid,
};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use renewal_portal::ids::OrderId;
use renewal_portal::sandbox::wechat::account::{APPID, GATEWAY_SERIAL, MCHID, MERCHANT_SERIAL};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};

type Heard = Arc<Mutex<Vec<(String, String, HeaderMap, Bytes)>>>;

/// An address that takes note of what it is told.
async fn listener() -> (String, Heard) {
    async fn hear(State(heard): State<Heard>, method: Method, uri: Uri, headers: HeaderMap, body: Bytes) -> StatusCode {
        heard.lock().unwrap().push((method.to_string(), uri.to_string(), headers, body));
        StatusCode::NO_CONTENT
    }
    let heard = Heard::default();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let app = Router::new().fallback(hear).with_state(heard.clone());
    tokio::spawn(async move { axum::serve(listener, app).await });
    (url, heard)
}

mod ours {
    use super::*;
    use crate::support::wechat::{gateway, payment};
    use renewal_portal::payments::Gateway;
    use renewal_portal::payments::gateway::GatewayError;
    use renewal_portal::payments::model::Device;

    #[tokio::test]
    async fn requests_are_signed_over_the_very_bytes_that_were_sent() {
        let (url, heard) = listener().await;
        let gateway = gateway(&url);
        for device in [Device::Desktop, Device::Phone] {
            let answer = gateway.create(&payment(device)).await;
            assert!(matches!(answer, Err(GatewayError::Unknown(_))), "an answer without a signature: {answer:?}");
        }
        let _ = gateway.query(&payment(Device::Desktop)).await;
        let heard = heard.lock().unwrap().clone();
        assert_eq!(heard.len(), 3);
        for (method, path, headers, body) in &heard {
            assert_eq!(headers["wechatpay-serial"], GATEWAY_SERIAL);
            let body = String::from_utf8(body.to_vec()).unwrap();
            let question = |body: &str| {
                json!({
                    "task": "verify", "method": method, "path": path, "body": body, "key": MERCHANT_PUBLIC,
                    "authorization": headers["authorization"].to_str().unwrap(),
                })
            };
            assert!(ask::<bool>("wechat.mjs", &question(&body)).await, "{method} {path}");
            assert!(!ask::<bool>("wechat.mjs", &question(&format!("{body} "))).await);
        }
        let native: Value = serde_json::from_slice(&heard[0].3).unwrap();
        assert_eq!(native["amount"], json!({ "total": 4200, "currency": "CNY" }));
        assert!(native["time_expire"].as_str().unwrap().ends_with("+08:00"), "{native}");
        assert!(native.get("scene_info").is_none());
        let h5: Value = serde_json::from_slice(&heard[1].3).unwrap();
        assert_eq!(h5["scene_info"], json!({ "payer_client_ip": "203.0.113.7", "h5_info": { "type": "Wap" } }));
        assert!(heard[2].1.ends_with(&format!("?mchid={MCHID}")));
    }
}

#[tokio::test]
async fn a_peer_takes_our_sandbox_for_wechat_pay() {
    let portal = TestPortal::start().await;
    let (url, heard) = listener().await;
    let order = |reference: &str| {
        let expires = (time::OffsetDateTime::now_utc() + time::Duration::minutes(30)).replace_nanosecond(0).unwrap();
        let expires = expires.format(&time::format_description::well_known::Rfc3339).unwrap();
        json!({
            "appid": APPID, "mchid": MCHID, "description": "续费中心 R-1", "out_trade_no": reference, "time_expire": expires,
            "notify_url": url, "amount": { "total": 4200, "currency": "CNY" },
        })
    };
    let at = |reference: &str| format!("v3/pay/transactions/out-trade-no/{reference}");
    let answers = calls(
        &portal,
        json!([
            { "method": "post", "path": "v3/pay/transactions/native", "data": order("PEER0000001") },
            { "method": "post", "path": "v3/pay/transactions/native", "data": order("PEER0000002") },
            { "method": "get", "path": format!("{}?mchid={MCHID}", at("PEER0000001")) },
            { "method": "post", "path": format!("{}/close", at("PEER0000002")), "data": { "mchid": MCHID } },
            { "method": "post", "path": format!("{}/close", at("PEER0000002")), "data": { "mchid": MCHID } },
            { "method": "get", "path": format!("{}?mchid={MCHID}", at("NOBODYS")) },
        ]),
    )
    .await;
    let code = answers[0]["data"]["code_url"].as_str().unwrap_or_else(|| panic!("{answers:?}"));
    assert_eq!(answers[2]["data"]["trade_state"], "NOTPAY");
    assert_eq!(answers[3], json!({ "status": 204, "data": null }));
    assert_eq!((&answers[4]["status"], &answers[4]["data"]["code"]), (&json!(400), &json!("ORDER_CLOSED")));
    assert_eq!((&answers[5]["status"], &answers[5]["data"]["code"]), (&json!(404), &json!("ORDER_NOT_EXIST")));

    let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build().unwrap();
    let form = http.post(code).header("content-type", "application/x-www-form-urlencoded").body("outcome=pay");
    assert_eq!(form.send().await.unwrap().status(), 303);
    portal.work().await;
    let (_, _, headers, body) = heard.lock().unwrap().first().cloned().expect("a notification");
    let read: Value = ask("wechat.py", &callback(&headers, std::str::from_utf8(&body).unwrap())).await;
    assert_eq!(read["event_type"], "TRANSACTION.SUCCESS");
    assert_eq!(read["resource"]["out_trade_no"], "PEER0000001");
    assert_eq!(read["resource"]["amount"]["total"], 4200);
    let altered = String::from_utf8(body.to_vec()).unwrap().replacen("TRANSACTION", "TRANSACTIOM", 1);
    assert_eq!(ask::<Value>("wechat.py", &callback(&headers, &altered)).await, Value::Null);

    let refund = json!({
        "out_trade_no": "PEER0000001", "out_refund_no": "PEERBACK1", "amount": { "refund": 1000, "total": 4200, "currency": "CNY" },
    });
    let answers = calls(
        &portal,
        json!([
            { "method": "post", "path": "v3/refund/domestic/refunds", "data": refund },
            { "method": "get", "path": "v3/refund/domestic/refunds/PEERBACK1" },
        ]),
    )
    .await;
    assert_eq!(answers[0]["data"]["status"], "PROCESSING", "{answers:?}");
    assert_eq!(answers[1]["data"]["out_refund_no"], "PEERBACK1");
}

fn callback(headers: &HeaderMap, body: &str) -> Value {
    let names = ["timestamp", "nonce", "serial", "signature", "signature-type"].map(|name| format!("wechatpay-{name}"));
    let headers: serde_json::Map<_, _> =
        names.iter().map(|name| (name.clone(), headers[name.as_str()].to_str().unwrap().into())).collect();
    json!({
        "mchid": MCHID, "appid": APPID, "private_key": MERCHANT, "serial": MERCHANT_SERIAL, "secret": SECRET,
        "public_key": GATEWAY_PUBLIC, "public_key_id": GATEWAY_SERIAL, "headers": headers, "body": body,
    })
}

#[tokio::test]
async fn a_request_that_is_not_the_merchants_is_refused_by_our_sandbox() {
    let portal = TestPortal::start().await;
    let question = json!({
        "task": "call", "address": format!("{}/sandbox/wechat/", portal.url), "mchid": MCHID, "serial": MERCHANT_SERIAL,
        "key": crate::support::wechat::GATEWAY, "certs": { GATEWAY_SERIAL: GATEWAY_PUBLIC },
        "calls": [{ "method": "get", "path": format!("v3/pay/transactions/out-trade-no/X?mchid={MCHID}") }],
    });
    let answers: Vec<Value> = ask("wechat.mjs", &question).await;
    assert_eq!((&answers[0]["status"], &answers[0]["data"]["code"]), (&json!(401), &json!("SIGN_ERROR")));
}

/// An order that waits for its money, with the reference and amount of its payment.
async fn waiting(portal: &TestPortal) -> (OrderId, String, i64) {
    let (mut mei, line) = portal.mei_with("100").await;
    mei.browser.headers.push(("user-agent", PHONE.to_owned()));
    let order = mei.place(line, "P30").await;
    mei.pay_by_wechat(order).await;
    let (reference, amount) = portal.payment_of(order).await;
    (order, reference, amount)
}

#[tokio::test]
async fn what_a_peer_notifies_settles_once() {
    let portal = TestPortal::start().await;
    let (order, reference, amount) = waiting(&portal).await;
    let now = portal.clock.now().unix_timestamp();
    let told = notification("TRANSACTION.SUCCESS", paid(&reference, amount), now, json!({})).await;
    assert_eq!(portal.notified_by_wechat(&told).await, (204, String::new()));
    assert_eq!(portal.notified_by_wechat(&told).await, (204, String::new()));
    let again = notification("TRANSACTION.SUCCESS", paid(&reference, amount), now, json!({})).await;
    assert_eq!(portal.notified_by_wechat(&again).await.0, 204, "another event that states the same");
    portal.until(order, "fulfilled").await;
}

#[tokio::test]
async fn forged_notifications_are_refused_and_change_nothing() {
    let portal = TestPortal::start().await;
    let (_, reference, amount) = waiting(&portal).await;
    let now = portal.clock.now().unix_timestamp();
    let make = |seconds, more| notification("TRANSACTION.SUCCESS", paid(&reference, amount), seconds, more);
    let genuine = make(now, json!({})).await;
    let altered = Signed { body: genuine.body.replacen("encrypt", "encrypu", 1), ..genuine.clone() };
    let cases = [
        ("altered by one byte", altered),
        ("another nonce", Signed { nonce: "A".repeat(32), ..genuine.clone() }),
        ("another time", Signed { timestamp: (now - 1).to_string(), ..genuine.clone() }),
        (
            "a deliberately wrong signature",
            Signed { signature: format!("WECHATPAY/SIGNTEST/{}", &genuine.signature[19..]), ..genuine.clone() },
        ),
        ("an unknown serial", Signed { serial: "PUB_KEY_ID_0BAD".into(), ..genuine.clone() }),
        ("no signature", Signed { signature: String::new(), ..genuine.clone() }),
        ("aged 301 s", make(now - 301 - 2, json!({})).await),
        ("dated 301 s ahead", make(now + 301 + 30, json!({})).await),
        ("signed by another key", make(now, json!({ "key": MERCHANT })).await),
        ("a flipped tag", make(now, json!({ "flip": true })).await),
        ("sealed with another key", make(now, json!({ "secret": "x".repeat(32) })).await),
    ];
    for (what, told) in &cases {
        let (status, body) = portal.notified_by_wechat(told).await;
        assert_eq!(status, 400, "{what}: {body}");
        assert!(body.contains(r#""code":"FAIL""#), "{what}: {body}");
    }
    let foreign = json!({ "mchid": "1900000000" });
    let other_app = json!({ "appid": "wxffffffffffffffff" });
    for change in [foreign, other_app] {
        let mut resource = paid(&reference, amount);
        resource.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let told = notification("TRANSACTION.SUCCESS", resource, now, json!({})).await;
        assert_eq!(portal.notified_by_wechat(&told).await.0, 400, "{change}");
    }
    assert_eq!(portal.traces().await, 0);
    assert_eq!(portal.notified_by_wechat(&genuine).await.0, 204);
}

#[tokio::test]
async fn genuine_notifications_that_cannot_be_applied_are_kept_and_never_break_anything() {
    let portal = TestPortal::start().await;
    let (_, reference, amount) = waiting(&portal).await;
    let now = portal.clock.now().unix_timestamp();
    let signed = |body: String| {
        let question = json!({ "task": "signed", "body": body, "serial": GATEWAY_SERIAL, "seconds": now, "key": crate::support::wechat::GATEWAY });
        async move { ask::<Signed>("wechat.mjs", &question).await }
    };
    let known = notification("TRANSACTION.SUCCESS", paid(&reference, amount), now, json!({})).await;
    let half = known.body[..known.body.len() / 2].to_owned();
    let unknown = paid("RNOBODYKNOWSTHISREFERENCE0", amount);
    let mut shapeless = paid(&reference, amount);
    shapeless["amount"] = json!({ "total": -1 });
    let cases = [
        ("truncated", signed(half).await, 404),
        ("not even text", signed("\u{0}\u{fffd}".to_owned()).await, 404),
        ("an unknown kind", notification("SOMETHING.NEW", json!({}), now, json!({})).await, 204),
        ("an unknown reference", notification("TRANSACTION.SUCCESS", unknown, now, json!({})).await, 404),
        ("an amount below nothing", notification("TRANSACTION.SUCCESS", shapeless, now, json!({})).await, 404),
    ];
    for (what, told, expected) in &cases {
        assert_eq!(portal.notified_by_wechat(told).await.0, *expected, "{what}");
    }
    assert_eq!(portal.traces().await, 5, "all of them are kept");
    let huge = signed("x".repeat(300 * 1024)).await;
    assert_eq!(portal.notified_by_wechat(&huge).await.0, 413);
    assert_eq!(portal.traces().await, 5);
}

#[tokio::test]
async fn another_amount_never_delivers() {
    let portal = TestPortal::start().await;
    let (order, reference, amount) = waiting(&portal).await;
    let now = portal.clock.now().unix_timestamp();
    let told = notification("TRANSACTION.SUCCESS", paid(&reference, amount - 1), now, json!({})).await;
    assert_eq!(portal.notified_by_wechat(&told).await.0, 204);
    for _ in 0..3 {
        portal.work().await;
    }
    let delivered: i64 = sqlx::query_scalar("select count(*) from provisionings where order_id = $1")
        .bind(order)
        .fetch_one(&portal.db.pool)
        .await
        .unwrap();
    assert_eq!(delivered, 0);
}
