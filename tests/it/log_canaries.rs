//! The program with everything it can log switched on, and secrets put wherever secrets go: none comes out in its log.

use std::collections::BTreeMap;
use std::fs;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use axum::body::Body;
use serde_json::json;
use sqlx::PgPool;
use tokio::time::{Instant, sleep};

use crate::support::db::{TestDb, fresh_db};
use crate::support::digits_in;
use crate::support::visitor::Visitor;

const PASSWORD: &str = "canary-password-amber-58";
const OTHER_PASSWORD: &str = "canary-otherword-violet-93";
const EMAIL: &str = "canary.mei@post.example";
const CARD: &str = "4111111111111111";

const CARRIERS: &str = r#"
[roamia]
name_zh = "漫途"
name_en = "Roamia"
[roamia.airalo]
client_id = "canary-client"
client_secret = "env:ROAMIA_SECRET"
address = "http://127.0.0.1:9/v2"
"#;

struct Program {
    url: String,
    log: PathBuf,
    process: Child,
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// With a secret in every setting that takes one. Nobody outside is asked: their addresses are nobody's.
fn start(db: &TestDb, secrets: &BTreeMap<&str, String>) -> Program {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("canaries-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let (log, carriers) = (folder.join("log"), folder.join("carriers.toml"));
    fs::write(&carriers, CARRIERS).unwrap();
    let listen = format!("127.0.0.1:{}", free_port());
    let out = fs::File::create(&log).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_renewal-portal"));
    command.arg("serve").env_clear().envs([
        ("RUST_LOG", "trace"),
        ("RUST_BACKTRACE", "1"),
        ("DATABASE_URL", &with_password(&db.url, &secrets["database password"])),
        ("SMTP_URL", &format!("smtp://mailer:{}@127.0.0.1:9?tls=required", secrets["mail password"])),
        ("MAIL_FROM", "Renewals <no-reply@portal.example>"),
        ("LISTEN", &listen),
        ("METRICS_LISTEN", &format!("127.0.0.1:{}", free_port())),
        ("BASE_URL", "https://renew.example"),
        ("SECRET_KEYS", &format!("a:{}", secrets["sealing key"])),
        ("STRIPE_SECRET_KEY", &secrets["stripe key"]),
        ("STRIPE_WEBHOOK_SECRETS", &secrets["stripe webhook secret"]),
        ("STRIPE_API", "http://127.0.0.1:9"),
        ("CARRIERS_FILE", &carriers.display().to_string()),
        ("ROAMIA_SECRET", &secrets["carrier secret"]),
    ]);
    let process = command.stdin(Stdio::null()).stdout(out.try_clone().unwrap()).stderr(out).spawn().unwrap();
    Program { url: format!("http://{listen}"), log, process }
}

/// The test server asks for no password, so any will do.
fn with_password(url: &str, password: &str) -> String {
    let (scheme, rest) = url.split_once("://").expect("a database address");
    let (user, place) = rest.split_once('@').expect("a user");
    format!("{scheme}://{}:{password}@{place}", user.split(':').next().unwrap_or_default())
}

impl Program {
    async fn ready(&mut self) {
        let mut visitor = Visitor::at(&self.url);
        let deadline = Instant::now() + Duration::from_secs(60);
        while visitor.try_send("GET", "/health/ready", Body::empty()).await.is_none_or(|a| a.status != 200) {
            assert!(self.process.try_wait().unwrap().is_none() && Instant::now() < deadline, "{}", self.said());
            sleep(Duration::from_millis(50)).await;
        }
    }

    fn said(&self) -> String {
        fs::read_to_string(&self.log).unwrap()
    }
}

async fn mailed(pool: &PgPool, template: &str) -> String {
    let text = mail(pool, template).await;
    let link = text.split_whitespace().find(|word| word.starts_with("https://")).expect("a link");
    link.trim_start_matches("https://renew.example").to_owned()
}

async fn mailed_code(pool: &PgPool) -> String {
    let text = mail(pool, "code").await;
    digits_in(&text, 8)
}

async fn mail(pool: &PgPool, template: &str) -> String {
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        let text: Option<String> =
            sqlx::query_scalar("select body_text from messages where template = $1 order by id desc")
                .bind(template)
                .fetch_optional(pool)
                .await
                .unwrap();
        if let Some(text) = text {
            return text;
        }
        assert!(Instant::now() < deadline, "no mail {template}");
        sleep(Duration::from_millis(50)).await;
    }
}

/// Signing up, in, wrongly, out and by the mailed link, and what strangers send. Answers everything secret it met.
async fn walk(url: &str, pool: &PgPool) -> Vec<(String, String)> {
    let mut met = vec![];
    let mut mei = Visitor::at(url);
    mei.get("/register").await;
    mei.post("/register", &[("email", EMAIL)]).await;
    let finish = mailed(pool, "verify").await;
    mei.get(&finish).await;
    mei.post(&finish, &[("name", CARD), ("password", PASSWORD)]).await;
    mei.get("/login").await;
    mei.post("/login", &[("email", EMAIL), ("password", OTHER_PASSWORD)]).await;
    let signed_in = mei.post("/login", &[("email", EMAIL), ("password", PASSWORD)]).await;
    assert!(signed_in.location().starts_with("/login/second-step"), "{} {}", signed_in.status, signed_in.body);
    mei.get(signed_in.location()).await;
    let code = mailed_code(pool).await;
    let signed_in = mei.post("/login/second-step", &[("code", &code)]).await;
    assert_eq!((signed_in.status.as_u16(), signed_in.location()), (303, "/account"), "{}", signed_in.body);
    for path in
        ["/account", "/orders", "/balance", "/nowhere", &format!("/lines/{CARD}"), &format!("/devices?q={CARD}")]
    {
        mei.get(path).await;
    }
    met.extend(mei.cookies.iter().map(|(name, value)| (format!("cookie {name}"), value.clone())));
    met.push(("form token".into(), mei.token.clone()));
    mei.post("/devices", &[("number", CARD)]).await;
    mei.post("/logout", &[]).await;
    mei.get("/password/forgot").await;
    mei.post("/password/forgot", &[("email", EMAIL)]).await;
    let reset = mailed(pool, "reset").await;
    mei.get(&reset).await;
    mei.post(&reset, &[("password", "short")]).await;
    mei.post(&reset, &[("password", OTHER_PASSWORD)]).await;
    let secret = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
    met.extend([("link to finish".into(), secret(&finish)), ("link to a password".into(), secret(&reset))]);
    strange(url).await;
    met
}

/// What is not from a customer's browser, or broken.
async fn strange(url: &str) {
    let mut stranger = Visitor::at(url);
    stranger.headers =
        vec![("stripe-signature", "t=1,v1=canarysignature".into()), ("authorization", "Bearer canarybearer".into())];
    let body = json!({ "card": CARD, "token": "canarybody" }).to_string();
    for path in ["/webhooks/stripe", "/webhooks/carriers/roamia", "/csp-reports", "/login"] {
        stranger.send("POST", path, Body::from(body.clone())).await;
    }
    let report = json!({ "csp-report": { "document-uri": format!("https://renew.example/password/reset/{CARD}"),
        "blocked-uri": "https://canarybody@evil.example/canarybody", "effective-directive": "img-src" } });
    stranger.send("POST", "/csp-reports", Body::from(report.to_string())).await;
    stranger.cookies.insert("__Host-sid".into(), "canarycookie".into());
    stranger.get("/account").await;
}

#[tokio::test]
async fn no_secret_comes_out_in_the_log() {
    let db = fresh_db().await;
    let secrets = BTreeMap::from([
        ("database password", "canarydatabasepassword".to_owned()),
        ("mail password", "canarymailpassword".to_owned()),
        ("stripe key", "sk_test_canarystripekey0123456789".to_owned()),
        ("stripe webhook secret", "whsec_canarywebhook0123456789".to_owned()),
        ("carrier secret", "canarycarriersecret".to_owned()),
        ("sealing key", "CanaryCanaryCanaryCanaryCanaryCanaryCanaryA=".to_owned()),
    ]);
    let mut program = start(&db, &secrets);
    program.ready().await;
    let mut planted = walk(&program.url, &db.pool).await;
    planted.extend(secrets.into_iter().map(|(name, value)| (name.to_owned(), value)));
    for (name, value) in [
        ("password", PASSWORD),
        ("other password", OTHER_PASSWORD),
        ("email", EMAIL),
        ("card number", CARD),
        ("signature", "canarysignature"),
        ("bearer", "canarybearer"),
        ("body", "canarybody"),
        ("cookie of a stranger", "canarycookie"),
    ] {
        planted.push((name.into(), value.into()));
    }
    let log = program.said();
    // It was all switched on, and what may be said was said.
    assert!(
        log.len() > 100_000 && log.contains("TRACE") && log.contains("img-src") && log.contains("sign-in refused"),
        "{} bytes",
        log.len()
    );
    let found: Vec<_> = planted
        .iter()
        .filter_map(|(name, value)| {
            let line = log.lines().find(|line| line.contains(value.as_str()))?;
            Some(format!("{name}: {}", line.chars().take(600).collect::<String>()))
        })
        .collect();
    assert!(found.is_empty(), "{} in the log:\n{}", found.len(), found.join("\n"));
}
