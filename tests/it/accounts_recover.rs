//! Registering, confirming an address, and setting a new password by mail.

use crate::accounts_support::{PASSWORD, Site, sign_in};

const NEW: &str = "amber-ladder-58-sky";

#[tokio::test]
async fn registering_leads_to_a_confirmed_account() {
    let site = Site::new().await;
    let mut bo = site.visitor();
    bo.get("/register").await;
    let fields = [("name", "Bo  Berg"), ("email", "Bo@demo.example"), ("password", PASSWORD)];
    assert_eq!(bo.post("/register", &fields).await.status, 200);
    bo.get("/login").await;
    assert_eq!(sign_in(&mut bo, "bo@demo.example", PASSWORD).await.status, 422, "not before it is confirmed");
    let link = site.mailed_path("Bo@demo.example").await;
    let page = bo.get(&link).await;
    assert_eq!((page.status.as_u16(), page.header("referrer-policy")), (200, "no-referrer"));
    assert_eq!(
        site.count("select count(*) from accounts where email_verified_at is not null").await,
        0,
        "looking confirms nothing"
    );
    assert_eq!(bo.post(&link, &[]).await.location(), "/login?note=email-confirmed");
    let again = bo.get(&link).await;
    assert_eq!(again.status, 200);
    assert!(again.body.contains("Your email is verified"), "{}", again.body);
    assert!(
        bo.get("/login").await.body.contains(r#"value="Bo@demo.example""#),
        "who has shown an address need not type it"
    );
    assert!(
        !bo.get("/login").await.body.contains("Bo@demo.example"),
        "and the next one at this browser does not see it"
    );
    assert_eq!(sign_in(&mut bo, "bo@demo.example", PASSWORD).await.status, 303);
    assert_eq!(site.count("select count(*) from accounts where name = 'Bo Berg' and language = 'en'").await, 1);
}

#[tokio::test]
async fn a_double_click_sends_one_mail_and_every_link_works_until_one_was_used() {
    let site = Site::new().await;
    let fields = [("name", "Bo"), ("email", "bo@demo.example"), ("password", PASSWORD)];
    let mut clicks = tokio::task::JoinSet::new();
    let mut bo = site.visitor();
    bo.get("/register").await;
    for _ in 0..2 {
        let mut same_browser = bo.clone();
        clicks.spawn(async move { same_browser.post("/register", &fields).await.status.as_u16() });
    }
    assert_eq!(clicks.join_all().await, [200, 200]);
    let first = site.mailed_path("bo@demo.example").await;
    assert_eq!(site.mails("bo@demo.example").await.len(), 1);
    site.clock.set_ahead(61);
    bo.post("/register", &fields).await;
    let second = site.mailed_path("bo@demo.example").await;
    assert_ne!(first, second);
    assert_eq!(site.mails("bo@demo.example").await.len(), 2);
    assert_eq!((bo.get(&second).await.status.as_u16(), bo.get(&first).await.status.as_u16()), (200, 200));
    assert_eq!(bo.post(&first, &[]).await.location(), "/login?note=email-confirmed");
    for link in [&first, &second] {
        let answer = bo.post(link, &[]).await;
        assert_eq!(answer.status, 200);
        assert!(answer.body.contains("Your email is verified"), "{}", answer.body);
    }
    assert!(!bo.cookies.contains_key("sid"), "a link signs nobody in");
    site.clock.set_ahead(25 * 60 * 60);
    assert!(bo.get(&second).await.body.contains("Your email is verified"), "not that it is too old");
}

#[tokio::test]
async fn a_common_password_is_not_called_ones_own_name() {
    let site = Site::new().await;
    for (name, password, said) in [
        ("Bo", "violet-kettle", "at least 15 characters"),
        ("Bo", "passwordpassword", "Repeated characters or words"),
        ("Bo", "qwertyuiopasdfghjkl", "tried first"),
        ("Bo", "abcdefghijklmnop", "Rows such as abc"),
        ("Bobby", "bobby-2026-bobby", "made of your name"),
        ("Bo", "renewal2026renewal", "made of your name"),
        ("Bo", "Renewal Centre 2026", "made of your name"),
    ] {
        let mut bo = site.visitor();
        bo.get("/register").await;
        let fields = [("name", name), ("email", "bo@demo.example"), ("password", password)];
        let answer = bo.post("/register", &fields).await;
        assert!(answer.body.contains(said), "{password}: {}", answer.body);
    }
}

#[tokio::test]
async fn whoever_registers_too_often_keeps_the_form() {
    let site = Site::new().await;
    let mut ana = site.visitor();
    ana.get("/register").await;
    let fields = [("name", "Ana"), ("email", "ana@demo.example"), ("password", "amber-ladder-58-sky")];
    let mut last = ana.post("/register", &fields).await;
    for _ in 0..3 {
        last = ana.post("/register", &fields).await;
    }
    assert_eq!(last.status, 429);
    assert!(last.body.contains("value=\"ana@demo.example\"") && last.body.contains("value=\"Ana\""), "{}", last.body);
}

#[tokio::test]
async fn a_taken_address_gets_the_same_answer_and_another_mail() {
    let site = Site::new().await;
    site.account("ana@demo.example", "customer").await;
    let mut bodies = vec![];
    for email in ["ana@demo.example", "new@demo.example"] {
        let mut visitor = site.visitor();
        visitor.get("/register").await;
        let answer = visitor.post("/register", &[("name", "Who"), ("email", email), ("password", PASSWORD)]).await;
        assert_eq!(answer.status, 200);
        bodies.push(answer.without_token().replace(email, "EMAIL"));
    }
    assert_eq!(bodies[0], bodies[1]);
    assert_eq!(site.mails("ana@demo.example").await[0].0, "already-registered");
    assert_eq!(site.mails("new@demo.example").await[0].0, "verify");
    assert_eq!(site.count("select count(*) from accounts").await, 2);
}

#[tokio::test]
async fn what_can_not_be_registered_comes_back_with_its_reason() {
    let site = Site::new().await;
    let long = "x".repeat(1025);
    let name = "n".repeat(101);
    for (fields, said) in [
        ([("name", "Bo"), ("email", "no address"), ("password", PASSWORD)], "email-error"),
        ([("name", ""), ("email", "bo@demo.example"), ("password", PASSWORD)], "name-error"),
        ([("name", &name), ("email", "bo@demo.example"), ("password", PASSWORD)], "name-error"),
        ([("name", "Bo"), ("email", "bo@demo.example\r\nBcc: x@y.example"), ("password", PASSWORD)], "email-error"),
        ([("name", "Bo"), ("email", "bo@demo.example"), ("password", "short")], "password-error"),
        ([("name", "Bo"), ("email", "bo@demo.example"), ("password", "qwertyuiop")], "password-error"),
        ([("name", "Bo"), ("email", "bo@demo.example"), ("password", "bo@demo.example")], "password-error"),
        ([("name", "Bo"), ("email", "bo@demo.example"), ("password", &long)], "password-error"),
    ] {
        let mut bo = site.visitor();
        bo.get("/register").await;
        let answer = bo.post("/register", &fields).await;
        assert_eq!(answer.status, 422, "{said}");
        assert!(answer.body.contains(&format!(r#"id="{said}""#)), "{said}: {}", answer.body);
        assert!(answer.body.contains("type=\"password\" value=\"\""), "a password is never shown again");
    }
    let mut bo = site.visitor();
    bo.get("/register").await;
    let nul = [("name", "a\0b"), ("email", "bo@demo.example"), ("password", PASSWORD)];
    assert_eq!(bo.post("/register", &nul).await.status, 400, "nobody types a NUL");
    assert_eq!(site.count("select count(*) from accounts").await, 0);
}

#[tokio::test]
async fn a_forgotten_password_is_set_anew_by_mail() {
    let site = Site::new().await;
    site.account("ana@demo.example", "customer").await;
    let mut elsewhere = site.signed_in("ana@demo.example").await;
    let mut ana = site.visitor();
    ana.get("/password/forgot").await;
    assert_eq!(ana.post("/password/forgot", &[("email", "ana@demo.example")]).await.status, 200);
    site.run_jobs().await;
    let link = site.mailed_path("ana@demo.example").await;
    let page = ana.get(&link).await;
    assert_eq!((page.status.as_u16(), page.header("referrer-policy")), (200, "no-referrer"));
    assert_eq!(ana.post(&link, &[("password", "12345678")]).await.status, 422, "a refused password uses nothing up");
    assert_eq!(ana.post(&link, &[("password", NEW)]).await.location(), "/login?note=password-changed");
    assert!(!ana.cookies.contains_key("sid"), "nobody is signed in by a link");
    assert_eq!(elsewhere.get("/account").await.status, 303, "other sessions have ended");
    assert_eq!(site.mails("ana@demo.example").await.last().unwrap().0, "password-changed");
    assert!(ana.get("/login").await.body.contains(r#"value="ana@demo.example""#));
    assert_eq!(sign_in(&mut ana, "ana@demo.example", PASSWORD).await.status, 422);
    assert_eq!(sign_in(&mut ana, "ana@demo.example", NEW).await.status, 303);
    let token = link.rsplit('/').next().unwrap().to_owned();
    let kept: bool =
        sqlx::query_scalar("select exists (select from account_tokens where token_hash = convert_to($1, 'UTF8'))")
            .bind(token)
            .fetch_one(&site.pool)
            .await
            .unwrap();
    assert!(!kept, "the token itself is not stored");
}

#[tokio::test]
async fn an_imported_customer_sets_a_first_password_by_mail() {
    let site = Site::new().await;
    site.account("ana@demo.example", "customer").await;
    sqlx::query("update accounts set password_hash = null, email_verified_at = null")
        .execute(&site.pool)
        .await
        .unwrap();
    let mut ana = site.visitor();
    ana.get("/login").await;
    for password in ["", PASSWORD] {
        assert_eq!(sign_in(&mut ana, "ana@demo.example", password).await.status, 422, "no password fits none");
    }
    let link = site.reset_link("ana@demo.example").await;
    ana.get(&link).await;
    assert_eq!(ana.post(&link, &[("password", NEW)]).await.status, 303);
    ana.get("/login").await;
    assert_eq!(sign_in(&mut ana, "ana@demo.example", NEW).await.status, 303, "the mail has shown whose address it is");
}

#[tokio::test]
async fn asking_for_an_unknown_address_looks_the_same() {
    let site = Site::new().await;
    site.account("ana@demo.example", "customer").await;
    let mut bodies = vec![];
    for email in ["ana@demo.example", "nobody@demo.example"] {
        let mut visitor = site.visitor();
        visitor.get("/password/forgot").await;
        let answer = visitor.post("/password/forgot", &[("email", email)]).await;
        assert_eq!(answer.status, 200);
        bodies.push(answer.without_token().replace(email, "EMAIL"));
    }
    assert_eq!(bodies[0], bodies[1]);
    assert_eq!(site.count("select count(*) from jobs where kind = 'mail-reset-link'").await, 2, "the same work");
    site.run_jobs().await;
    assert_eq!(site.count("select count(*) from messages").await, 1);
}

#[tokio::test]
async fn of_parallel_uses_of_a_link_one_succeeds() {
    let site = Site::new().await;
    site.account("ana@demo.example", "customer").await;
    let link = site.reset_link("ana@demo.example").await;
    let mut tries = tokio::task::JoinSet::new();
    for number in 0..8 {
        let (mut visitor, link) = (site.visitor(), link.clone());
        tries.spawn(async move {
            visitor.get("/login").await;
            visitor.post(&link, &[("password", &format!("{NEW}-{number}"))]).await.status.as_u16()
        });
    }
    let mut statuses = tries.join_all().await;
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 410, 410, 410, 410, 410, 410, 410]);
    assert_eq!(site.count("select count(*) from messages where template = 'password-changed'").await, 1);
}

#[tokio::test]
async fn a_link_ends_by_use_by_age_and_by_the_next_one() {
    let site = Site::new().await;
    site.account("ana@demo.example", "customer").await;
    let first = site.reset_link("ana@demo.example").await;
    let second = site.reset_link("ana@demo.example").await;
    let mut ana = site.visitor();
    ana.get("/login").await;
    assert_eq!(ana.post(&first, &[("password", NEW)]).await.status, 410, "only the newest works");
    site.clock.set_ahead(30 * 60 - 20);
    assert_eq!(ana.get(&second).await.status, 200);
    site.clock.set_ahead(30 * 60 + 1);
    assert_eq!(ana.get(&second).await.status, 410);
    assert_eq!(ana.post(&second, &[("password", NEW)]).await.status, 410);
    for made_up in ["/password/reset/x", "/verify-email/x"] {
        assert_eq!(ana.get(made_up).await.status, 410, "{made_up}");
    }
    assert_eq!(ana.get("/password/reset/%00").await.status, 404);
    ana.get("/login").await;
    assert_eq!(sign_in(&mut ana, "ana@demo.example", PASSWORD).await.status, 303, "nothing has changed");
}

#[tokio::test]
async fn a_link_is_for_one_purpose() {
    let site = Site::new().await;
    site.account("ana@demo.example", "customer").await;
    let link = site.reset_link("ana@demo.example").await;
    let mut ana = site.visitor();
    ana.get("/login").await;
    let as_confirmation = link.replace("/password/reset/", "/verify-email/");
    assert_eq!(ana.post(&as_confirmation, &[]).await.status, 410);
    assert_eq!(ana.get(&link).await.status, 200);
}

#[tokio::test]
async fn mails_to_one_address_are_limited() {
    let site = Site::new().await;
    let mut visitor = site.visitor();
    visitor.get("/password/forgot").await;
    let mut statuses = vec![];
    for _ in 0..4 {
        statuses.push(visitor.post("/password/forgot", &[("email", "nobody@demo.example")]).await.status.as_u16());
    }
    assert_eq!(statuses, [200, 200, 200, 429]);
}
