//! Registering and setting a new password, both through a link by mail.

use crate::accounts_support::{PASSWORD, Site, sign_in};

const NEW: &str = "amber-ladder-58-sky";

#[tokio::test]
async fn registering_leads_to_an_account_through_the_mail() {
    let site = Site::new().await;
    let link = site.registration_link("Bo@demo.example").await;
    assert_eq!(site.count("select count(*) from accounts").await, 0, "asking makes none");
    let mut bo = site.visitor();
    let page = bo.get(&link).await;
    assert_eq!((page.status.as_u16(), page.header("referrer-policy")), (200, "no-referrer"));
    assert!(page.body.contains(r#"value="Bo@demo.example" autocomplete="username" readonly"#), "{}", page.body);
    assert_eq!(site.count("select count(*) from accounts").await, 0, "looking makes none");
    let fields = [("name", "Bo  Berg"), ("email", "eve@evil.example"), ("password", PASSWORD)];
    assert_eq!(bo.post(&link, &fields).await.location(), "/login?note=email-confirmed");
    assert!(!bo.cookies.contains_key("sid"), "a link signs nobody in");
    let again = bo.get(&link).await;
    assert!(again.status == 200 && again.body.contains("Your account is ready"), "{}", again.body);
    assert!(
        bo.get("/login").await.body.contains(r#"value="Bo@demo.example""#),
        "who has shown an address need not type it"
    );
    assert!(
        !bo.get("/login").await.body.contains("Bo@demo.example"),
        "and the next one at this browser does not see it"
    );
    assert_eq!(sign_in(&mut bo, "bo@demo.example", PASSWORD).await.status, 303);
    let made = "select count(*) from accounts where name = 'Bo Berg' and email = 'Bo@demo.example' and language = 'en'";
    assert_eq!(site.count(made).await, 1);
}

#[tokio::test]
async fn who_registers_an_address_first_has_no_password_in_it() {
    let site = Site::new().await;
    let mut thief = site.visitor();
    thief.get("/register").await;
    let fields = [("name", "Thief"), ("email", "bo@demo.example"), ("password", NEW), ("phone", "+8613900139001")];
    assert_eq!(thief.post("/register", &fields).await.status, 200);
    site.run_jobs().await;
    let link = site.mailed_path("bo@demo.example").await;
    let mut bo = site.visitor();
    bo.get(&link).await;
    assert_eq!(bo.post(&link, &[("name", "Bo"), ("password", PASSWORD)]).await.status, 303);
    thief.get("/login").await;
    assert_eq!(sign_in(&mut thief, "bo@demo.example", NEW).await.status, 422);
    assert_eq!(site.count("select count(*) from accounts where name = 'Bo' and phone is null").await, 1);
}

#[tokio::test]
async fn a_link_to_finish_works_for_a_day_and_once_of_all() {
    let site = Site::new().await;
    let link = site.registration_link("bo@demo.example").await;
    let mut tries = tokio::task::JoinSet::new();
    site.clock.set_ahead(24 * 60 * 60 - 20);
    for number in 0..4 {
        let (mut visitor, link) = (site.visitor(), link.clone());
        tries.spawn(async move {
            visitor.get(&link).await;
            let password = format!("{NEW}-{number}");
            visitor.post(&link, &[("name", "Bo"), ("password", &password)]).await.status.as_u16()
        });
    }
    let mut statuses = tries.join_all().await;
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 200, 200, 303], "the others read that there is an account");
    assert_eq!(site.count("select count(*) from accounts").await, 1);
    let old = site.registration_link("cy@demo.example").await;
    site.clock.set_ahead(2 * 24 * 60 * 60);
    let mut cy = site.visitor();
    assert_eq!(cy.get(&old).await.status, 410);
    assert_eq!(cy.post(&old, &[("name", "Cy"), ("password", PASSWORD)]).await.status, 410);
    assert_eq!(site.count("select count(*) from accounts").await, 1);
    assert!(cy.get(&link).await.body.contains("Your account is ready"), "not that it is too old");
}

#[tokio::test]
async fn a_double_click_sends_one_mail_and_every_link_works_until_one_was_used() {
    let site = Site::new().await;
    let mut clicks = tokio::task::JoinSet::new();
    let mut bo = site.visitor();
    bo.get("/register").await;
    for _ in 0..2 {
        let mut same_browser = bo.clone();
        clicks.spawn(
            async move { same_browser.post("/register", &[("email", "bo@demo.example")]).await.status.as_u16() },
        );
    }
    assert_eq!(clicks.join_all().await, [200, 200]);
    site.run_jobs().await;
    let first = site.mailed_path("bo@demo.example").await;
    assert_eq!(site.mails("bo@demo.example").await.len(), 1);
    site.clock.set_ahead(61);
    let second = site.registration_link("bo@demo.example").await;
    assert_ne!(first, second);
    assert_eq!(site.mails("bo@demo.example").await.len(), 2);
    assert_eq!((bo.get(&second).await.status.as_u16(), bo.get(&first).await.status.as_u16()), (200, 200));
    let fields = [("name", "Bo"), ("password", PASSWORD)];
    assert_eq!(bo.post(&first, &fields).await.location(), "/login?note=email-confirmed");
    let answer = bo.post(&second, &[("name", "Eve"), ("password", NEW)]).await;
    assert!(answer.status == 200 && answer.body.contains("Your account is ready"), "{}", answer.body);
    bo.get("/login").await;
    assert_eq!(sign_in(&mut bo, "bo@demo.example", PASSWORD).await.status, 303, "the one that was chosen");
}

#[tokio::test]
async fn a_common_password_is_not_called_ones_own_name() {
    let site = Site::new().await;
    let link = site.registration_link("bo@demo.example").await;
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
        bo.get(&link).await;
        let answer = bo.post(&link, &[("name", name), ("password", password)]).await;
        assert!(answer.body.contains(said), "{password}: {}", answer.body);
    }
}

