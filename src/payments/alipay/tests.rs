//! Forms and answers signed by openssl with the keys of the demo; and vectors made elsewhere, where they are at hand.

use super::AlipayGateway;
use super::client::{Client, Merchant};
use super::{answer, bill, news, params};
use crate::clock::Clock;
use crate::http_client::{Answer, Http};
use crate::money::{Currency, Money};
use crate::payments::gateway::*;
use crate::payments::model::Device;
use crate::payments::rsa::{PrivateKey, PublicKey};
use axum::http::{HeaderMap, StatusCode};
use std::time::Duration;
use time::macros::datetime;

const APP: &str = include_str!("../../../assets/demo-keys/alipay-app.pem");
const GATEWAY: &str = include_str!("../../../assets/demo-keys/alipay-gateway-public.pem");
const PAID: &str = include_str!("../../../tests/fixtures/alipay/paid.form");
const PAID_WITHOUT_EMPTY: &str = include_str!("../../../tests/fixtures/alipay/paid-without-empty.form");
const ANSWER: &str = include_str!("../../../tests/fixtures/alipay/query.json");
const QUERY: &str = "alipay.trade.query";

fn merchant() -> Merchant {
    Merchant {
        address: "https://openapi.alipay.com/gateway.do".parse().unwrap(),
        app_id: "2021000000000018".into(),
        seller_id: "2088000000000001".into(),
        private_key: PrivateKey::read(APP).unwrap(),
        public_keys: vec![PublicKey::read(GATEWAY).unwrap()],
        notify_url: "https://renew.example/webhooks/alipay".into(),
    }
}

fn client() -> Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::new(merchant(), Http::new(Duration::from_secs(1)).unwrap(), Clock::real())
}

fn payment(device: Device) -> Payment {
    Payment {
        merchant_ref: "RABCDEFGHIJKLMNOPQRSTUVWXY".into(),
        provider_ref: None,
        method: "alipay".into(),
        amount: Money::new(3005, Currency::Cny),
        order_number: "R-7K2M-9QXA".into(),
        language: "zh-CN".into(),
        return_url: "https://renew.example/orders/1?from=payment&x=1".into(),
        payer: Payer { device, address: "unknown".into() },
        created_at: datetime!(2026-11-22 18:00 UTC),
        expires_at: datetime!(2026-11-22 18:35 UTC),
    }
}

fn shown(device: Device) -> Vec<(String, String)> {
    let Presentation::Redirect(url) = client().create(&payment(device)).unwrap().presentation else {
        panic!("a page to go to")
    };
    assert!(url.starts_with("https://openapi.alipay.com/gateway.do?"), "{url}");
    reqwest::Url::parse(&url).unwrap().query_pairs().into_owned().collect()
}

fn said<'a>(pairs: &'a [(String, String)], name: &str) -> &'a str {
    &pairs.iter().find(|(known, _)| known == name).unwrap().1
}

#[test]
fn the_page_is_chosen_by_device_signed_and_bounded_in_beijing_time() {
    for (device, method, product) in [
        (Device::Desktop, "alipay.trade.page.pay", "FAST_INSTANT_TRADE_PAY"),
        (Device::Phone, "alipay.trade.wap.pay", "QUICK_WAP_WAY"),
    ] {
        let pairs = shown(device);
        let content: serde_json::Value = serde_json::from_str(said(&pairs, "biz_content")).unwrap();
        assert_eq!((said(&pairs, "method"), content["product_code"].as_str()), (method, Some(product)));
        assert_eq!(content["time_expire"], "2026-11-23 02:35:00");
        assert_eq!(content["total_amount"], "30.05");
        assert_eq!(content["out_trade_no"], "RABCDEFGHIJKLMNOPQRSTUVWXY");
        assert_eq!(content.get("quit_url").is_some(), device == Device::Phone);
        let mut rest: Vec<_> = pairs.iter().filter(|(name, _)| name != "sign").collect();
        rest.sort();
        let text: Vec<_> = rest.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let own = merchant().private_key.public();
        assert!(own.verifies(text.join("&").as_bytes(), said(&pairs, "sign")));
        assert!(text.contains(&"sign_type=RSA2".to_owned()));
    }
}

