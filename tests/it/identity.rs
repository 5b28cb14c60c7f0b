//! Identity details: asked for where a carrier demands them, sealed, shown masked, and each reading written down.

use renewal_portal::ids::AccountId;
use renewal_portal::seal::KeyRing;
use serde_json::{Value, json};
use sqlx::AssertSqlSafe;

use crate::support::portal::TestPortal;
use crate::support::shopper::Shopper;
use crate::support::visitor::Answer;

const PATH: &str = "/account/identity";
const NUMBER: &str = "11010519491231002X";
const GIVEN: [(&str, &str); 5] = [
    ("name", "方梅"),
    ("kind", "national_id"),
    ("issued_by", "CN"),
    ("number", "110105 19491231 002x"),
    ("valid_until", "2099-12-31"),
];

/// Kept as the page keeps it.
pub async fn keep_identity(portal: &TestPortal, account: AccountId) {
    let identity =
        json!({ "name": "方梅", "kind": "national_id", "issued_by": "CN", "number": NUMBER, "valid_until": null });
    let sealed = portal.app.keys.seal(&format!("identity:{account}"), identity.to_string().as_bytes()).expect("a key");
    sqlx::query("insert into identities (account_id, key_id, sealed, saved_at) values ($1, $2, $3, now())")
        .bind(account)
        .bind(sealed.key)
        .bind(sealed.bytes)
        .execute(&portal.db.pool)
        .await
        .unwrap();
}

async fn give(who: &mut Shopper, next: &str) -> Answer {
    who.browser.get(PATH).await;
    who.browser.post(PATH, &[&GIVEN[..], &[("next", next)]].concat()).await
}

async fn trail(portal: &TestPortal) -> Vec<(String, String, Value)> {
    sqlx::query_as("select action, actor_role, detail from audit_log where action like 'identity.%' order by id")
        .fetch_all(&portal.db.pool)
        .await
        .unwrap()
}

#[tokio::test]
async fn a_carrier_that_must_know_is_told_before_money() {
    let portal = TestPortal::demanding_identity().await;
    let (mut mei, line) = portal.mei_with("100").await;
    let review = format!("/lines/{line}/renew?plan=P30");
    let here = format!("{PATH}?next=/lines/{line}/renew%3Fplan%3DP30");
    let page = mei.browser.get(&review).await;
    assert!(page.body.contains("must know who uses it") && page.body.contains(&here), "{}", page.body);
    assert!(!page.body.contains("class=\"btn wide\""), "nothing can be paid from here");
    // A form that was kept open or made by hand comes as far as the till.
    let fields = [("plan", "P30"), ("attempt", "6b1f7c2e-0d3a-4c55-9c1d-0c8f5d0a7e11"), ("price", "9900")];
    let price = crate::support::shopper::field(&page, "price");
    let fields = [fields[0], fields[1], ("price", &*price)];
    let placed = mei.browser.post(&format!("/lines/{line}/renewals"), &fields).await;
    let pay = placed.location().to_owned();
    mei.browser.get(&pay).await;
    let stopped = mei.browser.post(&pay, &[("method", "sandbox")]).await;
    assert_eq!(stopped.location(), format!("{PATH}?next={pay}"));
    assert_eq!(portal.count("select count(*) from payment_attempts").await, 0);
    assert!(mei.browser.get(&here).await.body.contains(&format!("value=\"{}\"", review)));
    assert_eq!(give(&mut mei, &pay).await.location(), pay);
    assert!(mei.browser.post(&pay, &[("method", "sandbox")]).await.location().contains("/sandbox/pay/"));
    portal.prove().await;
}

#[tokio::test]
async fn nobody_is_asked_for_what_no_carrier_wants() {
    let portal = TestPortal::start().await;
    let (mut mei, _) = portal.mei_with("100").await;
    let page = mei.browser.get(PATH).await;
    assert!(page.body.contains("There is nothing to fill in") && !page.body.contains("name=\"number\""));
    assert_eq!(mei.browser.post(&format!("{PATH}/show"), &[]).await.status, 200);
    assert!(trail(&portal).await.is_empty(), "there was nothing to read");
}

#[tokio::test]
async fn what_is_wrong_is_said_at_its_field_and_nothing_is_lost() {
    let portal = TestPortal::demanding_identity().await;
    let (mut mei, _) = portal.mei_with("100").await;
    mei.browser.get(PATH).await;
    let wrong = [
        ("name", "方梅"),
        ("kind", "national_id"),
        ("issued_by", "CN"),
        ("number", "110105194912310021"),
        ("valid_until", "2001-01-01"),
        ("next", "/orders"),
    ];
    let answer = mei.browser.post(PATH, &wrong).await;
    assert_eq!(answer.status, 422);
    for part in ["compare all 18 characters", "no longer valid", "value=\"110105194912310021\"", "value=\"/orders\""] {
        assert!(answer.body.contains(part), "{part}: {}", answer.body);
    }
    assert!(answer.body.contains("<option value=\"CN\" selected>"));
    assert_eq!(mei.browser.post(PATH, &[]).await.body.matches("class=\"field-error\"").count(), 4);
    assert_eq!(give(&mut mei, "https://evil.example").await.location(), format!("{PATH}?note=identity-saved"));
}

