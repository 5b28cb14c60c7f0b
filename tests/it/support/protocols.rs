//! How the simulator is reached in each protocol, as an operator would write it into the carriers' file.

use renewal_portal::carriers::{Connection, settings};
use renewal_portal::clock::Clock;
use renewal_portal::simulator::{airalo as airalo_face, dt_one as dt_one_face, esim_access as esim_access_face};
use renewal_portal::simulator::{esim_go as esim_go_face, one_global as one_global_face, tm_forum as tm_forum_face};

/// A protocol and how it is written in the file for a simulator at this address.
type Spoken = (&'static str, fn(&str) -> String);

/// Every protocol by its name.
pub const ALL: [Spoken; 8] = [
    ("simulator", simulator),
    ("Airalo Partners", airalo),
    ("eSIM Access", esim_access),
    ("eSIM Go", esim_go),
    ("TM Forum by product order", |url| tm_forum(url, "product_order")),
    ("TM Forum by top-up", |url| tm_forum(url, "top_up")),
    ("DT One", dt_one),
    ("1GLOBAL Connect", one_global),
];

/// The carrier `cucc`, spoken to so.
pub fn connection(protocol: &str, clock: &Clock) -> Connection {
    let file = format!("[cucc]\nname_zh = '联通'\nname_en = 'Unicom'\n{protocol}");
    let configured = settings::read(&file, clock).unwrap_or_else(|problems| panic!("{problems:?}"));
    configured.carriers.get("cucc").unwrap().clone()
}

pub fn simulator(url: &str) -> String {
    format!("simulator = {{ address = '{url}' }}")
}

pub fn airalo(url: &str) -> String {
    let (id, secret) = (airalo_face::CLIENT_ID, airalo_face::CLIENT_SECRET);
    format!(
        "airalo = {{ address = '{url}/cucc/airalo/v2', client_id = '{id}', client_secret = '{secret}', currency = 'CNY' }}"
    )
}

pub fn esim_access(url: &str) -> String {
    let (code, key) = (esim_access_face::ACCESS_CODE, esim_access_face::SECRET_KEY);
    format!(
        "esim_access = {{ address = '{url}/cucc/esim-access/api/v1/open', access_code = '{code}', secret_key = '{key}' }}"
    )
}

pub fn esim_go(url: &str) -> String {
    format!("esim_go = {{ address = '{url}/cucc/esim-go/v2.5', api_key = '{}' }}", esim_go_face::API_KEY)
}

pub fn tm_forum(url: &str, renew_by: &str) -> String {
    let token = tm_forum_face::TOKEN;
    format!("tm_forum = {{ address = '{url}/cucc/tmf-api', token = '{token}', renew_by = '{renew_by}' }}")
}

pub fn dt_one(url: &str) -> String {
    let (key, secret) = (dt_one_face::API_KEY, dt_one_face::API_SECRET);
    format!("dt_one = {{ address = '{url}/cucc/dt-one/v1', api_key = '{key}', api_secret = '{secret}' }}")
}

pub fn one_global(url: &str) -> String {
    let (id, secret) = (one_global_face::CLIENT_ID, one_global_face::CLIENT_SECRET);
    let token = format!("{url}/cucc/auth/realms/tru-staff/protocol/openid-connect/token");
    format!(
        "one_global = {{ address = '{url}/cucc/connect-api/v2', token_address = '{token}', client_id = '{id}', client_secret = '{secret}', country = 'CN' }}"
    )
}
