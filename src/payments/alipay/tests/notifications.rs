use super::{ANSWER, APP, GATEWAY, PAID, QUERY, answered, merchant, taken};
use crate::clock::Clock;
use crate::http_client::Http;
use crate::money::{Currency, Money};
use crate::payments::alipay::client::Merchant;
use crate::payments::alipay::{AlipayGateway, answer};
use crate::payments::gateway::*;
use crate::payments::rsa::{PrivateKey, PublicKey};
use std::time::Duration;
use time::macros::datetime;

const PAID_WITHOUT_EMPTY: &str = include_str!("../../../../tests/fixtures/alipay/paid-without-empty.form");

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
    let key = PrivateKey::read(include_str!("../../../../assets/demo-keys/alipay-gateway.pem")).unwrap();
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

#[test]
fn what_was_taken_is_thanked_for_with_one_word_and_nothing_else_is() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let gateway = AlipayGateway::new(merchant(), Http::new(Duration::from_secs(1)).unwrap(), Clock::real());
    assert_eq!(gateway.acknowledge(Receipt::Taken).body, "success");
    for receipt in [Receipt::NotKnown, Receipt::Refused, Receipt::Broken] {
        assert!(!gateway.acknowledge(receipt).body.contains("success"), "{receipt:?}");
    }
}