#[tokio::test]
async fn it_is_sealed_masked_and_shown_whole_on_the_record() {
    let portal = TestPortal::demanding_identity().await;
    let (mut mei, _) = portal.mei_with("100").await;
    give(&mut mei, "").await;
    let tables = ["identities", "audit_log", "messages", "jobs", "accounts", "sessions"];
    for table in tables {
        let sql =
            format!("select count(*) from {table} t where t::text like '%' || $1 || '%' or t::text like '%方梅%'");
        let found: i64 = sqlx::query_scalar(AssertSqlSafe(sql)).bind(NUMBER).fetch_one(&portal.db.pool).await.unwrap();
        assert_eq!(found, 0, "{table}");
    }
    let masked = mei.browser.get(PATH).await.body;
    assert!(masked.contains("••••002X") && masked.contains("方••") && !masked.contains(NUMBER), "{masked}");
    let whole = mei.browser.post(&format!("{PATH}/show"), &[]).await;
    assert!(whole.body.contains(NUMBER) && whole.body.contains("方梅"));
    assert_eq!(whole.header("cache-control"), "no-store");
    let acts: Vec<_> = trail(&portal).await.into_iter().map(|(action, role, _)| (action, role)).collect();
    let by = |action: &str| (action.to_owned(), "customer".to_owned());
    assert_eq!(acts, [by("identity.saved"), by("identity.read")]);
    // Another's row, put in the place of one's own, opens for nobody.
    let mut eve = portal.customer("eve@post.example").await;
    sqlx::query("update identities set account_id = $1").bind(eve.account).execute(&portal.db.pool).await.unwrap();
    eve.browser.get(PATH).await;
    let hers = eve.browser.post(&format!("{PATH}/show"), &[]).await;
    assert!(hers.status == 200 && !hers.body.contains(NUMBER), "{}", hers.body);
}

#[tokio::test]
async fn it_is_deleted_when_its_owner_says_so() {
    let portal = TestPortal::demanding_identity().await;
    let (mut mei, line) = portal.mei_with("100").await;
    give(&mut mei, "").await;
    assert!(!mei.browser.get(&format!("/lines/{line}/renew?plan=P30")).await.body.contains("must know who uses it"));
    let removed = mei.browser.post(&format!("{PATH}/remove"), &[]).await;
    assert_eq!(removed.location(), format!("{PATH}?note=identity-removed"));
    assert_eq!(portal.count("select count(*) from identities").await, 0);
    assert!(mei.browser.get(&format!("/lines/{line}/renew?plan=P30")).await.body.contains("must know who uses it"));
}

#[tokio::test]
async fn staff_read_it_for_a_reason_and_not_one_after_the_other() {
    let portal = TestPortal::demanding_identity().await;
    let mut mei = portal.mei().await;
    give(&mut mei, "").await;
    let path = format!("/staff/accounts/{}/identity", mei.account);
    let mut viewer = portal.staff_as("viewer").await;
    assert_eq!(viewer.browser.get(&path).await.status, 403);
    assert_eq!(viewer.browser.post(&path, &[("reason", "x")]).await.status, 403);
    let mut support = portal.staff_as("support").await;
    let account = support.browser.get(&format!("/staff/accounts/{}", mei.account)).await.body;
    assert!(account.contains(&path) && !account.contains("002X"));
    let masked = support.browser.get(&path).await.body;
    assert!(masked.contains("••••002X") && !masked.contains(NUMBER));
    assert_eq!(support.browser.post(&path, &[("reason", "  ")]).await.status, 422);
    assert_eq!(trail(&portal).await.len(), 1, "saved; nobody has read it");
    for _ in 0..20 {
        let whole = support.browser.post(&path, &[("reason", "registering the line")]).await;
        assert!(whole.status == 200 && whole.body.contains(NUMBER));
    }
    assert_eq!(support.browser.post(&path, &[("reason", "registering the line")]).await.status, 429);
    let (action, role, detail) = trail(&portal).await.pop().expect("a reading");
    assert_eq!((action.as_str(), role.as_str()), ("identity.read", "support"));
    assert_eq!(detail, json!({ "why": "registering the line" }));
    portal.run("update sessions set proven_at = now() - interval '11 minutes'").await;
    for answer in [support.browser.get(&path).await, support.browser.post(&path, &[("reason", "x")]).await] {
        assert_eq!(answer.location(), format!("/login/prove?next={path}"));
    }
}

#[tokio::test]
async fn it_moves_to_the_newest_key() {
    let portal = TestPortal::demanding_identity().await;
    let mut mei = portal.mei().await;
    give(&mut mei, "").await;
    let old = "select count(*) from identities where key_id = 'demo'";
    assert_eq!(portal.count(old).await, 1);
    let new = "new:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    let both = KeyRing::parse(&format!("{new},demo:ZGVtby1rZXktb2YtMzItYnl0ZXMtZm9yLW5vYm9keSE=")).unwrap();
    renewal_portal::identity::reseal(&portal.db.pool, &both).await.unwrap();
    assert_eq!(portal.count(old).await, 0);
    let kept =
        renewal_portal::identity::kept(&portal.db.pool, &KeyRing::parse(new).unwrap(), mei.account).await.unwrap();
    assert_eq!(kept.expect("it opens").identity.number, NUMBER);
}