#[tokio::test]
async fn whoever_registers_too_often_keeps_the_form() {
    let site = Site::new().await;
    let mut ana = site.visitor();
    ana.get("/register").await;
    let mut last = ana.post("/register", &[("email", "ana@demo.example")]).await;
    for _ in 0..3 {
        last = ana.post("/register", &[("email", "ana@demo.example")]).await;
    }
    assert_eq!(last.status, 429);
    assert!(last.body.contains("value=\"ana@demo.example\""), "{}", last.body);
}

#[tokio::test]
async fn a_taken_address_gets_the_same_answer_and_another_mail() {
    let site = Site::new().await;
    for email in ["ana@demo.example", "shut@demo.example", "imported@demo.example"] {
        site.account(email, "customer").await;
    }
    sqlx::raw_sql(
        "update accounts set disabled_at = now() where email = 'shut@demo.example';
         update accounts set password_hash = null, email_verified_at = null where email = 'imported@demo.example'",
    )
    .execute(&site.pool)
    .await
    .unwrap();
    let mut bodies = vec![];
    for email in ["ana@demo.example", "new@demo.example", "shut@demo.example", "imported@demo.example"] {
        let mut visitor = site.visitor();
        visitor.get("/register").await;
        let answer = visitor.post("/register", &[("email", email)]).await;
        assert_eq!(answer.status, 200);
        bodies.push(answer.without_token().replace(email, "EMAIL"));
    }
    assert!(bodies.iter().all(|body| *body == bodies[0]));
    assert_eq!(site.count("select count(*) from jobs where kind = 'mail-registration-link'").await, 4, "the same work");
    site.run_jobs().await;
    for (email, told) in [
        ("ana@demo.example", Some("already-registered")),
        ("new@demo.example", Some("verify")),
        ("shut@demo.example", None),
        ("imported@demo.example", Some("reset")),
    ] {
        let mails = site.mails(email).await;
        assert_eq!(mails.first().map(|(template, _)| template.as_str()), told, "{email}");
    }
    assert_eq!(site.count("select count(*) from accounts").await, 3);
}

