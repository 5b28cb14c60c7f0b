//! docs/limits.md tells every limit that is counted, with its figures.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    entries.flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] }).collect()
}

/// `const NAME: (&str, Rate) = ("what", Rate { at_once: 5, one_per: 60 });`
fn declared() -> BTreeSet<(String, String, String)> {
    let mut found = BTreeSet::new();
    for path in sources(&root().join("src")) {
        let Ok(text) = fs::read_to_string(&path) else { continue };
        for part in text.split(": (&str, Rate) = (\"").skip(1) {
            let name = part.split('"').next().expect("a name");
            let figure = |field: &str| {
                let rest = part.split(field).nth(1).expect("a figure");
                rest.chars().skip(2).take_while(|c| *c != ' ' && *c != ',').filter(char::is_ascii_digit).collect()
            };
            found.insert((name.to_owned(), figure("at_once"), figure("one_per")));
        }
    }
    found
}

#[test]
fn every_limit_is_told_with_its_figures() {
    let text = fs::read_to_string(root().join("docs/limits.md")).expect("docs/limits.md");
    let rows = text.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| Limit"));
    let told: BTreeSet<_> = rows
        .map(|row| row.trim_matches('|').split(" | ").map(|cell| cell.trim().to_owned()).collect::<Vec<_>>())
        .map(|cells| (cells[0].clone(), cells[2].clone(), cells[3].clone()))
        .collect();
    assert!(told.len() > 15, "{told:?}");
    assert_eq!(told, declared());
}
