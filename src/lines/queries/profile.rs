//! The eSIM profile behind a line: the line stays who it is when it gets another one.

use crate::ids::LineId;
use crate::lines::model::Line;
use sqlx::{PgConnection, PgExecutor};
use time::OffsetDateTime;

pub struct NewProfile<'a> {
    pub iccid: &'a str,
    pub activation_code: &'a str,
    pub confirmation_code: Option<&'a str>,
    /// The device it is for, where that is known.
    pub eid: Option<&'a str>,
}

/// Puts another profile behind the line. The ICCID it had is kept apart, since the carrier may give it to somebody else.
pub async fn take_profile(
    conn: &mut PgConnection,
    line: &Line,
    new: &NewProfile<'_>,
    now: OffsetDateTime,
) -> sqlx::Result<()> {
    if line.iccid != new.iccid {
        sqlx::query("insert into line_iccids (line_id, carrier, iccid, until) values ($1, $2, $3, $4)")
            .bind(line.id)
            .bind(&line.carrier)
            .bind(&line.iccid)
            .bind(now)
            .execute(&mut *conn)
            .await?;
    }
    sqlx::query(
        "update lines set iccid = $2, activation_code = $3, confirmation_code = $4, eid = $5, installed = false,
                installed_as_of = $6, version = version + 1
         where id = $1",
    )
    .bind(line.id)
    .bind(new.iccid)
    .bind(new.activation_code)
    .bind(new.confirmation_code)
    .bind(new.eid)
    .bind(now)
    .execute(conn)
    .await?;
    Ok(())
}

pub async fn set_installed(conn: &mut PgConnection, line: LineId, now: OffsetDateTime) -> sqlx::Result<()> {
    sqlx::query("update lines set installed = true, installed_as_of = $2 where id = $1")
        .bind(line)
        .bind(now)
        .execute(conn)
        .await?;
    Ok(())
}

/// Whether another line than this one has the ICCID now.
pub async fn is_held(executor: impl PgExecutor<'_>, line: &Line, iccid: &str) -> sqlx::Result<bool> {
    sqlx::query_scalar(
        "select exists (select from lines where carrier = $1 and iccid = $2 and id <> $3 and ended_at is null)",
    )
    .bind(&line.carrier)
    .bind(iccid)
    .bind(line.id)
    .fetch_one(executor)
    .await
}
