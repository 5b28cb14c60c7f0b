//! `POST /webhooks/carriers/{code}`: what a carrier tells unasked. Verified, stored with the job that acts on it, acknowledged.

use std::net::{IpAddr, Ipv4Addr};

use axum::body::{Body, to_bytes};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use sha2::{Digest, Sha256};
use sqlx::PgPool;
use time::OffsetDateTime;

use super::event;
use super::queries::{self, NewEvent};
use crate::carriers::{Carriers, Delivery, Notice, NoticeError, NoticeKind};
use crate::clock::Clock;
use crate::web::client::Client;

/// Bytes a delivery may have.
pub const LARGEST: usize = 256 * 1024;
/// What a carrier's own ids and words may have.
const LONGEST_WORD: usize = 100;

pub async fn receive(
    State(pool): State<PgPool>,
    State(clock): State<Clock>,
    State(carriers): State<Carriers>,
    Path(code): Path<String>,
    client: Client,
    headers: HeaderMap,
    body: Body,
) -> StatusCode {
    let Ok(connection) = carriers.get(&code) else { return StatusCode::NOT_FOUND };
    let Some(notices) = connection.carrier.notices() else { return StatusCode::NOT_FOUND };
    let Ok(body) = to_bytes(body, LARGEST).await else { return StatusCode::PAYLOAD_TOO_LARGE };
    let peer = client.ip().unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
    let receipt = match notices.read(&Delivery { headers: &headers, body: &body, peer }) {
        Ok(notice) => take(&pool, &code, &notice, &body, clock.now()).await,
        Err(error) => refused(&code, &error),
    };
    metrics::counter!("carrier_notices_total", "carrier" => code, "status" => receipt.as_str().to_owned()).increment(1);
    receipt
}

/// `POST /webhooks/carriers/{code}/{word}/gsma/rsp2/es2plus/handleDownloadProgressInfo`: the server of a carrier's profiles
/// tells of a download. It shows no certificate here, where TLS ends before us: the word in its address speaks for it.
pub async fn progress(
    State(pool): State<PgPool>,
    State(clock): State<Clock>,
    State(carriers): State<Carriers>,
    Path((code, word)): Path<(String, String)>,
    body: Body,
) -> StatusCode {
    let Some(server) = carriers.profiles(&code) else { return StatusCode::NOT_FOUND };
    let Ok(body) = to_bytes(body, LARGEST).await else { return StatusCode::PAYLOAD_TOO_LARGE };
    let receipt = match server.read_progress(&word, &body) {
        Ok(notice) => take(&pool, &code, &notice, &body, clock.now()).await,
        Err(error) => refused(&code, &error),
    };
    if receipt == StatusCode::OK { StatusCode::NO_CONTENT } else { receipt }
}

/// `HEAD`: some carriers look first whether there is somebody.
pub async fn look(State(carriers): State<Carriers>, Path(code): Path<String>) -> StatusCode {
    match carriers.get(&code).is_ok_and(|connection| connection.carrier.notices().is_some()) {
        true => StatusCode::OK,
        false => StatusCode::NOT_FOUND,
    }
}

fn refused(carrier: &str, error: &NoticeError) -> StatusCode {
    tracing::warn!(carrier, %error, "a carrier's notice was not taken");
    match error {
        NoticeError::NotGenuine(_) => StatusCode::UNAUTHORIZED,
        NoticeError::Unreadable(_) => StatusCode::BAD_REQUEST,
    }
}

/// Not thanked for unless it is stored, so that it comes again.
async fn take(pool: &PgPool, carrier: &str, notice: &Notice, body: &[u8], now: OffsetDateTime) -> StatusCode {
    if notice.kind == NoticeKind::Health {
        return StatusCode::OK;
    }
    match store(pool, carrier, notice, body, now).await {
        Ok(()) => StatusCode::OK,
        Err(error) => {
            tracing::error!(carrier, %error, "a carrier's notice could not be stored");
            StatusCode::SERVICE_UNAVAILABLE
        }
    }
}

async fn store(pool: &PgPool, carrier: &str, notice: &Notice, body: &[u8], now: OffsetDateTime) -> sqlx::Result<()> {
    let (kind, word) = named(&notice.kind);
    let key = short_key(&notice.event_key);
    let stored = NewEvent {
        carrier,
        key: &key,
        kind,
        word: word.map(cut),
        iccid: notice.iccid.as_deref().map(cut),
        carrier_line_id: notice.carrier_line_id.as_deref().map(cut),
        reference: notice.reference.as_deref().map(cut),
        body,
    };
    let mut tx = crate::db::begin(pool).await?;
    if let Some(id) = queries::store_event(&mut tx, &stored, now).await? {
        event::enqueue(&mut tx, id, now).await?;
    }
    tx.commit().await
}

fn named(kind: &NoticeKind) -> (&'static str, Option<&str>) {
    match kind {
        NoticeKind::LowData => ("low_data", None),
        NoticeKind::Expiring => ("expiring", None),
        NoticeKind::LineChanged => ("line_changed", None),
        NoticeKind::Renewal => ("renewal", None),
        NoticeKind::LowCredit => ("low_credit", None),
        NoticeKind::Installed => ("installed", None),
        NoticeKind::Download(words) => ("download", Some(words)),
        NoticeKind::Health => ("health", None),
        NoticeKind::Other(word) => ("other", Some(word)),
    }
}

/// A key too long for an index is as unique by its hash.
fn short_key(key: &str) -> String {
    if key.len() <= LONGEST_WORD && !key.contains('\0') { key.to_owned() } else { hex::encode(Sha256::digest(key)) }
}

fn cut(word: &str) -> &str {
    let word = word.split('\0').next().unwrap_or_default();
    &word[..word.floor_char_boundary(LONGEST_WORD)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_a_carrier_writes_can_be_stored() {
        assert_eq!(cut(&"é".repeat(80)).len(), 100);
        assert_eq!(cut("a\0b"), "a");
        assert_eq!(short_key("evt_1"), "evt_1");
        assert_eq!(short_key(&"x".repeat(5_000)).len(), 64);
        assert_ne!(short_key(&"x".repeat(5_000)), short_key(&"x".repeat(5_001)));
    }
}
