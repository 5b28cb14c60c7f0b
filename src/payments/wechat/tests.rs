//! Values made by others: `tests/fixtures/wechat/vectors.json` by Python's `cryptography` with the demo's keys, and those
//! of the file that `PAYMENT_VECTORS` names, where one is at hand.

use super::client::Merchant;
use super::keys::{ApiV3Key, Keyring};
use super::resource::Resource;
use super::{news, signature};
use crate::money::{Currency, Money};
use crate::payments::gateway::{News, NotVerified, RefundState};
use crate::payments::rsa::{PrivateKey, PublicKey};
use axum::http::HeaderMap;
use serde_json::{Value, json};
use time::OffsetDateTime;

const SERIAL: &str = "PUB_KEY_ID_01";
const AT: i64 = 1_795_312_801;

fn merchant() -> Merchant {
    let gateway = include_str!("../../../assets/demo-keys/wechat-gateway-public.pem");
    let certificate = include_str!("../../../tests/fixtures/rsa/certificate.pem");
    let secret = include_str!("../../../assets/demo-keys/wechat-api-v3-key.txt");
    Merchant {
        address: "https://api.example".parse().unwrap(),
        mchid: "1900000109".into(),
        appid: "wx0000000000demo00".into(),
        private_key: PrivateKey::read(include_str!("../../../assets/demo-keys/wechat-merchant.pem")).unwrap(),
        serial: "5157F09EFDC096DE15EBE81A47057A7232F1B8E1".into(),
        api_v3_key: ApiV3Key::parse(&secret.into()).unwrap(),
        keyring: Keyring::parse(&format!("1F1E1D1C={certificate};\n{SERIAL}={gateway}")).unwrap(),
        notify_url: "https://renew.example/webhooks/wechat".into(),
    }
}

fn vectors() -> Value {
    serde_json::from_str(include_str!("../../../tests/fixtures/wechat/vectors.json")).unwrap()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

fn headers(vector: &Value, serial: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for name in ["timestamp", "nonce", "signature"] {
        let name: axum::http::HeaderName = format!("wechatpay-{name}").parse().unwrap();
        headers.insert(&name, text(&vector[name.as_str().trim_start_matches("wechatpay-")]).parse().unwrap());
    }
    headers.insert("wechatpay-serial", serial.parse().unwrap());
    headers
}

fn at(seconds: i64) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(seconds).unwrap()
}

