//! Settings from the environment. Each is documented where it stands; `renewal-portal serve --help` prints them all.

use crate::lang::Lang;
use clap::Args;
use secrecy::SecretString;
use std::net::SocketAddr;
use std::sync::OnceLock;

/// The operator's own face: name and support hours, changed without touching code.
#[derive(Args, Clone, Debug)]
pub struct Brand {
    /// The operator's name on Chinese pages, mails and receipts.
    #[arg(long, env = "OPERATOR_NAME_ZH", default_value = "续费中心")]
    pub name_zh: String,
    /// The operator's name on English pages, mails and receipts.
    #[arg(long, env = "OPERATOR_NAME_EN", default_value = "Renewal Centre")]
    pub name_en: String,
    /// Where customers write for help; shown on error pages and receipts.
    #[arg(long, env = "SUPPORT_EMAIL", default_value = "support@demo.example")]
    pub support_email: String,
    /// When someone answers, as the customer reads it.
    #[arg(long, env = "SUPPORT_HOURS", default_value = "09:00–21:00 (UTC+8)")]
    pub support_hours: String,
}

static BRAND: OnceLock<Brand> = OnceLock::new();

impl Brand {
    pub fn name(&'static self, language: Lang) -> &'static str {
        if language.is_chinese() { &self.name_zh } else { &self.name_en }
    }

    /// Makes this the brand of the process; the first one stays.
    pub fn install(self) {
        let _ = BRAND.set(self);
    }
}

pub fn brand() -> &'static Brand {
    BRAND.get_or_init(|| Brand {
        name_zh: "续费中心".into(),
        name_en: "Renewal Centre".into(),
        support_email: "support@demo.example".into(),
        support_hours: "09:00–21:00 (UTC+8)".into(),
    })
}

/// Of whom more than one factor is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum SecondStep {
    /// Of everybody, on every browser that is not remembered; the least is a code by mail.
    Required,
    /// Of whoever has set one up.
    Offered,
}

/// What production needs. Every setting that is missing is named at once.
#[derive(Args, Clone, Debug)]
pub struct Production {
    /// The address customers type, such as https://renew.example.com; links in mails start with it.
    #[arg(long, env = "BASE_URL")]
    pub base_url: Option<String>,
    /// Where the portal listens.
    #[arg(long, env = "LISTEN", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// Where /metrics listens; keep it off the internet.
    #[arg(long, env = "METRICS_LISTEN", default_value = "127.0.0.1:9090")]
    pub metrics_listen: SocketAddr,
    /// The mail server, such as smtp://user:password@mail.example.com:587?tls=required
    #[arg(long, env = "SMTP_URL", hide_env_values = true)]
    pub smtp_url: Option<SecretString>,
    /// The sender of mails, such as "Renewal Centre <no-reply@example.com>".
    #[arg(long, env = "MAIL_FROM")]
    pub mail_from: Option<String>,
    /// The provider of text messages, such as https://user:password@api.example.com/Messages.json
    #[arg(long, env = "SMS_URL", hide_env_values = true)]
    pub sms_url: Option<SecretString>,
    /// The sender of text messages: a number, or a name the provider has registered.
    #[arg(long, env = "SMS_FROM")]
    pub sms_from: Option<String>,
    /// The countries texts go to by their ISO codes, such as CN,HK; to any without it.
    #[arg(long, env = "SMS_COUNTRIES", value_delimiter = ',')]
    pub sms_countries: Vec<String>,
    /// Whether a second step is asked of everybody, or of whoever has set one up.
    #[arg(long, env = "SECOND_STEP", value_enum, default_value = "required")]
    pub second_step: SecondStep,
    /// Hours that whoever lost their second step waits until an admin may take it off; the owner is written to meanwhile.
    #[arg(long, env = "SECOND_STEP_RESET_HOURS", default_value_t = 72, value_parser = clap::value_parser!(u16).range(24..=240))]
    pub second_step_reset_hours: u16,
    /// What seals stored secrets: name:key,name:key - each key 32 bytes in base64; the first one seals, all open.
    #[arg(long, env = "SECRET_KEYS", hide_env_values = true)]
    pub secret_keys: Option<SecretString>,
    /// Where new passwords are looked up among leaked ones, such as https://api.pwnedpasswords.com/range/
    #[arg(long, env = "LEAKED_PASSWORDS_URL")]
    pub leaked_passwords_url: Option<String>,
    /// Database connections of this process; about twice the cores serves best.
    #[arg(long, env = "DB_POOL", default_value_t = 8)]
    pub db_pool: u32,
    /// Addresses of proxies in front whose X-Forwarded-For is believed, separated by commas.
    #[arg(long, env = "TRUSTED_PROXIES", value_delimiter = ',')]
    pub trusted_proxies: Vec<std::net::IpAddr>,
}

impl Production {
    /// The names of settings that are missing, all of them.
    pub fn missing(&self, database_url: Option<&str>) -> Vec<&'static str> {
        let wanted = [
            ("DATABASE_URL", database_url.is_none()),
            ("BASE_URL", self.base_url.is_none()),
            ("SMTP_URL", self.smtp_url.is_none()),
            ("MAIL_FROM", self.mail_from.is_none()),
            ("SECRET_KEYS", self.secret_keys.is_none()),
        ];
        wanted.into_iter().filter(|(_, missing)| *missing).map(|(name, _)| name).collect()
    }
}
