//! A second step after the password: codes by mail and of an app, recovery codes, browsers that are remembered.

use std::collections::BTreeSet;

use time::Duration;
use totp_rs::{Builder, Secret};

use crate::accounts_support::{PASSWORD, Site, sign_in};
use crate::support::digits_in;
use crate::support::visitor::{Answer, Visitor};

const ANA: &str = "ana@demo.example";
pub const STEP: &str = "/login/second-step";

/// Somebody whose password was right.
pub async fn half(site: &Site, email: &str) -> Visitor {
    let mut visitor = site.visitor();
    go_half(&mut visitor, email).await;
    visitor
}

pub async fn go_half(visitor: &mut Visitor, email: &str) {
    visitor.get("/login").await;
    let answer = sign_in(visitor, email, PASSWORD).await;
    assert!(answer.location().starts_with(STEP), "{} {}", answer.status, answer.location());
    visitor.get(STEP).await;
}

pub async fn give(visitor: &mut Visitor, code: &str) -> Answer {
    visitor.post(STEP, &[("code", code)]).await
}

pub fn is_in(answer: &Answer) -> bool {
    answer.status == 303 && answer.location() == "/account"
}

impl Site {
    pub async fn code(&self, email: &str) -> String {
        self.run_jobs().await;
        let mails = self.mails(email).await;
        let (_, text) = mails.iter().rev().find(|(template, _)| template == "code").expect("a code");
        digits_in(text, 8)
    }

    async fn mails_of(&self, template: &str) -> usize {
        self.mails(ANA).await.iter().filter(|(name, _)| name == template).count()
    }

    pub async fn run(&self, sql: &'static str) {
        sqlx::query(sql).execute(&self.pool).await.unwrap();
    }

    pub async fn sessions(&self) -> i64 {
        self.count("select count(*) from sessions where revoked_at is null and stage = 'whole'").await
    }
}

fn other_than(code: &str) -> String {
    format!("{:08}", (code.parse::<u32>().unwrap() + 1) % 100_000_000)
}

#[tokio::test]
async fn the_password_alone_signs_nobody_in() {
    let site = Site::requiring().await;
    site.account(ANA, "customer").await;
    let mut ana = half(&site, ANA).await;
    assert_eq!(ana.get("/account").await.location(), STEP);
    assert_eq!(ana.get("/account/security").await.location(), STEP);
    assert_eq!(site.sessions().await, 0);
    let code = site.code(ANA).await;
    let page = ana.get(STEP).await.body;
    assert!(page.contains("a•••@demo.example") && page.contains("one-time-code"), "{page}");
    let wrong = give(&mut ana, &other_than(&code)).await;
    assert!(wrong.status == 422 && wrong.body.contains("wrong or was used"), "{}", wrong.body);
    let before = ana.cookies.clone();
    assert!(is_in(&give(&mut ana, &code).await));
    assert_eq!(ana.get("/account").await.body, ANA);
    let mut old = site.visitor();
    old.cookies = before;
    assert_eq!(old.get(STEP).await.location(), "/login", "the half session has ended");
    let by = "select count(*) from audit_log where action = 'account.signed_in' and detail->>'by' = 'password+mail'";
    assert_eq!(site.count(by).await, 1);
}

#[tokio::test]
async fn a_code_is_for_its_browser_its_time_and_once() {
    let site = Site::requiring().await;
    site.account(ANA, "customer").await;
    let mut ana = half(&site, ANA).await;
    let first = site.code(ANA).await;
    ana.post("/login/second-step/code", &[]).await;
    let second = site.code(ANA).await;
    if first != second {
        assert_eq!(give(&mut ana, &first).await.status, 422, "the newest only");
    }
    let mut eve = half(&site, ANA).await;
    assert_eq!(give(&mut eve, &second).await.status, 422, "another browser's");
    let third = site.code(ANA).await;
    site.clock.advance(Duration::minutes(10));
    assert_eq!(give(&mut eve, &third).await.status, 422, "ten minutes later");
    eve.post("/login/second-step/code", &[]).await;
    let fourth = site.code(ANA).await;
    assert!(is_in(&give(&mut eve, &format!(" {} {} ", &fourth[..3], &fourth[3..])).await), "however it is typed");
    assert_eq!(site.count("select count(*) from mailed_codes where used_at is not null").await, 1, "its own only");
}

