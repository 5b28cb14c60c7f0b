use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use axum::http::Method;
use fantoccini::elements::Element;
use fantoccini::wd::WebDriverCompatibleCommand;
use fantoccini::{Client, Locator};
use serde_json::{Map, Value, json};
use url::{ParseError, Url};

use super::axe;
use super::driver::Driver;
use super::portal::{PASSWORD, TestPortal};

const PATIENCE: Duration = Duration::from_secs(20);

/// How a browser is set up, as its owner would.
#[derive(Clone, Copy)]
pub struct Looks {
    pub language: &'static str,
    pub width: u32,
    pub height: u32,
    pub dark: bool,
    pub scripts: bool,
}

impl Looks {
    pub const PHONE: Self = Self { language: "zh-CN", width: 390, height: 844, dark: false, scripts: true };
    pub const DESK: Self = Self { language: "en", width: 1280, height: 800, dark: false, scripts: true };

    fn capabilities(self) -> Map<String, Value> {
        let scripts = if self.scripts { 1 } else { 2 };
        let wanted = json!({
            "goog:loggingPrefs": { "browser": "ALL" },
            "goog:chromeOptions": {
                "args": [
                    "--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--hide-scrollbars",
                    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run",
                    "--force-prefers-reduced-motion", format!("--lang={}", self.language), format!("--accept-lang={}", self.language),
                ],
                "prefs": { "profile.managed_default_content_settings.javascript": scripts },
            },
        });
        serde_json::from_value(wanted).expect("an object")
    }
}

pub struct Browser {
    client: Client,
    base: String,
    _driver: Driver,
}

impl Browser {
    pub async fn open(portal: &TestPortal, looks: Looks) -> Self {
        let driver = Driver::start();
        let client = driver.session(looks.capabilities()).await;
        let browser = Self { client, base: portal.url.clone(), _driver: driver };
        browser.size(looks.width, looks.height).await;
        browser.scheme(looks.dark).await;
        browser
    }

    pub async fn size(&self, width: u32, height: u32) {
        let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": 2, "mobile": width < 600 });
        self.devtools("Emulation.setDeviceMetricsOverride", metrics).await;
    }

    pub async fn scheme(&self, dark: bool) {
        let value = if dark { "dark" } else { "light" };
        let features = json!({ "features": [{ "name": "prefers-color-scheme", "value": value }] });
        self.devtools("Emulation.setEmulatedMedia", features).await;
    }

    pub async fn go(&self, path: &str) {
        let address = if path.starts_with("http") { path.to_owned() } else { format!("{}{path}", self.base) };
        self.client.goto(&address).await.unwrap_or_else(|error| panic!("{path}: {error}"));
    }

    pub async fn path(&self) -> String {
        self.client.current_url().await.expect("an address").path().to_owned()
    }

    pub async fn sign_in(&self, email: &str) {
        let page = if email.starts_with("staff") { "/staff/login" } else { "/login" };
        self.go(page).await;
        self.fill("[name=email]", email).await;
        self.fill("[name=password]", PASSWORD).await;
        self.click("main form button:not([type=button])").await;
        self.leave(page).await;
    }

