use tracing_subscriber::EnvFilter;

/// Says which address was asked for, and some of ours are secrets: links to confirm an address, to set a password.
const TELLS_ADDRESSES: &str = "tower_http::csrf=off";

/// Readable lines for a person at a terminal, JSON for machines. RUST_LOG chooses what is logged.
pub fn start(json: bool, default: &str) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(default));
    let filter = match TELLS_ADDRESSES.parse() {
        Ok(quiet) => filter.add_directive(quiet),
        Err(_) => filter,
    };
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let _ = if json { lines.json().flatten_event(true).try_init() } else { lines.with_target(false).try_init() };
}
