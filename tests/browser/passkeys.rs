use crate::support::{Browser, Looks, TestPortal};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(20);
const EMAIL: &str = "li.wei@demo.example";

/// A key of this browser is added to Li Wei's account; ends at the recovery codes.
async fn add(browser: &Browser) {
    browser.go("/account/security/passkeys").await;
    browser.fill("[name=name]", "My phone").await;
    browser.click("[data-passkey] [data-ask]").await;
    browser.find("[data-print]").await;
}

async fn wait_for(browser: &Browser, path: &str) {
    let begun = Instant::now();
    while browser.path().await != path {
        assert!(begun.elapsed() < PATIENCE, "still at {}", browser.path().await);
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_added_signs_in_proves_and_is_removed() {
    let portal = TestPortal::start().await;
    let browser = Browser::open(&portal, Looks::PHONE).await;
    browser.sign_in(EMAIL).await;
    browser.add_authenticator().await;
    add(&browser).await;
    browser.go("/account/security").await;
    assert!(browser.text("main").await.contains("My phone"));

    // Where the address is typed the browser offers its key by itself, and its owner agrees.
    browser.evaluate("document.querySelector(\"form[action='/logout']\").requestSubmit()").await;
    wait_for(&browser, "/account").await;

    let long_ago = "update sessions set proven_at = now() - interval '1 hour'";
    sqlx::query(long_ago).execute(&portal.pool).await.expect("an hour that passed");
    browser.go("/account/security/passkeys").await;
    assert_eq!(browser.path().await, "/login/prove");
    browser.click("[data-passkey] [data-ask]").await;
    wait_for(&browser, "/account/security/passkeys").await;

    browser.go("/account/security").await;
    browser.click("#passkeys ~ ul summary").await;
    browser.click("form[action$='/remove'] button").await;
    browser.find("a[href='/account/security/passkeys']").await;
    assert!(!browser.text("main").await.contains("My phone"));
    assert_eq!(browser.complaints().await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_scripts_the_page_says_what_to_do_instead() {
    let portal = TestPortal::start().await;
    let browser = Browser::open(&portal, Looks { scripts: false, ..Looks::DESK }).await;
    browser.sign_in("ana@demo.example").await;
    browser.go("/account/security/passkeys").await;
    assert!(browser.text("main").await.contains("need JavaScript"));
    let shown = "getComputedStyle(document.querySelector('[data-ask]')).display";
    assert_eq!(browser.evaluate(shown).await, "none");
}