#[test]
fn a_request_is_signed_as_others_sign_it() {
    let vectors = vectors();
    let one = &vectors["request"];
    let authorization = signature::authorization(
        &merchant(),
        text(&one["method"]),
        text(&one["path"]),
        one["seconds"].as_i64().unwrap(),
        text(&one["nonce"]),
        text(&one["body"]).as_bytes(),
    )
    .unwrap();
    assert!(authorization.starts_with(r#"WECHATPAY2-SHA256-RSA2048 mchid="1900000109","#));
    assert!(authorization.ends_with(&format!(r#"signature="{}""#, text(&one["signature"]))), "{authorization}");
}

#[test]
fn a_notification_is_believed_for_300_seconds_on_both_sides_and_in_one_form_only() {
    let (merchant, vectors) = (merchant(), vectors());
    let one = &vectors["notifications"][0];
    let (signed, body) = (headers(one, SERIAL), text(&one["body"]).as_bytes());
    let verdict =
        |headers: &HeaderMap, body: &[u8], seconds| signature::verify(&merchant.keyring, headers, body, at(seconds));
    for (seconds, expected) in [
        (AT + 300, Ok(())),
        (AT - 300, Ok(())),
        (AT + 301, Err(NotVerified::OutOfTime)),
        (AT - 301, Err(NotVerified::OutOfTime)),
    ] {
        assert_eq!(verdict(&signed, body, seconds), expected, "{seconds}");
    }
    for place in [0, body.len() / 2, body.len() - 1] {
        let mut altered = body.to_vec();
        altered[place] ^= 1;
        assert_eq!(verdict(&signed, &altered, AT), Err(NotVerified::WrongSignature));
    }
    assert_eq!(verdict(&headers(one, "1F1E1D1C"), body, AT), Err(NotVerified::WrongSignature), "another's key");
    assert_eq!(verdict(&headers(one, "PUB_KEY_ID_02"), body, AT), Err(NotVerified::WrongSignature), "no such key");
    let mut twice = signed.clone();
    twice.append("wechatpay-signature", signed["wechatpay-signature"].clone());
    assert_eq!(verdict(&twice, body, AT), Err(NotVerified::Unsigned));
    assert_eq!(verdict(&HeaderMap::new(), body, AT), Err(NotVerified::Unsigned));
}

#[test]
fn an_answer_without_a_body_signs_an_empty_one() {
    let vectors = vectors();
    let signed = headers(&vectors["empty"], SERIAL);
    assert_eq!(signature::verify(&merchant().keyring, &signed, b"", at(AT)), Ok(()));
    assert!(signature::verify(&merchant().keyring, &signed, b"\n", at(AT)).is_err());
}

#[test]
fn money_is_what_was_asked_for_whatever_coupons_made_of_it() {
    let vectors = vectors();
    let notice = news::read(&merchant(), text(&vectors["notifications"][0]["body"]).as_bytes()).unwrap();
    assert_eq!(notice.event_key, "evt-vector-1");
    assert_eq!(notice.merchant_ref.as_deref(), Some("RVECTOR0000000000000000001"));
    let News::Paid(money) = notice.news else { panic!("{notice:?}") };
    assert_eq!(money.received, Money::new(4200, Currency::Cny));
    assert_eq!(money.transaction, "4200000000000000000000000001");
}

#[test]
fn a_refund_with_a_number_that_is_not_ours_was_made_elsewhere() {
    let vectors = vectors();
    let notice = news::read(&merchant(), text(&vectors["notifications"][1]["body"]).as_bytes()).unwrap();
    let elsewhere = News::RefundElsewhere {
        transaction: "4200000000000000000000000001".into(),
        provider_refund_id: "50300001".into(),
        amount: Money::new(1200, Currency::Cny),
        state: RefundState::Succeeded,
    };
    assert_eq!(notice.news, elsewhere);
}

#[test]
fn what_is_for_another_merchant_is_not_for_us() {
    let vectors = vectors();
    let body = text(&vectors["notifications"][0]["body"]).as_bytes();
    let other_number = Merchant { mchid: "1900000110".into(), ..merchant() };
    let other_app = Merchant { appid: "wxffffffffffffffff".into(), ..merchant() };
    for other in [other_number, other_app] {
        assert_eq!(news::read(&other, body).unwrap_err(), NotVerified::NotForUs);
    }
}

#[test]
fn a_resource_opens_with_its_key_and_untouched_only() {
    let vectors = vectors();
    let body: Value = serde_json::from_str(text(&vectors["notifications"][0]["body"])).unwrap();
    let open = |change: Value, key: &str| {
        let mut resource = body["resource"].clone();
        resource.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let resource: Resource = serde_json::from_value(resource).unwrap();
        resource.open(&ApiV3Key::parse(&key.into()).unwrap())
    };
    let key = include_str!("../../../assets/demo-keys/wechat-api-v3-key.txt");
    assert!(open(json!({}), key).is_some());
    assert!(open(json!({}), &"k".repeat(32)).is_none());
    assert!(open(json!({ "associated_data": "refund" }), key).is_none());
    assert!(open(json!({ "nonce": "0123456789ac" }), key).is_none());
    assert!(open(json!({ "nonce": "short" }), key).is_none());
    assert!(open(json!({ "algorithm": "AEAD_AES_128_GCM" }), key).is_none());
    assert!(open(json!({ "ciphertext": "AAAA" }), key).is_none());
}

#[test]
fn a_key_of_another_length_is_refused() {
    assert_eq!(ApiV3Key::parse(&"0123456789abcdef".into()).err().unwrap(), "it has 16 characters instead of 32");
}

#[test]
fn published_values_pass_where_they_are_at_hand() {
    let Ok(path) = std::env::var("PAYMENT_VECTORS") else { return };
    let all: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let mut checked = 0;
    for (name, vector) in all["vectors"].as_object().unwrap() {
        let key = |kind: &str| text(&all["keys"][format!("{}_{kind}", text(&vector["key"]))]).to_owned();
        let kind = text(&vector["kind"]);
        match kind {
            "wechat_request_sign" => {
                let merchant = Merchant { private_key: PrivateKey::read(&key("private")).unwrap(), ..merchant() };
                let seconds = text(&vector["timestamp"]).parse().unwrap();
                let body = text(&vector["body"]).as_bytes();
                let (method, path, nonce) = (text(&vector["method"]), text(&vector["url"]), text(&vector["nonce"]));
                let made = signature::authorization(&merchant, method, path, seconds, nonce, body).unwrap();
                assert!(made.contains(text(&vector["signature"])), "{name}");
            }
            "rsa_sha256_sign_verify" => {
                let (message, private) = (text(&vector["message"]).as_bytes(), key("private"));
                let made = PrivateKey::read(&private).unwrap().sign(message).unwrap();
                assert_eq!(made, text(&vector["signature"]), "{name}");
            }
            "aes_256_gcm" => assert_eq!(opened(vector, text(&vector["key"])), text(&vector["plaintext"]), "{name}"),
            "wechat_notify" => notified(&all, vector, name),
            _ => continue,
        }
        checked += 1;
    }
    assert_eq!(checked, 9);
}

fn opened(vector: &Value, key: &str) -> String {
    let resource: Resource = serde_json::from_value(json!({
        "algorithm": "AEAD_AES_256_GCM", "ciphertext": vector["ciphertext"], "nonce": vector["nonce"],
        "associated_data": vector["aad"],
    }))
    .unwrap();
    String::from_utf8(resource.open(&ApiV3Key::parse(&key.into()).unwrap()).unwrap()).unwrap()
}

fn notified(all: &Value, vector: &Value, name: &str) {
    let key = vector.get("public_key").or(vector.get("cert")).unwrap();
    let key = all["keys"].get(text(key)).map_or(text(key), text);
    PublicKey::read(key).unwrap();
    let keyring = Keyring::parse(&format!("{}={key}", text(&vector["serial"]))).unwrap();
    let (signed, body) = (headers(vector, text(&vector["serial"])), text(&vector["body"]));
    let now = at(text(&vector["timestamp"]).parse().unwrap());
    assert_eq!(signature::verify(&keyring, &signed, body.as_bytes(), now), Ok(()), "{name}");
    let altered = body.replacen('{', "{ ", 1);
    assert!(signature::verify(&keyring, &signed, altered.as_bytes(), now).is_err(), "{name}");
    if let Some(secret) = vector.get("apiv3key") {
        let envelope: Value = serde_json::from_str(body).unwrap();
        let resource: Resource = serde_json::from_value(envelope["resource"].clone()).unwrap();
        let plain = resource.open(&ApiV3Key::parse(&text(secret).into()).unwrap()).unwrap();
        let plain: Value = serde_json::from_slice(&plain).unwrap();
        let expected = &vector["plaintext"];
        let expected = expected.as_str().map_or(expected.clone(), |text| serde_json::from_str(text).unwrap());
        assert_eq!(plain, expected, "{name}");
    }
}
