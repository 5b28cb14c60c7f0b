//! Texts over real HTTP, with a provider that is well, down, slow, or refuses.

use std::sync::{Arc, Mutex};
use std::time::Duration as StdDuration;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use renewal_portal::sms::{Provider, Texter};
use time::Duration;
use tokio::net::TcpListener;

use crate::claims_support::{CARD, ICCID, NUMBER, added, ask, put, send, type_in};
use crate::support::digits_in;
use crate::support::portal::TestPortal;

const PATIENCE: StdDuration = StdDuration::from_secs(2);

/// A provider that answers as it is told to, and keeps what it was sent.
#[derive(Clone, Default)]
struct FakeProvider {
    answers: Arc<Mutex<Vec<u16>>>,
    sent: Arc<Mutex<Vec<(HeaderMap, String)>>>,
}

/// Says nothing for longer than anybody waits.
const SILENT: u16 = 0;

impl FakeProvider {
    async fn start(answers: &[u16]) -> (Self, String) {
        let fake = Self { answers: Arc::new(Mutex::new(answers.iter().rev().copied().collect())), ..Self::default() };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://AC1:s%40cret@{}/Messages.json", listener.local_addr().unwrap());
        let router = Router::new().route("/Messages.json", post(take).get(|| async { "[]" })).with_state(fake.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        (fake, url)
    }

    fn sent(&self) -> Vec<(HeaderMap, String)> {
        self.sent.lock().unwrap().clone()
    }
}

async fn take(State(fake): State<FakeProvider>, headers: HeaderMap, body: String) -> (StatusCode, String) {
    fake.sent.lock().unwrap().push((headers, body));
    let answer = fake.answers.lock().unwrap().pop().unwrap_or(201);
    if answer == SILENT {
        tokio::time::sleep(PATIENCE * 3).await;
    }
    let told = serde_json::json!({ "code": 21_211, "message": "The 'To' number is not a valid phone number" });
    (StatusCode::from_u16(answer).unwrap_or(StatusCode::CREATED), told.to_string())
}

fn texter(url: &str) -> Texter {
    Texter::Provider(Provider::new(url, "+14155550123", PATIENCE).unwrap())
}

fn code_in(body: &str) -> String {
    let text = body.split("Body=").nth(1).unwrap();
    digits_in(text, 6)
}

/// How many texts were sent, failed, and wait; and dead jobs.
async fn stand(portal: &TestPortal) -> (i64, i64, i64, i64) {
    sqlx::query_as(
        "select count(*) filter (where sent_at is not null), count(*) filter (where failed_at is not null),
                count(*) filter (where sent_at is null and failed_at is null), (select count(*) from jobs where state = 'dead')
         from messages where channel = 'sms'",
    )
    .fetch_one(&portal.db.pool)
    .await
    .unwrap()
}

#[tokio::test]
async fn a_text_goes_out_as_the_provider_wants_it() {
    let (fake, url) = FakeProvider::start(&[]).await;
    let portal = TestPortal::texting(texter(&url)).await;
    let mut mei = portal.mei().await;
    let line = put(&portal, CARD).await;
    let claim = ask(&mut mei, NUMBER).await;
    portal.work().await;
    portal.work().await;
    let sent = fake.sent();
    assert_eq!(sent.len(), 1);
    let (headers, body) = &sent[0];
    assert_eq!(headers["authorization"], "Basic QUMxOnNAY3JldA==");
    assert_eq!(headers["content-type"], "application/x-www-form-urlencoded");
    assert!(body.starts_with("To=%2B8613800138300&From=%2B14155550123&Body="), "{body}");
    send(&mut mei, &claim, &code_in(body)).await;
    assert_eq!(added(&mut mei, &claim).await, line);
    assert_eq!(stand(&portal).await, (1, 0, 0, 0));
    portal.prove().await;
}

#[tokio::test]
async fn a_provider_that_is_down_or_slow_is_tried_again() {
    let (fake, url) = FakeProvider::start(&[503, SILENT, 429, 500]).await;
    let portal = TestPortal::texting(texter(&url)).await;
    let mut mei = portal.mei().await;
    put(&portal, CARD).await;
    let claim = ask(&mut mei, NUMBER).await;
    for _ in 0..6 {
        portal.work().await;
        portal.pass(Duration::seconds(20));
    }
    let sent = fake.sent();
    assert_eq!(sent.len(), 5);
    assert!(sent.iter().all(|(_, body)| *body == sent[0].1), "each says the same");
    send(&mut mei, &claim, &code_in(&sent[4].1)).await;
    added(&mut mei, &claim).await;
    assert_eq!(stand(&portal).await, (1, 0, 0, 0));
    portal.prove().await;
}

#[tokio::test]
async fn texts_go_to_the_operators_countries_only() {
    let (fake, url) = FakeProvider::start(&[]).await;
    let Texter::Provider(provider) = texter(&url) else { unreachable!("it is a provider") };
    assert!(provider.clone().only_to(&["XX".to_owned()]).is_err());
    let home = Texter::Provider(provider.only_to(&["cn".to_owned()]).unwrap());
    let portal = TestPortal::texting(home).await;
    let mut mei = portal.mei().await;
    mei.browser.get("/lines/add").await;
    let refused = mei.browser.post("/lines/add", &[("named", "+14155550199")]).await;
    assert!(refused.status == 422 && refused.body.contains("numbers of this country"), "{}", refused.body);
    mei.browser.get("/account/contact").await;
    let refused = mei.browser.post("/account/phone", &[("phone", "+14155550199")]).await;
    assert!(refused.status == 422 && refused.body.contains("numbers of this country"), "{}", refused.body);
    // A card is named by its ICCID: its number is not typed.
    put(&portal, CARD).await;
    portal.run("update stock_lines set msisdn = '+14155550199'").await;
    mei.browser.get("/lines/add").await;
    assert_eq!(mei.browser.post("/lines/add", &[("named", ICCID)]).await.status, 303);
    portal.work().await;
    assert_eq!(
        (fake.sent().len(), portal.count("select count(*) from messages where failed_at is not null").await),
        (0, 1)
    );
}

#[tokio::test]
async fn a_provider_that_stays_away_is_given_up_with_the_code() {
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let portal = TestPortal::texting(texter(&format!("http://a:b@{closed}/Messages.json"))).await;
    let mut mei = portal.mei().await;
    put(&portal, CARD).await;
    let claim = ask(&mut mei, NUMBER).await;
    portal.work().await;
    assert_eq!(stand(&portal).await, (0, 0, 1, 0));
    let page = mei.browser.get(&claim).await;
    assert!(page.status == 200 && page.body.contains("No text?"), "{}", page.body);
    for _ in 0..14 {
        portal.pass(Duration::minutes(1));
        portal.work().await;
    }
    assert_eq!(stand(&portal).await, (0, 1, 0, 0));
    portal.prove().await;
}

#[tokio::test]
async fn what_the_provider_refuses_is_not_sent_again() {
    let (fake, url) = FakeProvider::start(&[400]).await;
    let portal = TestPortal::texting(texter(&url)).await;
    let mut mei = portal.mei().await;
    put(&portal, CARD).await;
    ask(&mut mei, NUMBER).await;
    portal.settle().await;
    assert_eq!((fake.sent().len(), stand(&portal).await), (1, (0, 1, 0, 0)));
    let error: String = sqlx::query_scalar("select last_error from messages where channel = 'sms'")
        .fetch_one(&portal.db.pool)
        .await
        .unwrap();
    assert_eq!(error, "400 Bad Request (21211) The 'To' number is not a valid phone number");
    portal.prove().await;
}

#[tokio::test]
async fn a_provider_that_does_not_know_us_needs_a_person() {
    let (fake, url) = FakeProvider::start(&[401]).await;
    let portal = TestPortal::texting(texter(&url)).await;
    let mut mei = portal.mei().await;
    put(&portal, CARD).await;
    ask(&mut mei, NUMBER).await;
    portal.settle().await;
    assert_eq!((fake.sent().len(), stand(&portal).await), (1, (0, 1, 0, 1)));
}

#[tokio::test]
async fn without_a_provider_the_page_says_what_remains() {
    let portal = TestPortal::texting(Texter::Nobody).await;
    let mut mei = portal.mei().await;
    put(&portal, CARD).await;
    let page = mei.browser.get("/lines/add").await;
    assert!(!page.body.contains("phone number") && page.body.contains("Activation code"), "{}", page.body);
    for named in [NUMBER, ICCID] {
        let answer = type_in(&mut mei, named).await;
        assert!(answer.status == 422 && answer.body.contains("Use the activation code"), "{}", answer.body);
        assert!(answer.body.contains("Ask us to add the line"));
    }
    assert_eq!(portal.count("select count(*) from line_claims").await, 0);
}
