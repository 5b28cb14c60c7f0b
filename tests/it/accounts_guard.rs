//! What lies around every page: forms of our own only, headers, limits, and that what was started is finished.

use std::time::{Duration, Instant};

use axum::body::Body;
use renewal_portal::web::limits::{Denied, Rate, allow};
use renewal_portal::web::server::{Limits, serve};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

use crate::accounts_support::Site;
use crate::support::visitor::encoded;

type Headers<'a> = &'a [(&'static str, &'a str)];

#[tokio::test]
async fn a_form_from_elsewhere_changes_nothing() {
    let site = Site::new().await;
    site.account("ana@demo.example", "customer").await;
    site.account("eve@demo.example", "customer").await;
    let eve = site.signed_in("eve@demo.example").await;
    let ana = site.signed_in("ana@demo.example").await;
    let own = ana.token.clone();
    let cases: [(Headers, Option<&str>); 9] = [
        (&[("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")], Some(&own)),
        (&[("sec-fetch-site", "same-site"), ("origin", "http://sub.portal.example")], Some(&own)),
        (&[("origin", "null")], Some(&own)),
        (&[("origin", "https://evil.example")], Some(&own)),
        (&[], None),
        (&[], Some("")),
        (&[], Some("made-up")),
        (&[("sec-fetch-site", "same-origin")], Some(&eve.token)),
        (&[("sec-fetch-site", "same-origin"), ("origin", "http://portal.example")], None),
    ];
    for (headers, token) in cases {
        let mut browser = ana.clone();
        browser.headers = headers.iter().map(|(name, value)| (*name, value.to_string())).collect();
        let mut fields = vec![("name", "Hacked")];
        fields.extend(token.map(|token| ("csrf", token)));
        let answer = browser.post_as_is("/rename", &fields).await;
        assert_eq!(answer.status, 403, "{headers:?} {token:?}");
        assert!(answer.body.contains("reload the page"), "it says what to do");
        let logout = browser.post_as_is("/logout", &fields[1..]).await;
        assert_eq!(logout.status, 403);
    }
    assert_eq!(site.count("select count(*) from accounts where name = 'Hacked'").await, 0);
    assert_eq!(site.count("select count(*) from sessions where revoked_at is null").await, 2);
    let allowed: [Headers; 3] = [&[], &[("sec-fetch-site", "same-origin")], &[("origin", "http://portal.example")]];
    for headers in allowed {
        let mut browser = ana.clone();
        browser.headers = headers.iter().map(|(name, value)| (*name, value.to_string())).collect();
        assert_eq!(browser.post("/rename", &[("name", "Ana")]).await.status, 200, "{headers:?}");
    }
}

#[tokio::test]
async fn visitors_and_crawlers_fill_no_table() {
    let site = Site::new().await;
    for path in ["/login", "/register", "/password/forgot", "/nowhere"] {
        site.visitor().get(path).await;
    }
    assert_eq!(site.count("select count(*) from sessions").await, 0);
}

#[tokio::test]
async fn every_answer_carries_the_headers() {
    let site = Site::at("https://portal.example").await;
    let mut visitor = site.visitor();
    let big = "x".repeat(70_000);
    visitor.get("/login").await;
    let answers = [
        (visitor.get("/login").await, 200),
        (visitor.get("/account").await, 303),
        (visitor.get("/nowhere").await, 404),
        (visitor.send("DELETE", "/login", Body::empty()).await, 405),
        (visitor.post("/login", &[("email", &big)]).await, 413),
        (visitor.post_as_is("/login", &[]).await, 403),
        (visitor.get("/panic").await, 500),
    ];
    for (answer, status) in answers {
        assert_eq!(answer.status, status);
        let policy = answer.header("content-security-policy");
        for part in ["default-src 'none'", "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'"] {
            assert!(policy.contains(part), "{status}: {policy}");
        }
        assert!(!policy.contains("unsafe"));
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("referrer-policy"), "same-origin");
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!(answer.header("strict-transport-security"), "max-age=63072000; includeSubDomains");
        assert_eq!(answer.header("cross-origin-opener-policy"), "same-origin");
        assert!(!answer.header("permissions-policy").is_empty());
        assert!(status < 400 || answer.header("content-type").starts_with("text/html"), "{status} has a page");
        assert!(!answer.body.contains("a secret detail"), "an error page is sealed");
    }
}

