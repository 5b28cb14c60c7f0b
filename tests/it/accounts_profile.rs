//! Name, language and time zone, as their owner sets them.

use scraper::{Html, Selector};

use crate::accounts_support::Site;

const ANA: &str = "ana@demo.example";

async fn saved(site: &Site) -> (String, String, String) {
    sqlx::query_as("select name, language, time_zone from accounts").fetch_one(&site.pool).await.unwrap()
}

#[tokio::test]
async fn a_profile_is_shown_and_saved() {
    let site = Site::new().await;
    site.account(ANA, "customer").await;
    let mut ana = site.signed_in(ANA).await;
    let page = Html::parse_document(&ana.get("/account/profile").await.body);
    let chosen = Selector::parse("select[name=time_zone] option[selected]").unwrap();
    let chosen: Vec<_> = page.select(&chosen).filter_map(|option| option.value().attr("value")).collect();
    assert_eq!(chosen, ["Asia/Shanghai"]);
    let fields = [("name", "José  𠮷田"), ("language", "zh-CN"), ("time_zone", "America/Argentina/Buenos_Aires")];
    assert_eq!(ana.post("/account/profile", &fields).await.location(), "/account/profile?note=profile-saved");
    let expected = ("José 𠮷田", "zh-CN", "America/Argentina/Buenos_Aires");
    assert_eq!(saved(&site).await, (expected.0.into(), expected.1.into(), expected.2.into()));
    assert!(ana.get("/account/profile").await.body.contains("<html lang=\"zh-CN\">"));
    assert_eq!(site.count("select count(*) from audit_log where action = 'account.profile_changed'").await, 1);
}

#[tokio::test]
async fn a_name_can_not_write_mail_headers_or_markup() {
    let site = Site::new().await;
    site.account(ANA, "customer").await;
    let mut ana = site.signed_in(ANA).await;
    ana.get("/account/profile").await;
    let name = "Ana\r\nBcc: all@evil.example\u{2028}<script>alert(1)</script>";
    let fields = [("name", name), ("language", "en"), ("time_zone", "UTC")];
    assert_eq!(ana.post("/account/profile", &fields).await.status, 303);
    assert_eq!(saved(&site).await.0, "Ana Bcc: all@evil.example <script>alert(1)</script>");
    assert!(!ana.get("/account/profile").await.body.contains("<script>alert"));
    site.reset_link(ANA).await;
    let (subject, html): (String, String) =
        sqlx::query_as("select subject, body_html from messages order by id desc limit 1")
            .fetch_one(&site.pool)
            .await
            .unwrap();
    assert!(!subject.contains("evil") && !html.contains("<script>"), "{subject} {html}");
}

#[tokio::test]
async fn what_is_no_profile_is_refused() {
    let site = Site::new().await;
    site.account(ANA, "customer").await;
    let mut ana = site.signed_in(ANA).await;
    ana.get("/account/profile").await;
    let long = "名".repeat(101);
    for (name, language, zone, status) in [
        ("", "en", "UTC", 422),
        (long.as_str(), "en", "UTC", 422),
        ("\u{202e}\u{2066}", "en", "UTC", 422),
        ("Bo\u{7}", "en", "UTC", 422),
        ("Bo", "de", "UTC", 400),
        ("Bo", "en", "Mars/Olympus", 400),
        ("Bo", "en", "europe/BERLIN", 400),
        ("Bo\0", "en", "UTC", 400),
    ] {
        let answer = ana.post("/account/profile", &[("name", name), ("language", language), ("time_zone", zone)]).await;
        assert_eq!(answer.status, status, "{name:?} {language} {zone}");
    }
    assert_eq!(saved(&site).await.0, "Ana");
}

#[tokio::test]
async fn an_old_password_is_spoken_of_until_its_owner_has_heard_enough() {
    let site = Site::new().await;
    site.account(ANA, "customer").await;
    let mut ana = site.signed_in(ANA).await;
    let said = "more than a year old";
    for (age, told) in [("13 months", true), ("11 months", false), ("13 months", true)] {
        let sql = "update accounts set password_changed_at = now() - $1::interval";
        sqlx::query(sql).bind(age).execute(&site.pool).await.unwrap();
        assert_eq!(ana.get("/account/security").await.body.contains(said), told, "{age}");
    }
    assert!(!ana.get("/account/profile").await.body.contains(said), "not on every page");
    let path = "/account/security/password-reminder";
    for (wanted, told) in [("no", false), ("yes", true)] {
        assert_eq!(ana.post(path, &[("remind", wanted)]).await.status, 303);
        assert_eq!(ana.get("/account/security").await.body.contains(said), told, "{wanted}");
    }
}

#[tokio::test]
async fn a_password_is_judged_while_it_is_typed() {
    let site = Site::new().await;
    let mut visitor = site.visitor();
    let link = site.registration_link("li.wei@demo.example").await;
    assert!(visitor.get(&link).await.body.contains("data-strength=\"password\""));
    for (password, level) in [
        ("short", 1),
        ("passwordpassword", 1),
        ("li.wei@demo.example1", 1),
        ("今天天气不错我们一起去爬山看日出", 4),
        ("violet-kettle-93 and \u{1f338}", 4),
    ] {
        let typed = [("password", password), ("email", "li.wei@demo.example"), ("name", "Li Wei")];
        let answer = visitor.post("/password/strength", &typed).await;
        let told: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
        assert_eq!(told["level"], level, "{password}: {told}");
        assert!(!told["text"].as_str().unwrap().is_empty());
    }
    assert_eq!(visitor.post_as_is("/password/strength", &[("password", "x")]).await.status, 403, "without a token");
    let mut asked = 0;
    while visitor.post("/password/strength", &[("password", "x")]).await.status == 200 {
        asked += 1;
        assert!(asked < 200, "no limit");
    }
    assert!(visitor.post("/password/strength", &[("password", "x")]).await.status == 429);
    site.account(ANA, "customer").await;
    assert!(asked > 60 && site.count("select count(*) from audit_log").await == 0);
}