#[test]
fn the_content_has_no_sign_that_lets_a_text_be_read_as_two() {
    let tricky = Payment { order_number: "R&total_amount=0.01/<b>\"%".into(), ..payment(Device::Desktop) };
    let Presentation::Redirect(url) = client().create(&tricky).unwrap().presentation else { panic!() };
    let url = reqwest::Url::parse(&url).unwrap();
    let (_, content) = url.query_pairs().find(|(name, _)| name == "biz_content").unwrap();
    let content: serde_json::Value = serde_json::from_str(&content).unwrap();
    assert!(content["subject"].as_str().unwrap().ends_with("Rtotal_amount0.01b"), "{content}");
}

#[test]
fn nothing_but_yuan_is_asked_for() {
    let dollars = Payment { amount: Money::new(3005, Currency::Usd), ..payment(Device::Desktop) };
    assert!(matches!(client().create(&dollars), Err(GatewayError::Rejected(_))));
}

fn taken(merchant: &Merchant, form: &[u8]) -> Result<Notice, NotVerified> {
    news::verify(merchant, form)?;
    news::read(merchant, form)
}

#[test]
fn a_form_is_read_once_and_believed_with_or_without_its_empty_parameters() {
    for form in [PAID, PAID_WITHOUT_EMPTY] {
        let notice = taken(&merchant(), form.as_bytes()).unwrap();
        assert_eq!(notice.event_key, "2026112200222120005068450559358070");
        assert_eq!(notice.merchant_ref.as_deref(), Some("RABCDEFGHIJKLMNOPQRSTUVWXY"));
        let News::Paid(money) = notice.news else { panic!("{:?}", notice.news) };
        assert_eq!(money.received, Money::new(3000, Currency::Cny));
        assert_eq!(money.transaction, "2026112222001468450512505578");
        assert_eq!(money.at, datetime!(2026-11-22 4:00:05 UTC));
    }
}

#[test]
fn every_changed_byte_of_a_form_is_refused() {
    let good = PAID.as_bytes();
    for place in 0..good.len() {
        let mut form = good.to_vec();
        form[place] ^= 1;
        // What is not signed, such as `sign_type`, may say anything: it changes nothing.
        if let Ok(notice) = taken(&merchant(), &form) {
            assert_eq!(Ok(notice), taken(&merchant(), good), "byte {place}");
        }
    }
}

#[test]
fn a_form_cut_off_encoded_twice_or_with_a_name_twice_is_refused() {
    for end in 0..PAID.len() {
        assert!(taken(&merchant(), &PAID.as_bytes()[..end]).is_err(), "{end}");
    }
    let mut url = reqwest::Url::parse("http://form").unwrap();
    url.set_query(Some(PAID));
    let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    let once = |(name, value): &(String, String)| {
        let mut url = reqwest::Url::parse("http://form").unwrap();
        url.query_pairs_mut().append_pair("v", value);
        (name.clone(), url.query().unwrap().trim_start_matches("v=").to_owned())
    };
    let twice: Vec<_> = pairs.iter().map(once).collect();
    let url = reqwest::Url::parse_with_params("http://form", &twice).unwrap();
    assert_eq!(taken(&merchant(), url.query().unwrap().as_bytes()), Err(NotVerified::WrongSignature));
    let doubled = format!("{PAID}&total_amount=0.01");
    assert_eq!(taken(&merchant(), doubled.as_bytes()), Err(NotVerified::WrongSignature));
    assert_eq!(taken(&merchant(), b""), Err(NotVerified::Unsigned));
}

/// A signed value that holds `&` and the next name reads the same as two parameters of that name.
#[test]
fn a_signed_text_taken_apart_elsewhere_is_refused() {
    let signed = "app_id=2021000000000018&notify_id=1&out_trade_no=R&seller_id=2088000000000001&subject=a&total_amount=0.01&total_amount=30.00&trade_no=1&trade_status=WAIT_BUYER_PAY";
    let key = PrivateKey::read(include_str!("../../../assets/demo-keys/alipay-gateway.pem")).unwrap();
    let sign = key.sign(signed.as_bytes()).unwrap();
    let form = |text: &str| format!("{text}&sign_type=RSA2&sign={}", sign.replace('+', "%2B"));
    let whole = signed.replacen("a&total_amount=", "a%26total_amount%3D", 1);
    assert!(taken(&merchant(), form(&whole).as_bytes()).is_ok());
    assert_eq!(taken(&merchant(), form(signed).as_bytes()), Err(NotVerified::WrongSignature));
}

#[test]
fn another_app_or_another_account_is_not_us() {
    let app = Merchant { app_id: "2021000000000019".into(), ..merchant() };
    let seller = Merchant { seller_id: "2088000000000002".into(), ..merchant() };
    for merchant in [app, seller] {
        assert_eq!(taken(&merchant, PAID.as_bytes()), Err(NotVerified::NotForUs));
    }
}

