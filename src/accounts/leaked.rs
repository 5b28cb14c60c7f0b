//! Passwords that other sites have lost. Who is asked learns the first five characters of a password's SHA-1, which hundreds
//! share, and nothing else; where it can't be asked, the other rules for passwords have to do.
use std::time::Duration;

use anyhow::Context;
use reqwest::{Method, Url};
use ring::digest;

use crate::http_client::Http;

const PATIENCE: Duration = Duration::from_secs(2);
const PREFIX: usize = 5;

/// One with the range interface of Have I Been Pwned, or nobody.
#[derive(Clone, Default)]
pub struct Leaked(Option<(Http, Url)>);

impl Leaked {
    /// `address` is what the first five characters are put after.
    pub fn at(address: &str) -> anyhow::Result<Self> {
        let url = address.parse::<Url>().context("LEAKED_PASSWORDS_URL: is no web address")?;
        let http = Http::new(PATIENCE).context("LEAKED_PASSWORDS_URL")?;
        Ok(Self(Some((http, url))))
    }

    pub async fn knows(&self, password: &str) -> bool {
        let Some((http, address)) = &self.0 else { return false };
        let hash = hex::encode_upper(digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, password.as_bytes()));
        let (prefix, rest) = hash.split_at(PREFIX);
        let Ok(url) = address.join(prefix) else { return false };
        match http.send(http.request(Method::GET, url).header("add-padding", "true")).await {
            Ok(answer) if answer.status.is_success() => has(&answer.body, rest),
            Ok(answer) => {
                tracing::warn!(status = %answer.status, "leaked passwords could not be asked after");
                false
            }
            Err(error) => {
                tracing::warn!(%error, "leaked passwords could not be asked after");
                false
            }
        }
    }
}

/// `REST:COUNT` on each line; those that only fill up count nothing.
fn has(body: &[u8], rest: &str) -> bool {
    let lines = String::from_utf8_lossy(body);
    lines.lines().filter_map(|line| line.trim().split_once(':')).any(|(found, count)| {
        found.eq_ignore_ascii_case(rest) && count.trim().parse::<u64>().is_ok_and(|count| count > 0)
    })
}

#[cfg(test)]
mod tests {
    use super::has;

    #[test]
    fn what_only_fills_the_answer_up_was_not_lost() {
        let body = b"003D68EB55068C33ACE09247EE4C639306B:3\r\n00A8DAE4228F821FB418F59826079BF368B:0\r\nbroken";
        assert!(has(body, "003d68EB55068C33ACE09247EE4C639306B"));
        assert!(!has(body, "00A8DAE4228F821FB418F59826079BF368B"));
        assert!(!has(body, "FFFFDAE4228F821FB418F59826079BF368B"));
    }
}
