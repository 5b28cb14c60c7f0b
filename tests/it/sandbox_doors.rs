//! The rehearsed gateways refuse whoever is not their merchant, as the real ones do.

use renewal_portal::demo::alipay;

use crate::support::portal::TestPortal;
use crate::support::shopper::form;

async fn answer(request: reqwest::RequestBuilder) -> (u16, String) {
    let answer = request.send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

#[tokio::test]
async fn who_signs_with_no_key_of_theirs_is_turned_away() {
    let portal = TestPortal::start().await;
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let nothing = "A".repeat(344);

    let asked = [
        ("app_id", alipay::APP_ID),
        ("method", "alipay.trade.query"),
        ("sign_type", "RSA2"),
        ("timestamp", "2026-11-22 18:00:00"),
        ("biz_content", "{\"out_trade_no\":\"X\"}"),
        ("sign", &nothing),
    ];
    let (_, said) = answer(http.post(format!("{}/sandbox/alipay/gateway.do", portal.url)).body(form(&asked))).await;
    assert!(said.contains("isv.invalid-signature"), "{said}");

    let order = format!("{}/sandbox/wechat/v3/pay/transactions/out-trade-no/X?mchid=1900000109", portal.url);
    let signed = format!(
        r#"WECHATPAY2-SHA256-RSA2048 mchid="1900000109",nonce_str="n",timestamp="{}",serial_no="00000000000000000000000000000000000DE301",signature="{nothing}""#,
        portal.clock.now().unix_timestamp()
    );
    for request in [http.get(&order), http.get(&order).header("authorization", signed)] {
        let (status, said) = answer(request).await;
        assert!(status == 401 && said.contains("SIGN_ERROR"), "{status} {said}");
    }

    let sessions = format!("{}/sandbox/stripe/v1/checkout/sessions", portal.url);
    for request in [http.get(&sessions), http.get(&sessions).bearer_auth("sk_test_another")] {
        assert_eq!(answer(request).await.0, 401);
    }
}
