//! What our adapter makes of WeChat Pay's answers: only what is signed is believed, and what is not certain is not taken for certain.

use crate::support::wechat::{gateway, payment};
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use renewal_portal::payments::Gateway;
use renewal_portal::payments::gateway::{CloseAnswer, GatewayError, Standing};
use renewal_portal::payments::model::Device;
use renewal_portal::payments::wechat::WechatGateway;
use renewal_portal::sandbox::wechat::account::{APPID, MCHID, answer};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use time::{Duration, OffsetDateTime};

/// What is answered next, and the last of it for ever.
type Script = Arc<Mutex<Vec<Said>>>;

#[derive(Clone)]
enum Said {
    Signed(u16, Value),
    SignedEmpty(u16),
    Aged(i64, Value),
    Unsigned(u16, Value),
    Altered(Value),
}

impl IntoResponse for Said {
    fn into_response(self) -> Response {
        let now = OffsetDateTime::now_utc();
        let code = |status| StatusCode::from_u16(status).unwrap();
        match self {
            Self::Signed(status, body) => answer(code(status), Some(body), now),
            Self::SignedEmpty(status) => answer(code(status), None, now),
            Self::Aged(seconds, body) => answer(StatusCode::OK, Some(body), now - Duration::seconds(seconds)),
            Self::Unsigned(status, body) => (code(status), body.to_string()).into_response(),
            Self::Altered(body) => {
                let mut response = answer(StatusCode::OK, Some(body.clone()), now);
                *response.body_mut() = format!("{body} ").into();
                response
            }
        }
    }
}

async fn saying(script: impl IntoIterator<Item = Said>) -> WechatGateway {
    async fn say(State(script): State<Script>) -> Said {
        let mut script = script.lock().unwrap();
        if script.len() > 1 { script.remove(0) } else { script[0].clone() }
    }
    let script: Script = Arc::new(Mutex::new(script.into_iter().collect()));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let app = Router::new().fallback(say).with_state(script);
    tokio::spawn(async move { axum::serve(listener, app).await });
    gateway(&url)
}

fn transaction(state: &str) -> Value {
    json!({
        "mchid": MCHID, "appid": APPID, "out_trade_no": payment(Device::Desktop).merchant_ref, "trade_state": state,
        "transaction_id": "4200001", "success_time": "2026-11-22T10:00:00+08:00",
        "amount": { "total": 4200, "payer_total": 4000, "currency": "CNY" },
    })
}

fn error(code: &str) -> Value {
    json!({ "code": code, "message": "-" })
}

async fn standing(said: Said) -> Result<Standing, GatewayError> {
    saying([said]).await.query(&payment(Device::Desktop)).await
}

#[tokio::test]
async fn an_answer_that_is_not_signed_lately_by_wechat_pay_says_nothing() {
    let paid = || transaction("SUCCESS");
    assert!(
        matches!(standing(Said::Signed(200, paid())).await, Ok(Standing::Paid(money)) if money.received.minor == 4200)
    );
    for said in [
        Said::Unsigned(200, paid()),
        Said::Altered(paid()),
        Said::Aged(301 + 2, paid()),
        Said::Aged(-301 - 5, paid()),
        Said::Unsigned(404, error("ORDER_NOT_EXIST")),
        Said::Unsigned(502, json!("a proxy's page")),
        Said::Signed(500, error("SYSTEM_ERROR")),
        Said::Signed(200, json!({ "trade_state": "SUCCESS" })),
    ] {
        let found = standing(said).await;
        assert!(matches!(found, Err(GatewayError::Unknown(_))), "{found:?}");
    }
}

#[tokio::test]
async fn an_order_of_somebody_else_is_not_ours() {
    for (field, other) in [("mchid", "1900000110"), ("appid", "wxffffffffffffffff"), ("out_trade_no", "ROTHER")] {
        let mut body = transaction("SUCCESS");
        body[field] = other.into();
        let found = standing(Said::Signed(200, body)).await;
        assert!(matches!(found, Err(GatewayError::Unknown(_))), "{field}: {found:?}");
    }
}

