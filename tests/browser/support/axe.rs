use std::fs;
use std::path::Path;
use std::sync::OnceLock;

/// Rules of WCAG 2.2 up to AA and what is good practice besides; each finding as one line.
pub const RUN: &str = "axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })
    .then(found => found.violations.map(v => v.id + ': ' + v.nodes.map(n => n.target.join(' ') + ' ' + n.any.map(a => a.message).join(', ')).join(' | ')))";

pub fn source() -> &'static str {
    static SOURCE: OnceLock<String> = OnceLock::new();
    SOURCE.get_or_init(|| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/axe/axe.min.js");
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}. `./test` fetches it", path.display()))
    })
}
