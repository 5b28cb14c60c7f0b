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
