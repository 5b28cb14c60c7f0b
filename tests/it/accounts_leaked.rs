//! New passwords are looked up among leaked ones at a server of our own, over real HTTP; it learns five characters of a hash.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Path, State};
use axum::routing::get;
use renewal_portal::accounts::leaked::Leaked;

use crate::accounts_support::{PASSWORD, Site};

/// printf 'amber-ladder-58-sky' | sha1sum
const LOST: &str = "amber-ladder-58-sky";
const LOST_HASH: &str = "961C5E890B212B6AC4A7F92F8DB7DAC0213E5DE1";
const KEPT: &str = "copper-meadow-71-rain";

#[derive(Clone, Default)]
struct Range(Arc<Mutex<Vec<String>>>);

async fn range(State(asked): State<Range>, Path(prefix): Path<String>) -> String {
    asked.0.lock().unwrap().push(prefix.clone());
    let lost = LOST_HASH.strip_prefix(&prefix).map(|rest| format!("{rest}:12\r\n")).unwrap_or_default();
    format!("{}:3\r\n{lost}{}:0\r\n", "0".repeat(35), "F".repeat(35))
}

async fn server() -> (String, Range) {
    let (asked, listener) = (Range::default(), tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap());
    let url = format!("http://{}/range/", listener.local_addr().unwrap());
    let app = Router::new().route("/range/{prefix}", get(range)).with_state(asked.clone());
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    (url, asked)
}

async fn site(address: &str) -> Site {
    Site::asking("http://portal.example", Leaked::at(address).unwrap()).await
}

async fn register(site: &Site, password: &str) -> (u16, String) {
    let link = site.registration_link(&format!("{}@post.example", &password[..5])).await;
    let mut visitor = site.visitor();
    visitor.get(&link).await;
    let answer = visitor.post(&link, &[("name", "Ana"), ("password", password)]).await;
    (answer.status.as_u16(), answer.body)
}

#[tokio::test]
async fn what_was_in_a_leak_becomes_nobodys_password() {
    let (url, asked) = server().await;
    let site = site(&url).await;
    let (status, page) = register(&site, LOST).await;
    assert!(status == 422 && page.contains("was in a leak"), "{status} {page}");
    assert_eq!(register(&site, KEPT).await.0, 303);

    site.account("ana@demo.example", "customer").await;
    let mut ana = site.signed_in("ana@demo.example").await;
    ana.get("/account/security/password").await;
    let changed = ana.post("/account/security/password", &[("current", PASSWORD), ("password", LOST)]).await;
    assert_eq!(changed.status, 422);

    let told = asked.0.lock().unwrap().clone();
    assert_eq!(told.len(), 3);
    assert!(told.iter().all(|prefix| prefix.len() == 5), "{told:?}");
}

#[tokio::test]
async fn a_server_that_does_not_answer_keeps_nobody_out() {
    let (url, _) = server().await;
    for address in [url.replace("/range/", "/nothing/"), "http://127.0.0.1:9/".to_owned()] {
        assert_eq!(register(&site(&address).await, LOST).await.0, 303, "{address}");
    }
    assert!(Leaked::at("no address").is_err());
}
