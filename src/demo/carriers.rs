//! The demo's carriers, reached as an operator would reach theirs: by a file, each in its own protocol, over HTTP.

use crate::carriers::es2plus::{self, Es2Plus};
use crate::carriers::settings::{self, Configured};
use crate::carriers::simulator::SimulatorClient;
use crate::carriers::{CarrierError, Carriers};
use crate::clock::Clock;
use crate::simulator::{airalo, esim_access};
use std::sync::Arc;
use std::time::Duration;

/// Two speak protocols of real providers; the others, and any that plans name later, the simulator's own.
pub fn carriers(
    simulator: &str,
    secret: &str,
    codes: &[String],
    patience: Duration,
    clock: &Clock,
) -> anyhow::Result<Carriers> {
    let Configured { carriers, .. } =
        settings::read(&file(simulator), clock).map_err(|problems| anyhow::anyhow!(problems.join("\n")))?;
    let client = || SimulatorClient::new(simulator, patience).map(|client| client.hearing(secret));
    let others: Vec<&String> = codes.iter().filter(|code| carriers.codes().all(|known| known != *code)).collect();
    let all = others
        .into_iter()
        .try_fold(carriers, |all, code| Ok::<_, CarrierError>(all.with(code, Arc::new(client()?.of(code)), 8)))?;
    let all = codes.iter().try_fold(all, |all, code| {
        Ok::<_, CarrierError>(match all.profiles(code) {
            Some(_) => all,
            None => all.with_profiles(code, Arc::new(Es2Plus::new(&es2plus(simulator, code), patience)?)),
        })
    })?;
    // Hong Kong has SIM cards registered by name.
    Ok(all.rehearsed_by(Arc::new(client()?), 8).demanding_identity("cmhk"))
}

/// Every carrier has a server of profiles; a real one would want certificates.
fn es2plus(simulator: &str, code: &str) -> es2plus::Settings {
    es2plus::Settings {
        address: format!("{simulator}/{code}"),
        function_requester_identifier: "1.3.6.1.4.1.99999.1".to_owned(),
        smdp_address: format!("smdp.{}.example", code.replace('_', "-")),
        profile_type: None,
        confirmation_code: false,
        client_certificate: None,
        client_key: None,
        ca: None,
        progress_secret: None,
    }
}

fn file(simulator: &str) -> String {
    let (client_id, client_secret) = (airalo::CLIENT_ID, airalo::CLIENT_SECRET);
    let (access_code, secret_key) = (esim_access::ACCESS_CODE, esim_access::SECRET_KEY);
    format!(
        r#"
        [roamia]
        name_zh = "漫途"
        name_en = "Roamia"
        [roamia.airalo]
        address = "{simulator}/roamia/airalo/v2"
        client_id = "{client_id}"
        client_secret = "{client_secret}"

        [globix]
        name_zh = "寰联"
        name_en = "Globix"
        [globix.esim_access]
        address = "{simulator}/globix/esim-access/api/v1/open"
        access_code = "{access_code}"
        secret_key = "{secret_key}"
        [globix.es2plus]
        address = "{simulator}/globix"
        function_requester_identifier = "1.3.6.1.4.1.99999.1"
        smdp_address = "smdp.globix.example"
        confirmation_code = true
        "#
    )
}
