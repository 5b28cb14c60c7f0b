//! Browsers that are asked for no second step, and what their owner knows and ends of it.

use crate::accounts_second_step::{STEP, go_half, half, is_in};
use crate::accounts_support::{PASSWORD, Site, sign_in};
use crate::support::visitor::Visitor;

const ANA: &str = "ana@demo.example";

async fn remembered(site: &Site, mut ana: Visitor) -> Visitor {
    go_half(&mut ana, ANA).await;
    let code = site.code(ANA).await;
    assert!(is_in(&ana.post(STEP, &[("code", &code), ("remember", "1")]).await));
    ana.get("/account/security").await;
    ana
}

async fn is_spared(mut ana: Visitor) -> bool {
    ana.post("/logout", &[]).await;
    ana.get("/login").await;
    is_in(&sign_in(&mut ana, ANA, PASSWORD).await)
}

async fn end_others(ana: &mut Visitor) {
    assert!(ana.post("/account/security/sessions/end-others", &[]).await.location().ends_with("note=sessions-ended"));
}

#[tokio::test]
async fn a_remembered_browser_is_asked_for_the_password_only_until_it_changes() {
    let site = Site::requiring().await;
    site.account(ANA, "customer").await;
    site.account("bob@demo.example", "customer").await;
    let mut ana = half(&site, ANA).await;
    let code = site.code(ANA).await;
    ana.post(STEP, &[("code", &code), ("remember", "1")]).await;
    ana.get("/nowhere").await;
    ana.post("/logout", &[]).await;
    ana.get("/login").await;
    assert!(is_in(&sign_in(&mut ana, ANA, PASSWORD).await), "remembered");
    ana.get("/nowhere").await;
    ana.post("/logout", &[]).await;
    go_half(&mut ana.clone(), "bob@demo.example").await;
    site.run("update known_browsers set trusted_until = now()").await;
    go_half(&mut ana.clone(), ANA).await;
    site.run("update known_browsers set trusted_until = now() + interval '1 day'").await;
    let reset = site.reset_link(ANA).await;
    ana.get(&reset).await;
    assert_eq!(ana.post(&reset, &[("password", "amber-ladder-58-sky")]).await.status, 303);
    ana.get("/login").await;
    assert!(sign_in(&mut ana, ANA, "amber-ladder-58-sky").await.location().starts_with(STEP));
}

#[tokio::test]
async fn signing_out_everywhere_else_ends_what_other_browsers_are_spared() {
    let site = Site::requiring().await;
    site.account(ANA, "customer").await;
    let mut here = remembered(&site, site.visitor()).await;
    let there = remembered(&site, site.visitor()).await;
    end_others(&mut here).await;
    assert!(!is_spared(there).await);
    here.get("/nowhere").await;
    assert!(is_spared(here).await, "this one stays remembered");
}

#[tokio::test]
async fn a_browser_that_is_remembered_but_signed_out_is_told_of_and_ended_too() {
    let site = Site::requiring().await;
    site.account(ANA, "customer").await;
    let mut here = remembered(&site, site.visitor()).await;
    let mut there = remembered(&site, site.visitor()).await;
    there.post("/logout", &[]).await;
    let page = here.get("/account/security").await.body;
    assert!(page.contains("One other browser is remembered") && page.contains("Remember no other browser"), "{page}");
    end_others(&mut here).await;
    let page = here.get("/account/security").await.body;
    assert!(!page.contains("is remembered") && !page.contains("Remember no other browser"), "{page}");
    assert!(!is_spared(there).await);
}

/// Whoever copied the cookie by which a browser is known was remembered in its place.
#[tokio::test]
async fn somebody_elses_trust_does_not_hide_behind_the_same_mark() {
    let site = Site::requiring().await;
    site.account(ANA, "customer").await;
    let mut here = remembered(&site, site.visitor()).await;
    let mut thief = site.visitor();
    thief.cookies.insert("browser".into(), here.cookies["browser"].clone());
    let thief = remembered(&site, thief).await;
    end_others(&mut here).await;
    assert!(!is_spared(thief).await);
}