#[tokio::test]
async fn only_forms_are_read_as_forms() {
    let site = Site::new().await;
    let mut visitor = site.visitor();
    visitor.get("/login").await;
    visitor.headers.push(("content-type", "text/plain".into()));
    let answer = visitor.send("POST", "/login", Body::from("email=a")).await;
    assert!(answer.status.is_client_error(), "{}", answer.status);
    visitor.headers.clear();
    let token = visitor.token.clone();
    let doubled = visitor.post_as_is("/login", &[("csrf", &token), ("csrf", &token)]).await;
    assert_eq!(doubled.status, 400);
    let many: Vec<(&str, &str)> = std::iter::repeat_n(("f", "1"), 10_000).collect();
    assert_eq!(visitor.post_as_is("/login", &many).await.status, 403, "ten thousand fields are read and refused");
}

#[tokio::test]
async fn a_limit_holds_to_the_try_under_parallel_tries() {
    let site = Site::new().await;
    let rate = Rate { at_once: 5, one_per: 600 };
    let mut tries = tokio::task::JoinSet::new();
    for _ in 0..60 {
        let pool = site.pool.clone();
        tries.spawn(async move { allow(&pool, "test", "somebody", rate).await });
    }
    let (allowed, denied): (Vec<_>, Vec<_>) = tries.join_all().await.into_iter().partition(Result::is_ok);
    assert_eq!((allowed.len(), denied.len()), (5, 55));
    for denied in denied {
        let Err(Denied::TooOften(retry)) = denied else { panic!("{denied:?}") };
        assert!((1..=600).contains(&retry.seconds), "{retry:?}");
    }
    assert!(allow(&site.pool, "test", "somebody else", rate).await.is_ok());
}

#[tokio::test]
async fn a_mailed_link_works_in_browsers_that_hide_their_origin() {
    let site = Site::new().await;
    let id = site.account("ana@demo.example", "customer").await;
    let link = site.reset_link("ana@demo.example").await;
    let mut ana = site.visitor();
    ana.get(&link).await;
    ana.headers.push(("origin", "null".into()));
    let fields = [("password", "amber-ladder-58-sky")];
    assert_eq!(ana.post_as_is(&link, &fields).await.status, 403, "not without the form's token");
    assert_eq!(ana.post("/password/forgot", &[("email", "x@demo.example")]).await.status, 403, "not on other pages");
    ana.get(&link).await;
    assert_eq!(ana.post(&link, &fields).await.status, 303);
    let changed = sqlx::query_scalar("select password_changed_at is not null from accounts where id = $1").bind(id);
    assert!(changed.fetch_one(&site.pool).await.unwrap_or(false));
}

#[tokio::test]
async fn without_the_session_table_public_pages_live_and_nobody_is_somebody() {
    let site = Site::new().await;
    site.account("ana@demo.example", "customer").await;
    let mut ana = site.signed_in("ana@demo.example").await;
    sqlx::raw_sql("alter table sessions rename to misplaced").execute(&site.pool).await.unwrap();
    assert_eq!(ana.get("/login").await.status, 200);
    let private = ana.get("/account").await;
    assert_eq!((private.status.as_u16(), private.header("retry-after")), (503, "5"));
    sqlx::raw_sql("alter table misplaced rename to sessions").execute(&site.pool).await.unwrap();
    assert_eq!(ana.get("/account").await.body, "ana@demo.example", "and nobody was signed out");
}

