//! The sealed trail, a line of JSON each. `entry` is the very text that was hashed, so that anybody can go along the chain
//! without us: a line's hash is the SHA-256 of the hash before it (32 zero bytes before the first) and of that text.

use super::queries;
use futures_util::TryStreamExt;
use serde_json::json;
use sqlx::PgConnection;
use std::io::Write;

/// How many lines were written: those after `after`.
pub async fn export(conn: &mut PgConnection, after: i64, out: &mut impl Write) -> anyhow::Result<u64> {
    let mut rows = queries::sealed(conn, after);
    let mut lines = 0;
    while let Some(row) = rows.try_next().await? {
        let line = json!({ "position": row.position, "entry": row.entry, "hash": hex::encode(&row.hash) });
        writeln!(out, "{line}")?;
        lines += 1;
    }
    Ok(lines)
}