#[tokio::test]
async fn five_tries_and_the_right_password_wins_none_back() {
    let site = Site::requiring().await;
    site.account(ANA, "customer").await;
    let mut eve = half(&site, ANA).await;
    let code = site.code(ANA).await;
    for _ in 0..5 {
        assert_eq!(give(&mut eve, &other_than(&code)).await.status, 422);
    }
    for _ in 0..2 {
        let answer = give(&mut eve, &code).await;
        assert!(answer.status == 429 && !answer.header("retry-after").is_empty(), "{}", answer.body);
    }
    let mut again = half(&site, ANA).await;
    let anew = site.code(ANA).await;
    assert_eq!(give(&mut again, &anew).await.status, 429, "a new half session has no new tries");
    assert_eq!(site.mails_of("second-step-failed").await, 1, "its owner is told, once");
    let tries = "select max(tries)::bigint from mailed_codes";
    assert!(site.count(tries).await <= 5);
}

/// The limit of a place falls away where the tries come from many; that of the code stays.
#[tokio::test]
async fn a_code_has_five_tries_wherever_they_come_from() {
    let site = Site::requiring().await;
    site.account(ANA, "customer").await;
    let mut eve = half(&site, ANA).await;
    let code = site.code(ANA).await;
    for _ in 0..5 {
        site.run("delete from rate_limits").await;
        assert_eq!(give(&mut eve, &other_than(&code)).await.status, 422);
    }
    site.run("delete from rate_limits").await;
    assert_eq!(give(&mut eve, &code).await.status, 422);
}

#[tokio::test]
async fn of_fifty_tries_at_once_one_gets_in() {
    let site = Site::requiring().await;
    site.account(ANA, "customer").await;
    let ana = half(&site, ANA).await;
    let code = site.code(ANA).await;
    let tries = (0..50).map(|_| {
        let (mut ana, code) = (ana.clone(), code.clone());
        async move { is_in(&give(&mut ana, &code).await) }
    });
    let let_in = futures_util::future::join_all(tries).await.into_iter().filter(|is_in| *is_in).count();
    assert_eq!((let_in, site.sessions().await), (1, 1));
}