    async fn leave(&self, path: &str) {
        let begun = Instant::now();
        while self.path().await == path {
            assert!(begun.elapsed() < PATIENCE, "still at {path}: {}", self.text("main").await);
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
    }

    /// The element, once it is there.
    pub async fn find(&self, css: &str) -> Element {
        match self.client.wait().at_most(PATIENCE).for_element(Locator::Css(css)).await {
            Ok(element) => element,
            Err(error) => {
                let complaints = self.complaints().await.join("\n");
                panic!("no {css} at {}: {error}\n{}\n{complaints}", self.path().await, self.text("body").await)
            }
        }
    }

    pub async fn all(&self, css: &str) -> Vec<Element> {
        self.client.find_all(Locator::Css(css)).await.expect("a list of elements")
    }

    pub async fn text(&self, css: &str) -> String {
        match self.client.find(Locator::Css(css)).await {
            Ok(element) => element.text().await.unwrap_or_default(),
            Err(_) => String::new(),
        }
    }

    pub async fn attribute(&self, css: &str, name: &str) -> String {
        self.find(css).await.attr(name).await.ok().flatten().unwrap_or_default()
    }

    pub async fn fill(&self, css: &str, text: &str) {
        let field = self.find(css).await;
        field.clear().await.expect("an empty field");
        field.send_keys(text).await.expect("a filled field");
    }

    pub async fn click(&self, css: &str) {
        let element = self.find(css).await;
        // As a person would: not at the edge, where something else may lie over it.
        let there = vec![json!(element)];
        self.client
            .execute("arguments[0].scrollIntoView({block: 'center'})", there)
            .await
            .expect("a page that scrolls");
        element.click().await.unwrap_or_else(|error| panic!("{css}: {error}"));
    }

    /// Runs in the page, past its Content-Security-Policy.
    pub async fn evaluate(&self, expression: &str) -> Value {
        let asked = json!({ "expression": expression, "awaitPromise": true, "returnByValue": true });
        let answer = self.devtools("Runtime.evaluate", asked).await;
        assert!(answer["exceptionDetails"].is_null(), "{}", answer["exceptionDetails"]);
        answer["result"]["value"].clone()
    }

    /// What axe finds wrong with this page.
    pub async fn axe(&self) -> Vec<String> {
        self.evaluate(axe::source()).await;
        let found = self.evaluate(axe::RUN).await;
        serde_json::from_value(found).expect("axe's findings")
    }

    /// What the browser complained of since the last look: errors, refused styles and scripts, missing files.
    pub async fn complaints(&self) -> Vec<String> {
        let log = self.client.issue_cmd(Log).await.expect("the browser's log");
        let entries = log.as_array().cloned().unwrap_or_default();
        let grave = entries.iter().filter(|entry| entry["level"] != "INFO" && entry["level"] != "DEBUG");
        grave.map(|entry| entry["message"].as_str().unwrap_or_default().to_owned()).collect()
    }

    /// By how many pixels the page is wider than the screen, once there is one: what DevTools speak to may lag behind.
    pub async fn overhang(&self) -> i64 {
        let begun = Instant::now();
        let pixels =
            "document.documentElement && document.documentElement.scrollWidth - document.documentElement.clientWidth";
        loop {
            if let Some(pixels) = self.evaluate(pixels).await.as_i64() {
                return pixels;
            }
            assert!(begun.elapsed() < PATIENCE, "no page at {}", self.path().await);
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
    }

    /// Bytes over the wire for `path` with nothing in the cache.
    pub async fn transfer(&self, path: &str) -> i64 {
        self.devtools("Network.clearBrowserCache", json!({})).await;
        self.go(path).await;
        let sum = "[...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')].reduce((sum, e) => sum + e.transferSize, 0)";
        self.evaluate(sum).await.as_i64().unwrap_or(i64::MAX)
    }

    pub async fn picture(&self, name: &str) {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/screenshots");
        fs::create_dir_all(&folder).expect("room for pictures");
        let picture = self.client.screenshot().await.expect("a picture");
        fs::write(folder.join(format!("{name}.png")), picture).expect("room for a picture");
    }

    /// A phone's or a computer's own key store, whose owner always agrees.
    pub async fn add_authenticator(&self) {
        let options = json!({
            "protocol": "ctap2", "transport": "internal", "hasResidentKey": true,
            "hasUserVerification": true, "isUserVerified": true, "isUserConsenting": true,
        });
        self.client.issue_cmd(Authenticator { options }).await.expect("an authenticator");
    }

    async fn devtools(&self, command: &str, parameters: Value) -> Value {
        let asked = Devtools { command: command.to_owned(), parameters };
        self.client.issue_cmd(asked).await.unwrap_or_else(|error| panic!("{command}: {error}"))
    }
}

#[derive(Debug)]
struct Devtools {
    command: String,
    parameters: Value,
}

impl WebDriverCompatibleCommand for Devtools {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, ParseError> {
        base.join(&format!("session/{}/goog/cdp/execute", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (Method::POST, Some(json!({ "cmd": self.command, "params": self.parameters }).to_string()))
    }
}

#[derive(Debug)]
struct Log;

impl WebDriverCompatibleCommand for Log {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, ParseError> {
        base.join(&format!("session/{}/se/log", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (Method::POST, Some(json!({ "type": "browser" }).to_string()))
    }
}

#[derive(Debug)]
struct Authenticator {
    options: Value,
}

impl WebDriverCompatibleCommand for Authenticator {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, ParseError> {
        base.join(&format!("session/{}/webauthn/authenticator", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (Method::POST, Some(self.options.to_string()))
    }
}
