//! Where a person goes after signing in. The address bar is anyone's to write, so only our own paths are followed.

/// Two notes of 300 Chinese characters, escaped.
const LONGEST: usize = 6_000;

/// A path of this site, or nothing.
pub fn own_path(text: &str) -> Option<&str> {
    let rest = text.strip_prefix('/')?;
    let leaves =
        rest.starts_with(['/', '\\']) || text.contains('\\') || text.chars().any(|c| c.is_control() || c == ' ');
    let decoded = text.split(['?', '#']).next().unwrap_or_default().to_ascii_lowercase();
    let hidden = ["%2f", "%5c", "%00", "%0a", "%0d", "%09"].iter().any(|code| decoded.contains(code));
    let dotted = decoded.split('/').any(|part| matches!(part, "." | ".." | "%2e" | "%2e%2e" | ".%2e" | "%2e."));
    (!leaves && !hidden && !dotted && !decoded.contains("//") && text.len() <= LONGEST && text.is_ascii())
        .then_some(text)
}

#[cfg(test)]
mod tests {
    use super::{LONGEST, own_path};

    #[test]
    fn only_our_own_paths_are_followed() {
        for own in [
            "/",
            "/account",
            "/lines/0190/renew?plan=CM-30&term=month",
            "/orders/1#top",
            "/account?back=https://x.example",
        ] {
            assert_eq!(own_path(own), Some(own));
        }
        for other in [
            "",
            "account",
            "//evil.example",
            "///evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "https://evil.example",
            "https:evil.example",
            "//evil.example/%2f..",
            "/%2f/evil.example",
            "/%2Fevil.example",
            "/%5cevil.example",
            "/\tevil",
            "/\t/evil.example",
            "/\n/evil.example",
            " /account",
            "/ /evil",
            "javascript:alert(1)",
            "data:text/html,x",
            "@evil.example",
            "/account\r\nSet-Cookie: a=b",
            "/./../evil",
            "/%2e%2e//evil.example",
            "/account//evil.example",
            "/账户",
            "/%0d%0aSet-Cookie:a",
        ] {
            assert_eq!(own_path(other), None, "{other:?}");
        }
        assert_eq!(own_path(&format!("/{}", "a".repeat(LONGEST))), None);
    }
}
