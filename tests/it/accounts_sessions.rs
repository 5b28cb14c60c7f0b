//! Where somebody is signed in, signing out there, and the mail about a browser that is new.

use crate::accounts_support::{PASSWORD, Site, sign_in};
use crate::support::visitor::Visitor;

const ANA: &str = "ana@demo.example";
const BO: &str = "bo@demo.example";
const PHONE: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1";

async fn from(site: &Site, agent: &'static str, email: &str) -> Visitor {
    let mut visitor = site.visitor();
    visitor.headers.push(("user-agent", agent.to_owned()));
    visitor.get("/login").await;
    assert_eq!(sign_in(&mut visitor, email, PASSWORD).await.status, 303);
    visitor.get("/account/security").await;
    visitor
}

async fn elsewhere(site: &Site) -> String {
    let id: String = sqlx::query_scalar("select id::text from sessions where user_agent = $1 and revoked_at is null")
        .bind(PHONE)
        .fetch_one(&site.pool)
        .await
        .expect("a session");
    format!("/account/security/sessions/{id}/end")
}

async fn templates(site: &Site) -> Vec<String> {
    site.mails(ANA).await.into_iter().map(|(template, _)| template).collect()
}

#[tokio::test]
async fn sessions_are_listed_and_one_or_all_others_are_ended() {
    let site = Site::new().await;
    site.account(ANA, "customer").await;
    let mut here = site.signed_in(ANA).await;
    let mut phone = from(&site, PHONE, ANA).await;
    let page = here.get("/account/security").await.body;
    for words in ["Safari on iPhone", "Unknown browser", "This browser"] {
        assert_eq!(page.matches(&format!(">{words}<")).count(), 1, "{words}");
    }
    assert!(here.post(&elsewhere(&site).await, &[]).await.location().ends_with("note=session-ended"));
    assert_eq!(phone.get("/account").await.status, 303);
    assert_eq!(here.get("/account").await.status, 200);
    let (mut phone, mut tablet) = (from(&site, PHONE, ANA).await, from(&site, "Tablet", ANA).await);
    here.get("/account/security").await;
    assert!(here.post("/account/security/sessions/end-others", &[]).await.location().ends_with("note=sessions-ended"));
    for ended in [&mut phone, &mut tablet] {
        assert_eq!(ended.get("/account").await.status, 303);
    }
    assert_eq!(here.get("/account").await.status, 200);
    assert_eq!(site.count("select count(*) from audit_log where action = 'account.sessions_ended'").await, 2);
}

#[tokio::test]
async fn nobody_ends_the_session_of_somebody_else() {
    let site = Site::new().await;
    for email in [ANA, BO] {
        site.account(email, "customer").await;
    }
    let mut ana = from(&site, PHONE, ANA).await;
    let mut bo = site.signed_in(BO).await;
    bo.get("/account/security").await;
    let path = elsewhere(&site).await;
    assert_eq!(bo.post(&path, &[]).await.status, 404);
    assert_eq!(bo.post("/account/security/sessions/end-others", &[]).await.status, 303);
    assert_eq!(ana.get("/account").await.status, 200);
    assert!(!bo.get("/account/security").await.body.contains("iPhone"));
}

#[tokio::test]
async fn a_browser_not_seen_before_is_told_of_by_mail_and_one_that_was_is_not() {
    let site = Site::new().await;
    site.account(ANA, "customer").await;
    let mut first = site.signed_in(ANA).await;
    assert!(templates(&site).await.is_empty(), "the first browser of an account is no news");
    let mut phone = from(&site, PHONE, ANA).await;
    assert_eq!(templates(&site).await, ["new-browser"]);
    let (_, text) = site.mails(ANA).await.pop().unwrap();
    assert!(text.contains("Safari on iPhone") && text.contains("/security/undo/"), "{text}");
    for browser in [&mut first, &mut phone] {
        browser.post("/logout", &[]).await;
        browser.get("/login").await;
        assert_eq!(sign_in(browser, ANA, PASSWORD).await.status, 303);
    }
    assert_eq!(templates(&site).await, ["new-browser"]);
    let link = site.mailed_path(ANA).await;
    let mut owner = site.visitor();
    owner.get(&link).await;
    assert_eq!(owner.post(&link, &[]).await.status, 200);
    assert_eq!(phone.get("/account").await.status, 303, "the link signs everybody out");
}

#[tokio::test]
async fn the_mark_of_a_browser_says_nothing_across_accounts_and_opens_nothing() {
    let site = Site::new().await;
    for email in [ANA, BO] {
        site.account(email, "support").await;
    }
    let mut shared = site.signed_in(ANA).await;
    shared.post("/logout", &[]).await;
    shared.get("/staff/login").await;
    let fields = [("email", BO), ("password", PASSWORD)];
    assert_eq!(shared.post("/staff/login", &fields).await.status, 303);
    assert_eq!(site.count("select count(distinct mark_hash) from known_browsers").await, 2);
    let mut thief = site.visitor();
    thief.cookies.insert("browser".into(), shared.cookies["browser"].clone());
    assert_eq!(thief.get("/account").await.status, 303);
    let stored: Vec<u8> =
        sqlx::query_scalar("select mark_hash from known_browsers limit 1").fetch_one(&site.pool).await.unwrap();
    assert!(!shared.cookies["browser"].contains(&hex::encode(stored)));
    // Staff are told as customers are.
    let mut other = site.visitor();
    other.get("/staff/login").await;
    assert_eq!(other.post("/staff/login", &fields).await.status, 303);
    assert_eq!(site.mails(BO).await.len(), 1);
}

#[tokio::test]
async fn what_a_browser_says_of_itself_is_no_markup() {
    let site = Site::new().await;
    site.account(ANA, "customer").await;
    let mut here = site.signed_in(ANA).await;
    from(&site, "<script>alert(1)</script> Firefox/1 Windows \" onload=x", ANA).await;
    let page = here.get("/account/security").await.body;
    assert!(page.contains("Firefox on Windows") && !page.contains("alert(1)"));
    let long = Box::leak("x".repeat(2_000).into_boxed_str());
    from(&site, long, ANA).await;
    assert_eq!(site.count("select max(char_length(user_agent))::bigint from sessions").await, 400);
}
