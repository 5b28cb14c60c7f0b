use super::{answered, merchant, said, taken};
use crate::payments::alipay::client::Merchant;
use crate::payments::alipay::{answer, params};
use crate::payments::gateway::{News, NotVerified};
use crate::payments::rsa::PublicKey;

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
