//! Somebody was in an account for a while. Once its owner has it back, by whichever way, they stay out.

use axum::body::Body;
use futures_util::StreamExt;
use futures_util::stream::once;
use time::Duration;
use tokio::sync::oneshot;

use crate::accounts_second_step::{LATER, STEP, enrol, go_half, half, is_in};
use crate::accounts_security::{ask_for, change_password};
use crate::accounts_support::{PASSWORD, Site, sign_in};
use crate::support::visitor::{Visitor, encoded};

const ANA: &str = "ana@demo.example";
const THIEF: &str = "thief@evil.example";
const NEW: &str = "amber-ladder-58-sky";

/// The account's address is the one asked for.
async fn move_to(site: &Site, visitor: &mut Visitor, email: &str) {
    assert_eq!(ask_for(visitor, email).await, 200);
    assert_eq!(site.press(&site.link("email-confirm", email).await).await, 200);
}

/// What `email` has been mailed so far.
async fn mailed_links(site: &Site, email: &str) -> Vec<String> {
    let mails = site.mails(email).await;
    let links =
        mails.iter().flat_map(|(_, text)| text.lines()).filter_map(|line| line.strip_prefix("http://portal.example"));
    links.filter(|link| link.len() > 30).map(str::to_owned).collect()
}

/// By a new password, or by the one they have a day later, and the address as it was, without a thought of the links that
/// take changes back.
#[tokio::test]
async fn an_owner_who_goes_back_to_their_address_leaves_the_one_between_no_way_in() {
    for hours in [0, 25] {
        let site = Site::new().await;
        let account = site.account(ANA, "customer").await;
        let mut thief = site.signed_in(ANA).await;
        move_to(&site, &mut thief, THIEF).await;
        site.clock.advance(Duration::hours(hours));
        let mut password = PASSWORD;
        if hours == 0 {
            let reset = site.reset_link(ANA).await;
            let mut ana = site.visitor();
            ana.get(&reset).await;
            assert_eq!(ana.post(&reset, &[("password", NEW)]).await.status, 303);
            password = NEW;
        }
        let mut ana = site.visitor();
        ana.get("/login").await;
        assert!(is_in(&sign_in(&mut ana, THIEF, password).await));
        ana.get("/nowhere").await;
        move_to(&site, &mut ana, ANA).await;
        let links = mailed_links(&site, THIEF).await;
        assert!(links.iter().any(|link| link.contains("undo")), "{links:?}");
        for link in links {
            assert_eq!(site.opened(&link).await, 410, "{link}");
        }
        let before = site.mails(THIEF).await.len();
        thief.get("/password/forgot").await;
        assert_eq!(thief.post("/password/forgot", &[("email", THIEF)]).await.status, 200);
        site.run_jobs().await;
        assert_eq!(site.mails(THIEF).await.len(), before, "no link to set a password");
        assert_eq!(site.email_of(account).await, ANA);
        assert_eq!(ana.get("/account").await.status, 200);
    }
}

#[tokio::test]
async fn whoever_moves_an_address_twice_does_not_get_rid_of_the_first() {
    let site = Site::new().await;
    let account = site.account(ANA, "customer").await;
    let mut thief = site.signed_in(ANA).await;
    move_to(&site, &mut thief, THIEF).await;
    let before = site.mails(ANA).await.len();
    move_to(&site, &mut thief, "thief@other.example").await;
    let told = site.mails(ANA).await.split_off(before);
    assert!(told.iter().any(|(template, text)| template == "email-changed" && text.contains("thief@other.example")));
    let between = site.link("email-changed", THIEF).await;
    let reset = site.reset_link(ANA).await;
    assert_eq!(site.opened(&reset).await, 200);
    let mut ana = site.visitor();
    ana.get(&reset).await;
    assert_eq!(ana.post(&reset, &[("password", NEW)]).await.status, 303);
    ana.get("/login").await;
    assert!(is_in(&sign_in(&mut ana, "thief@other.example", NEW).await));
    ana.get("/nowhere").await;
    move_to(&site, &mut ana, ANA).await;
    assert_eq!(site.opened(&between).await, 410);
    assert_eq!(site.email_of(account).await, ANA);
}

/// Somebody has moved to another address lately, and a thief moves it on: both their addresses take it back.
#[tokio::test]
async fn an_address_that_is_new_takes_the_account_back_as_well() {
    for owner in [ANA, "ana@new.example"] {
        let site = Site::new().await;
        let account = site.account(ANA, "customer").await;
        let mut thief = site.signed_in(ANA).await;
        move_to(&site, &mut thief, "ana@new.example").await;
        move_to(&site, &mut thief, THIEF).await;
        assert_eq!(site.press(&site.link("email-changed", owner).await).await, 200);
        assert_eq!(site.email_of(account).await, owner);
    }
}

