//! The adapter against servers that misbehave, and the simulator against callers that do.

use renewal_portal::calendar::add_days;
use renewal_portal::carriers::{Answer, CarrierError, LineKind, LineRef, RenewalRequest, Submission};
use renewal_portal::money::{Currency, Money};
use renewal_portal::plans::allowance::Allowance;
use renewal_portal::plans::effect::Effect;
use renewal_portal::plans::term::Term;
use renewal_portal::provisioning::State;
use renewal_portal::simulator::{Config, ledger};
use time::OffsetDateTime;
use time::macros::{date, datetime};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::support::PATIENCE;
use crate::support::carrier::{Rig, client, quick};
use crate::support::db::fresh_db;

const NOW: OffsetDateTime = datetime!(2026-11-22 12:00 UTC);

fn request(id: &str, number: &str) -> RenewalRequest {
    RenewalRequest {
        request_id: id.to_owned(),
        line: LineRef {
            carrier: "cucc".to_owned(),
            kind: LineKind::FmCard,
            carrier_line_id: None,
            iccid: format!("8986000000000000{}", &number[number.len() - 4..]),
            msisdn: Some(number.to_owned()),
            valid_from: date!(2099 - 01 - 01),
            valid_until: date!(2099 - 01 - 31),
            anchor_day: 1,
            time_zone: "Asia/Shanghai".to_owned(),
        },
        product: "cucc:test-30".to_owned(),
        effect: Effect::Stack,
        term: Term::Days(30),
        allowance: Allowance::default(),
        sold_for: Money::new(3_900, Currency::Cny),
        promised_until: date!(2099 - 03 - 02),
    }
}

fn anew(request: &RenewalRequest) -> Submission<'_> {
    Submission { request, reference: None, baseline: &serde_json::Value::Null, sent_at: None, now: NOW }
}

/// Answers every connection with these bytes and hangs up.
pub async fn server_that_says(bytes: Vec<u8>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.read(&mut [0u8; 4096]).await;
            let _ = stream.write_all(&bytes).await;
            let _ = stream.shutdown().await;
        }
    });
    url
}

pub fn http(status: &str, kind: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\n\r\n{body}").into_bytes()
}

const DONE: &str = r#"{"request_id":"r","status":"done","valid_until":"2026-12-31"}"#;
pub const JSON: &str = "application/json";

