//! Signing in and out, and what a session outlives and what it does not.

use crate::accounts_support::{PASSWORD, Site, sign_in};

#[tokio::test]
async fn the_right_password_opens_the_door_and_leaves_a_trace() {
    let site = Site::at("https://portal.example").await;
    site.account("ana@demo.example", "customer").await;
    let mut ana = site.visitor();
    ana.get("/login").await;
    let answer = sign_in(&mut ana, " ANA@demo.example", PASSWORD).await;
    assert_eq!((answer.status.as_u16(), answer.location()), (303, "/account"));
    let cookie =
        answer.headers.get_all("set-cookie").iter().find(|c| c.as_bytes().starts_with(b"__Host-sid=")).unwrap();
    let (_, attributes) = cookie.to_str().unwrap().split_once("; ").unwrap();
    assert_eq!(attributes, "Path=/; HttpOnly; SameSite=Lax; Secure");
    assert_eq!(ana.get("/account").await.body, "ana@demo.example");
    assert_eq!(site.count("select count(*) from audit_log where action = 'account.signed_in'").await, 1);
    assert_eq!(site.count("select count(*) from sessions where octet_length(id_hash) = 32").await, 1);
    assert_eq!(ana.get("/login").await.location(), "/account", "nobody signs in twice");
}

#[tokio::test]
async fn wrong_and_unknown_and_imported_look_the_same() {
    let site = Site::new().await;
    for email in ["known@demo.example", "fresh@demo.example", "shut@demo.example"] {
        site.account(email, "customer").await;
    }
    sqlx::raw_sql(
        "update accounts set password_hash = null, email_verified_at = null where email = 'fresh@demo.example';
         update accounts set disabled_at = now() where email = 'shut@demo.example'",
    )
    .execute(&site.pool)
    .await
    .unwrap();
    let mut bodies = vec![];
    for (email, password) in [
        ("known@demo.example", "violet-kettle-94"),
        ("nobody@demo.example", PASSWORD),
        ("fresh@demo.example", PASSWORD),
        ("shut@demo.example", PASSWORD),
    ] {
        let mut visitor = site.visitor();
        visitor.get("/login").await;
        let answer = sign_in(&mut visitor, email, password).await;
        assert_eq!(answer.status, 422);
        assert!(!visitor.cookies.contains_key("sid"));
        bodies.push(answer.without_token().replace(email, "EMAIL"));
    }
    assert!(bodies[0].contains(r#"value="EMAIL""#), "what was typed is kept");
    assert!(bodies.iter().all(|body| *body == bodies[0]));
    assert_eq!(site.count("select count(*) from sessions").await, 0);
}

#[tokio::test]
async fn an_id_from_before_signing_in_is_worth_nothing_after() {
    let site = Site::new().await;
    site.account("ana@demo.example", "customer").await;
    site.account("eve@demo.example", "customer").await;
    let eve = site.signed_in("eve@demo.example").await;
    let planted = eve.cookies["sid"].clone();
    let mut ana = site.visitor();
    ana.cookies = eve.cookies.clone();
    ana.token = eve.token.clone();
    sign_in(&mut ana, "ana@demo.example", PASSWORD).await;
    assert_ne!(ana.cookies["sid"], planted);
    assert_eq!(ana.get("/account").await.body, "ana@demo.example");
    let mut eve = eve;
    assert!(eve.get("/account").await.location().starts_with("/login"), "the planted session has ended");
}

#[tokio::test]
async fn made_up_ids_are_nobody() {
    let site = Site::new().await;
    let long = "A".repeat(43);
    for id in ["", "x", "0", long.as_str(), "' or 1=1 --"] {
        let mut visitor = site.visitor();
        visitor.cookies.insert("sid".into(), id.into());
        assert_eq!(visitor.get("/account").await.location(), "/login?next=/account", "{id}");
    }
    assert_eq!(site.count("select count(*) from sessions").await, 0);
}

#[tokio::test]
async fn signing_out_holds_even_against_a_request_in_flight() {
    let site = Site::new().await;
    site.account("ana@demo.example", "customer").await;
    let mut ana = site.signed_in("ana@demo.example").await;
    sqlx::query("update sessions set last_seen_at = now() - interval '2 minutes'").execute(&site.pool).await.unwrap();
    let mut same_browser = ana.clone();
    let in_flight = tokio::spawn(async move { same_browser.get("/slow").await });
    let before = ana.clone();
    let answer = ana.post("/logout", &[]).await;
    assert_eq!((answer.status.as_u16(), answer.location()), (303, "/login?note=signed-out"));
    assert!(!ana.cookies.contains_key("sid"));
    in_flight.await.unwrap();
    let mut thief = before;
    assert_eq!(thief.get("/account").await.status, 303, "the old id stays ended");
    assert_eq!(site.count("select count(*) from sessions where revoked_at is null").await, 0);
}

#[tokio::test]
async fn a_session_ends_by_age_by_rest_and_with_its_account() {
    let site = Site::new().await;
    let id = site.account("ana@demo.example", "customer").await;
    for end in [
        "update sessions set created_at = now() - interval '13 hours', expires_at = now() - interval '1 hour' where $1 = $1",
        "update sessions set last_seen_at = now() - interval '31 minutes' where $1 = $1",
        "update accounts set password_changed_at = now() where id = $1",
        "update accounts set disabled_at = now() where id = $1",
    ] {
        let mut ana = site.signed_in("ana@demo.example").await;
        assert_eq!(ana.get("/account").await.body, "ana@demo.example");
        sqlx::query(end).bind(id).execute(&site.pool).await.unwrap();
        assert_eq!(ana.get("/account").await.status, 303, "{end}");
    }
}

#[tokio::test]
async fn being_seen_is_written_once_in_five_minutes() {
    let site = Site::new().await;
    site.account("ana@demo.example", "customer").await;
    let mut ana = site.signed_in("ana@demo.example").await;
    let seen = "select (extract(epoch from last_seen_at) * 1000000)::int8 from sessions";
    let first = site.count(seen).await;
    ana.get("/account").await;
    assert_eq!(site.count(seen).await, first);
    sqlx::query("update sessions set last_seen_at = last_seen_at - interval '301 seconds'")
        .execute(&site.pool)
        .await
        .unwrap();
    ana.get("/account").await;
    assert!(site.count(seen).await >= first);
}

#[tokio::test]
async fn the_staff_door_is_for_staff() {
    let site = Site::new().await;
    site.account("ana@demo.example", "customer").await;
    site.account("kim@demo.example", "support").await;
    let mut ana = site.visitor();
    assert_eq!(ana.get("/staff").await.location(), "/staff/login?next=/staff");
    ana.get("/staff/login").await;
    let refused = ana.post("/staff/login", &[("email", "ana@demo.example"), ("password", PASSWORD)]).await;
    assert_eq!(refused.status, 422);
    let mut kim = site.visitor();
    kim.get("/staff/login").await;
    let admitted = kim.post("/staff/login", &[("email", "kim@demo.example"), ("password", PASSWORD)]).await;
    assert_eq!(admitted.location(), "/staff");
    assert_eq!(kim.get("/staff").await.body, "kim@demo.example");
    let mut ana = site.signed_in("ana@demo.example").await;
    assert_eq!(ana.get("/staff").await.status, 404, "to a customer it is not there");
}

#[tokio::test]
async fn signing_in_leads_on_to_our_own_pages_only() {
    let site = Site::new().await;
    site.account("ana@demo.example", "customer").await;
    for (next, to) in [
        ("/lines/1/renew?plan=CM-30", "/lines/1/renew?plan=CM-30"),
        ("//evil.example", "/account"),
        ("/\\evil.example", "/account"),
        ("https://evil.example", "/account"),
        ("https:evil.example", "/account"),
        ("/%2f/evil.example", "/account"),
        ("/\t/evil.example", "/account"),
        ("javascript:alert(1)", "/account"),
        ("@evil.example", "/account"),
        ("/account\r\nSet-Cookie: a=b", "/account"),
    ] {
        let mut ana = site.visitor();
        ana.get("/login").await;
        let fields = [("email", "ana@demo.example"), ("password", PASSWORD), ("next", next)];
        assert_eq!(ana.post("/login", &fields).await.location(), to, "{next:?}");
    }
}

#[tokio::test]
async fn a_hash_of_older_settings_is_replaced_at_sign_in() {
    use argon2::{Algorithm, Argon2, Params, Version, password_hash::PasswordHasher};
    let site = Site::new().await;
    site.account("ana@demo.example", "customer").await;
    let weaker = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(1024, 1, 1, None).unwrap());
    let old = weaker.hash_password(PASSWORD.as_bytes()).unwrap().to_string();
    sqlx::query("update accounts set password_hash = $1").bind(old).execute(&site.pool).await.unwrap();
    site.signed_in("ana@demo.example").await;
    let renewed = "select count(*) from accounts where password_hash like '$argon2id$v=19$m=12288,t=3,p=1$%'";
    assert_eq!(site.count(renewed).await, 1);
    site.signed_in("ana@demo.example").await;
}

#[tokio::test]
async fn guessing_is_slowed_down_for_known_and_unknown_alike() {
    let site = Site::new().await;
    site.account("ana@demo.example", "customer").await;
    let mut answers = vec![];
    for email in ["ana@demo.example", "nobody@demo.example"] {
        let mut visitor = site.visitor();
        visitor.get("/login").await;
        for _ in 0..5 {
            assert_eq!(sign_in(&mut visitor, email, "violet-kettle-94").await.status, 422);
        }
        let sixth = sign_in(&mut visitor, email, PASSWORD).await;
        assert_eq!(sixth.status, 429);
        let seconds: u32 = sixth.header("retry-after").parse().unwrap();
        assert!((1..=60).contains(&seconds), "{seconds}");
        for kept in [format!(r#"value="{email}""#), "Wait 1 minute ".into(), r#"id="password""#.into()] {
            assert!(sixth.body.contains(&kept), "{kept}: {}", sixth.body);
        }
        assert!(!sixth.body.contains("charged") && !sixth.body.contains(PASSWORD));
        answers.push(sixth.status);
    }
    sqlx::query("update rate_limits set arrival = arrival - interval '60 seconds'").execute(&site.pool).await.unwrap();
    let mut ana = site.visitor();
    ana.get("/login").await;
    assert_eq!(sign_in(&mut ana, "ana@demo.example", PASSWORD).await.status, 303, "and it passes by itself");
}

#[tokio::test]
async fn whoever_signs_in_often_is_never_slowed_down() {
    let site = Site::new().await;
    site.account("ana@demo.example", "customer").await;
    for _ in 0..25 {
        site.signed_in("ana@demo.example").await;
    }
}
