//! The carriers an operator has contracts with: a file with a table for each, since several may speak the same protocol.
//!
//! ```toml
//! [roamia]
//! name_zh = "漫途"
//! name_en = "Roamia"
//! [roamia.simulator]
//! address = "http://127.0.0.1:8081"
//! ```

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::names::Name;
use super::{
    Carrier, CarrierError, Carriers, Profiles, airalo, dt_one, es2plus, esim_access, esim_go, one_global, simulator,
    tm_forum,
};
use crate::clock::Clock;

/// How long a carrier may take; what is silent for longer is unknown.
const TIMEOUT: Duration = Duration::from_secs(20);

#[derive(Args, Clone, Debug, Default)]
pub struct CarrierSettings {
    /// The file that says which carriers serve the lines and how they are reached.
    #[arg(long = "carriers", env = "CARRIERS_FILE")]
    file: Option<PathBuf>,
}

/// Text that is kept out of logs: as it stands, `env:NAME` for a variable or `file:PATH` for a file's content.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "String")]
pub struct Secret(SecretString);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name_zh: String,
    name_en: String,
    /// Renewals and questions under way at the same time.
    #[serde(default = "usual_at_once")]
    at_once: usize,
    /// Its rules or its country's ask who its customers are: without identity details their lines are not renewed.
    #[serde(default)]
    demands_identity: bool,
    simulator: Option<simulator::Settings>,
    airalo: Option<airalo::Settings>,
    esim_access: Option<esim_access::Settings>,
    esim_go: Option<esim_go::Settings>,
    dt_one: Option<dt_one::Settings>,
    tm_forum: Option<tm_forum::Settings>,
    one_global: Option<one_global::Settings>,
    /// Beside the one protocol: where its eSIM profiles are ordered.
    es2plus: Option<es2plus::Settings>,
}

fn usual_at_once() -> usize {
    8
}

/// The carriers of a file, ready to be asked.
pub struct Configured {
    pub carriers: Carriers,
    pub names: Vec<Name>,
}

impl CarrierSettings {
    /// Everything that is wrong, at once; without a file there is no carrier.
    pub fn carriers(&self, clock: &Clock) -> Result<Configured, Vec<String>> {
        let Some(path) = &self.file else {
            return Ok(Configured { carriers: Carriers::default(), names: vec![] });
        };
        let text = std::fs::read_to_string(path).map_err(|error| vec![format!("CARRIERS_FILE: {error}")])?;
        read(&text, clock)
    }
}

/// Reads a file's text.
pub fn read(text: &str, clock: &Clock) -> Result<Configured, Vec<String>> {
    let entries: BTreeMap<String, Entry> =
        toml::from_str(text).map_err(|error| vec![format!("CARRIERS_FILE: {error}")])?;
    let mut configured = Configured { carriers: Carriers::default(), names: vec![] };
    let mut problems = vec![];
    for (code, entry) in entries {
        match entry.connect(clock).and_then(|carrier| Ok((carrier, entry.profiles()?))) {
            Ok((carrier, profiles)) => {
                configured.carriers = configured.carriers.with(&code, carrier, entry.at_once.max(1));
                if entry.demands_identity {
                    configured.carriers = configured.carriers.demanding_identity(&code);
                }
                if let Some(profiles) = profiles {
                    configured.carriers = configured.carriers.with_profiles(&code, profiles);
                }
                configured.names.push(Name { code, zh: entry.name_zh, en: entry.name_en });
            }
            Err(what) => problems.push(format!("CARRIERS_FILE: [{code}]: {what}")),
        }
    }
    if problems.is_empty() { Ok(configured) } else { Err(problems) }
}

impl Entry {
    fn connect(&self, clock: &Clock) -> Result<Arc<dyn Carrier>, String> {
        let mut found: Vec<Result<Arc<dyn Carrier>, CarrierError>> = vec![];
        if let Some(settings) = &self.simulator {
            let client = simulator::SimulatorClient::new(&settings.address, TIMEOUT);
            found.push(shared(client.map(|client| match &settings.secret {
                Some(secret) => client.hearing(secret.expose()),
                None => client,
            })));
        }
        if let Some(settings) = &self.airalo {
            found.push(shared(airalo::Airalo::new(settings, TIMEOUT, clock.clone())));
        }
        if let Some(settings) = &self.esim_access {
            found.push(shared(esim_access::EsimAccess::new(settings, TIMEOUT, clock.clone())));
        }
        if let Some(settings) = &self.esim_go {
            found.push(shared(esim_go::EsimGo::new(settings, TIMEOUT, clock.clone())));
        }
        if let Some(settings) = &self.dt_one {
            found.push(shared(dt_one::DtOne::new(settings, TIMEOUT, clock.clone())));
        }
        if let Some(settings) = &self.tm_forum {
            found.push(shared(tm_forum::TmForum::new(settings, TIMEOUT, clock.clone())));
        }
        if let Some(settings) = &self.one_global {
            found.push(shared(one_global::OneGlobal::new(settings, TIMEOUT, clock.clone())));
        }
        match (found.pop(), found.pop()) {
            (Some(carrier), None) => carrier.map_err(|error| error.to_string()),
            (None, _) => Err("names no protocol; it needs a table such as [CODE.simulator]".to_owned()),
            _ => Err("names more than one protocol; a carrier is reached by one".to_owned()),
        }
    }

