//! Changing the password or the address of an account, and taking such a change back.

use renewal_portal::ids::AccountId;

use crate::accounts_support::{PASSWORD, Site, sign_in};
use crate::support::visitor::Visitor;

const NEW: &str = "amber-ladder-58-sky";
const ANA: &str = "ana@demo.example";
const NEXT: &str = "ana@new.example";

pub async fn change_password(ana: &mut Visitor, current: &str, new: &str) -> crate::support::visitor::Answer {
    ana.get("/account/security/password").await;
    ana.post("/account/security/password", &[("current", current), ("password", new)]).await
}

pub async fn ask_for(ana: &mut Visitor, email: &str) -> u16 {
    ana.get("/account/security/email").await;
    ana.post("/account/security/email", &[("email", email)]).await.status.as_u16()
}

impl Site {
    /// The path of the link in the newest mail of that template to `email`.
    pub async fn link(&self, template: &str, email: &str) -> String {
        let mails = self.mails(email).await;
        let (_, text) = mails.iter().rev().find(|(name, _)| name == template).expect("a mail");
        let link = text.lines().find(|line| line.starts_with("http")).expect("a link");
        link.strip_prefix(&*self.accounts.base_url).expect("our own address").to_owned()
    }

    pub async fn email_of(&self, account: AccountId) -> String {
        sqlx::query_scalar("select email from accounts where id = $1")
            .bind(account)
            .fetch_one(&self.pool)
            .await
            .unwrap()
    }

    pub async fn opened(&self, link: &str) -> u16 {
        self.visitor().get(link).await.status.as_u16()
    }

    /// Opens a mailed link and presses its button.
    pub async fn press(&self, link: &str) -> u16 {
        let mut visitor = self.visitor();
        visitor.get(link).await;
        visitor.post(link, &[]).await.status.as_u16()
    }

    async fn acts(&self) -> Vec<String> {
        sqlx::query_scalar("select action from audit_log where action <> 'account.signed_in' order by id")
            .fetch_all(&self.pool)
            .await
            .unwrap()
    }
}

#[tokio::test]
async fn a_new_password_ends_every_other_session() {
    let site = Site::new().await;
    site.account(ANA, "customer").await;
    let (mut ana, mut elsewhere) = (site.signed_in(ANA).await, site.signed_in(ANA).await);
    let before = ana.cookies["sid"].clone();
    let mut old = ana.clone();
    let answer = change_password(&mut ana, PASSWORD, NEW).await;
    assert_eq!(answer.location(), "/account/security?note=password-is-new", "{}", answer.body);
    assert_ne!(ana.cookies["sid"], before, "a session of its own");
    assert!(ana.get("/account/security").await.body.contains("Last changed on"));
    assert_eq!(
        (elsewhere.get("/account").await.status.as_u16(), old.get("/account").await.status.as_u16()),
        (303, 303)
    );
    assert_eq!(site.mails(ANA).await.last().unwrap().0, "password-changed");
    assert_eq!(site.acts().await, ["account.password_changed"]);
    let mut visitor = site.visitor();
    visitor.get("/login").await;
    assert_eq!(sign_in(&mut visitor, ANA, PASSWORD).await.status, 422);
    assert_eq!(sign_in(&mut visitor, ANA, NEW).await.status, 303);
}