#[tokio::test]
async fn a_form_that_is_held_back_is_not_taken_once_its_sender_was_signed_out() {
    let site = Site::new().await;
    site.account(ANA, "customer").await;
    let mut thief = site.signed_in(ANA).await;
    thief.get("/account/security/password").await;
    let (sid, token) = (thief.cookies["sid"].clone(), thief.token.clone());
    let form = format!("csrf={}&current={}&password={}", encoded(&token), encoded(PASSWORD), encoded(NEW));
    let (first, last) = form.split_at(form.len() - 1);
    let (first, last) = (first.to_owned(), last.to_owned());
    let (started, begun) = oneshot::channel();
    let (release, released) = oneshot::channel();
    let parts = once(async { Ok::<_, std::io::Error>(first) }).chain(once(async {
        started.send(()).expect("somebody who waits");
        released.await.expect("a release");
        Ok(last)
    }));
    let held = tokio::spawn(async move {
        let answer = thief.send("POST", "/account/security/password", Body::from_stream(parts)).await;
        (answer, thief)
    });
    begun.await.expect("a form on its way");
    site.run("update sessions set revoked_at = now()").await;
    release.send(()).expect("a form that waits");
    let (answer, thief) = held.await.expect("an answer");
    assert_eq!((answer.status.as_u16(), answer.location()), (303, "/login"), "{}", answer.body);
    assert_eq!(thief.cookies.get("sid"), Some(&sid), "no session comes of it");
    assert_eq!(site.sessions().await, 0);
}

#[tokio::test]
async fn with_one_session_goes_what_its_browser_was_spared_and_what_was_asked_for_there() {
    let site = Site::new().await;
    site.account(ANA, "customer").await;
    let mut ana = site.signed_in(ANA).await;
    let (app, _) = enrol(&mut ana).await;
    site.run(LATER).await;
    let mut laptop = half(&site, ANA).await;
    assert!(is_in(&laptop.post(STEP, &[("code", &app.shows(0)), ("remember", "1")]).await));
    assert_eq!(ask_for(&mut laptop, THIEF).await, 200);
    let link = site.link("email-confirm", THIEF).await;
    let page = ana.get("/account/security").await.body;
    let end = page.split('"').find(|part| part.starts_with("/account/security/sessions/") && part.ends_with("/end"));
    assert_eq!(ana.post(end.expect("another session"), &[]).await.status, 303);
    assert_eq!(site.press(&link).await, 410);
    go_half(&mut laptop, ANA).await;
}

/// A password is enough until there is an app: what it opened before is not the app's.
#[tokio::test]
async fn what_the_password_proved_and_spared_ends_with_the_first_app() {
    let site = Site::requiring().await;
    site.account(ANA, "customer").await;
    let mut thief = half(&site, ANA).await;
    let code = site.code(ANA).await;
    assert!(is_in(&thief.post(STEP, &[("code", &code), ("remember", "1")]).await));
    thief.get("/login/prove").await;
    assert_eq!(thief.post("/login/prove", &[("code", PASSWORD)]).await.status, 303);
    let mut spared = thief.clone();
    spared.cookies.remove("sid");
    spared.get("/login").await;
    assert!(is_in(&sign_in(&mut spared.clone(), ANA, PASSWORD).await), "spared so far");
    let mut ana = half(&site, ANA).await;
    let code = site.code(ANA).await;
    assert!(is_in(&ana.post(STEP, &[("code", &code)]).await));
    ana.get("/login/prove").await;
    assert_eq!(ana.post("/login/prove", &[("code", PASSWORD)]).await.status, 303);
    enrol(&mut ana).await;
    thief.get("/nowhere").await;
    assert!(thief.post("/account/security/app/remove", &[]).await.location().starts_with("/login/prove"));
    go_half(&mut spared, ANA).await;
    assert_eq!(site.count("select count(*) from totp").await, 1);
}

/// Whoever used a browser before has a copy of all its cookies.
#[tokio::test]
async fn a_copy_of_a_browser_is_not_spared_what_the_browser_is_spared_later() {
    let site = Site::requiring().await;
    site.account(ANA, "customer").await;
    site.account("eve@demo.example", "customer").await;
    let mut shared = half(&site, "eve@demo.example").await;
    let code = site.code("eve@demo.example").await;
    assert!(is_in(&shared.post(STEP, &[("code", &code), ("remember", "1")]).await));
    shared.get("/nowhere").await;
    shared.post("/logout", &[]).await;
    for _ in 0..2 {
        let mut copy = shared.clone();
        go_half(&mut shared, ANA).await;
        let code = site.code(ANA).await;
        assert!(is_in(&shared.post(STEP, &[("code", &code), ("remember", "1")]).await));
        shared.get("/nowhere").await;
        shared.post("/logout", &[]).await;
        shared.get("/login").await;
        for who in [ANA, "eve@demo.example"] {
            assert!(is_in(&sign_in(&mut shared.clone(), who, PASSWORD).await), "{who} is spared there");
        }
        go_half(&mut copy, ANA).await;
        site.run(
            "update known_browsers set trust_hash = null from accounts where id = account_id and email like 'ana%'",
        )
        .await;
        site.run("delete from rate_limits").await;
    }
}