#[tokio::test]
async fn every_state_is_taken_for_what_it_means() {
    for (state, meaning) in [
        ("NOTPAY", "Open"),
        ("USERPAYING", "Processing"),
        ("CLOSED", "Closed"),
        ("REVOKED", "Closed"),
        ("PAYERROR", "Declined"),
        ("REFUND", "Paid"),
    ] {
        let found = standing(Said::Signed(200, transaction(state))).await.unwrap();
        assert!(format!("{found:?}").starts_with(meaning), "{state}: {found:?}");
    }
    assert!(standing(Said::Signed(200, transaction("SOMETHING"))).await.is_err());
    assert_eq!(standing(Said::Signed(404, error("ORDER_NOT_EXIST"))).await, Ok(Standing::NotYetCreated));
}

#[tokio::test]
async fn who_is_at_fault_is_told_apart() {
    for (said, expected) in [
        (Said::Unsigned(401, error("SIGN_ERROR")), "Misconfigured"),
        (Said::Signed(403, error("NO_AUTH")), "Misconfigured"),
        (Said::Signed(400, error("APPID_MCHID_NOT_MATCH")), "Misconfigured"),
        (Said::Unsigned(429, error("FREQUENCY_LIMITED")), "RateLimited"),
        (Said::Signed(400, error("PARAM_ERROR")), "Rejected"),
        (Said::Signed(400, error("ORDERPAID")), "Unknown"),
        (Said::Signed(403, error("")), "Unknown"),
    ] {
        let made = saying([said]).await.create(&payment(Device::Desktop)).await.unwrap_err();
        assert!(format!("{made:?}").starts_with(expected), "{expected}: {made:?}");
    }
}

#[tokio::test]
async fn closing_is_certain_only_when_wechat_pay_says_so() {
    let close = |script: Vec<Said>| async move { saying(script).await.close(&payment(Device::Desktop)).await };
    assert_eq!(close(vec![Said::SignedEmpty(204)]).await, Ok(CloseAnswer::Closed));
    assert_eq!(close(vec![Said::Signed(400, error("ORDER_CLOSED"))]).await, Ok(CloseAnswer::Closed));
    assert_eq!(close(vec![Said::Signed(400, error("ORDERPAID"))]).await, Ok(CloseAnswer::AlreadyPaid));
    let paying = close(vec![Said::Signed(202, error("USERPAYING"))]).await;
    assert!(matches!(paying, Err(GatewayError::Unknown(_))), "{paying:?}");
    let unsigned = close(vec![Said::Unsigned(204, json!(""))]).await;
    assert!(matches!(unsigned, Err(GatewayError::Unknown(_))), "{unsigned:?}");
    // Our call to create it was still on its way: made now and closed, it can't be made later.
    let made_first = vec![
        Said::Signed(404, error("ORDER_NOT_EXIST")),
        Said::Signed(200, json!({ "code_url": "weixin://wxpay/bizpayurl?pr=1" })),
        Said::SignedEmpty(204),
    ];
    assert_eq!(close(made_first).await, Ok(CloseAnswer::Closed));
}

#[tokio::test]
async fn a_clock_that_is_off_and_keys_that_are_not_known_are_told_apart() {
    let off = saying([Said::Aged(600, error("ORDER_NOT_EXIST"))]).await.time().await.unwrap();
    let apart = OffsetDateTime::now_utc() - off;
    assert!((595..=610).contains(&apart.whole_seconds()), "{apart}");
    assert!(saying([Said::Signed(404, error("ORDER_NOT_EXIST"))]).await.time().await.is_ok());
    let refused = saying([Said::Unsigned(401, error("SIGN_ERROR"))]).await.time().await;
    assert!(matches!(refused, Err(GatewayError::Misconfigured(_))), "{refused:?}");
    let stranger = saying([Said::Altered(error("ORDER_NOT_EXIST"))]).await.time().await;
    assert!(matches!(stranger, Err(GatewayError::Misconfigured(_))), "{stranger:?}");
}
