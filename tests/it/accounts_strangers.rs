//! What strangers use up of somebody's tries and mails is not missing at the browser that was signed in from before.

use crate::accounts_second_step::{LATER, STEP, ask_for_code, enrol, give, go_half, half, is_in};
use crate::accounts_support::{PASSWORD, Site, sign_in};

const ANA: &str = "ana@demo.example";

/// Whoever asks for mails to an address everywhere leaves its owner some.
#[tokio::test]
async fn strangers_do_not_use_up_the_mails_of_an_owner() {
    let site = Site::requiring().await;
    site.account(ANA, "customer").await;
    let mut ana = half(&site, ANA).await;
    let code = site.code(ANA).await;
    assert!(is_in(&give(&mut ana, &code).await));
    ana.get("/nowhere").await;
    ana.post("/logout", &[]).await;
    let mut stranger = site.visitor_from("198.51.100.7");
    stranger.get("/password/forgot").await;
    let mut statuses = vec![];
    for _ in 0..4 {
        statuses.push(stranger.post("/password/forgot", &[("email", ANA)]).await.status.as_u16());
    }
    assert_eq!(statuses, [200, 200, 200, 429]);
    ana.get("/password/forgot").await;
    assert_eq!(ana.post("/password/forgot", &[("email", ANA)]).await.status, 200);
    ask_for_code(&site, &mut ana, ANA).await;
    ana.get("/login").await;
    assert!(sign_in(&mut ana, ANA, PASSWORD).await.location().starts_with(STEP));
    ana.get(STEP).await;
    let again = ana.post("/login/second-step/code", &[]).await;
    assert!(again.location().starts_with(STEP), "{} {}", again.status, again.location());
}

/// Whoever tries an address from everywhere keeps its owner out at no browser that was used before.
#[tokio::test]
async fn a_known_browser_gets_in_while_strangers_try() {
    let site = Site::new().await;
    site.account(ANA, "customer").await;
    let mut ana = site.signed_in(ANA).await;
    ana.post("/logout", &[]).await;
    for number in 0..30 {
        let mut stranger = site.visitor_from(&format!("198.51.{number}.7"));
        stranger.get("/login").await;
        sign_in(&mut stranger, ANA, "a guess at it all").await;
    }
    let mut stranger = site.visitor_from("203.0.113.9");
    stranger.get("/login").await;
    assert_eq!(sign_in(&mut stranger, ANA, PASSWORD).await.status, 429);
    ana.get("/login").await;
    assert!(is_in(&sign_in(&mut ana, ANA, PASSWORD).await));
}

/// Whoever stole the password and tries codes from everywhere has thirty tries and then one an hour; its owner has as many.
#[tokio::test]
async fn a_known_browser_passes_the_second_step_while_strangers_try() {
    let site = Site::new().await;
    site.account(ANA, "customer").await;
    let mut ana = site.signed_in(ANA).await;
    let (app, _) = enrol(&mut ana).await;
    ana.post("/logout", &[]).await;
    let mut thief = half(&site, ANA).await;
    for number in 0..30 {
        thief = site.elsewhere(&thief, number);
        assert_eq!(give(&mut thief, "000000").await.status, 422, "{number}");
    }
    site.run(LATER).await;
    assert_eq!(give(&mut thief, &app.shows(0)).await.status, 429);
    site.run("update rate_limits set arrival = arrival - interval '50 minutes'").await;
    assert_eq!(give(&mut thief, &app.shows(0)).await.status, 429);
    go_half(&mut ana, ANA).await;
    assert!(is_in(&give(&mut ana, &app.shows(0)).await));
}

/// Where many share one address of the network.
#[tokio::test]
async fn a_known_browser_gets_in_beside_a_stranger() {
    let site = Site::new().await;
    site.account(ANA, "customer").await;
    let mut ana = site.signed_in(ANA).await;
    ana.post("/logout", &[]).await;
    let mut stranger = site.visitor();
    stranger.get("/login").await;
    for _ in 0..5 {
        assert_eq!(sign_in(&mut stranger, ANA, "a guess at it all").await.status, 422);
    }
    assert_eq!(sign_in(&mut stranger, ANA, PASSWORD).await.status, 429);
    ana.get("/login").await;
    assert!(is_in(&sign_in(&mut ana, ANA, PASSWORD).await));
}

#[tokio::test]
async fn strangers_who_ask_for_codes_end_none_of_an_owner() {
    let site = Site::requiring().await;
    site.account(ANA, "customer").await;
    let mut ana = half(&site, ANA).await;
    let code = site.code(ANA).await;
    let mut stranger = site.visitor_from("198.51.100.7");
    ask_for_code(&site, &mut stranger, ANA).await;
    site.run_jobs().await;
    assert!(is_in(&give(&mut ana, &code).await));
}
