use std::collections::BTreeSet;
use std::path::Path;

use serde::Deserialize;

#[derive(Deserialize)]
struct Listed {
    guard: Vec<Guard>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Guard {
    name: String,
    file: String,
    text: String,
    without: String,
    test: String,
}

fn read(path: &str) -> String {
    let whole = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    std::fs::read_to_string(&whole).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// `it claims_codes::name` and `lib carriers::wire::tests::name`, each where it is written.
fn is_written(test: &str) -> bool {
    let (target, path) = test.split_once(' ').expect("a target and a name");
    let (module, name) = path.rsplit_once("::").expect("a module and a name");
    let code = match target {
        "lib" => module_of_library(module),
        _ => read(&format!("tests/{target}/{}.rs", module.replace("::", "/"))),
    };
    code.contains(&format!("fn {name}("))
}

/// The file of a module's tests: its own, or the one they stand at the end of.
fn module_of_library(module: &str) -> String {
    let path = module.replace("::", "/");
    let parent = path.rsplit_once('/').map_or("", |(parent, _)| parent);
    let files = [format!("{path}.rs"), format!("{parent}.rs"), format!("{parent}/mod.rs")];
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    files.iter().filter_map(|file| std::fs::read_to_string(root.join(file)).ok()).collect()
}

#[test]
fn every_guard_stands_where_it_is_listed_and_was_missed_by_its_test() {
    let listed: Listed = toml::from_str(&read("tests/guards.toml")).unwrap();
    let (table, mut names, mut wrong) = (read("docs/guards.md"), BTreeSet::new(), vec![]);
    for guard in &listed.guard {
        let stands = read(&guard.file).matches(guard.text.as_str()).count();
        let row = table.lines().find(|line| line.starts_with(&format!("| {} | ", guard.name)));
        if stands != 1 || guard.without == guard.text {
            wrong.push(format!("{}: stands {stands} times in {}", guard.name, guard.file));
        }
        if !is_written(&guard.test) {
            wrong.push(format!("{}: there is no test {}", guard.name, guard.test));
        }
        if !row.is_some_and(|row| row.contains(" | yes")) {
            wrong.push(format!("{}: not seen red by scripts/guards", guard.name));
        }
        if !names.insert(&guard.name) {
            wrong.push(format!("{}: listed twice", guard.name));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
