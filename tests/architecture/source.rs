use std::fs;
use std::path::{Path, PathBuf};

/// A file of the project, by its path from the root.
pub struct File {
    pub path: String,
    pub text: String,
}

/// All files under `folder` whose names end in `extension`, in order.
pub fn files(folder: &str, extension: &str) -> Vec<File> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut paths = vec![];
    walk(&root.join(folder), &mut paths);
    paths.retain(|path| path.to_string_lossy().ends_with(extension));
    paths.sort();
    assert!(!paths.is_empty(), "no {extension} files under {folder}");
    let read = |path: PathBuf| File {
        text: fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display())),
        path: path.strip_prefix(root).unwrap_or(&path).to_string_lossy().into_owned(),
    };
    paths.into_iter().map(read).collect()
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
        let path = entry.expect("an entry of the folder").path();
        if path.is_dir() { walk(&path, found) } else { found.push(path) }
    }
}

/// The program's own code: without comments, and without its tests, which may do more.
pub fn program() -> Vec<File> {
    let tests = ["/tests.rs", "/properties.rs"];
    let mut files = files("src", ".rs");
    files.retain(|file| !tests.iter().any(|end| file.path.ends_with(end)));
    for file in &mut files {
        file.text = without_comments(before_tests(&file.text));
    }
    files
}

fn before_tests(text: &str) -> &str {
    text.split_once("#[cfg(test)]\nmod ")
        .filter(|(_, rest)| rest.lines().next().is_some_and(|line| line.ends_with('{')))
        .map_or(text, |(code, _)| code)
}

fn without_comments(text: &str) -> String {
    text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

impl File {
    /// The folder or file directly under `src` that this file belongs to.
    pub fn room(&self) -> &str {
        let inside = self.path.trim_start_matches("src/");
        inside.split('/').next().unwrap_or(inside).trim_end_matches(".rs")
    }

    /// Every path into this crate that the file names, groups spelled out: `orders::queries::by_id`.
    pub fn imports(&self) -> Vec<String> {
        let mut found = vec![];
        for (_, rest) in self.text.match_indices("crate::").map(|(at, start)| self.text.split_at(at + start.len())) {
            spell_out("", rest, &mut found);
        }
        found
    }

    /// Lines that hold `needle`, as `path:line: text`.
    pub fn lines_with(&self, holds: impl Fn(&str) -> bool) -> Vec<String> {
        let lines = self.text.lines().enumerate().filter(|(_, line)| holds(line));
        lines.map(|(number, line)| format!("{}:{}: {}", self.path, number + 1, line.trim())).collect()
    }
}

/// Reads one path or group from the start of `rest`, and answers what follows it.
fn spell_out<'a>(prefix: &str, rest: &'a str, found: &mut Vec<String>) -> &'a str {
    let rest = rest.trim_start();
    if let Some(mut inside) = rest.strip_prefix('{') {
        loop {
            inside = spell_out(prefix, inside, found).trim_start();
            match inside.as_bytes().first() {
                Some(b',') => inside = &inside[1..],
                Some(b'}') => return &inside[1..],
                _ => return inside,
            }
        }
    }
    let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
    let (name, after) = rest.split_at(end);
    if name.is_empty() {
        return after;
    }
    let path = if prefix.is_empty() { name.to_owned() } else { format!("{prefix}::{name}") };
    if let Some(deeper) = after.strip_prefix("::").filter(|deeper| !deeper.starts_with('<')) {
        return spell_out(&path, deeper, found);
    }
    found.push(path);
    let after = after.trim_start();
    after.strip_prefix("as ").map_or(after, |alias| alias.trim_start_matches(|c: char| c.is_alphanumeric() || c == '_'))
}

#[test]
fn groups_are_spelled_out() {
    let file = File {
        path: "src/a/b.rs".into(),
        text:
            "use crate::{ids::OrderId, orders::{self as o, queries::{by_id, due}}};\nlet x = crate::web::see_other(1);"
                .into(),
    };
    assert_eq!(file.room(), "a");
    assert_eq!(
        file.imports(),
        ["ids::OrderId", "orders::self", "orders::queries::by_id", "orders::queries::due", "web::see_other"]
    );
}
