//! What carriers tell of their own accord, over real HTTP: genuine, forged, repeated, broken, and what is done about it.

use std::sync::Arc;

use renewal_portal::carriers::Carriers;
use renewal_portal::carriers::simulator::SimulatorClient;
use renewal_portal::catalogue;
use renewal_portal::simulator::stock;
use serde_json::json;

use crate::support::portal::TestPortal;
use crate::support::protocols;
use crate::sync_support::{Door, SECRET, signature};

fn event(id: &str, kind: &str, iccid: &str) -> String {
    json!({ "id": id, "type": kind, "iccid": iccid }).to_string()
}

async fn stored(portal: &TestPortal) -> i64 {
    portal.count("select count(*) from carrier_events").await
}

#[tokio::test]
async fn what_is_not_genuine_leaves_no_trace() {
    let portal = TestPortal::start().await;
    let door = Door::open(&portal).await;
    let body = event("e1", "low_data", "8986010000000000000");
    let good = signature(SECRET, body.as_bytes());
    for (what, body, signature) in [
        ("wrong key", body.as_bytes(), signature("another", body.as_bytes())),
        ("altered", body.replace("low", "new").as_bytes(), good.clone()),
        ("truncated", &body.as_bytes()[..body.len() - 1], good.clone()),
        ("short signature", body.as_bytes(), good[..62].to_owned()),
        ("no hex", body.as_bytes(), "forged".to_owned()),
        ("empty", b"", good.clone()),
    ] {
        assert_eq!(door.send("cucc", body, &signature).await, 401, "{what}");
    }
    let unsigned = door.http.post(format!("{}/webhooks/carriers/cucc", door.url)).body(body.clone()).send();
    assert_eq!(unsigned.await.unwrap().status(), 401);
    let twice = door.http.post(format!("{}/webhooks/carriers/cucc", door.url)).body(body.clone());
    let twice = twice.header("simulator-signature", &good).header("simulator-signature", "00").send();
    assert_eq!(twice.await.unwrap().status(), 401, "two signatures");
    assert_eq!(door.send("cmcc", body.as_bytes(), &good).await, 404, "a carrier that tells nothing");
    assert_eq!(door.send("nobody", body.as_bytes(), &good).await, 404);
    assert_eq!(
        (stored(&portal).await, portal.count("select count(*) from jobs where kind = 'carrier-event'").await),
        (0, 0)
    );
    assert_eq!(door.send("cucc", body.as_bytes(), &good).await, 200, "the same, untouched, is taken");
    assert_eq!(stored(&portal).await, 1);
}

#[tokio::test]
async fn strange_deliveries_are_answered_and_none_is_lost() {
    let portal = TestPortal::start().await;
    let door = Door::open(&portal).await;
    let large = " ".repeat(300 * 1024);
    assert_eq!(door.tell(&large).await, 413);
    for broken in ["", "{", "[]", "null", r#"{"id":"e1","type":"low"#, r#"{"type":"low_data"}"#, "\u{0}"] {
        assert_eq!(door.tell(broken).await, 400, "{broken:?}");
    }
    assert_eq!(stored(&portal).await, 0);
    assert_eq!(door.tell(&event("e1", "phone_stolen\u{0}", "no\u{0}iccid")).await, 200);
    assert_eq!(door.tell(&event(&"x".repeat(9_000), "low_data", &"9".repeat(9_000))).await, 200);
    assert_eq!(door.tell(&event("e3", "health", "1")).await, 200);
    assert_eq!(door.tell(&event("e4", "low_credit", "1")).await, 200);
    portal.work().await;
    let outcomes = portal.text("select string_agg(kind || ':' || outcome, ' ' order by id) from carrier_events").await;
    assert_eq!(outcomes.as_deref(), Some("other:unknown_line low_data:unknown_line low_credit:told"));
    assert_eq!(
        portal.text("select word from carrier_events where kind = 'other'").await.as_deref(),
        Some("phone_stolen")
    );
    assert_eq!(portal.count("select count(*) from jobs where state = 'dead'").await, 0);
}

