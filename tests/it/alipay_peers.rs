//! Alipay's own libraries for Node and Python sign and verify with us, both ways, over loopback.

use crate::support::payments::{AMOUNT, World, world};
use crate::support::peers::ask;
use renewal_portal::demo::alipay::{APP_ID, SELLER_ID};
use renewal_portal::ids::AttemptId;
use renewal_portal::payments::Presentation;
use reqwest::Url;
use serde_json::{Value, json};

const APP: &str = include_str!("../../assets/demo-keys/alipay-app.pem");
const APP_PUBLIC: &str = include_str!("../fixtures/alipay/app-spki.pem");
const GATEWAY: &str = include_str!("../../assets/demo-keys/alipay-gateway.pem");
const GATEWAY_PUBLIC: &str = include_str!("../../assets/demo-keys/alipay-gateway-public.pem");
const OTHER: &str = include_str!("../fixtures/rsa/other.pem");

fn library(world: &World, more: Value) -> Value {
    let mut question = json!({
        "app_id": APP_ID, "private_key": APP, "public_key": GATEWAY_PUBLIC,
        "gateway": format!("{}/sandbox/alipay/gateway.do", world.base),
    });
    question.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    question
}

impl World {
    async fn with_page(&self) -> (AttemptId, String) {
        let attempt = self.open_at("alipay", self.order().await).await;
        let Presentation::Redirect(url) = self.start(attempt).await else { panic!("a page to go to") };
        (attempt, url)
    }

    async fn paid_there(&self) -> AttemptId {
        let (attempt, url) = self.with_page().await;
        let page = self.http.get(url).send().await.unwrap().headers()["location"].to_str().unwrap().to_owned();
        self.press(&page, "pay").await;
        attempt
    }

    async fn asks(&self, method: &str, content: Value) -> Value {
        ask("alipay.mjs", &library(self, json!({ "task": "call", "method": method, "content": content }))).await
    }