#[tokio::test]
async fn the_key_stays_while_somebody_goes_to_the_app_and_back() {
    let site = Site::new().await;
    site.account(ANA, "customer").await;
    let mut ana = site.signed_in(ANA).await;
    let first = App::of(&ana.get("/account/security/app").await.body);
    let page = ana.get("/account/security/app").await.body;
    assert_eq!(App::of(&page).shows(0), first.shows(0), "the page was loaded anew");
    site.account("bob@demo.example", "customer").await;
    let mut bob = site.signed_in("bob@demo.example").await;
    bob.cookies.extend(ana.cookies.get("app").map(|cookie| ("app".to_owned(), cookie.clone())));
    assert_ne!(App::of(&bob.get("/account/security/app").await.body).shows(0), first.shows(0), "another's cookie");
    let sealed = page.split("name=\"app\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("the key");
    let done = ana.post("/account/security/app", &[("app", sealed), ("code", &first.shows(0))]).await;
    assert_eq!(done.status, 200);
    assert!(!ana.cookies.contains_key("app"), "nothing is left of it");
}

#[tokio::test]
async fn a_key_that_was_offered_is_offered_to_nobody_who_comes_later() {
    let site = Site::new().await;
    site.account(ANA, "customer").await;
    let mut ana = site.signed_in(ANA).await;
    let page = ana.get("/account/security/app").await.body;
    let (seen, sealed) = (App::of(&page), brought(&page).to_owned());
    ana.post("/logout", &[]).await;
    ana.get("/login").await;
    assert!(is_in(&sign_in(&mut ana, ANA, PASSWORD).await));
    assert!(ana.cookies.contains_key("app"), "the cookie stays");
    assert_ne!(App::of(&ana.get("/account/security/app").await.body).shows(0), seen.shows(0));
    let planted = ana.post("/account/security/app", &[("app", &sealed), ("code", &seen.shows(0))]).await;
    assert_eq!(planted.location(), "/account/security/app");
    assert_eq!(site.count("select count(*) from totp").await, 0);
}

#[tokio::test]
async fn where_it_is_only_offered_the_password_is_enough() {
    let site = Site::new().await;
    site.account(ANA, "customer").await;
    site.signed_in(ANA).await;
    assert_eq!(site.sessions().await, 1);
}

/// The app on somebody's phone.
pub struct App(totp_rs::Totp);

impl App {
    /// With the sealed key that goes back with the first code.
    pub fn offered(page: &str) -> (Self, String) {
        (Self::of(page), brought(page).to_owned())
    }

    fn of(page: &str) -> Self {
        let key = page.split("<code>").nth(1).and_then(|rest| rest.split("</code>").next()).expect("a key");
        let secret = Secret::try_from_base32(key.replace(' ', "")).expect("base32");
        Self(Builder::new().with_secret(secret).build().expect("an app"))
    }

    /// The code of so many steps from now.
    pub fn shows(&self, steps: i64) -> String {
        let now = time::OffsetDateTime::now_utc().unix_timestamp() + steps * 30;
        self.0.generate(u64::try_from(now).unwrap()).to_string()
    }
}

/// Sets up an app; gives it and the recovery codes.
pub async fn enrol(visitor: &mut Visitor) -> (App, Vec<String>) {
    let page = visitor.get("/account/security/app").await;
    assert_eq!(page.status, 200, "{}", page.location());
    let app = App::of(&page.body);
    let wrong = visitor.post("/account/security/app", &[("app", brought(&page.body)), ("code", "000000")]).await;
    assert!(wrong.status == 422 && App::of(&wrong.body).0.secret() == app.0.secret(), "{}", wrong.body);
    let sealed = brought(&wrong.body).to_owned();
    let altered = sealed.replace(':', ":A");
    let refused = visitor.post("/account/security/app", &[("app", &altered), ("code", &app.shows(0))]).await;
    assert_eq!(refused.location(), "/account/security/app");
    let shown = visitor.post("/account/security/app", &[("app", &sealed), ("code", &app.shows(0))]).await;
    assert_eq!(shown.status, 200, "{}", shown.body);
    let codes = shown.body.split("<li><code>").skip(1).filter_map(|rest| rest.split("</code>").next());
    (app, codes.map(str::to_owned).collect())
}

fn brought(page: &str) -> &str {
    page.split(r#"name="app" value=""#).nth(1).and_then(|rest| rest.split('"').next()).expect("a sealed key")
}

/// As if every code so far had been taken a while ago.
pub const LATER: &str = "update totp set last_step = last_step - 10";

#[tokio::test]
async fn a_code_of_the_app_is_asked_for_and_taken_once() {
    let site = Site::new().await;
    site.account(ANA, "customer").await;
    let mut ana = site.signed_in(ANA).await;
    let (app, codes) = enrol(&mut ana).await;
    assert_eq!((codes.len(), codes.iter().collect::<BTreeSet<_>>().len()), (10, 10));
    assert_eq!(site.mails_of("second-step-added").await, 1);
    assert_eq!(ana.get("/account/security/app").await.location(), "/account/security", "it can't be looked at again");

    let mut phone = half(&site, ANA).await;
    site.run_jobs().await;
    assert_eq!(site.mails_of("code").await, 0, "no weaker way beside it");
    assert_eq!(give(&mut phone, &app.shows(0)).await.status, 422, "it was taken when the app was set up");
    site.run(LATER).await;
    assert_eq!(give(&mut phone, &app.shows(-3)).await.status, 422, "too old");
    let code = app.shows(-1);
    assert!(is_in(&give(&mut phone, &code).await), "half a minute late");
    let mut again = half(&site, ANA).await;
    assert_eq!(give(&mut again, &code).await.status, 422, "taken once");
    assert!(is_in(&give(&mut again, &app.shows(1)).await), "a clock that is ahead");
}

#[tokio::test]
async fn a_recovery_code_gets_in_once() {
    let site = Site::new().await;
    site.account(ANA, "customer").await;
    site.account("bob@demo.example", "customer").await;
    let mut ana = site.signed_in(ANA).await;
    let (_, codes) = enrol(&mut ana).await;
    let mut phone = half(&site, ANA).await;
    let typed = codes[3].to_lowercase().replace('-', " ");
    assert!(is_in(&give(&mut phone, &typed).await));
    let mut again = half(&site, ANA).await;
    assert_eq!(give(&mut again, &codes[3]).await.status, 422);
    for wrong in ["", "ABCD", "🦀🦀🦀🦀", &codes[4][..18]] {
        assert_eq!(give(&mut again, wrong).await.status, 422, "{wrong}");
        site.run("delete from rate_limits").await;
    }
    let mut bob = site.signed_in("bob@demo.example").await;
    enrol(&mut bob).await;
    let mut bobs = half(&site, "bob@demo.example").await;
    assert_eq!(give(&mut bobs, &codes[5]).await.status, 422, "another's");
    let anew = ana.post("/account/security/recovery-codes", &[]).await;
    assert!(anew.body.contains("<li><code>"), "{}", anew.body);
    assert_eq!(give(&mut again, &codes[6]).await.status, 422, "those before are worth nothing");
    let stored = "select count(*) from recovery_codes where code_hash not like '$argon2id$%'";
    assert_eq!(site.count(stored).await, 0);
}

#[tokio::test]
async fn fifty_at_once_use_one_recovery_code_once() {
    let site = Site::new().await;
    site.account(ANA, "customer").await;
    let mut ana = site.signed_in(ANA).await;
    let (_, codes) = enrol(&mut ana).await;
    let mut halves = vec![];
    for _ in 0..5 {
        halves.push(half(&site, ANA).await);
    }
    let before = site.sessions().await;
    let tries = (0..50).map(|number: usize| {
        let (mut phone, code) = (halves[number % 5].clone(), codes[0].clone());
        async move { is_in(&give(&mut phone, &code).await) }
    });
    let let_in = futures_util::future::join_all(tries).await.into_iter().filter(|is_in| *is_in).count();
    assert_eq!((let_in, site.sessions().await - before), (1, 1));
}

#[tokio::test]
async fn what_guards_an_account_is_changed_by_who_proved_it_lately() {
    let site = Site::new().await;
    site.account(ANA, "customer").await;
    let mut ana = site.signed_in(ANA).await;
    let stale = "update sessions set proven_at = now() - interval '11 minutes'";
    site.run(stale).await;
    let sent = ana.get("/account/security/app").await;
    assert_eq!(sent.location(), "/login/prove?next=/account/security/app");
    ana.get("/login/prove?next=/account/security/app").await;
    let wrong = ana.post("/login/prove", &[("code", "not it"), ("next", "/account/security/app")]).await;
    assert_eq!(wrong.status, 422);
    let right = ana.post("/login/prove", &[("code", PASSWORD), ("next", "/account/security/app")]).await;
    assert_eq!(right.location(), "/account/security/app");
    let (app, _) = enrol(&mut ana).await;

    site.run(stale).await;
    for form in ["/account/security/app/remove", "/account/security/recovery-codes"] {
        assert!(ana.post(form, &[]).await.location().starts_with("/login/prove"), "{form}");
    }
    assert_eq!(site.count("select count(*) from totp").await, 1);
    ana.get("/login/prove").await;
    assert_eq!(ana.post("/login/prove", &[("code", PASSWORD)]).await.status, 422, "the app is asked, not the password");
    site.run(LATER).await;
    assert_eq!(ana.post("/login/prove", &[("code", &app.shows(0))]).await.status, 303);
    ana.post("/account/security/app/remove", &[]).await;
    assert_eq!(site.count("select (select count(*) from totp) + (select count(*) from recovery_codes)").await, 0);
    assert_eq!(site.mails_of("second-step-removed").await, 1);
    site.signed_in(ANA).await;
}

#[tokio::test]
async fn an_apps_secret_is_sealed_and_moves_to_the_newest_key() {
    let site = Site::new().await;
    site.account(ANA, "customer").await;
    let mut ana = site.signed_in(ANA).await;
    let (app, _) = enrol(&mut ana).await;
    let secret = app.0.secret().as_ref().to_vec();
    let (key, stored): (String, Vec<u8>) =
        sqlx::query_as("select key_id, secret from totp").fetch_one(&site.pool).await.unwrap();
    assert!(key == "a" && !stored.windows(secret.len()).any(|window| window == secret));
    let ring = "b:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=,".to_owned() + crate::accounts_support::KEY;
    let turned = site.with_keys(&ring);
    site.run(LATER).await;
    let mut phone = half(&turned, ANA).await;
    assert!(is_in(&give(&mut phone, &app.shows(0)).await));
    let key: String = sqlx::query_scalar("select key_id from totp").fetch_one(&site.pool).await.unwrap();
    assert_eq!(key, "b");
}

#[tokio::test]
async fn a_change_that_is_taken_back_takes_a_new_app_away() {
    let site = Site::new().await;
    site.account(ANA, "customer").await;
    let mut eve = site.signed_in(ANA).await;
    enrol(&mut eve).await;
    let undo = site.mailed_path(ANA).await;
    let mut ana = site.visitor();
    ana.get(&undo).await;
    assert_eq!(ana.post(&undo, &[]).await.status, 200);
    assert_eq!(site.count("select (select count(*) from totp) + (select count(*) from recovery_codes)").await, 0);
    assert_eq!(site.sessions().await, 0);
}

#[tokio::test]
async fn staff_set_up_an_app_before_anything_else_where_it_is_required() {
    let site = Site::requiring().await;
    site.account(ANA, "admin").await;
    let mut ana = half(&site, ANA).await;
    let code = site.code(ANA).await;
    assert_eq!(give(&mut ana, &code).await.location(), "/staff");
    let led = ana.get("/staff").await;
    assert!(led.location().starts_with("/account/security/app"), "{}", led.location());
    enrol(&mut ana).await;
    assert_eq!(ana.get("/staff").await.body, ANA);
}

pub async fn ask_for_code(site: &Site, visitor: &mut Visitor, email: &str) -> Answer {
    visitor.get("/login/code").await;
    let answer = visitor.post("/login/code", &[("email", email)]).await;
    site.run_jobs().await;
    visitor.get("/login/code/confirm").await;
    answer
}

#[tokio::test]
async fn a_mailed_code_signs_in_and_says_nothing_of_who_has_an_account() {
    let site = Site::new().await;
    site.account(ANA, "customer").await;
    let (mut ana, mut eve) = (site.visitor(), site.visitor());
    let known = ask_for_code(&site, &mut ana, ANA).await;
    let unknown = ask_for_code(&site, &mut eve, "nobody@demo.example").await;
    assert_eq!((known.status, known.location()), (unknown.status, unknown.location()));
    let code = site.code(ANA).await;
    let (mut told, mut answers) = (vec![], vec![&mut eve, &mut ana]);
    for visitor in &mut answers {
        let answer = visitor.post("/login/code/confirm", &[("code", &other_than(&code))]).await;
        told.push((answer.status, answer.without_token()));
    }
    assert_eq!(told[0], told[1]);
    assert_eq!(eve.post("/login/code/confirm", &[("code", &code)]).await.status, 422, "another browser's");
    assert!(is_in(&ana.post("/login/code/confirm", &[("code", &code)]).await));
    assert_eq!(site.visitor().get("/login/code/confirm").await.location(), "/login/code");
}

#[tokio::test]
async fn who_came_by_a_mailed_code_is_asked_for_something_else_then() {
    let site = Site::requiring().await;
    site.account(ANA, "customer").await;
    let mut ana = site.visitor();
    ask_for_code(&site, &mut ana, ANA).await;
    let code = site.code(ANA).await;
    let answer = ana.post("/login/code/confirm", &[("code", &code)]).await;
    assert!(answer.location().starts_with(STEP), "{}", answer.location());
    let page = ana.get(STEP).await.body;
    assert!(page.contains("current-password"), "{page}");
    assert_eq!(give(&mut ana, "not it").await.status, 422);
    assert!(is_in(&give(&mut ana, PASSWORD).await));
    assert!(has_proof(&mut ana).await, "the password is what would be asked for");
}

#[tokio::test]
async fn a_mailed_code_alone_proves_nothing_where_there_is_more() {
    let site = Site::new().await;
    site.account(ANA, "customer").await;
    for (more, proves) in [(true, false), (false, true)] {
        if !more {
            site.run("update accounts set password_hash = null").await;
        }
        let mut ana = site.visitor();
        ask_for_code(&site, &mut ana, ANA).await;
        let code = site.code(ANA).await;
        assert!(is_in(&ana.post("/login/code/confirm", &[("code", &code)]).await));
        assert_eq!(has_proof(&mut ana).await, proves);
    }
}

#[tokio::test]
async fn neither_a_remembered_browser_nor_a_new_password_proves_what_the_app_would() {
    let site = Site::new().await;
    site.account(ANA, "customer").await;
    let mut first = site.signed_in(ANA).await;
    assert!(has_proof(&mut first).await);
    let (app, _) = enrol(&mut first).await;
    site.run(LATER).await;
    let mut ana = half(&site, ANA).await;
    assert!(is_in(&ana.post(STEP, &[("code", &app.shows(0)), ("remember", "1")]).await));
    assert!(has_proof(&mut ana).await);
    new_password(&mut ana, PASSWORD, "amber-ladder-58-sky").await;
    assert!(has_proof(&mut ana).await, "as before");
    site.run("update sessions set proven_at = null").await;
    new_password(&mut ana, "amber-ladder-58-sky", PASSWORD).await;
    assert!(!has_proof(&mut ana).await, "the password is not the app");

    ana.get("/nowhere").await;
    ana.post("/logout", &[]).await;
    go_half(&mut ana, ANA).await;
    site.run(LATER).await;
    assert!(is_in(&ana.post(STEP, &[("code", &app.shows(0)), ("remember", "1")]).await));
    ana.get("/nowhere").await;
    ana.post("/logout", &[]).await;
    ana.get("/login").await;
    assert!(is_in(&sign_in(&mut ana, ANA, PASSWORD).await), "remembered");
    assert!(!has_proof(&mut ana).await, "nor is the browser");
    ana.get("/nowhere").await;
    assert!(ana.post("/account/security/app/remove", &[]).await.location().starts_with("/login/prove"));
    assert_eq!(site.count("select count(*) from totp").await, 1);
}

/// Whether what must not be done at a browser that was left open can be done there.
async fn has_proof(visitor: &mut Visitor) -> bool {
    let answer = visitor.get("/account/security/email").await;
    answer.status == 200 || !answer.location().starts_with("/login/prove")
}

async fn new_password(visitor: &mut Visitor, current: &str, new: &str) {
    visitor.get("/account/security/password").await;
    let fields = [("current", current), ("password", new)];
    let answer = visitor.post("/account/security/password", &fields).await;
    assert!(answer.location().ends_with("note=password-is-new"), "{} {}", answer.status, answer.body);
}

#[tokio::test]
async fn a_mailed_code_ends_with_a_new_password() {
    let site = Site::new().await;
    site.account(ANA, "customer").await;
    let mut eve = site.visitor();
    ask_for_code(&site, &mut eve, ANA).await;
    let code = site.code(ANA).await;
    let mut ana = site.visitor();
    let link = site.reset_link(ANA).await;
    ana.get(&link).await;
    assert_eq!(ana.post(&link, &[("password", "amber-ladder-58-sky")]).await.status, 303);
    assert_eq!(eve.post("/login/code/confirm", &[("code", &code)]).await.status, 422);
    assert_eq!(site.sessions().await, 0);
}

#[tokio::test]
async fn whoever_turns_back_half_way_leaves_nothing_open() {
    let site = Site::requiring().await;
    site.account(ANA, "customer").await;
    let mut ana = half(&site, ANA).await;
    let code = site.code(ANA).await;
    let mut later = ana.clone();
    ana.post("/logout", &[]).await;
    assert_eq!(give(&mut later, &code).await.location(), "/login");
    assert_eq!(site.sessions().await, 0);
}
