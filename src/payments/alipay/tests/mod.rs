//! Forms and answers signed by openssl with the keys of the demo; and vectors made elsewhere, where they are at hand.

mod answers;
mod notifications;
mod requests;
mod vectors;

use super::client::Merchant;
use super::news;
use crate::http_client::Answer;
use crate::payments::gateway::{NotVerified, Notice};
use crate::payments::rsa::{PrivateKey, PublicKey};
use axum::http::{HeaderMap, StatusCode};

const APP: &str = include_str!("../../../../assets/demo-keys/alipay-app.pem");
const GATEWAY: &str = include_str!("../../../../assets/demo-keys/alipay-gateway-public.pem");
const PAID: &str = include_str!("../../../../tests/fixtures/alipay/paid.form");
const ANSWER: &str = include_str!("../../../../tests/fixtures/alipay/query.json");
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

fn taken(merchant: &Merchant, form: &[u8]) -> Result<Notice, NotVerified> {
    news::verify(merchant, form)?;
    news::read(merchant, form)
}

fn answered(body: &str) -> Answer {
    Answer { status: StatusCode::OK, headers: HeaderMap::new(), body: body.as_bytes().to_vec() }
}

fn said<'a>(pairs: &'a [(String, String)], name: &str) -> &'a str {
    &pairs.iter().find(|(known, _)| known == name).unwrap().1
}