#[test]
fn old_and_new_keys_are_believed_at_once_and_no_other() {
    let other = || PrivateKey::read(APP).unwrap().public();
    let both = Merchant { public_keys: vec![other(), PublicKey::read(GATEWAY).unwrap()], ..merchant() };
    assert!(taken(&both, PAID.as_bytes()).is_ok());
    assert!(answer::read::<serde_json::Value>(QUERY, &answered(ANSWER), &both.public_keys).is_ok());
    let neither = Merchant { public_keys: vec![other()], ..merchant() };
    assert_eq!(taken(&neither, PAID.as_bytes()), Err(NotVerified::WrongSignature));
}

fn answered(body: &str) -> Answer {
    Answer { status: StatusCode::OK, headers: HeaderMap::new(), body: body.as_bytes().to_vec() }
}

fn read(method: &str, body: &str) -> Result<serde_json::Value, GatewayError> {
    answer::read(method, &answered(body), &merchant().public_keys)
}

#[test]
fn an_answer_is_verified_over_its_bytes_as_they_came() {
    assert_eq!(read(QUERY, ANSWER).unwrap()["total_amount"], "30.00");
    let spaced = ANSWER.replacen(":{", " : {", 1).replace(",\"sign\"", " , \"sign\"");
    assert_eq!(read(QUERY, &spaced).unwrap()["buyer_logon_id"], "a/b***@x.example");
}

#[test]
fn an_answer_that_is_not_alipays_is_neither_yes_nor_no() {
    let unsigned = ANSWER.split(",\"sign\"").next().unwrap().to_owned() + "}";
    let refusal = r#"{"alipay_trade_query_response":{"code":"40004","sub_code":"ACQ.TRADE_NOT_EXIST"}}"#;
    for body in [
        &ANSWER.replace("30.00", "30.01"),
        &ANSWER.replace("\\/", "/"),
        &ANSWER.replace("trade_query", "trade_close"),
        &unsigned,
        refusal,
        &ANSWER[..ANSWER.len() - 1],
        &ANSWER[..200],
        "<html>",
        "",
    ] {
        assert!(matches!(read(QUERY, body), Err(GatewayError::Unknown(_))), "{body}");
    }
}

#[test]
fn what_was_taken_is_thanked_for_with_one_word_and_nothing_else_is() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let gateway = AlipayGateway::new(merchant(), Http::new(Duration::from_secs(1)).unwrap(), Clock::real());
    assert_eq!(gateway.acknowledge(Receipt::Taken).body, "success");
    for receipt in [Receipt::NotKnown, Receipt::Refused, Receipt::Broken] {
        assert!(!gateway.acknowledge(receipt).body.contains("success"), "{receipt:?}");
    }
}

#[test]
fn refusals_are_told_apart_by_what_they_say_of_us_and_of_the_trade() {
    use super::failure;
    let of = |code, sub_code| failure::of(code, sub_code, "");
    assert_eq!(of("40004", "ACQ.TRADE_HAS_FINISHED"), GatewayError::Rejected("ACQ.TRADE_HAS_FINISHED".into()));
    assert!(matches!(of("40004", "ACQ.SYSTEM_ERROR"), GatewayError::Unknown(_)));
    assert!(matches!(of("20000", "isp.unknow-error"), GatewayError::Unknown(_)));
    assert!(matches!(of("40002", "isv.invalid-signature"), GatewayError::Misconfigured(_)));
    assert!(matches!(of("40006", "isv.insufficient-isv-permissions"), GatewayError::Misconfigured(_)));
    assert_eq!(of("40004", "isv.app-call-limited"), GatewayError::RateLimited);
    assert!(matches!(of("99999", ""), GatewayError::Unknown(_)));
}

fn packed(rows: &str, foot: &str) -> Vec<u8> {
    use std::io::Write;
    let text = format!(
        "#支付宝业务明细查询\r\n#账号：[20880000000000010156]\r\n支付宝交易号,商户订单号,业务类型,商品名称,完成时间,订单金额（元）,退款批次号/请求号,备注\r\n{rows}{foot}"
    );
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    archive.start_file("sum.csv", zip::write::SimpleFileOptions::default()).unwrap();
    archive.write_all(&encoding_rs::GB18030.encode("#支付宝业务汇总查询\r\n门店编号\r\n").0).unwrap();
    archive.start_file("all.csv", zip::write::SimpleFileOptions::default()).unwrap();
    archive.write_all(&encoding_rs::GB18030.encode(&text).0).unwrap();
    archive.finish().unwrap().into_inner()
}

