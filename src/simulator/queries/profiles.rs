use sqlx::PgConnection;

/// An eSIM profile at the server that phones download it from.
#[derive(sqlx::FromRow, Clone, Debug)]
pub struct Profile {
    pub carrier: String,
    pub iccid: String,
    pub state: String,
    pub eid: Option<String>,
    pub matching_id: Option<String>,
    pub confirmation_code: Option<String>,
    pub profile_type: Option<String>,
}

pub async fn lock_profile(conn: &mut PgConnection, carrier: &str, iccid: &str) -> sqlx::Result<Option<Profile>> {
    sqlx::query_as("select * from simulator.profiles where carrier = $1 and iccid = $2 for update")
        .bind(carrier)
        .bind(iccid)
        .fetch_optional(conn)
        .await
}

pub async fn has_matching_id(conn: &mut PgConnection, matching_id: &str) -> sqlx::Result<bool> {
    sqlx::query_scalar("select exists (select from simulator.profiles where matching_id = $1)")
        .bind(matching_id)
        .fetch_one(conn)
        .await
}

pub async fn save_profile(conn: &mut PgConnection, profile: &Profile) -> sqlx::Result<()> {
    sqlx::query(
        "insert into simulator.profiles (carrier, iccid, state, eid, matching_id, confirmation_code, profile_type)
         values ($1, $2, $3, $4, $5, $6, $7)
         on conflict (carrier, iccid) do update set state = excluded.state, eid = excluded.eid,
           matching_id = excluded.matching_id, confirmation_code = excluded.confirmation_code,
           profile_type = excluded.profile_type",
    )
    .bind(&profile.carrier)
    .bind(&profile.iccid)
    .bind(&profile.state)
    .bind(&profile.eid)
    .bind(&profile.matching_id)
    .bind(&profile.confirmation_code)
    .bind(&profile.profile_type)
    .execute(conn)
    .await?;
    Ok(())
}
