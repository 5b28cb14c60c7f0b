//! What docs/security.md names as a proof exists, and what it calls done is shown by something.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

const PLACES: [&str; 7] = ["src/", "tests/", "docs/", "static/", "templates/", "Dockerfile", "Cargo.lock"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn told() -> String {
    fs::read_to_string(root().join("docs/security.md")).expect("docs/security.md")
}

/// `tests/it/x.rs:name`, a file and something in it, or a file alone.
fn proofs(text: &str) -> Vec<&str> {
    let quoted = text.split('`').skip(1).step_by(2);
    quoted.filter(|word| PLACES.iter().any(|place| word.starts_with(place))).collect()
}

fn is_there(proof: &str) -> bool {
    let (path, name) = proof.split_once(':').unwrap_or((proof, ""));
    let Ok(text) = fs::read_to_string(root().join(path)) else { return false };
    name.is_empty() || text.contains(&format!("fn {name}("))
}

fn rows(text: &str) -> Vec<Vec<&str>> {
    let rows = text.lines().filter(|line| line.starts_with("| V"));
    rows.map(|line| line.trim_matches('|').split(" | ").map(str::trim).collect()).collect()
}

#[test]
fn every_proof_exists() {
    let text = told();
    let proofs = proofs(&text);
    assert!(proofs.len() > 100, "only {} proofs were found", proofs.len());
    let missing: BTreeSet<_> = proofs.into_iter().filter(|proof| !is_there(proof)).collect();
    assert!(missing.is_empty(), "docs/security.md names what is not there: {missing:#?}");
}

#[test]
fn what_is_done_is_shown() {
    let text = told();
    let rows = rows(&text);
    let names: BTreeSet<_> = rows.iter().map(|row| row[0]).collect();
    assert_eq!((rows.len(), names.len()), (178, 178), "a row is missing or there twice");
    for row in &rows {
        let [name, _, status, shown] = row[..] else { panic!("{row:?} has other cells") };
        assert!(["done", "partly", "open", "yours"].contains(&status), "{name}: {status}");
        assert!(status != "done" || !shown.is_empty(), "{name} is done, and nothing shows it");
    }
    let counted = |status: &str| format!("{} {status}", rows.iter().filter(|row| row[2] == status).count());
    let sum = ["done", "partly", "open", "yours"].map(counted).join(", ");
    assert!(text.contains(&format!("{sum} of 178.")), "it comes to {sum}");
}

#[test]
fn a_proof_that_is_made_up_is_found_out() {
    assert!(is_there("src/lib.rs") && is_there("tests/architecture/security.rs:every_proof_exists"));
    assert!(!is_there("src/none.rs") && !is_there("tests/architecture/security.rs:no_such_test"));
}
