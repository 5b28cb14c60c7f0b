use std::collections::BTreeSet;
use std::fs;

#[test]
fn every_dependency_has_its_reason() {
    let (declared, told) = (declared(), told());
    let silent: Vec<_> = declared.difference(&told).collect();
    let gone: Vec<_> = told.difference(&declared).collect();
    assert!(silent.is_empty(), "docs/dependencies.md does not say why these are here: {silent:?}");
    assert!(gone.is_empty(), "docs/dependencies.md speaks of what Cargo.toml no longer has: {gone:?}");
}

fn declared() -> BTreeSet<String> {
    let mut inside = false;
    let mut names = BTreeSet::new();
    for line in read("Cargo.toml").lines() {
        if line.starts_with('[') {
            inside = ["[dependencies]", "[dev-dependencies]"].contains(&line);
        } else if let Some((name, _)) = line.split_once(" =").filter(|_| inside) {
            names.insert(name.to_owned());
        }
    }
    names
}

/// The first cell of each row: `| axum | … |`.
fn told() -> BTreeSet<String> {
    let text = read("docs/dependencies.md");
    let rows =
        text.lines().filter_map(|line| line.strip_prefix("| `")?.split_once("` |").map(|(name, _)| name.to_owned()));
    rows.collect()
}

fn read(path: &str) -> String {
    let path = format!("{}/{path}", env!("CARGO_MANIFEST_DIR"));
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}
