//! Whoever is signed out while their request is on its way changes nothing any more, and comes in by nothing that has ended.

use std::time::Duration;

use renewal_portal::ids::AccountId;
use sqlx::{AssertSqlSafe, PgPool};

use crate::accounts_passkeys::{ana_with_a_key, asked, at_the_door, send};
use crate::accounts_second_step::{give, half, is_in};
use crate::accounts_support::{PASSWORD, Site, sign_in};
use crate::support::portal::TestPortal;
use crate::support::visitor::{Answer, Visitor};

const ANA: &str = "ana@demo.example";

/// Lets a request go as far as the account, does `meanwhile` there, and lets it go on.
async fn overtaken(
    pool: &PgPool,
    account: AccountId,
    request: impl Future<Output = Answer> + Send + 'static,
    meanwhile: &str,
) -> Answer {
    let mut tx = pool.begin().await.expect("a transaction");
    sqlx::query("select from accounts where id = $1 for update").bind(account).execute(&mut *tx).await.expect("a lock");
    let request = tokio::spawn(request);
    let waits = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
    for _ in 0..400 {
        if sqlx::query_scalar::<_, i64>(waits).fetch_one(&mut *tx).await.expect("a count") > 0 {
            break;
        }
        assert!(!request.is_finished(), "it never came to the account");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    for statement in ["update sessions set revoked_at = now() where revoked_at is null", meanwhile] {
        sqlx::query(AssertSqlSafe(statement)).execute(&mut *tx).await.expect("what happens meanwhile");
    }
    tx.commit().await.expect("an end");
    request.await.expect("an answer")
}

/// A form of whoever is signed out while it is on its way: answered as if nothing were there, and signed in again for the next one.
pub async fn sent_in_vain(pool: &PgPool, account: AccountId, browser: &Visitor, path: &str, fields: &[(&str, &str)]) {
    let mut browser = browser.clone();
    browser.get("/nowhere").await;
    let (form, fields) = (path.to_owned(), fields.iter().map(|(name, value)| (name.to_string(), value.to_string())));
    let fields: Vec<(String, String)> = fields.collect();
    let sent = async move {
        let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        browser.post(&form, &fields).await
    };
    let answer = overtaken(pool, account, sent, "select 1").await;
    assert_eq!(answer.status, 404, "{path}: {}", answer.body);
    sqlx::query("update sessions set revoked_at = null").execute(pool).await.expect("signed in again");
}

#[tokio::test]
async fn whoever_was_signed_out_meanwhile_has_sent_their_form_in_vain() {
    let portal = TestPortal::start().await;
    let mei = portal.mei().await;
    let line = portal.known_line(mei.account, "321").await;
    portal.run("update lines set activation_code = 'LPA:1$smdp.old.example$OLD-1'").await;
    portal.run("update accounts set phone = '+8613900139001', phone_verified_at = now()").await;
    portal
        .run("insert into totp (account_id, key_id, secret, created_at) select id, 'demo', '', now() from accounts")
        .await;
    let changes = "select (select count(*) from profile_orders) + (select count(*) from identities) + (select count(*) from recovery_codes)
      + (select count(*) from data_exports) + (select count(*) from account_tokens) + (select count(*) from accounts where phone is null)
      + (select count(*) from accounts where closes_at is not null) + 1 - (select count(*) from totp)";
    let identity = [("name", "Mei Fang"), ("kind", "passport"), ("issued_by", "CN"), ("number", "E12345678")];
    let profiles = format!("/lines/{line}/profiles");
    let forms: [(&str, &[(&str, &str)]); 8] = [
        (&profiles, &[("purpose", "reissue")]),
        ("/account/security/email", &[("email", "thief@evil.example")]),
        ("/account/security/recovery-codes", &[]),
        ("/account/security/app/remove", &[]),
        ("/account/phone/remove", &[]),
        ("/account/identity", &identity),
        ("/account/close", &[("sure", "yes")]),
        ("/account/data", &[]),
    ];
    for (path, fields) in forms {
        sent_in_vain(&portal.db.pool, mei.account, &mei.browser, path, fields).await;
        assert_eq!(portal.count(changes).await, 0, "{path}");
    }
}

#[tokio::test]
async fn a_factor_that_was_given_before_everything_ended_lets_nobody_in() {
    let site = Site::requiring().await;
    let account = site.account(ANA, "customer").await;
    let mut eve = half(&site, ANA).await;
    let code = site.code(ANA).await;
    let sent = async move { give(&mut eve, &code).await };
    let answer = overtaken(&site.pool, account, sent, "select 1").await;
    assert!(!is_in(&answer), "{} {}", answer.status, answer.location());
    assert_eq!(site.sessions().await, 0);
}

#[tokio::test]
async fn whoever_was_turned_away_meanwhile_asks_for_no_second_step_to_be_taken_off() {
    let site = Site::new().await;
    let account = site.account(ANA, "customer").await;
    sqlx::query(AN_APP).execute(&site.pool).await.unwrap();
    let mut eve = half(&site, ANA).await;
    let sent = async move { eve.post("/login/second-step/lost", &[]).await };
    let answer = overtaken(&site.pool, account, sent, "select 1").await;
    assert_eq!((answer.status.as_u16(), site.count("select count(*) from second_step_resets").await), (404, 0));
}

/// Its owner sets up an app while somebody else gives what was enough so far.
const AN_APP: &str = "with back as (update sessions set revoked_at = null)
  insert into totp (account_id, key_id, secret, created_at) select id, 'demo', '', now() from accounts";

#[tokio::test]
async fn a_password_proves_nothing_any_more_where_an_app_was_set_up_meanwhile() {
    let site = Site::new().await;
    let account = site.account(ANA, "customer").await;
    let mut thief = site.signed_in(ANA).await;
    sqlx::query("update sessions set proven_at = null").execute(&site.pool).await.unwrap();
    thief.get("/login/prove").await;
    let sent = async move { thief.post("/login/prove", &[("code", PASSWORD)]).await };
    let answer = overtaken(&site.pool, account, sent, AN_APP).await;
    assert_eq!((answer.status.as_u16(), site.count("select count(proven_at) from sessions").await), (422, 0));
}

#[tokio::test]
async fn a_mailed_code_lets_nobody_in_any_more_where_an_app_was_set_up_meanwhile() {
    let site = Site::requiring().await;
    let account = site.account(ANA, "customer").await;
    let mut eve = half(&site, ANA).await;
    let code = site.code(ANA).await;
    let sent = async move { give(&mut eve, &code).await };
    let answer = overtaken(&site.pool, account, sent, AN_APP).await;
    assert!(!is_in(&answer), "{} {}", answer.status, answer.location());
    assert_eq!(site.sessions().await, 0);
}

#[tokio::test]
async fn a_key_that_was_taken_off_meanwhile_lets_nobody_in() {
    let site = Site::new().await;
    let (_, mut key) = ana_with_a_key(&site).await;
    let account = sqlx::query_scalar("select id from accounts").fetch_one(&site.pool).await.expect("an account");
    let mut thief = at_the_door(&site).await;
    let question = asked(&mut thief, "/login/passkey/options").await;
    key.counter += 1;
    let answer = key.answers(&question);
    let sent = async move { send(&mut thief, "/login/passkey", &question, &answer).await };
    let answer = overtaken(&site.pool, account, sent, "delete from passkeys").await;
    assert!(answer.location().contains("passkey-refused"), "{} {}", answer.status, answer.location());
    assert_eq!(site.sessions().await, 0);
}

#[tokio::test]
async fn the_password_before_lets_nobody_in_whatever_its_hash() {
    use argon2::{Algorithm, Argon2, Params, Version, password_hash::PasswordHasher};
    let site = Site::new().await;
    let account = site.account(ANA, "customer").await;
    let weaker = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(1024, 1, 1, None).unwrap());
    let old = weaker.hash_password(PASSWORD.as_bytes()).unwrap().to_string();
    sqlx::query("update accounts set password_hash = $1").bind(old).execute(&site.pool).await.unwrap();
    let mut thief = site.visitor();
    thief.get("/login").await;
    let sent = async move { sign_in(&mut thief, ANA, PASSWORD).await };
    let answer = overtaken(&site.pool, account, sent, "update accounts set password_hash = 'another'").await;
    assert_eq!(answer.status, 422);
    assert_eq!(site.sessions().await, 0);
}

#[tokio::test]
async fn whoever_was_signed_out_meanwhile_sets_no_password_either() {
    let site = Site::new().await;
    let account = site.account(ANA, "customer").await;
    let mut thief = site.signed_in(ANA).await;
    thief.get("/account/security/password").await;
    let fields = [("current", PASSWORD), ("password", "amber-ladder-58-sky")];
    let sent = async move { thief.post("/account/security/password", &fields).await };
    assert_eq!(overtaken(&site.pool, account, sent, "select 1").await.status, 404);
    assert_eq!(site.sessions().await, 0);
}

/// As everybody does but the one who sets up an app.
#[tokio::test]
async fn whoever_lost_their_proof_meanwhile_has_sent_their_form_in_vain() {
    let site = Site::new().await;
    let account = site.account(ANA, "customer").await;
    let mut thief = site.signed_in(ANA).await;
    let sent = async move { thief.post("/account/security/email", &[("email", "thief@evil.example")]).await };
    let answer = overtaken(&site.pool, account, sent, "update sessions set revoked_at = null, proven_at = null").await;
    assert_eq!(answer.status, 404, "{}", answer.body);
    assert_eq!(site.count("select count(*) from account_tokens").await, 0);
}