#[tokio::test]
async fn a_new_password_is_refused_with_its_reason() {
    let site = Site::new().await;
    site.account(ANA, "customer").await;
    let mut ana = site.signed_in(ANA).await;
    for (current, new, field, said) in [
        ("wrong", NEW, "current", "not your current password"),
        (PASSWORD, PASSWORD, "password", "the password you have now"),
        (PASSWORD, "violet-kettle", "password", "at least 15"),
        (PASSWORD, "ana ana@demo.example", "password", "made of your name"),
    ] {
        let answer = change_password(&mut ana, current, new).await;
        assert_eq!(answer.status, 422, "{new}");
        assert!(answer.body.contains(&format!(r#"id="{field}-error""#)), "{new}: {}", answer.body);
        assert!(answer.body.contains(said), "{new}: {}", answer.body);
        assert!(!answer.body.contains(new) && !answer.body.contains(PASSWORD), "a password is never shown again");
    }
    assert_eq!(site.mails(ANA).await.len(), 0);
    assert_eq!(ana.get("/account").await.status, 200);
}

#[tokio::test]
async fn whoever_finds_a_browser_open_can_not_try_passwords_for_long() {
    let site = Site::new().await;
    site.account(ANA, "customer").await;
    let mut ana = site.signed_in(ANA).await;
    let mut statuses = vec![];
    for _ in 0..6 {
        statuses.push(change_password(&mut ana, "wrong", NEW).await.status.as_u16());
    }
    assert_eq!(statuses, [422, 422, 422, 422, 422, 429]);
}

#[tokio::test]
async fn a_password_shorter_than_today_s_rule_goes_on_working() {
    let site = Site::new().await;
    site.account(ANA, "customer").await;
    let hash = renewal_portal::accounts::password::hash("kettle93").await.unwrap();
    sqlx::query("update accounts set password_hash = $1").bind(hash).execute(&site.pool).await.unwrap();
    let mut ana = site.visitor();
    ana.get("/login").await;
    assert_eq!(sign_in(&mut ana, ANA, "kettle93").await.status, 303);
}

#[tokio::test]
async fn a_changed_password_is_taken_back_by_mail() {
    let site = Site::new().await;
    site.account(ANA, "customer").await;
    let mut thief = site.signed_in(ANA).await;
    change_password(&mut thief, PASSWORD, NEW).await;
    let link = site.link("password-changed", ANA).await;
    assert_eq!((site.opened(&link).await, site.opened(&link).await), (200, 200));
    assert_eq!(thief.get("/account").await.status, 200, "looking undoes nothing: mail programs look");
    assert_eq!(site.press(&link).await, 200);
    assert_eq!(thief.get("/account").await.status, 303, "everybody is signed out");
    let mut visitor = site.visitor();
    visitor.get("/login").await;
    assert_eq!(sign_in(&mut visitor, ANA, NEW).await.status, 422, "the thief's password is void");
    assert_eq!(site.press(&link).await, 410, "once");
    let reset = site.link("reset", ANA).await;
    assert_eq!(site.opened(&reset).await, 200);
    assert_eq!(site.acts().await, ["account.password_changed", "account.change_undone"]);
}

#[tokio::test]
async fn an_undo_is_done_once_by_however_many_and_for_72_hours() {
    let site = Site::new().await;
    site.account(ANA, "customer").await;
    let mut ana = site.signed_in(ANA).await;
    change_password(&mut ana, PASSWORD, NEW).await;
    let link = site.link("password-changed", ANA).await;
    site.clock.set_ahead(72 * 3600 + 1);
    assert_eq!(site.opened(&link).await, 410);
    site.clock.set_ahead(72 * 3600 - 60);
    let mut visitor = site.visitor();
    visitor.get(&link).await;
    let mut presses = tokio::task::JoinSet::new();
    for _ in 0..10 {
        let (mut one, link) = (visitor.clone(), link.clone());
        presses.spawn(async move { one.post(&link, &[]).await.status.as_u16() });
    }
    let done = presses.join_all().await.into_iter().filter(|status| *status == 200).count();
    assert_eq!(done, 1);
}

#[tokio::test]
async fn an_address_is_changed_at_both_ends() {
    let site = Site::new().await;
    let account = site.account(ANA, "customer").await;
    let mut ana = site.signed_in(ANA).await;
    assert_eq!(ask_for(&mut ana, NEXT).await, 200);
    let link = site.link("email-confirm", NEXT).await;
    assert_eq!(site.mails(ANA).await.last().unwrap().0, "email-asked");
    assert_eq!(site.opened(&link).await, 200);
    assert_eq!(site.email_of(account).await, ANA, "not before it was confirmed");
    assert_eq!(site.press(&link).await, 200);
    assert_eq!(site.email_of(account).await, NEXT);
    assert_eq!((site.press(&link).await, site.opened(&link).await), (410, 410), "once");
    assert_eq!(site.mails(ANA).await.last().unwrap().0, "email-changed");
    assert_eq!(site.mails(NEXT).await.last().unwrap().0, "email-yours");
    assert_eq!(ana.get("/account").await.body, NEXT);
    assert_eq!(site.acts().await, ["account.email_change_asked", "account.email_changed"]);
}

#[tokio::test]
async fn the_old_address_stops_a_change_before_and_after() {
    for confirmed in [false, true] {
        let site = Site::new().await;
        let account = site.account(ANA, "customer").await;
        let mut thief = site.signed_in(ANA).await;
        ask_for(&mut thief, "thief@evil.example").await;
        let link = site.link("email-confirm", "thief@evil.example").await;
        if confirmed {
            assert_eq!(site.press(&link).await, 200);
        }
        let stop = site.link("email-asked", ANA).await;
        assert_eq!(site.press(&stop).await, 200, "confirmed: {confirmed}");
        assert_eq!(site.press(&link).await, 410);
        assert_eq!(site.email_of(account).await, ANA);
        assert_eq!(thief.get("/account").await.status, 303);
        let reset = site.link("reset", ANA).await;
        assert_eq!(site.opened(&reset).await, 200);
        assert!(site.mails("thief@evil.example").await.iter().all(|(name, _)| name != "reset"));
    }
}

#[tokio::test]
async fn a_thief_can_not_take_the_owner_s_way_back() {
    let site = Site::new().await;
    let account = site.account(ANA, "customer").await;
    let mut thief = site.signed_in(ANA).await;
    ask_for(&mut thief, "one@evil.example").await;
    assert_eq!(site.press(&site.link("email-confirm", "one@evil.example").await).await, 200);
    ask_for(&mut thief, "two@evil.example").await;
    assert_eq!(site.press(&site.link("email-asked", "one@evil.example").await).await, 200, "his own change, undone");
    let mut squatter = site.visitor();
    squatter.get("/register").await;
    assert_eq!(squatter.post("/register", &[("email", ANA)]).await.status, 200, "as for any address");
    site.run_jobs().await;
    assert_eq!(site.count("select count(*) from registrations").await, 0, "an address that can come back is kept");
    assert_eq!(site.mails(ANA).await.last().expect("a mail").0, "address-kept-back", "and is told when it is free");
    site.account("bo@demo.example", "customer").await;
    let mut bo = site.signed_in("bo@demo.example").await;
    ask_for(&mut bo, ANA).await;
    let told = site.mails(ANA).await.into_iter().filter(|(name, _)| name == "address-kept-back").count();
    assert_eq!(told, 2, "nor is it another account's new address");
    assert_eq!(site.press(&site.link("email-changed", ANA).await).await, 200);
    assert_eq!(site.email_of(account).await, ANA);
}

#[tokio::test]
async fn for_a_day_links_to_set_a_password_go_to_both_addresses() {
    let site = Site::new().await;
    site.account(ANA, "customer").await;
    let mut ana = site.signed_in(ANA).await;
    ask_for(&mut ana, NEXT).await;
    let old_reset = site.reset_link(ANA).await;
    site.press(&site.link("email-confirm", NEXT).await).await;
    assert_eq!(site.opened(&old_reset).await, 410, "links from before the change are void");
    let resets = async |email| site.mails(email).await.iter().filter(|(name, _)| name == "reset").count();
    site.reset_link(NEXT).await;
    assert_eq!((resets(ANA).await, resets(NEXT).await), (2, 1));
    site.reset_link(ANA).await;
    assert_eq!((resets(ANA).await, resets(NEXT).await), (3, 2), "the old address is known for that long");
    site.clock.set_ahead(24 * 3600 + 1);
    let mut visitor = site.visitor();
    visitor.get("/password/forgot").await;
    for email in [NEXT, ANA] {
        visitor.post("/password/forgot", &[("email", email)]).await;
    }
    site.run_jobs().await;
    assert_eq!((resets(ANA).await, resets(NEXT).await), (3, 3));
}

#[tokio::test]
async fn a_taken_address_gets_the_same_answer_here_too() {
    let site = Site::new().await;
    let account = site.account(ANA, "customer").await;
    site.account("bo@demo.example", "customer").await;
    let mut bodies = vec![];
    for email in ["bo@demo.example", "free@demo.example"] {
        let mut ana = site.signed_in(ANA).await;
        ana.get("/account/security/email").await;
        let answer = ana.post("/account/security/email", &[("email", email)]).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        bodies.push(answer.without_token().replace(email, "EMAIL"));
    }
    assert_eq!(bodies[0], bodies[1]);
    assert_eq!(site.mails("bo@demo.example").await[0].0, "already-registered");
    let link = site.link("email-confirm", "free@demo.example").await;
    site.account("free@demo.example", "customer").await;
    assert_eq!(site.press(&link).await, 410, "taken meanwhile");
    assert_eq!(site.email_of(account).await, ANA);
}

#[tokio::test]
async fn a_new_address_needs_a_proof_and_a_form_an_address_has() {
    let site = Site::new().await;
    site.account(ANA, "customer").await;
    let mut ana = site.signed_in(ANA).await;
    ana.get("/account/security/email").await;
    for email in ["", "ana@demo.example\r\nBcc: x@y.example", "an\u{200b}a@demo.example", "ＡＮＡ@demo.example"] {
        let answer = ana.post("/account/security/email", &[("email", email)]).await;
        assert!(answer.status == 422 && answer.body.contains(r#"id="email-error""#), "{email}: {}", answer.body);
    }
    sqlx::query("update sessions set proven_at = now() - interval '11 minutes'").execute(&site.pool).await.unwrap();
    let prove = "/login/prove?next=/account/security/email";
    assert_eq!(ana.get("/account/security/email").await.location(), prove);
    assert_eq!(ana.post("/account/security/email", &[("email", NEXT)]).await.location(), prove);
    assert_eq!(site.count("select count(*) from messages").await, 0);
}

/// What somebody did in an account that was not theirs, and what they had no hand in.
#[tokio::test]
async fn what_was_set_up_lately_goes_when_a_change_is_taken_back_and_no_more() {
    for (since, stays) in [("1 day", false), ("30 days", true)] {
        let site = Site::new().await;
        let account = site.account(ANA, "customer").await;
        for set_up in [
            "insert into totp (account_id, key_id, secret, created_at) values ($1, 'a', '', now() - interval '30 days')",
            "insert into second_step_resets (id, account_id, client, asked_at, ready_at)
             values (gen_random_uuid(), $1, 'x', now(), now() + interval '3 days')",
            "update accounts set closes_at = now() + interval '14 days' where id = $1",
        ] {
            sqlx::query(set_up).bind(account).execute(&site.pool).await.unwrap();
        }
        for lately in [
            "insert into recovery_codes (account_id, selector, code_hash, created_at)
             values ($1, 'ABCD', 'hash', now() - $2::interval)",
            "update accounts set phone = '+8613900139001', phone_verified_at = now() - $2::interval,
                    reminders_by_text = true where id = $1",
        ] {
            sqlx::query(lately).bind(account).bind(since).execute(&site.pool).await.unwrap();
        }
        sqlx::query(
            "insert into account_tokens (token_hash, account_id, purpose, email, expires_at, created_at)
             values (sha256('undo'), $1, 'undo_security', $2, now() + interval '2 days', now() - interval '1 day')",
        )
        .bind(account)
        .bind(ANA)
        .execute(&site.pool)
        .await
        .unwrap();
        assert_eq!(site.press("/security/undo/undo").await, 200);
        for (kept, left) in [
            ("select count(*) from totp", true),
            ("select count(*) from recovery_codes", stays),
            ("select count(*) from accounts where phone is not null and phone_verified_at is not null", stays),
            ("select count(*) from accounts where reminders_by_text", stays),
            ("select count(*) from accounts where closes_at is not null", false),
            ("select count(*) from second_step_resets where state <> 'cancelled'", false),
        ] {
            assert_eq!(site.count(kept).await, i64::from(left), "{since}: {kept}");
        }
    }
}

/// Somebody was in for a moment and asked for an address of their own; its owner shuts them out.
#[tokio::test]
async fn an_address_that_waits_is_not_taken_on_once_its_asker_was_shut_out() {
    for way in ["reset", "change", "end-others"] {
        let site = Site::new().await;
        let account = site.account(ANA, "customer").await;
        let mut thief = site.signed_in(ANA).await;
        assert_eq!(ask_for(&mut thief, "thief@evil.example").await, 200);
        let link = site.link("email-confirm", "thief@evil.example").await;
        let mut ana = site.signed_in(ANA).await;
        match way {
            "reset" => {
                let reset = site.reset_link(ANA).await;
                ana.get(&reset).await;
                assert_eq!(ana.post(&reset, &[("password", NEW)]).await.status, 303);
            }
            "change" => assert_eq!(change_password(&mut ana, PASSWORD, NEW).await.status, 303),
            _ => assert_eq!(ana.post("/account/security/sessions/end-others", &[]).await.status, 303),
        }
        assert_eq!(site.press(&link).await, 410, "{way}");
        assert_eq!(site.email_of(account).await, ANA, "{way}");
    }
}

#[tokio::test]
async fn what_an_asker_is_called_is_not_written_to_an_address_that_may_be_anybodys() {
    let site = Site::new().await;
    site.account(ANA, "customer").await;
    sqlx::query("update accounts set name = 'You won: evil.example'").execute(&site.pool).await.unwrap();
    let mut ana = site.signed_in(ANA).await;
    ask_for(&mut ana, NEXT).await;
    let mails = site.mails(NEXT).await;
    assert!(mails.len() == 1 && !mails[0].1.contains("You won"), "{mails:?}");
}

#[tokio::test]
async fn a_password_is_not_guessed_from_many_places() {
    let site = Site::new().await;
    site.account(ANA, "customer").await;
    let (mut changes, mut doors) = (vec![], vec![]);
    for number in 0..7 {
        let mut open = site.signed_in(ANA).await;
        open.get("/account/security/password").await;
        for place in 0..5 {
            let mut elsewhere = site.visitor_from(&format!("198.51.{number}.{}", place + 7));
            (elsewhere.cookies, elsewhere.token) = (open.cookies.clone(), open.token.clone());
            let fields = [("current", "a guess at it all"), ("password", NEW)];
            changes.push(elsewhere.post("/account/security/password", &fields).await.status.as_u16());
        }
    }
    let ana = site.signed_in(ANA).await;
    for number in 0..22 {
        let mut copy = site.visitor_from(&format!("198.51.{number}.7"));
        copy.cookies.insert("browser".to_owned(), ana.cookies["browser"].clone());
        copy.get("/login").await;
        doors.push(sign_in(&mut copy, ANA, "a guess at it all").await.status.as_u16());
    }
    assert_eq!(changes.iter().position(|status| *status == 429), Some(30), "{changes:?}");
    assert_eq!(doors.iter().position(|status| *status == 429), Some(20), "a copied mark makes no home: {doors:?}");
}
