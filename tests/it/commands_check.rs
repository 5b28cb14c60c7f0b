//! `check`, `serve` and `webhooks replay` as an operator starts them: what is wrong is said before a customer finds it.

use std::net::TcpListener;
use std::process::{Command, Output};

use crate::support::db::fresh_db;
use crate::support::smtp::MailServer;

/// The program with these settings and no others.
async fn run(arguments: &[&str], settings: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_renewal-portal"));
    command.args(arguments).env_clear().envs(settings.iter().copied());
    tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// An address nobody listens at.
fn closed() -> String {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}

#[tokio::test]
async fn check_tries_what_serve_will_need() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let (taken, database) = (taken.local_addr().unwrap().to_string(), format!("postgres://x:hidden@{}/x", closed()));
    let wrong = [
        ("DATABASE_URL", database.as_str()),
        ("SMTP_URL", "nonsense"),
        ("MAIL_FROM", "nobody"),
        ("SECRET_KEYS", "a:short"),
        ("LISTEN", taken.as_str()),
        ("METRICS_LISTEN", "127.0.0.1:0"),
        ("BASE_URL", "https://renew.example/?x=1"),
    ];
    let output = run(&["check"], &wrong).await;
    let told = said(&output);
    assert!(!output.status.success(), "{told}");
    for setting in ["DATABASE_URL", "SMTP_URL", "MAIL_FROM", "SECRET_KEYS", "LISTEN", "BASE_URL"] {
        assert!(told.contains(&format!("wrong  {setting}: ")), "{setting}: {told}");
    }
    assert!(told.contains("refused") && !told.contains("hidden"), "{told}");

    let smtp = format!("smtp://{}", closed());
    for (sender, mail, told) in
        [("nobody", "smtp://127.0.0.1:1", "wrong  MAIL_FROM: "), ("a@b.example", &smtp, "wrong  SMTP_URL: ")]
    {
        let mut settings = wrong;
        (settings[1].1, settings[2].1) = (mail, sender);
        let output = said(&run(&["check"], &settings).await);
        assert!(output.contains(told), "{output}");
    }
}

#[tokio::test]
async fn check_finds_nothing_wrong_with_what_works() {
    let (db, mail) = (fresh_db().await, MailServer::start().await);
    let settings = [
        ("DATABASE_URL", db.url.as_str()),
        ("SMTP_URL", mail.url.as_str()),
        ("MAIL_FROM", "Renewals <no-reply@portal.example>"),
        ("SECRET_KEYS", "a:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="),
        ("LISTEN", "127.0.0.1:0"),
        ("METRICS_LISTEN", "127.0.0.1:0"),
        ("BASE_URL", "https://renew.example"),
    ];
    let told = said(&run(&["check"], &settings).await);
    for setting in ["DATABASE_URL", "SMTP_URL", "MAIL_FROM", "SECRET_KEYS", "LISTEN", "BASE_URL"] {
        assert!(!told.contains(&format!("wrong  {setting}")), "{told}");
    }
    assert!(told.contains("ok     DATABASE_URL") && told.contains("ok     SMTP_URL"), "{told}");
}

#[tokio::test]
async fn serve_does_not_start_with_what_it_cannot_use() {
    let database = format!("postgres://x:hidden@{}/x", closed());
    let mut settings = [
        ("DATABASE_URL", database.as_str()),
        ("SMTP_URL", "smtp://127.0.0.1:1"),
        ("MAIL_FROM", "nobody"),
        ("SECRET_KEYS", "a:short"),
        ("LISTEN", "127.0.0.1:0"),
        ("METRICS_LISTEN", "127.0.0.1:0"),
        ("BASE_URL", "https://renew.example/?x=1"),
    ];
    let told = said(&run(&["serve"], &settings).await);
    assert!(told.contains("BASE_URL: ") && told.contains("MAIL_FROM: "), "{told}");
    (settings[2].1, settings[6].1) = ("a@b.example", "https://renew.example");
    settings[3].1 = "a:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    let output = run(&["serve"], &settings).await;
    let told = said(&output);
    assert!(!output.status.success() && told.contains("DATABASE_URL") && told.contains("refused"), "{told}");
    assert!(!told.contains("hidden"), "{told}");
}

#[tokio::test]
async fn a_replay_for_a_gateway_that_is_not_there_is_an_error() {
    let database = format!("postgres://x@{}/x", closed());
    let settings = [
        ("DATABASE_URL", database.as_str()),
        ("STRIPE_SECRET_KEY", "sk_test_abc"),
        ("STRIPE_WEBHOOK_SECRETS", "whsec_0123456789abcdef"),
    ];
    let output = run(&["webhooks", "replay", "--gateway", "strip"], &settings).await;
    let told = said(&output);
    assert!(!output.status.success() && told.contains("`strip`") && told.contains("stripe"), "{told}");
}
