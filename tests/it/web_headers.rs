//! The whole portal as customers reach it, over https: whatever answers, every answer carries the headers.

use axum::Router;
use axum::body::Body;
use renewal_portal::app::App;
use renewal_portal::paths::BaseUrl;
use renewal_portal::router;
use serde_json::json;

use crate::support::portal::TestPortal;
use crate::support::visitor::{Answer, Visitor};

async fn secure() -> (TestPortal, Router) {
    let portal = TestPortal::start().await;
    let app = App { base_url: BaseUrl::new("https://renew.example"), ..portal.app.clone() };
    let router = router::pages(&app, &[]);
    (portal, router)
}

fn has_the_headers(what: &str, answer: &Answer) {
    let policy = answer.header("content-security-policy");
    for part in
        ["default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "report-uri /csp-reports; report-to csp"]
    {
        assert!(policy.contains(part), "{what}: {policy}");
    }
    for (name, value) in [
        ("reporting-endpoints", "csp=\"/csp-reports\""),
        ("strict-transport-security", "max-age=63072000; includeSubDomains"),
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
    ] {
        assert_eq!(answer.header(name), value, "{what}: {name}");
    }
    for name in ["referrer-policy", "permissions-policy", "cache-control"] {
        assert!(!answer.header(name).is_empty(), "{what}: {name}");
    }
    for name in ["server", "x-powered-by"] {
        assert!(answer.header(name).is_empty(), "{what}: {name}");
    }
}

#[tokio::test]
async fn whatever_answers_carries_the_headers() {
    let (portal, router) = secure().await;
    let mut visitor = Visitor::new(&router);
    let page = visitor.get("/login").await.body;
    let css = page.split("/static/").nth(1).and_then(|rest| rest.split('"').next()).expect("a style sheet");
    let mut wrong = vec![];
    let big = "x".repeat(300_000);
    for (method, path, body, status) in [
        ("GET", "/login", "", 200),
        ("HEAD", "/login", "", 200),
        ("GET", "/account", "", 303),
        ("GET", "/no-such-page", "", 404),
        ("GET", "/orders/%00", "", 404),
        ("DELETE", "/login", "", 405),
        ("OPTIONS", "/login", "", 405),
        ("POST", "/login", "", 403),
        ("POST", "/login", &*big, 413),
        ("GET", &format!("/static/{css}"), "", 200),
        ("GET", "/static/none.css", "", 404),
        ("POST", &format!("/static/{css}"), "", 405),
        ("GET", "/favicon.ico", "", 308),
        ("GET", "/health/live", "", 200),
        ("GET", "/health/ready", "", 200),
        ("POST", "/webhooks/nobody", "", 404),
        ("POST", "/webhooks/sandbox", "{}", 400),
        ("POST", "/webhooks/sandbox", &*big, 413),
        ("GET", "/webhooks/sandbox", "", 405),
        ("POST", "/webhooks/carriers/nobody", "", 401),
        ("POST", "/csp-reports", "", 400),
        ("POST", "/csp-reports", &*big, 413),
    ] {
        let answer = visitor.send(method, path, Body::from(body.to_owned())).await;
        if answer.status != status {
            wrong.push(format!("{method} {path}: {}", answer.status));
        }
        has_the_headers(&format!("{method} {path}"), &answer);
    }
    assert!(wrong.is_empty(), "{wrong:?}");
    sqlx::raw_sql("alter table jobs rename to misplaced; alter table account_tokens rename to lost")
        .execute(&portal.db.pool)
        .await
        .unwrap();
    let broken = visitor.get(&format!("/password/reset/{}", "x".repeat(43))).await;
    assert_eq!(broken.status, 500);
    has_the_headers("500", &broken);
    sqlx::raw_sql("alter table sessions rename to nowhere").execute(&portal.db.pool).await.unwrap();
    visitor.cookies.insert("__Host-sid".into(), "x".repeat(43));
    let blind = visitor.get("/account").await;
    assert!([303, 503].contains(&blind.status.as_u16()), "{}", blind.status);
    has_the_headers("without sessions", &blind);
}

#[tokio::test]
async fn reports_of_browsers_are_taken_a_few_at_a_time() {
    let (portal, router) = secure().await;
    let mut visitor = Visitor::new(&router);
    let report =
        json!({ "csp-report": { "document-uri": "https://renew.example/login", "effective-directive": "img-src" } });
    let mut told = vec![];
    for _ in 0..12 {
        let answer = visitor.send("POST", "/csp-reports", Body::from(report.to_string())).await;
        told.push(answer.status.as_u16());
    }
    assert_eq!((told[9], told[10]), (204, 429), "{told:?}");
    assert_eq!(portal.count("select count(*) from sessions").await, 0);
}