#[tokio::test]
async fn whatever_comes_back_broken_is_unknown() {
    let elsewhere = server_that_says(http("200 OK", JSON, DONE)).await;
    let moved = format!("HTTP/1.1 307 Moved\r\nlocation: {elsewhere}/v1/renewals\r\ncontent-length: 0\r\n\r\n");
    // Blanks after the answer are good JSON, so that only the size speaks against it.
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n";
    let endless = format!("{head}{DONE}{}", " ".repeat(300_000));
    let truncated = http("200 OK", JSON, DONE)[..120].to_vec();
    for (what, bytes) in [
        ("an error page", http("200 OK", "text/html; charset=utf-8", "<h1>Oops</h1>")),
        ("JSON that says it is text", http("200 OK", "text/plain", DONE)),
        ("an error with 200", http("200 OK", JSON, r#"{"error":{"code":"internal"}}"#)),
        ("half an answer", truncated),
        ("a redirect to one who would agree", moved.into_bytes()),
        ("a body without end", endless.into_bytes()),
        ("a failure", http("500 Oh", JSON, DONE)),
        ("a gateway's failure", http("502 Bad", "text/html", "")),
        ("something else than HTTP", b"SSH-2.0-OpenSSH\r\n".to_vec()),
        ("nothing at all", Vec::new()),
    ] {
        let carrier = client(&server_that_says(bytes).await);
        let submitted = carrier.submit(&anew(&request("r", "+8613800000100"))).await;
        assert!(matches!(submitted, Err(CarrierError::Unknown(_))), "{what}: {submitted:?}");
        let found = carrier.find(&anew(&request("r", "+8613800000100"))).await;
        assert!(found.is_err(), "{what} does not mean it was never seen: {found:?}");
    }
}

#[tokio::test]
async fn what_never_got_in_did_not_happen() {
    let busy = client(&server_that_says(http("503 Busy", "text/html", "<h1>Later</h1>")).await);
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let down = client(&format!("http://{free}"));
    for carrier in [busy, down] {
        let submitted = carrier.submit(&anew(&request("r", "+8613800000100"))).await;
        assert!(matches!(submitted, Err(CarrierError::Unavailable(_))), "{submitted:?}");
        assert!(carrier.find(&anew(&request("r", "+8613800000100"))).await.is_err());
    }
}

#[tokio::test]
async fn silence_ends_at_the_time_limit() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let carrier = client(&format!("http://{}", listener.local_addr().unwrap()));
    let wanted = request("r", "+8613800000100");
    let submission = anew(&wanted);
    let submitting = carrier.submit(&submission);
    let submitted = tokio::time::timeout(PATIENCE * 20, submitting).await.expect("a time limit");
    assert!(matches!(submitted, Err(CarrierError::Unknown(_))), "{submitted:?}");
}

#[tokio::test]
async fn one_id_is_one_renewal_however_often_and_fast_it_is_asked_for() {
    let rig = Rig::new(quick()).await;
    let carrier = client(&rig.simulator.url());
    let wanted = request("order:one:renew", "+8613800000100");
    assert_eq!(carrier.find(&anew(&wanted)).await, Ok(None));
    let submission = anew(&wanted);
    let twenty = (0..20).map(|_| carrier.submit(&submission));
    let first = Answer::Done { valid_until: Some(date!(2099 - 03 - 02)) };
    for answer in futures_util::future::join_all(twenty).await {
        assert_eq!(answer, Ok(first.clone()));
    }
    assert_eq!(carrier.find(&anew(&wanted)).await, Ok(Some(first)));

    let other = RenewalRequest { term: Term::Days(90), ..wanted.clone() };
    assert!(matches!(carrier.submit(&anew(&other)).await, Err(CarrierError::Unknown(_))));
    assert_eq!(rig.books().await.renewals, 1);

    let next = RenewalRequest { request_id: "order:two:renew".to_owned(), ..wanted };
    let further = add_days(date!(2099 - 03 - 02), 30).unwrap();
    assert_eq!(
        carrier.submit(&anew(&next)).await,
        Ok(Answer::Done { valid_until: Some(further) }),
        "from its own truth"
    );
}

#[tokio::test]
async fn a_quote_names_the_carriers_price() {
    use renewal_portal::money::{Currency, Money};
    let price = Money::new(4_900, Currency::Cny);
    let config = Config { prices: [("cucc:test-30".to_owned(), price)].into(), ..quick() };
    let rig = Rig::new(config).await;
    let carrier = client(&rig.simulator.url());
    let line = request("r", "+8613800000103").line;
    let quote = carrier.quote(&line, "cucc:test-30").await.unwrap();
    assert_eq!((quote.eligible, quote.price), (Ok(()), Some(price)));
    assert_eq!(carrier.quote(&line, "cucc:other").await.unwrap().price, None);
    let nowhere = LineRef { time_zone: "Mars/Olympus".to_owned(), ..line };
    assert!(matches!(carrier.quote(&nowhere, "cucc:other").await, Err(CarrierError::Misconfigured(_))));
}

#[tokio::test]
async fn the_books_show_every_kind_of_break() {
    let rig = Rig::new(quick()).await;
    let paid = rig.place("+8613800000100").await;
    assert_eq!(rig.finish(paid.order).await.state, State::Succeeded);
    let whole = rig.books().await;
    assert_eq!((whole.renewals, whole.broken()), (1, 0));

    let carrier = client(&rig.simulator.url());
    let again = request(&format!("order:{}:renew:2", paid.order), "+8613800000100");
    carrier.submit(&anew(&again)).await.unwrap();
    let doubled = rig.books().await;
    assert_eq!((doubled.doubled, doubled.orphaned), (1, 1));

    sqlx::query("update provisionings set carrier_until = carrier_until + 1").execute(&rig.db.pool).await.unwrap();
    assert_eq!(rig.books().await.differing, 1);
    sqlx::query("update provisionings set status = 'failed_permanent'").execute(&rig.db.pool).await.unwrap();
    assert_eq!(rig.books().await.despite_refusal, 1);
    sqlx::query("update provisionings set status = 'succeeded'").execute(&rig.db.pool).await.unwrap();
    sqlx::query("delete from simulator.renewals").execute(&rig.db.pool).await.unwrap();
    assert_eq!(rig.books().await.missing, 1);
    let mut conn = rig.db.pool.acquire().await.unwrap();
    assert_eq!(ledger::write_up_the_past(&mut conn).await.unwrap(), 1);
    assert_eq!(rig.books().await.broken(), 0);
}

#[tokio::test]
async fn without_a_simulator_there_are_no_books() {
    let db = fresh_db().await;
    assert_eq!(ledger::check(&mut db.pool.acquire().await.unwrap()).await.unwrap(), None);
}