#[tokio::test]
async fn a_carrier_may_look_whether_somebody_is_there() {
    let portal = TestPortal::start().await;
    let door = Door::open(&portal).await;
    for (carrier, status) in [("cucc", 200), ("cmcc", 404), ("nobody", 404)] {
        let answer = door.http.head(format!("{}/webhooks/carriers/{carrier}", door.url)).send().await.unwrap();
        assert_eq!(answer.status(), status, "{carrier}");
    }
    let got = door.http.get(format!("{}/webhooks/carriers/cucc", door.url)).send().await.unwrap();
    assert_eq!(got.status(), 405);
}

#[tokio::test]
async fn the_carrier_tells_and_the_line_is_asked_after_at_once() {
    let portal = TestPortal::start().await;
    let mei = portal.mei().await;
    let line = portal.known_line(mei.account, "321").await;
    portal.sync().await;
    portal.pass(time::Duration::minutes(2));
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let usage = format!("{}/v1/lines/cucc/{}/usage", portal.carrier_url(), portal.iccid(line).await);
    let used = http.post(usage).json(&json!({ "bytes": 4_990_000_000i64 })).send().await.unwrap();
    assert_eq!(used.status(), 200);
    arrived(&portal, 1).await;
    portal.work().await;
    assert_eq!(portal.count("select data_left_bytes from lines").await, 10_000_000);
    let outcome = portal.text("select kind || ' ' || outcome from carrier_events").await;
    assert_eq!(outcome.as_deref(), Some("low_data line_asked_after"));
}

#[tokio::test]
async fn the_same_notice_again_changes_nothing() {
    let portal = TestPortal::start().await;
    let mei = portal.mei().await;
    let line = portal.known_line(mei.account, "321").await;
    let door = Door::open(&portal).await;
    let body = event("e1", "expiring", &portal.iccid(line).await);
    let answers = futures_util::future::join_all((0..8).map(|_| door.tell(&body))).await;
    assert_eq!(answers, [200; 8]);
    assert_eq!(stored(&portal).await, 1);
    assert_eq!(portal.count("select count(*) from jobs where kind = 'carrier-event'").await, 1);
}

#[tokio::test]
async fn what_was_acted_on_is_not_acted_on_again() {
    let portal = TestPortal::start().await;
    let mei = portal.mei().await;
    let line = portal.known_line(mei.account, "321").await;
    let door = Door::open(&portal).await;
    assert_eq!(door.tell(&event("e1", "expiring", &portal.iccid(line).await)).await, 200);
    portal.work().await;
    let outcome = "select outcome || ' ' || (line_id is not null) from carrier_events";
    assert_eq!(portal.text(outcome).await.as_deref(), Some("line_asked_after true"));
    portal.run("update lines set ended_at = now()").await;
    portal
        .run("update jobs set state = 'ready', run_at = now(), finished_at = null where kind = 'carrier-event'")
        .await;
    portal.work().await;
    assert_eq!(portal.count("select count(*) from jobs where kind = 'carrier-event' and state = 'done'").await, 1);
    assert_eq!(portal.text(outcome).await.as_deref(), Some("line_asked_after true"));
}

#[tokio::test]
async fn a_renewal_that_moved_on_is_asked_after_now() {
    let portal = TestPortal::start().await;
    let mut mei = portal.mei().await;
    let line = portal.known_line(mei.account, "120").await;
    let order = mei.buy(line, "P30", "pay").await;
    portal.until(order, "paid").await;
    portal.run("update jobs set run_at = now() + interval '1 hour' where kind = 'provision'").await;
    let waits = "select count(*) from jobs where kind = 'provision' and run_at > now() + interval '50 minutes'";
    assert_eq!(portal.count(waits).await, 1);
    let door = Door::open(&portal).await;
    let body = json!({ "id": "r1", "type": "renewal", "request_id": format!("order:{order}:renew") }).to_string();
    assert_eq!(door.tell(&body).await, 200);
    portal.pass(time::Duration::seconds(30));
    portal.work().await;
    assert_eq!(portal.status(order).await, "fulfilled", "an hour early");
    let outcome = portal.text("select outcome from carrier_events where event_key = 'r1'").await;
    assert_eq!(outcome.as_deref(), Some("asked_after_renewal"));
}