#[tokio::test]
async fn the_language_is_guessed_chosen_and_remembered() {
    for base_url in ["http://portal.example", "https://portal.example"] {
        let site = Site::at(base_url).await;
        site.account("ana@demo.example", "customer").await;
        let mut visitor = site.visitor();
        assert!(visitor.get("/login").await.body.contains(r#"<html lang="en">"#), "as the browser asks");
        let choice = [("language", "zh-CN"), ("back", "/login?next=/orders")];
        assert_eq!(visitor.post("/language", &choice).await.location(), "/login?next=/orders");
        assert!(visitor.get("/login").await.body.contains(r#"<html lang="zh-CN">"#), "as it was chosen");
        let away = [("language", "en"), ("back", "//evil.example")];
        assert_eq!(visitor.post("/language", &away).await.location(), "/");
        assert_eq!(visitor.post("/language", &[("language", "xx")]).await.status, 400);
        let mut ana = site.signed_in("ana@demo.example").await;
        ana.post("/language", &[("language", "zh-CN")]).await;
        assert_eq!(site.count("select count(*) from accounts where language = 'zh-CN'").await, 1);
        assert!(ana.get("/nowhere").await.body.contains(r#"<html lang="zh-CN">"#));
    }
}

struct Running {
    address: std::net::SocketAddr,
    stop: oneshot::Sender<()>,
    ended: tokio::task::JoinHandle<()>,
}

async fn running(site: &Site, patience: Duration) -> Running {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel();
    let limits = Limits { patience, connections: 50, ..Limits::default() };
    let ended = tokio::spawn(serve(listener, site.app.clone(), limits, async { drop(stopped.await) }));
    Running { address, stop, ended }
}

fn post_rename(cookies: &str, token: &str, name: &str) -> String {
    let body = format!("csrf={}&name={}", encoded(token), encoded(name));
    format!(
        "POST /rename HTTP/1.1\r\nHost: portal.example\r\nCookie: {cookies}\r\nContent-Type: application/x-www-form-urlencoded\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

async fn eventually(site: &Site, sql: &'static str, expected: i64) {
    let begun = Instant::now();
    while site.count(sql).await != expected {
        assert!(begun.elapsed() < Duration::from_secs(20), "{sql} is not {expected}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn what_a_client_that_hangs_up_began_is_finished() {
    let site = Site::new().await;
    site.account("ana@demo.example", "customer").await;
    let ana = site.signed_in("ana@demo.example").await;
    let server = running(&site, Duration::from_secs(10)).await;
    let mut connection = TcpStream::connect(server.address).await.unwrap();
    let request = post_rename(&format!("sid={}", ana.cookies["sid"]), &ana.token, "Renamed");
    connection.write_all(request.as_bytes()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    drop(connection);
    eventually(&site, "select count(*) from accounts where name = 'Renamed'", 1).await;
}

#[tokio::test]
async fn connections_that_never_finish_their_request_are_closed() {
    let site = Site::new().await;
    let server = running(&site, Duration::from_millis(500)).await;
    for said in ["", "GET / HTTP/1.1\r\nHost: port"] {
        let mut connection = TcpStream::connect(server.address).await.unwrap();
        connection.write_all(said.as_bytes()).await.unwrap();
        let mut answer = vec![];
        let closed = tokio::time::timeout(Duration::from_secs(20), connection.read_to_end(&mut answer)).await;
        assert!(closed.is_ok(), "still open after {said:?}");
    }
}

#[tokio::test]
async fn stopping_lets_requests_in_flight_finish() {
    let site = Site::new().await;
    site.account("ana@demo.example", "customer").await;
    let ana = site.signed_in("ana@demo.example").await;
    let server = running(&site, Duration::from_secs(10)).await;
    let mut silent = TcpStream::connect(server.address).await.unwrap();
    let mut connection = TcpStream::connect(server.address).await.unwrap();
    let request = post_rename(&format!("sid={}", ana.cookies["sid"]), &ana.token, "Renamed");
    connection.write_all(request.as_bytes()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    server.stop.send(()).unwrap();
    let mut answer = vec![];
    connection.read_to_end(&mut answer).await.unwrap();
    assert!(answer.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&answer));
    tokio::time::timeout(Duration::from_secs(5), server.ended)
        .await
        .expect("an end well before the last moment")
        .unwrap();
    assert_eq!(silent.read(&mut [0]).await.unwrap_or(0), 0);
    assert!(TcpStream::connect(server.address).await.is_err());
}
