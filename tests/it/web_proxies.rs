//! Where a request comes from is what the connection says, or what a proxy says that was named in the settings. Anybody can
//! write headers.

use std::net::IpAddr;

use axum::Extension;
use axum::Router;
use axum::routing::get;
use renewal_portal::app::App;
use renewal_portal::paths::BaseUrl;
use renewal_portal::router;
use renewal_portal::web::client::{Client, TrustedProxies};
use renewal_portal::web::server::{self, Limits, Peer};
use tokio::net::TcpListener;

use crate::support::portal::TestPortal;
use crate::support::visitor::Visitor;

type Headers<'a> = &'a [(&'static str, &'a str)];

const PROXY: &str = "10.0.0.1";
const FORGED: &str = "203.0.113.66";

async fn seen(peer: &str, trusted: &[&str], headers: Headers<'_>) -> String {
    let trusted: Vec<IpAddr> = trusted.iter().map(|ip| ip.parse().unwrap()).collect();
    let peer = Peer((peer.parse::<IpAddr>().unwrap(), 40_000).into());
    let app = Router::new()
        .route("/", get(|client: Client| async move { client.to_string() }))
        .layer(Extension(TrustedProxies(trusted.into())))
        .layer(Extension(peer));
    let mut visitor = Visitor::new(&app);
    visitor.headers = headers.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
    visitor.get("/").await.body
}

#[tokio::test]
async fn only_a_named_proxy_says_where_a_request_comes_from() {
    let both = [PROXY, "10.0.0.2"];
    let cases: [(&str, &[&str], Headers, &str); 16] = [
        ("198.51.100.7", &[], &[("x-forwarded-for", FORGED)], "198.51.100.7"),
        ("198.51.100.7", &[PROXY], &[("x-forwarded-for", FORGED)], "198.51.100.7"),
        ("127.0.0.1", &[], &[("x-forwarded-for", FORGED)], "127.0.0.1"),
        (PROXY, &[PROXY], &[("x-forwarded-for", "198.51.100.7")], "198.51.100.7"),
        (PROXY, &[PROXY], &[("x-forwarded-for", "203.0.113.66, 198.51.100.7")], "198.51.100.7"),
        (PROXY, &[PROXY], &[("x-forwarded-for", FORGED), ("x-forwarded-for", "198.51.100.7")], "198.51.100.7"),
        (PROXY, &both, &[("x-forwarded-for", "203.0.113.66, 198.51.100.7, 10.0.0.2")], "198.51.100.7"),
        (PROXY, &[PROXY], &[("x-forwarded-for", "198.51.100.7, 10.0.0.2")], "10.0.0.2"),
        (PROXY, &[PROXY], &[("forwarded", "for=203.0.113.66")], PROXY),
        (PROXY, &[PROXY], &[("x-real-ip", FORGED), ("cf-connecting-ip", FORGED), ("true-client-ip", FORGED)], PROXY),
        (PROXY, &[PROXY], &[("x-forwarded-for", "unknown")], PROXY),
        (PROXY, &[PROXY], &[("x-forwarded-for", "")], PROXY),
        (PROXY, &[PROXY], &[("x-forwarded-for", "198.51.100.7:4711")], PROXY),
        (PROXY, &[PROXY], &[("x-forwarded-for", "10.0.0.1, 10.0.0.1")], PROXY),
        ("::ffff:10.0.0.1", &[PROXY], &[("x-forwarded-for", "2001:db8:1:2:3:4:5:6")], "2001:db8:1:2::"),
        ("2001:db8:1:2:3:4:5:6", &[], &[("x-forwarded-for", FORGED)], "2001:db8:1:2::"),
    ];
    for (peer, trusted, headers, expected) in cases {
        assert_eq!(seen(peer, trusted, headers).await, expected, "{peer} {trusted:?} {headers:?}");
    }
}

/// The portal at an address of its own, behind these proxies.
async fn behind(portal: &TestPortal, trusted: &[IpAddr]) -> String {
    let app = App { base_url: BaseUrl::new("http://renew.example"), ..portal.app.clone() };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let router = router::pages(&app, trusted);
    tokio::spawn(server::serve(listener, router, Limits::default(), std::future::pending()));
    url
}

/// How many tries on one account are read before the door closes, each said to come from elsewhere.
async fn tries(url: &str) -> usize {
    let mut visitor = Visitor::at(url);
    visitor.get("/login").await;
    for n in 0..12 {
        visitor.headers = vec![("x-forwarded-for", format!("203.0.113.{n}"))];
        let answer = visitor.post("/login", &[("email", "mei@post.example"), ("password", "wrong")]).await;
        if answer.status == 429 {
            return n;
        }
    }
    12
}

#[tokio::test]
async fn limits_are_not_got_round_with_a_header() {
    let portal = TestPortal::start().await;
    assert_eq!(tries(&behind(&portal, &[]).await).await, 5);
    portal.run("delete from rate_limits").await;
    assert_eq!(tries(&behind(&portal, &["127.0.0.1".parse().unwrap()]).await).await, 12, "a named proxy is believed");
}

#[tokio::test]
async fn links_in_mails_and_redirects_start_with_our_own_address() {
    let portal = TestPortal::start().await;
    portal.mei().await;
    let mut visitor = Visitor::at(&behind(&portal, &[]).await);
    visitor.get("/password/forgot").await;
    for (name, value) in [
        ("x-forwarded-host", "evil.example"),
        ("x-forwarded-proto", "https"),
        ("forwarded", "host=evil.example;proto=https"),
        ("host", "evil.example"),
    ] {
        visitor.headers.push((name, value.to_owned()));
    }
    let led = visitor.get("/account").await;
    assert!(led.location().starts_with("/login"), "{}", led.location());
    let sent = visitor.post("/password/forgot", &[("email", "mei@post.example")]).await;
    assert_eq!(sent.status, 200, "{}", sent.body);
    portal.work().await;
    let mails: Vec<String> =
        sqlx::query_scalar("select body_text || coalesce(body_html, '') from messages where template = 'reset'")
            .fetch_all(&portal.db.pool)
            .await
            .unwrap();
    assert_eq!(mails.len(), 1);
    assert!(!mails[0].contains("evil.example") && !mails[0].contains("https://"), "{}", mails[0]);
}
