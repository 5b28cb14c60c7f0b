//! Style, scripts and icons, part of the binary. The address carries a hash of the content, so a browser may keep it for ever.

use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use flate2::{Compression, write::GzEncoder};
use rust_embed::RustEmbed;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::io::Write;
use std::sync::OnceLock;

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/static"]
struct Files;

struct Asset {
    path: String,
    kind: &'static str,
    bytes: Vec<u8>,
    gzip: Option<Vec<u8>>,
}

/// The address of the asset `name`, such as `app.css` or `js/live.js`.
pub fn path(name: &str) -> String {
    assets().get(name).map_or_else(|| format!("/static/{name}"), |asset| format!("/static/{}", asset.path))
}

fn assets() -> &'static HashMap<String, Asset> {
    static ALL: OnceLock<HashMap<String, Asset>> = OnceLock::new();
    ALL.get_or_init(|| {
        let mut all: HashMap<_, _> = Files::iter()
            .filter(|name| !name.ends_with(".css"))
            .filter_map(|name| Some((name.to_string(), asset(&name, Files::get(&name)?.data.into_owned()))))
            .collect();
        all.insert("app.css".into(), asset("app.css", styles("css/")));
        all.insert(
            "bank.css".into(),
            asset("bank.css", Files::get("css/bank.css").map(|file| file.data.into_owned()).unwrap_or_default()),
        );
        all
    })
}

/// The portal's style sheets as one; the sandbox's payment page has its own, since it is not ours, in the order of the cascade: tokens, base, components, pages.
fn styles(folder: &str) -> Vec<u8> {
    let rank = |name: &str| match name {
        name if name.ends_with("tokens.css") => 0,
        name if name.ends_with("base.css") => 1,
        name if name.contains("/components/") => 2,
        _ => 3,
    };
    let mut names: Vec<_> = Files::iter()
        .filter(|name| name.starts_with(folder) && name.ends_with(".css") && !name.ends_with("bank.css"))
        .collect();
    names.sort_by_key(|name| (rank(name), name.to_string()));
    names.iter().filter_map(|name| Files::get(name)).flat_map(|file| file.data.into_owned()).collect()
}

fn asset(name: &str, bytes: Vec<u8>) -> Asset {
    let hash = hex::encode(&Sha256::digest(&bytes)[..6]);
    let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
    let kind = match extension {
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "webmanifest" => "application/manifest+json",
        _ => "application/octet-stream",
    };
    let gzip = (kind.starts_with("text/") || extension == "svg").then(|| compress(&bytes)).flatten();
    Asset { path: format!("{stem}.{hash}.{extension}"), kind, bytes, gzip }
}

fn compress(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut encoder = GzEncoder::new(vec![], Compression::best());
    encoder.write_all(bytes).ok()?;
    encoder.finish().ok()
}

/// `GET /static/{*path}`
pub async fn show(Path(path): Path<String>, headers: HeaderMap) -> Response {
    let Some(asset) = by_path(&path) else { return StatusCode::NOT_FOUND.into_response() };
    let takes_gzip = headers
        .get(header::ACCEPT_ENCODING)
        .is_some_and(|value| value.to_str().is_ok_and(|value| value.contains("gzip")));
    let common = [
        (header::CONTENT_TYPE, asset.kind),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
        (header::VARY, "Accept-Encoding"),
    ];
    match &asset.gzip {
        Some(gzip) if takes_gzip => (common, [(header::CONTENT_ENCODING, "gzip")], gzip.as_slice()).into_response(),
        _ => (common, asset.bytes.as_slice()).into_response(),
    }
}

/// `GET /favicon.ico`: what browsers ask for unasked.
pub async fn favicon() -> Redirect {
    Redirect::permanent(&path("img/favicon.svg"))
}

fn by_path(path: &str) -> Option<&'static Asset> {
    static BY_PATH: OnceLock<HashMap<&'static str, &'static Asset>> = OnceLock::new();
    BY_PATH.get_or_init(|| assets().values().map(|asset| (asset.path.as_str(), asset)).collect()).get(path).copied()
}