    async fn tell(&self, form: &str) -> (u16, String) {
        let request = self.http.post(format!("{}/webhooks/alipay", self.base));
        let request = request.header("content-type", "application/x-www-form-urlencoded; charset=utf-8");
        let answer = request.body(form.to_owned()).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    async fn told_of(&self, gateway: &str) -> i64 {
        self.count("select count(*) from gateway_events where gateway = $1", gateway).await
    }

    /// As Alipay would tell that an attempt was paid.
    async fn payment_params(&self, attempt: AttemptId) -> Value {
        json!({
            "app_id": APP_ID, "seller_id": SELLER_ID, "auth_app_id": APP_ID, "charset": "utf-8", "version": "1.0",
            "notify_id": "2026112200222120005068450559358070", "notify_type": "trade_status_sync",
            "notify_time": "2026-11-22 12:00:06", "gmt_create": "2026-11-22 12:00:00", "gmt_payment": "2026-11-22 12:00:05",
            "out_trade_no": self.attempt(attempt).await.merchant_ref, "trade_no": "2026112222001468450512505578",
            "trade_status": "TRADE_SUCCESS", "total_amount": "30.00", "receipt_amount": "30.00",
            "subject": "续费 30天 & 测试+% ", "body": "", "voucher_detail_list": "[{\"amount\":\"1.00\",\"name\":\"券\"}]",
            "fund_bill_list": "[{\"amount\":\"30.00\",\"fundChannel\":\"ALIPAYACCOUNT\"}]",
        })
    }
}

async fn signed_by(key: &str, params: &Value) -> String {
    let question = json!({ "task": "notification", "private_key": key, "params": params });
    ask::<Value>("alipay.py", &question).await["form"].as_str().unwrap().to_owned()
}

fn changed(params: &Value, name: &str, value: &str) -> Value {
    let mut params = params.clone();
    params[name] = value.into();
    params
}

#[tokio::test]
async fn both_libraries_accept_the_page_we_sign_and_neither_a_changed_one() {
    let world = world().await;
    let (_, url) = world.with_page().await;
    let mut params: Value = json!({});
    for (name, value) in Url::parse(&url).unwrap().query_pairs() {
        params[name.as_ref()] = value.as_ref().into();
    }
    for (params, genuine) in [(params.clone(), true), (changed(&params, "timestamp", "2026-11-22 12:00:00"), false)] {
        let question = json!({ "task": "request", "params": params, "public_key": APP_PUBLIC });
        let node: Value = ask("alipay.mjs", &library(&world, question.clone())).await;
        let python: Value = ask("alipay.py", &question).await;
        assert_eq!((&node["genuine"], &python["genuine"]), (&json!(genuine), &json!(genuine)), "{python}");
    }
}

#[tokio::test]
async fn the_library_for_node_drives_our_rehearsed_alipay_and_verifies_each_answer() {
    let world = world().await;
    let question = json!({
        "task": "page", "method": "alipay.trade.page.pay", "return_url": "https://shop.example/", "notify_url": format!("{}/nowhere", world.base),
        "content": { "out_trade_no": "THEIRS1", "total_amount": "15.00", "subject": "续费", "product_code": "FAST_INSTANT_TRADE_PAY", "time_expire": "2099-01-01 00:00:00" },
    });
    let page: Value = ask("alipay.mjs", &library(&world, question)).await;
    let opened = world.http.get(page["url"].as_str().unwrap()).send().await.unwrap();
    assert_eq!(opened.status(), 303, "{}", opened.text().await.unwrap());
    let asked = world.asks("alipay.trade.query", json!({ "out_trade_no": "THEIRS1" })).await;
    assert_eq!((&asked["ok"]["code"], &asked["ok"]["trade_status"]), (&json!("10000"), &json!("WAIT_BUYER_PAY")));
    let closed = world.asks("alipay.trade.close", json!({ "out_trade_no": "THEIRS1" })).await;
    assert_eq!(closed["ok"]["code"], "10000", "{closed}");
    let unknown = world.asks("alipay.trade.query", json!({ "out_trade_no": "NOBODYS" })).await;
    assert_eq!(unknown["ok"]["sub_code"], "ACQ.TRADE_NOT_EXIST", "{unknown}");
    let reference = world.attempt(world.paid_there().await).await.merchant_ref;
    let content = json!({ "out_trade_no": reference, "refund_amount": "12.00", "out_request_no": "F1" });
    let refunded = world.asks("alipay.trade.refund", content).await;
    assert_eq!((&refunded["ok"]["fund_change"], &refunded["ok"]["refund_fee"]), (&json!("Y"), &json!("12.00")));
    let content = json!({ "out_trade_no": reference, "out_request_no": "F1" });
    let found = world.asks("alipay.trade.fastpay.refund.query", content).await;
    assert_eq!(found["ok"]["refund_status"], "REFUND_SUCCESS", "{found}");
}

#[tokio::test]
async fn our_rehearsed_alipay_refuses_who_signs_with_another_key() {
    let world = world().await;
    let question = json!({ "task": "call", "method": "alipay.trade.query", "content": { "out_trade_no": "X" }, "private_key": OTHER });
    let refused: Value = ask("alipay.mjs", &library(&world, question)).await;
    assert_eq!(refused["ok"]["sub_code"], "isv.invalid-signature", "{refused}");
}

#[tokio::test]
async fn the_library_for_node_accepts_the_notifications_of_our_rehearsed_alipay() {
    let world = world().await;
    let inbox = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/", inbox.local_addr().unwrap());
    let (sent, mut received) = tokio::sync::mpsc::channel::<String>(1);
    let take = axum::Router::new().fallback(move |body: String| async move {
        sent.send(body).await.unwrap();
        "success"
    });
    tokio::spawn(async move { axum::serve(inbox, take).await });
    world.paid_there().await;
    sqlx::query("update sandbox.notifications set url = $1").bind(&address).execute(&world.db.pool).await.unwrap();
    assert_eq!(world.sandbox.tick().await.unwrap(), 1);
    let form = received.recv().await.unwrap();
    for (form, genuine) in [(form.clone(), true), (form.replace("30.00", "30.01"), false)] {
        let answer: Value = ask("alipay.mjs", &library(&world, json!({ "task": "notification", "form": form }))).await;
        assert_eq!(answer["genuine"], genuine, "{form}");
    }
}

#[tokio::test]
async fn what_the_library_for_python_signs_is_taken_and_thanked_for_with_one_word() {
    let world = world().await;
    let (attempt, _) = world.with_page().await;
    let params = world.payment_params(attempt).await;
    let form = signed_by(GATEWAY, &params).await;
    assert_eq!(world.tell(&form).await, (200, "success".to_owned()));
    assert_eq!(world.state(attempt).await, "succeeded");
    assert_eq!(world.attempt(attempt).await.received_minor, Some(AMOUNT));
    assert_eq!(world.tell(&form).await, (200, "success".to_owned()), "and again");
    assert_eq!(world.told_of("alipay").await, 1);
    let finished = changed(&changed(&params, "trade_status", "TRADE_FINISHED"), "notify_id", "2");
    assert_eq!(world.tell(&signed_by(GATEWAY, &finished).await).await.0, 200);
    assert_eq!(world.told(renewal_portal::payments::SETTLED).await, 1);
}

#[tokio::test]
async fn what_is_forged_cut_off_or_encoded_twice_is_refused_and_leaves_no_trace() {
    let world = world().await;
    let (attempt, _) = world.with_page().await;
    let params = world.payment_params(attempt).await;
    let form = signed_by(GATEWAY, &params).await;
    let step = form.len() / 40;
    for at in (0..form.len()).step_by(step) {
        let mut altered = form.clone().into_bytes();
        altered[at] = if altered[at] == b'1' { b'2' } else { b'1' };
        let altered = String::from_utf8(altered).unwrap();
        if !form.starts_with(&altered[..altered.find("&sign_type").unwrap_or(0)]) {
            assert_eq!(world.tell(&altered).await.0, 400, "byte {at}");
        }
        assert_eq!(world.tell(&form[..at]).await.0, 400, "cut off at {at}");
    }
    let twice = Url::parse_with_params("http://form", [("v", &form)]).unwrap();
    let long = format!("{form}&more={}", "x".repeat(300 * 1024));
    let cases = [
        ("signed by another", signed_by(OTHER, &params).await, 400),
        ("signed by the app", signed_by(APP, &params).await, 400),
        ("encoded twice", twice.query().unwrap().trim_start_matches("v=").to_owned(), 400),
        ("a name twice", format!("{form}&total_amount=30.00"), 400),
        ("another app", signed_by(GATEWAY, &changed(&params, "app_id", "2021000000000019")).await, 400),
        ("another seller", signed_by(GATEWAY, &changed(&params, "seller_id", "2088000000000002")).await, 400),
        ("300 KB", long, 413),
        ("nothing", String::new(), 400),
        ("no form", "\u{0}\u{1}%%%=&&=%".to_owned(), 400),
    ];
    for (what, form, status) in cases {
        assert_eq!(world.tell(&form).await.0, status, "{what}");
    }
    assert_eq!((world.told_of("alipay").await, world.state(attempt).await), (0, "pending"));
    assert_eq!(world.tell(&form).await.0, 200, "the same, untouched, is taken");
}

#[tokio::test]
async fn what_is_genuine_and_unfit_is_kept_and_changes_nothing_it_should_not() {
    let world = world().await;
    let (attempt, _) = world.with_page().await;
    let params = world.payment_params(attempt).await;
    let unknown = changed(&changed(&params, "out_trade_no", "RNOBODYS"), "notify_id", "n1");
    let (status, body) = world.tell(&signed_by(GATEWAY, &unknown).await).await;
    assert!(status == 404 && body != "success", "asked for again: {status} {body}");
    let odd = changed(&changed(&params, "total_amount", "30.001"), "notify_id", "n2");
    assert_eq!(world.tell(&signed_by(GATEWAY, &odd).await).await.0, 404);
    let strange = changed(&changed(&params, "trade_status", "TRADE_PENDING_REVIEW"), "notify_id", "n3");
    assert_eq!(world.tell(&signed_by(GATEWAY, &strange).await).await.0, 404);
    assert_eq!((world.told_of("alipay").await, world.state(attempt).await), (3, "pending"), "kept, nothing changed");
    let waiting = changed(&changed(&params, "trade_status", "WAIT_BUYER_PAY"), "notify_id", "n4");
    assert_eq!(world.tell(&signed_by(GATEWAY, &waiting).await).await.0, 200);
    let other_type = changed(&changed(&params, "notify_type", "dut_user_sign"), "notify_id", "n5");
    assert_eq!(world.tell(&signed_by(GATEWAY, &other_type).await).await.0, 200);
    assert_eq!(world.state(attempt).await, "pending");
    let short = changed(&changed(&params, "total_amount", "29.99"), "notify_id", "n6");
    assert_eq!(world.tell(&signed_by(GATEWAY, &short).await).await.0, 200);
    assert_eq!(world.attempt(attempt).await.received_minor, Some(2999), "as it came, for the order to decide");
}

#[tokio::test]
async fn a_refund_made_by_hand_is_told_apart_from_a_payment() {
    let world = world().await;
    let (attempt, _) = world.with_page().await;
    let params = world.payment_params(attempt).await;
    assert_eq!(world.tell(&signed_by(GATEWAY, &params).await).await.0, 200);
    let mut back = changed(&params, "notify_id", "n7");
    for (name, value) in
        [("refund_fee", "12.00"), ("gmt_refund", "2026-11-22 13:00:00.123"), ("out_biz_no", "BY-HAND-1")]
    {
        back[name] = value.into();
    }
    world.tell(&signed_by(GATEWAY, &back).await).await;
    assert_eq!(world.told(renewal_portal::payments::SETTLED).await, 1, "not a second payment");
    assert_eq!(world.state(attempt).await, "succeeded");
    let stored: Value = sqlx::query_scalar("select notice from gateway_events where event_key = 'n7'")
        .fetch_one(&world.db.pool)
        .await
        .unwrap();
    let told = &stored["news"]["refund_elsewhere"];
    assert_eq!(
        (&told["provider_refund_id"], &told["amount"]["minor"]),
        (&json!("BY-HAND-1"), &json!(1200)),
        "{stored}"
    );
}
