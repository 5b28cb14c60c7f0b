//! What stands at the server of profiles.

use renewal_portal::carriers::es2plus::Settings;

use crate::support::portal::TestPortal;

/// The matching id of the one profile that can be downloaded for this ICCID.
pub async fn released(portal: &TestPortal, iccid: &str) -> String {
    let sql = "select matching_id from simulator.profiles where iccid = $1 and state = 'released'";
    sqlx::query_scalar(sql).bind(iccid).fetch_one(&portal.db.pool).await.unwrap()
}

/// A server in plain HTTP, as it is reached without certificates.
pub fn settings(address: &str) -> Settings {
    Settings {
        address: address.to_owned(),
        function_requester_identifier: "1.3.6.1.4.1.1".into(),
        smdp_address: "smdp.cucc.example".into(),
        profile_type: None,
        confirmation_code: false,
        client_certificate: None,
        client_key: None,
        ca: None,
        progress_secret: None,
    }
}