#[test]
fn a_statement_is_read_whole_or_not_at_all() {
    const FOOT: &str = "#-----业务明细列表结束-----\r\n#合计：2笔\r\n";
    const ROWS: &str = "2026112222001\t,RAAA\t,交易\t,续费 㐀,2026-11-21 23:59:59,30.00,\t,\r\n2026112222001\t,RAAA\t,退款\t,续费,2026-11-21 23:59:59,-12.50,FBBB\t,\r\n";
    let lines = bill::lines(&packed(ROWS, FOOT)).unwrap();
    assert_eq!(lines.len(), 2);
    assert_eq!((lines[0].amount, &lines[0].kind), (Money::new(3000, Currency::Cny), &StatementKind::Payment));
    assert_eq!((lines[0].merchant_ref.as_deref(), lines[0].transaction.as_str()), (Some("RAAA"), "2026112222001"));
    assert_eq!(lines[0].at, datetime!(2026-11-21 15:59:59 UTC));
    assert_eq!(lines[1].amount, Money::new(1250, Currency::Cny));
    let refund = StatementKind::Refund { merchant_refund_no: Some("FBBB".into()), provider_refund_id: None };
    assert_eq!(lines[1].kind, refund);
    assert_eq!(bill::lines(&packed("", FOOT)).unwrap(), vec![]);
    assert!(bill::lines(&packed(ROWS, "")).is_none(), "cut off before its totals");
    assert!(bill::lines(&packed(&ROWS.replace("退款", "转账"), FOOT)).is_none());
    assert!(bill::lines(&packed(&ROWS.replace("30.00", "30.0x"), FOOT)).is_none());
    assert!(bill::lines(b"PK not a zip").is_none());
}

/// Set to a file of vectors made elsewhere, they are checked as well.
#[test]
fn vectors_made_elsewhere_hold() {
    let Some(path) = std::env::var_os("PAYMENT_VECTORS") else { return };
    let all: serde_json::Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let (vectors, text) = (&all["vectors"], |value: &serde_json::Value| value.as_str().unwrap().to_owned());
    let account = |params: &serde_json::Value, key: String| Merchant {
        app_id: text(&params["app_id"]),
        seller_id: params["seller_id"].as_str().unwrap_or_default().to_owned(),
        public_keys: vec![PublicKey::read(&key).unwrap()],
        ..merchant()
    };
    let form = |params: &serde_json::Value| {
        let pairs = params.as_object().unwrap().iter().map(|(name, value)| (name.clone(), text(value)));
        reqwest::Url::parse_with_params("http://form", pairs).unwrap().query().unwrap().to_owned()
    };
    let a1 = &vectors["A1"];
    let us = account(&a1["params"], text(&a1["public_key_spki_b64"]));
    assert!(matches!(taken(&us, form(&a1["params"]).as_bytes()).unwrap().news, News::Paid(_)));
    let g3 = &vectors["G3"];
    let us = account(&g3["params"], text(&all["keys"]["g_alipay_platform_pub"]));
    let body = text(&g3["form_body"]);
    assert!(matches!(taken(&us, body.as_bytes()).unwrap().news, News::Paid(_)));
    assert!(taken(&us, body.replace("15.00", "15.01").as_bytes()).is_err());
    let a3 = &vectors["A3"];
    let us = account(&a3["params"], text(&a3["public_key_spki_b64"]));
    assert_eq!(taken(&us, form(&a3["params"]).as_bytes()), Err(NotVerified::WrongSignature), "not of a trade");
    let a2 = &vectors["A2"];
    let keys = [PublicKey::read(a2["public_key_spki_b64"].as_str().unwrap()).unwrap()];
    let captured = answered(a2["raw"].as_str().unwrap());
    assert!(answer::read::<serde_json::Value>("alipay.open.file.upload", &captured, &keys).is_ok());
    let url = reqwest::Url::parse(vectors["G4"]["url"].as_str().unwrap()).unwrap();
    let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    let named: Vec<(&str, String)> =
        pairs.iter().filter(|(name, _)| name != "sign").map(|(name, value)| (name.as_str(), value.clone())).collect();
    let key = PublicKey::read(all["keys"]["g_alipay_app_pub"].as_str().unwrap()).unwrap();
    assert!(key.verifies(params::to_sign(&named).as_bytes(), said(&pairs, "sign")));
}
