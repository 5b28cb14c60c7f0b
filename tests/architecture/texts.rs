use crate::source::{files, program};
use std::collections::BTreeSet;

#[test]
fn both_languages_have_every_text() {
    let (english, chinese) = (keys("locales/en"), keys("locales/zh-CN"));
    let missing: Vec<_> = english.difference(&chinese).map(|key| format!("zh-CN lacks {key}")).collect();
    let more: Vec<_> = chinese.difference(&english).map(|key| format!("en lacks {key}")).collect();
    assert!(missing.is_empty() && more.is_empty(), "{}", [missing, more].concat().join("\n"));
}

#[test]
fn every_text_asked_for_exists() {
    let known = keys("locales/en");
    let missing: Vec<_> = asked().into_iter().filter(|key| !known.contains(key)).collect();
    assert!(missing.is_empty(), "no such texts in locales/: {missing:?}");
}

#[test]
fn every_text_is_asked_for() {
    let literals = literals();
    let patterns: Vec<&String> =
        literals.iter().filter(|literal| literal.contains('{') && literal.contains('-')).collect();
    let idle: Vec<_> = keys("locales/en").into_iter().filter(|key| !is_used(key, &literals, &patterns)).collect();
    assert!(idle.is_empty(), "nobody shows these texts; take them out: {idle:?}");
}

/// As it stands, or as a form's page and part (`login`, then `title` or `email` or `email-hint`), or as a
/// `format!("order-state-{}")`.
fn is_used(key: &str, literals: &BTreeSet<String>, patterns: &[&String]) -> bool {
    let of_a_form = ["title", "lead", "hint"];
    let part = |part: &str| literals.contains(part) || of_a_form.contains(&part);
    let in_parts =
        |key: &str| key.match_indices('-').any(|(at, _)| literals.contains(&key[..at]) && part(&key[at + 1..]));
    let bare = key.strip_suffix("-hint").unwrap_or(key);
    literals.contains(key) || in_parts(key) || in_parts(bare) || patterns.iter().any(|pattern| matches(pattern, key))
}

/// Whether `key` is `pattern` with its braces filled in; the pattern must say more than a dash itself.
fn matches(pattern: &str, key: &str) -> bool {
    let parts: Vec<&str> = pattern
        .split('{')
        .enumerate()
        .map(|(n, part)| if n == 0 { part } else { part.split_once('}').map_or(part, |(_, after)| after) })
        .collect();
    if parts[0].len() < 4 || !key.starts_with(parts[0]) {
        return false;
    }
    let mut rest = &key[parts[0].len()..];
    for part in &parts[1..] {
        let filled = if part.is_empty() { Some(rest.len()) } else { rest.find(part) };
        match filled {
            Some(at) if at > 0 => rest = &rest[(at + part.len()).min(rest.len())..],
            _ => return false,
        }
    }
    rest.is_empty()
}

fn keys(folder: &str) -> BTreeSet<String> {
    let key = |line: &str| {
        line.split_once(" =").map(|(key, _)| key.to_owned()).filter(|key| !key.starts_with([' ', '#', '-']))
    };
    files(folder, ".ftl").iter().flat_map(|file| file.text.lines().filter_map(key).collect::<Vec<_>>()).collect()
}

/// Keys that stand as literals in a call for a text. The rehearsed bank has words of its own.
fn asked() -> BTreeSet<String> {
    let calls = [".t(\"", ".t1(\"", ".t2(\"", ".ta(\""];
    let sources = program().into_iter().chain(files("templates", ".html")).chain(files("templates", ".txt"));
    let sources = sources.filter(|file| !file.path.contains("/sandbox/"));
    let in_file = |text: String| {
        let found = calls.iter().flat_map(|call| text.split(call).skip(1).filter_map(|rest| rest.split('"').next()));
        found.map(str::to_owned).collect::<Vec<_>>()
    };
    sources.flat_map(|file| in_file(file.text)).collect()
}

/// Every string literal of the program and its templates. A template's own quotes stand inside `{{ }}` and `{% %}`.
fn literals() -> BTreeSet<String> {
    let sources = program().into_iter().chain(files("templates", ".html")).chain(files("templates", ".txt"));
    let is_name = |literal: &&str| {
        !literal.is_empty()
            && literal.len() < 80
            && literal.chars().all(|c| c.is_ascii_alphanumeric() || "-_{}.:()".contains(c))
    };
    sources.flat_map(|file| file.text.split('"').filter(is_name).map(str::to_owned).collect::<Vec<_>>()).collect()
}

#[test]
fn patterns_are_filled_in() {
    assert!(matches("order-state-{}", "order-state-paid"));
    assert!(matches("error-{key}-title", "error-not-found-title"));
    assert!(!matches("error-{key}-title", "error-not-found-text"));
    assert!(!matches("{}-{part}", "login-submit"));
}