#[tokio::test]
async fn a_recycled_iccid_speaks_for_nobody_who_held_it_before() {
    let portal = TestPortal::start().await;
    let mei = portal.mei().await;
    let line = portal.known_line(mei.account, "321").await;
    let iccid = portal.iccid(line).await;
    let door = Door::open(&portal).await;
    let told = async |id: &str, line_id: Option<&str>| {
        let body = json!({ "id": id, "type": "line_changed", "iccid": iccid, "line_id": line_id }).to_string();
        assert_eq!(door.tell(&body).await, 200);
        portal.work().await;
        sqlx::query_scalar::<_, Option<bool>>("select line_id is not null from carrier_events where event_key = $1")
            .bind(id)
            .fetch_one(&portal.db.pool)
            .await
            .unwrap()
            .unwrap()
    };
    assert!(told("e1", None).await, "the ICCID of a line that is held");
    assert!(told("e2", Some("new-owner")).await, "a line whose carrier's id is not known yet");
    portal.run("update lines set carrier_line_id = 'first-owner'").await;
    assert!(told("e3", Some("first-owner")).await);
    assert!(!told("e4", Some("new-owner")).await, "the same ICCID, another line");
    portal.run("update lines set ended_at = now()").await;
    assert!(!told("e5", Some("first-owner")).await, "it is nobody's now");
    assert!(!told("e6", None).await);
}

#[tokio::test]
async fn little_credit_is_told_to_staff_until_more_is_left() {
    let portal =
        TestPortal::reached_by(|url, clock| protocols::connection(&protocols::esim_access(url), clock).carrier).await;
    let (mut mei, line) = portal.mei_with("100").await;
    stock::take(&mut portal.app.pool.acquire().await.unwrap()).await.unwrap();
    let mut told = portal.app.clone();
    let hears = SimulatorClient::new(portal.carrier_url(), crate::support::PATIENCE).unwrap().hearing(SECRET);
    told.carriers = Carriers::default().with("cucc", Arc::new(hears), 4);
    let door = Door::of(&told).await;
    catalogue::schedule(&portal.app.pool, &portal.clock, &portal.app.carriers).await.unwrap();
    portal.work().await;
    portal.run("insert into simulator.wallets values ('cucc', 90000, 'CNY')").await;
    let open = "select count(*) from carrier_alerts where kind = 'low_credit' and closed_at is null";
    let review = format!("/lines/{line}/renew?plan=P30");
    for (id, seen) in [("c1", 1), ("c2", 1)] {
        assert_eq!(door.tell(&event(id, "low_credit", "")).await, 200);
        portal.work().await;
        assert_eq!(portal.count(open).await, seen, "once for as long as it lasts");
    }
    let staff = portal.staff_as("viewer").await.browser.get("/staff").await.body;
    assert!(staff.contains("Our credit with the carrier runs low"), "{staff}");
    portal.work().await;
    for (left, still) in [(90_000, 1), (50_000, 1), (90_001, 0)] {
        sqlx::query("update simulator.wallets set minor = $1").bind(left).execute(&portal.db.pool).await.unwrap();
        assert_eq!(mei.browser.get(&review).await.status, 200);
        assert_eq!(portal.count(open).await, still, "{left} left");
    }
}

#[tokio::test]
async fn little_credit_with_a_carrier_that_names_no_figure_is_forgotten_after_a_quiet_week() {
    let portal = TestPortal::start().await;
    let door = Door::open(&portal).await;
    assert_eq!(door.tell(&event("c1", "low_credit", "")).await, 200);
    portal.work().await;
    let open = "select count(*) from carrier_alerts where kind = 'low_credit' and closed_at is null";
    let look = async || {
        let now = portal.clock.now();
        catalogue::see_credit(&portal.db.pool, "cucc", None, now).await.unwrap();
        portal.count(open).await
    };
    portal.pass(time::Duration::days(6));
    assert_eq!(look().await, 1);
    assert_eq!(door.tell(&event("c2", "low_credit", "")).await, 200);
    portal.work().await;
    portal.pass(time::Duration::days(6));
    assert_eq!(look().await, 1, "it was told again");
    portal.pass(time::Duration::days(2));
    assert_eq!(look().await, 0);
}

/// Waits until the carrier has told so much.
async fn arrived(portal: &TestPortal, notices: i64) {
    for _ in 0..400 {
        if stored(portal).await >= notices {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    panic!("{} of {notices} notices came", stored(portal).await);
}
