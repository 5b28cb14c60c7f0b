use super::{merchant, said};
use crate::clock::Clock;
use crate::http_client::Http;
use crate::money::{Currency, Money};
use crate::payments::alipay::client::Client;
use crate::payments::gateway::*;
use crate::payments::model::Device;
use std::time::Duration;
use time::macros::datetime;

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