#[tokio::test]
async fn an_address_that_was_taken_meanwhile_is_not_given_twice() {
    let site = Site::new().await;
    let link = site.registration_link("bo@demo.example").await;
    site.account("bo@demo.example", "customer").await;
    let mut late = site.visitor();
    late.get(&link).await;
    assert_eq!(late.post(&link, &[("name", "Late"), ("password", NEW)]).await.status, 410);
    late.get("/login").await;
    assert_eq!(sign_in(&mut late, "bo@demo.example", NEW).await.status, 422);
    assert_eq!(sign_in(&mut late, "bo@demo.example", PASSWORD).await.status, 303, "whose it is");
}

#[tokio::test]
async fn what_can_not_be_registered_comes_back_with_its_reason() {
    let site = Site::new().await;
    let mut bo = site.visitor();
    bo.get("/register").await;
    for email in ["", "no address", "bo@demo.example\r\nBcc: x@y.example"] {
        let answer = bo.post("/register", &[("email", email)]).await;
        assert!(answer.status == 422 && answer.body.contains(r#"id="email-error""#), "{email}: {}", answer.body);
    }
    assert_eq!(bo.post("/register", &[("email", "a\0b@demo.example")]).await.status, 400, "nobody types a NUL");
    let link = site.registration_link("bo@demo.example").await;
    let (long, name) = ("x".repeat(1025), "n".repeat(101));
    for (fields, said) in [
        ([("name", ""), ("password", PASSWORD)], "name-error"),
        ([("name", &name), ("password", PASSWORD)], "name-error"),
        ([("name", "Bo"), ("password", "short")], "password-error"),
        ([("name", ""), ("password", "short")], "password-error"),
        ([("name", "Bo"), ("password", "qwertyuiop")], "password-error"),
        ([("name", "Bo"), ("password", "bo@demo.example")], "password-error"),
        ([("name", "Bo"), ("password", &long)], "password-error"),
    ] {
        bo.get(&link).await;
        let answer = bo.post(&link, &fields).await;
        assert_eq!((answer.status.as_u16(), answer.header("referrer-policy")), (422, "no-referrer"), "{said}");
        assert!(answer.body.contains(&format!(r#"id="{said}""#)), "{said}: {}", answer.body);
        assert!(answer.body.contains(&format!(r#"value="{}""#, fields[0].1)), "the name is kept: {}", answer.body);
        assert!(answer.body.contains("type=\"password\" value=\"\""), "a password is never shown again");
    }
    assert_eq!(site.count("select count(*) from accounts").await, 0);
    assert_eq!(bo.post(&link, &[("name", "Bo"), ("password", PASSWORD)]).await.status, 303, "nothing was used up");
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
async fn a_link_ends_by_age_and_not_by_the_next_one() {
    let site = Site::new().await;
    site.account("ana@demo.example", "customer").await;
    let first = site.reset_link("ana@demo.example").await;
    let second = site.reset_link("ana@demo.example").await;
    let mut ana = site.visitor();
    ana.get("/login").await;
    site.clock.set_ahead(30 * 60 - 20);
    for link in [&first, &second] {
        assert_eq!(ana.get(link).await.status, 200, "whoever asks for another one ends none");
    }
    site.clock.set_ahead(30 * 60 + 1);
    assert_eq!(ana.get(&second).await.status, 410);
    assert_eq!(ana.post(&second, &[("password", NEW)]).await.status, 410);
    for made_up in ["/password/reset/x", "/register/x"] {
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
    let as_registration = link.replace("/password/reset/", "/register/");
    assert_eq!(ana.post(&as_registration, &[("name", "Eve"), ("password", NEW)]).await.status, 410);
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
