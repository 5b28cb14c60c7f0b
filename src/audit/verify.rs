//! Goes along the whole chain and says where it does not hold.

use super::chain::Link;
use super::queries::{self, Sealed};
use futures_util::TryStreamExt;
use sqlx::PgConnection;
use std::fmt;
use std::str::FromStr;

pub struct Proof {
    pub sealed: i64,
    /// Rows without a place yet.
    pub waiting: i64,
    pub breaks: Vec<String>,
}

pub async fn verify(conn: &mut PgConnection) -> sqlx::Result<Proof> {
    let (mut last, mut breaks) = (Link::start(), vec![]);
    let mut rows = queries::sealed(conn, 0);
    while let Some(row) = rows.try_next().await? {
        breaks.extend(broken(&last, &row));
        last = Link { position: row.position, hash: row.hash };
    }
    drop(rows);
    let head = queries::head(conn).await?;
    if head != last {
        breaks.push(format!("the trail ends at {} and should end at {}", last.written(), head.written()));
    }
    Ok(Proof { sealed: last.position, waiting: queries::waiting(conn).await?, breaks })
}

fn broken(last: &Link, row: &Sealed) -> Option<String> {
    if row.position != last.position + 1 {
        return Some(format!("nothing stands between {} and {}", last.position, row.position));
    }
    (last.next(&row.entry).hash != row.hash).then(|| format!("position {}: not what was sealed", row.position))
}

/// The end of the chain, to be written down elsewhere.
pub async fn end(conn: &mut PgConnection) -> sqlx::Result<String> {
    Ok(queries::head(conn).await?.written())
}

/// A place of the chain as it was written down before.
#[derive(Clone, Debug)]
pub struct Mark(Link);

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.written())
    }
}

impl FromStr for Mark {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let read = || {
            let (position, hash) = text.trim().split_once(':')?;
            Some(Link { position: position.parse().ok()?, hash: hex::decode(hash).ok()? })
        };
        read().map(Self).ok_or_else(|| "is not a place such as 1234:9f86d081…".to_owned())
    }
}

/// Whether the chain still goes through `mark`: one that was written anew does not.
pub async fn holds(conn: &mut PgConnection, mark: &Mark) -> sqlx::Result<bool> {
    Ok(queries::hash_at(conn, mark.0.position).await?.as_ref() == Some(&mark.0.hash))
}