#[tokio::test]
async fn a_password_set_by_mail_takes_no_second_step_off() {
    let site = Site::new().await;
    site.account(ANA, "customer").await;
    enrol(&mut site.signed_in(ANA).await).await;
    let reset = site.reset_link(ANA).await;
    let mut reader = site.visitor();
    assert!(reader.get(&reset).await.body.contains("If somebody else was in your account"));
    let fields = [("password", NEW), ("intruder", "on")];
    assert_eq!(reader.post(&reset, &fields).await.status, 303);
    reader.get("/login").await;
    assert!(sign_in(&mut reader, ANA, NEW).await.location().starts_with(STEP));
}

/// Whether an address has an account is said to that address only.
#[tokio::test]
async fn a_link_to_a_new_address_ends_with_the_next_whoever_has_that() {
    let site = Site::new().await;
    site.account(ANA, "customer").await;
    site.account("taken@demo.example", "customer").await;
    for next in ["taken@demo.example", "free@demo.example"] {
        let mut ana = site.signed_in(ANA).await;
        assert_eq!(ask_for(&mut ana, "own@demo.example").await, 200);
        let link = site.link("email-confirm", "own@demo.example").await;
        assert_eq!(site.opened(&link).await, 200);
        assert_eq!(ask_for(&mut ana, next).await, 200);
        assert_eq!(site.opened(&link).await, 410, "{next}");
        site.run("delete from rate_limits").await;
    }
}

/// A session that was stolen keeps its owner from proving who they are, and from nothing else: a password set by mail ends that.
#[tokio::test]
async fn a_stolen_session_uses_up_no_tries_of_the_doors() {
    let site = Site::new().await;
    site.account(ANA, "customer").await;
    let mut thief = site.signed_in(ANA).await;
    let (app, _) = enrol(&mut thief).await;
    for round in 0..7 {
        site.run("delete from rate_limits where key like 'proof session%'").await;
        thief.get("/login/prove").await;
        for _ in 0..5 {
            let status = thief.post("/login/prove", &[("code", "000000")]).await.status;
            assert_eq!(status, if round < 6 { 422 } else { 429 });
        }
    }
    site.run(LATER).await;
    let mut ana = half(&site, ANA).await;
    assert!(is_in(&ana.post(STEP, &[("code", &app.shows(0))]).await));
    site.run("update sessions set proven_at = null").await;
    site.run(LATER).await;
    ana.get("/login/prove").await;
    assert_eq!(ana.post("/login/prove", &[("code", &app.shows(0))]).await.status, 429);
    let reset = site.reset_link(ANA).await;
    ana.get(&reset).await;
    assert_eq!(ana.post(&reset, &[("password", NEW)]).await.status, 303);
    let mut ana = site.visitor();
    ana.get("/login").await;
    sign_in(&mut ana, ANA, NEW).await;
    ana.get(STEP).await;
    assert!(is_in(&ana.post(STEP, &[("code", &app.shows(0))]).await));
    site.run("update sessions set proven_at = null").await;
    site.run(LATER).await;
    ana.get("/login/prove").await;
    assert_eq!(ana.post("/login/prove", &[("code", &app.shows(0))]).await.status, 303);
}

#[tokio::test]
async fn a_right_password_wins_no_tries_back() {
    let site = Site::new().await;
    site.account(ANA, "customer").await;
    let mut thief = site.signed_in(ANA).await;
    thief.get("/login/prove").await;
    let mut statuses = vec![];
    for _ in 0..6 {
        statuses.push(thief.post("/login/prove", &[("code", "a guess")]).await.status.as_u16());
        change_password(&mut thief, PASSWORD, PASSWORD).await;
    }
    assert_eq!(statuses, [422, 422, 422, 422, 422, 429]);
}

/// By the operator, who imports customers.
#[tokio::test]
async fn an_address_that_somebody_was_given_meanwhile_does_not_come_back() {
    let site = Site::new().await;
    let account = site.account(ANA, "customer").await;
    move_to(&site, &mut site.signed_in(ANA).await, "ana@new.example").await;
    let link = site.link("email-changed", ANA).await;
    site.account(ANA, "customer").await;
    assert_eq!(site.press(&link).await, 410);
    assert_eq!(site.email_of(account).await, "ana@new.example");
}
