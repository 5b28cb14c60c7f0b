//! The demo's carriers, reached as an operator would reach theirs: by a file, each in its own protocol, over HTTP.

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
    Ok(all.rehearsed_by(Arc::new(client()?), 8))
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
        "#
    )
}
