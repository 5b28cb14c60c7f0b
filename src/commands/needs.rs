//! What `serve` needs of its surroundings, tried out as it will use them: the database, the mail server, its addresses.

use super::database::ServerArgs;
use crate::accounts::leaked::Leaked;
use crate::config::Production;
use crate::db;
use crate::http_client::Http;
use crate::mail::Mailer;
use crate::seal::KeyRing;
use crate::sms::{PATIENCE as SMS_PATIENCE, Provider, Texter};
use anyhow::bail;
use axum::http::{Method, Uri};
use secrecy::ExposeSecret;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::time::timeout;

/// How long a server is waited for.
const PATIENCE: Duration = Duration::from_secs(5);

/// What can be seen from the settings alone.
pub fn wrong_settings(production: &Production) -> Vec<String> {
    let base_url = production.base_url.as_deref().and_then(wrong_base_url).map(|what| format!("BASE_URL: {what}"));
    let sms = texter(production).err().map(|error| format!("{error:#}"));
    let keys = keys(production).err().map(|error| format!("{error:#}"));
    let leaked = leaked(production).err().map(|error| format!("{error:#}"));
    base_url.into_iter().chain(wrong_mail(production)).chain(sms).chain(leaked).chain(keys).collect()
}

/// Each by itself, so that both are told at once.
fn wrong_mail(production: &Production) -> impl Iterator<Item = String> {
    let url = production.smtp_url.as_ref().map(|url| (url.expose_secret(), "nobody@example.com"));
    let from = production.mail_from.as_deref().map(|from| ("smtp://localhost", from));
    let wrong = |(url, from): (&str, &str)| Mailer::smtp(url, from).err();
    [url, from].into_iter().flatten().filter_map(wrong).map(|error| format!("{error:#}"))
}

/// Links, cookies and notify addresses are made of it, so it is a scheme and a host and nothing else.
fn wrong_base_url(text: &str) -> Option<String> {
    let address = text.parse::<Uri>().ok().filter(|uri| matches!(uri.scheme_str(), Some("https" | "http")));
    let Some(address) = address else { return Some("is no web address such as https://renew.example.com".to_owned()) };
    if address.path() != "/" || text.contains(['?', '#', '@']) {
        return Some(
            "is the scheme and the host alone, such as https://renew.example.com: no path, no `?`, no `#`".to_owned(),
        );
    }
    let is_safe = address.scheme_str() == Some("https") || address.host().is_some_and(is_this_machine);
    (!is_safe).then(|| "begins with https://, so that nobody on the way reads passwords and sessions".to_owned())
}

fn is_this_machine(host: &str) -> bool {
    let address = host.trim_matches(['[', ']']).parse::<IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

/// `None`: one of its settings is missing, which is said elsewhere.
pub fn mailer(production: &Production) -> Option<anyhow::Result<Mailer>> {
    let url = production.smtp_url.as_ref()?.expose_secret();
    Some(Mailer::smtp(url, production.mail_from.as_deref()?))
}

/// Nobody where neither of its settings is there: then nothing is offered that needs a text.
pub fn texter(production: &Production) -> anyhow::Result<Texter> {
    match (&production.sms_url, production.sms_from.as_deref()) {
        (None, None) => Ok(Texter::Nobody),
        (Some(url), Some(from)) => {
            let provider = Provider::new(url.expose_secret(), from, SMS_PATIENCE)?;
            Ok(Texter::Provider(provider.only_to(&production.sms_countries)?))
        }
        (None, Some(_)) => bail!("SMS_URL: is missing; SMS_FROM says nothing without it"),
        (Some(_), None) => bail!("SMS_FROM: is missing; SMS_URL needs it"),
    }
}

/// What seals the secrets of second steps.
pub fn keys(production: &Production) -> anyhow::Result<KeyRing> {
    KeyRing::parse(production.secret_keys.as_ref().map_or("", |keys| keys.expose_secret()))
}

/// Nobody is asked where the setting is not there.
pub fn leaked(production: &Production) -> anyhow::Result<Leaked> {
    production.leaked_passwords_url.as_deref().map_or(Ok(Leaked::default()), Leaked::at)
}

/// What can only be seen by trying.
pub async fn wrong_surroundings(production: &Production, database: &ServerArgs) -> Vec<String> {
    let (database, mail, sms, pages, metrics) = tokio::join!(
        reach_database(database),
        reach_mail(production),
        reach_sms(production),
        listen("LISTEN", production.listen, "/health/live"),
        listen("METRICS_LISTEN", production.metrics_listen, "/metrics"),
    );
    [database, mail, sms, pages, metrics].into_iter().flatten().collect()
}

async fn reach_database(database: &ServerArgs) -> Option<String> {
    match db::probe(database.url()?).await {
        Ok(()) => {
            println!("ok     DATABASE_URL: answers");
            None
        }
        Err(error) => Some(format!("DATABASE_URL: {error:#}")),
    }
}

async fn reach_mail(production: &Production) -> Option<String> {
    let mailer = mailer(production)?.ok()?;
    match timeout(PATIENCE, mailer.reach()).await {
        Ok(Ok(())) => {
            println!("ok     SMTP_URL: answers");
            None
        }
        Ok(Err(error)) => Some(format!("SMTP_URL: {error:#}")),
        Err(_) => Some(format!("SMTP_URL: the mail server did not answer in {} s", PATIENCE.as_secs())),
    }
}

async fn reach_sms(production: &Production) -> Option<String> {
    let Ok(Texter::Provider(provider)) = texter(production) else { return None };
    match provider.reach().await {
        Ok(()) => {
            println!("ok     SMS_URL: answers");
            None
        }
        Err(error) => Some(format!("SMS_URL: {error:#}")),
    }
}

/// Taken for a moment and given free again. Where it is taken already, a portal may be running there.
async fn listen(setting: &'static str, address: SocketAddr, page: &str) -> Option<String> {
    match TcpListener::bind(address).await {
        Ok(_) => None,
        Err(error) if error.kind() == io::ErrorKind::AddrInUse && answers(address, page).await => {
            println!("ok     {setting}: a portal listens at {address} already");
            None
        }
        Err(error) => Some(format!("{setting}: {address} can't be listened at: {error}")),
    }
}

async fn answers(address: SocketAddr, page: &str) -> bool {
    let Ok(http) = Http::new(PATIENCE) else { return false };
    let answer = http.send(http.request(Method::GET, format!("http://{address}{page}"))).await;
    answer.is_ok_and(|answer| answer.status.is_success())
}

#[cfg(test)]
mod tests {
    use super::wrong_base_url;

    #[test]
    fn the_address_customers_type_is_a_scheme_and_a_host() {
        for fine in [
            "https://renew.example.com",
            "https://renew.example.com/",
            "http://127.0.0.1:8080",
            "http://localhost",
            "http://[::1]:80",
        ] {
            assert_eq!(wrong_base_url(fine), None, "{fine}");
        }
        for wrong in [
            "renew.example.com",
            "https://a.example/?x=1",
            "https://a.example/renew",
            "ftp://a.example",
            "http://renew.example.com",
            "https://a.example/#x",
        ] {
            assert!(wrong_base_url(wrong).is_some(), "{wrong}");
        }
    }
}
