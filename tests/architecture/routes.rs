//! Every route that is declared has its row in docs/authorisation.md, and every row its route.

use crate::source::{File, program};
use std::collections::BTreeSet;
use std::fs;

type Route = (String, String);

/// Other companies' machines, rehearsed, and what only listens at an address of its own.
const ELSEWHERE: [&str; 3] = ["src/sandbox/", "src/simulator/", "src/commands/metrics.rs"];

const METHODS: [&str; 7] = ["get", "post", "put", "patch", "delete", "head", "options"];

/// Ways to declare a route that this test can't read. The demo's bank is nested: it is another company.
const UNREADABLE: [&str; 7] =
    [".nest(", ".nest_service(", ".route_service(", "MethodFilter", "routing::any", "routing::on", "MethodRouter"];

#[test]
fn every_route_has_its_row() {
    let (declared, told) = (declared(), told());
    assert!(declared.len() > 70, "only {} routes were found", declared.len());
    let new: Vec<_> = declared.difference(&told).collect();
    let gone: Vec<_> = told.difference(&declared).collect();
    assert!(new.is_empty(), "say in docs/authorisation.md who may call these: {new:?}");
    assert!(gone.is_empty(), "docs/authorisation.md speaks of what is no route any more: {gone:?}");
}

#[test]
fn routes_are_declared_where_they_can_be_read() {
    let holds = |line: &str| UNREADABLE.iter().any(|way| line.contains(way)) && !line.contains(".nest(\"/sandbox\", ");
    let strays: Vec<_> = portal().iter().flat_map(|file| file.lines_with(holds)).collect();
    assert!(strays.is_empty(), "declare these with .route(\"…\", get(…).post(…)):\n{}", strays.join("\n"));
}

fn portal() -> Vec<File> {
    let mut files = program();
    files.retain(|file| !ELSEWHERE.iter().any(|outside| file.path.starts_with(outside)));
    files
}

fn declared() -> BTreeSet<Route> {
    portal().iter().flat_map(|file| routes(&file.text)).collect()
}

fn routes(text: &str) -> Vec<Route> {
    text.split(".route(").skip(1).flat_map(|rest| route(call(rest))).collect()
}

/// What stands between the parentheses that `rest` begins within.
fn call(rest: &str) -> &str {
    let mut depth = 1;
    for (at, c) in rest.char_indices() {
        depth += match c {
            '(' => 1,
            ')' => -1,
            _ => 0,
        };
        if depth == 0 {
            return &rest[..at];
        }
    }
    rest
}

fn route(call: &str) -> Vec<Route> {
    let named = call.trim_start().strip_prefix('"').and_then(|rest| rest.split_once('"'));
    let Some((path, handlers)) = named else { panic!("the path of a route is not a literal: {call}") };
    let calls = |method: &&&str| {
        let word = format!("{method}(");
        handlers
            .match_indices(&word)
            .any(|(at, _)| !handlers[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_'))
    };
    let methods: Vec<_> = METHODS.iter().filter(calls).collect();
    assert!(!methods.is_empty(), "no method of {path} can be read");
    methods.into_iter().map(|method| (path.to_owned(), method.to_uppercase())).collect()
}

/// The first two cells of each row: `| /orders | GET | … |`.
fn told() -> BTreeSet<Route> {
    let path = format!("{}/docs/authorisation.md", env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let rows: Vec<Route> = text
        .lines()
        .filter_map(|line| line.strip_prefix("| `/")?.split_once("` | "))
        .filter_map(|(path, rest)| Some((format!("/{path}"), rest.split(" |").next()?.to_owned())))
        .collect();
    let all: BTreeSet<Route> = rows.iter().cloned().collect();
    assert_eq!(rows.len(), all.len(), "docs/authorisation.md has a row twice");
    all
}

#[test]
fn methods_are_read_off_a_declaration() {
    let text = "Router::new()\n.route(\n\"/a/{b}\",\nget(x::target).post(y))\n.route(\"/c\", post(forget(z)))";
    let read: Vec<_> = routes(text).into_iter().map(|(path, method)| format!("{method} {path}")).collect();
    assert_eq!(read, ["GET /a/{b}", "POST /a/{b}", "POST /c"]);
}