    fn profiles(&self) -> Result<Option<Arc<dyn Profiles>>, String> {
        let Some(settings) = &self.es2plus else { return Ok(None) };
        let server = es2plus::Es2Plus::new(settings, TIMEOUT).map_err(|error| format!("es2plus: {error}"))?;
        Ok(Some(Arc::new(server)))
    }
}

fn shared<C: Carrier + 'static>(made: Result<C, CarrierError>) -> Result<Arc<dyn Carrier>, CarrierError> {
    made.map(|carrier| Arc::new(carrier) as _)
}

impl TryFrom<String> for Secret {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let plain = match text.split_once(':') {
            Some(("env", name)) => std::env::var(name).map_err(|_| format!("the variable {name} is not set"))?,
            Some(("file", path)) => {
                std::fs::read_to_string(path).map_err(|error| format!("{path}: {error}"))?.trim().to_owned()
            }
            _ => text,
        };
        if plain.is_empty() { Err("is empty".to_owned()) } else { Ok(Self(plain.into())) }
    }
}

impl From<&str> for Secret {
    fn from(plain: &str) -> Self {
        Self(plain.into())
    }
}

impl Secret {
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(text: &str) -> String {
        read(text, &Clock::real()).map(|_| ()).expect_err("it was taken").join("\n")
    }

    #[test]
    fn several_carriers_may_speak_the_same_protocol() {
        let configured = read(
            r#"
            [roamia]
            name_zh = "漫途"
            name_en = "Roamia"
            simulator = { address = "http://127.0.0.1:1" }
            [globix]
            name_zh = "寰联"
            name_en = "Globix"
            at_once = 2
            demands_identity = true
            simulator = { address = "http://127.0.0.1:2" }
            "#,
            &Clock::real(),
        )
        .unwrap_or_else(|problems| panic!("{problems:?}"));
        let names: Vec<_> = configured.names.iter().map(|name| name.zh.as_str()).collect();
        assert_eq!(names, ["寰联", "漫途"]);
        assert!(configured.carriers.demands_identity("globix") && !configured.carriers.demands_identity("roamia"));
        assert!(configured.carriers.get("roamia").is_ok() && configured.carriers.get("cmcc").is_err());
    }

    #[test]
    fn each_protocol_is_reached_with_what_its_provider_gives() {
        let configured = read(
            r#"
            [roamia]
            name_zh = "漫途"
            name_en = "Roamia"
            airalo = { client_id = "us", client_secret = "file:Cargo.toml" }
            [globix]
            name_zh = "寰联"
            name_en = "Globix"
            esim_access = { access_code = "us", secret_key = "hush", notices_from = ["192.0.2.7"] }
            "#,
            &Clock::real(),
        )
        .unwrap_or_else(|problems| panic!("{problems:?}"));
        let protocol = |code: &str| configured.carriers.get(code).unwrap().carrier.facts().protocol;
        assert_eq!((protocol("roamia"), protocol("globix")), ("Airalo Partners", "eSIM Access"));
        let named = "name_zh = '漫途'\nname_en = 'Roamia'\n";
        for (table, problem) in [
            ("airalo = { client_id = 'us' }", "client_secret"),
            ("airalo = { client_id = 'us', client_secret = '' }", "is empty"),
            ("airalo = { client_id = 'us', client_secret = 'x', currency = 'MOON' }", "MOON"),
            ("esim_access = { access_code = 'us', secret_key = 'x', notices_from = ['here'] }", "notices_from"),
        ] {
            let said = problems(&format!("[roamia]\n{named}{table}"));
            assert!(said.contains(problem), "{table}: {said}");
        }
    }

    #[test]
    fn what_is_wrong_is_named_where_it_stands() {
        let named = "name_zh = '漫途'\nname_en = 'Roamia'\n";
        assert!(problems(&format!("[roamia]\n{named}")).contains("[roamia]: names no protocol"));
        assert!(problems("[roamia]\nname_zh = '漫途'").contains("missing field `name_en`"));
        assert!(problems(&format!("[roamia]\n{named}colour = 1")).contains("unknown field `colour`"));
        let nowhere = format!("[roamia]\n{named}[roamia.simulator]\naddress = 'nowhere'");
        assert!(problems(&nowhere).contains("[roamia]: the carrier is not set up rightly"));
    }

    #[test]
    fn a_secret_stays_out_of_logs() {
        let secret = Secret::try_from("file:Cargo.toml".to_owned()).unwrap();
        assert!(secret.expose().contains("renewal-portal"));
        assert!(!format!("{secret:?}").contains("renewal-portal"));
        assert!(Secret::try_from("env:NO_SUCH_VARIABLE_AT_ALL".to_owned()).is_err());
    }
}
