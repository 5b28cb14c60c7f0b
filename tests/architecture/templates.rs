use crate::source::{File, files};

fn pages() -> Vec<File> {
    let mut pages = files("templates", ".html");
    // A mail has no Content-Security-Policy, and mail programs know little else than inline style.
    pages.retain(|page| !page.path.starts_with("templates/mails/"));
    pages
}

fn none(rule: &str, files: Vec<File>, breaks: fn(&str) -> bool) {
    let found: Vec<_> = files.iter().flat_map(|file| file.lines_with(breaks)).collect();
    assert!(found.is_empty(), "{rule}:\n{}", found.join("\n"));
}

/// Drawn by `qr`, which escapes its title and otherwise writes numbers only.
const MADE_BY_US: &[&str] = &["app.picture|safe", "install.qr|safe", "code.picture|safe"];

#[test]
fn nothing_is_put_in_unescaped() {
    none("`safe` switches escaping off", files("templates", ".html"), |line| {
        let bare = MADE_BY_US.iter().fold(line.replace(' ', ""), |line, ours| line.replace(ours, ""));
        bare.contains("|safe")
    });
}

#[test]
fn style_and_script_come_from_files() {
    none("inline style or script, which our Content-Security-Policy refuses", pages(), |line| {
        let script = line.contains("<script") && !line.contains("src=");
        let handler = line
            .split_whitespace()
            .any(|word| word.starts_with("on") && word.contains("=\"") && word.starts_with(char::is_alphabetic));
        script || handler || line.contains("<style") || line.contains(" style=")
    });
}

/// Pages are not stored and scripts keep nothing: whoever signs out leaves nothing of theirs in the browser.
#[test]
fn scripts_keep_nothing_in_the_browser() {
    none("something kept in the browser", files("static/js", ".js"), |line| {
        let stores = ["localStorage", "sessionStorage", "indexedDB", "caches", "serviceWorker", "document.cookie"];
        stores.iter().any(|store| line.contains(store))
    });
}

#[test]
fn every_form_carries_its_token() {
    let tokenless = |file: &File| {
        let forms = file
            .text
            .split("<form")
            .skip(1)
            .filter(|form| form.split('>').next().is_some_and(|tag| tag.contains("method=\"post\"")));
        forms.filter(|form| !form.split("</form>").next().unwrap_or_default().contains("name=\"csrf\"")).count()
    };
    // The bank's page is another site: its forms are not ours to sign.
    let found: Vec<_> = pages()
        .into_iter()
        .filter(|file| !file.path.starts_with("templates/sandbox/") && tokenless(file) > 0)
        .map(|file| file.path)
        .collect();
    assert!(found.is_empty(), "forms that change something without the field `csrf`: {found:?}");
}

#[test]
fn templates_stay_small() {
    let long: Vec<_> = files("templates", ".html")
        .iter()
        .filter(|file| file.text.lines().count() > 150)
        .map(|file| file.path.clone())
        .collect();
    assert!(long.is_empty(), "over 150 lines; take a component out: {long:?}");
}
