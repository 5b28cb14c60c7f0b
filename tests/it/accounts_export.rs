//! Taking one's data along: what is in the file, who gets it, for how long, and how often it is made.

use serde_json::Value;
use time::Duration;

use crate::support::portal::TestPortal;
use crate::support::shopper::{Shopper, between};

const PATH: &str = "/account/data";

async fn asked(portal: &TestPortal, who: &mut Shopper) -> String {
    who.browser.get(PATH).await;
    assert_eq!(who.browser.post(PATH, &[]).await.location(), PATH);
    portal.work().await;
    let page = who.browser.get(PATH).await.body;
    format!("{PATH}/{}", between(&page, r#"href="/account/data/"#, "\""))
}

#[tokio::test]
async fn the_file_holds_everything_and_opens_nothing() {
    let portal = TestPortal::start().await;
    let (mut mei, line) = portal.mei_with("100").await;
    portal.run("update lines set activation_code = 'LPA:1$smdp.example.com$SECRET-7391', label = 'Oma'").await;
    let order = mei.buy(line, "P30", "pay").await;
    portal.until(order, "fulfilled").await;
    mei.browser.get("/password/forgot").await;
    mei.browser.post("/password/forgot", &[("email", "mei@post.example")]).await;
    portal.work().await;
    let path = asked(&portal, &mut mei).await;
    let answer = mei.browser.get(&path).await;
    assert_eq!(answer.header("content-type"), "application/json");
    assert!(answer.header("content-disposition").starts_with("attachment; filename=\"my-data-2"));
    assert_eq!(answer.header("cache-control"), "no-store");
    let file: Value = serde_json::from_str(&answer.body).unwrap();
    for part in ["profile", "lines", "orders", "payments", "receipts", "messages", "sessions", "trail"] {
        assert!(!file[part].as_array().unwrap().is_empty(), "{part}");
    }
    assert_eq!(file["profile"][0]["email"], "mei@post.example");
    assert_eq!((&file["lines"][0]["label"], &file["orders"][0]["status"]), (&"Oma".into(), &"fulfilled".into()));
    for secret in ["SECRET-7391", "argon2", "/password/reset/", "id_hash", "token"] {
        assert!(!answer.body.contains(secret), "{secret}");
    }
    let acts: Vec<String> =
        sqlx::query_scalar("select action from audit_log where action like 'account.export%' order by id")
            .fetch_all(&portal.db.pool)
            .await
            .unwrap();
    assert_eq!(acts, ["account.export_asked", "account.export_fetched"]);
    assert_eq!(portal.count("select count(*) from messages where template = 'export'").await, 1);
}

#[tokio::test]
async fn nobody_else_gets_it_and_after_a_day_nobody_does() {
    let portal = TestPortal::start().await;
    let mut mei = portal.mei().await;
    let mut eve = portal.customer("eve@post.example").await;
    let path = asked(&portal, &mut mei).await;
    assert_eq!(eve.browser.get(&path).await.status, 404);
    let own = asked(&portal, &mut eve).await;
    let hers: Value = serde_json::from_str(&eve.browser.get(&own).await.body).unwrap();
    assert!(!hers.to_string().contains("mei@post.example"));
    portal.pass(Duration::hours(24) - Duration::minutes(1));
    assert_eq!(mei.browser.get(&path).await.status, 200);
    portal.pass(Duration::minutes(2));
    assert_eq!(mei.browser.get(&path).await.status, 404);
    portal.work().await;
    assert_eq!(portal.count("select count(*) from data_exports").await, 0);
}

async fn asked_path(who: &mut Shopper) -> String {
    let page = who.browser.get(PATH).await.body;
    format!("{PATH}/{}", between(&page, r#"href="/account/data/"#, "\""))
}

#[tokio::test]
async fn it_is_made_twice_a_day_at_most_and_once_at_a_time() {
    let portal = TestPortal::start().await;
    let mut mei = portal.mei().await;
    mei.browser.get(PATH).await;
    for _ in 0..3 {
        assert_eq!(mei.browser.post(PATH, &[]).await.status, 303);
    }
    assert_eq!(portal.count("select count(*) from jobs where kind = 'make-export'").await, 1);
    let first = {
        portal.work().await;
        asked_path(&mut mei).await
    };
    let second = asked(&portal, &mut mei).await;
    assert_ne!(first, second);
    assert_eq!(mei.browser.get(&first).await.status, 404, "the new one replaces it");
    let refused = mei.browser.post(PATH, &[]).await;
    assert_eq!(refused.status, 429);
    assert!(refused.header("retry-after").parse::<u64>().unwrap() > 3600, "{refused:?}");
    assert_eq!(mei.browser.get(&second).await.status, 200, "what is there stays");
}
