//! What stands at the server of profiles.

use crate::support::portal::TestPortal;

/// The matching id of the one profile that can be downloaded for this ICCID.
pub async fn released(portal: &TestPortal, iccid: &str) -> String {
    let sql = "select matching_id from simulator.profiles where iccid = $1 and state = 'released'";
    sqlx::query_scalar(sql).bind(iccid).fetch_one(&portal.db.pool).await.unwrap()
}
