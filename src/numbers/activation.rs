//! The activation code that puts an eSIM on a phone (GSMA SGP.22, 4.1): `LPA:1$SM-DP+$MatchingID[$OID][$1]`.

use super::half_width;
use std::fmt;

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ActivationCodeError {
    #[error("is empty")]
    Empty,
    #[error("is not an activation code such as LPA:1$smdp.example.com$TOKEN")]
    Format,
    #[error("has no full server name, such as smdp.example.com, in it")]
    Host,
    #[error("has something other than letters, digits and hyphens after the server name")]
    MatchingId,
    #[error("has something other than an object identifier in its fourth field")]
    Oid,
    #[error(
        "has something other than 1 in its last field; it only says that a confirmation code is needed and is never that code"
    )]
    Flag,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActivationCode {
    /// The SM-DP+ server's name.
    pub host: String,
    pub matching_id: String,
    oid: String,
    /// The phone will ask for a code that was given apart from this one.
    pub needs_confirmation: bool,
}

impl ActivationCode {
    /// `LPA:` belongs to the QR form only and may be missing.
    pub fn parse(text: &str) -> Result<Self, ActivationCodeError> {
        use ActivationCodeError as Wrong;
        let text: String = half_width(text).chars().filter(|character| !is_blank(*character)).collect();
        let prefixed = text.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("LPA:"));
        let fields = text[if prefixed { 4 } else { 0 }..].trim_end_matches('$');
        if fields.is_empty() {
            return Err(Wrong::Empty);
        }
        let fields: Vec<&str> = fields.split('$').collect();
        let (&[format, host, matching_id, ..], ..=5) = (fields.as_slice(), fields.len()) else {
            return Err(Wrong::Format);
        };
        let (oid, flag) = (fields.get(3).copied().unwrap_or_default(), fields.get(4).copied());
        match () {
            () if format != "1" => Err(Wrong::Format),
            () if !is_host(host) => Err(Wrong::Host),
            () if !is_matching_id(matching_id) => Err(Wrong::MatchingId),
            () if !oid.is_empty() && !is_oid(oid) => Err(Wrong::Oid),
            () if !matches!(flag, None | Some("1")) => Err(Wrong::Flag),
            () => Ok(Self {
                host: host.to_ascii_lowercase(),
                matching_id: matching_id.to_owned(),
                oid: oid.to_owned(),
                needs_confirmation: flag.is_some(),
            }),
        }
    }

    /// Opens the installer of an iPhone, from iOS 17.4 on.
    pub fn one_tap_link(&self) -> String {
        let encoded: String = self.to_string().bytes().map(encode).collect();
        format!("https://esimsetup.apple.com/esim_qrcode_provisioning?carddata={encoded}")
    }
}

/// The one way to write it.
impl fmt::Display for ActivationCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LPA:1${}${}", self.host, self.matching_id)?;
        match (self.oid.as_str(), self.needs_confirmation) {
            ("", false) => Ok(()),
            (oid, false) => write!(f, "${oid}"),
            (oid, true) => write!(f, "${oid}$1"),
        }
    }
}

fn is_blank(character: char) -> bool {
    character.is_whitespace() || matches!(character, '\u{200b}' | '\u{feff}')
}

/// A full domain name: two labels at least, the last of them no number.
fn is_host(host: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let top = host.rsplit('.').next().unwrap_or_default();
    host.len() <= 253
        && host.contains('.')
        && host.split('.').all(is_label)
        && top.bytes().any(|byte| byte.is_ascii_alphabetic())
}

fn is_matching_id(id: &str) -> bool {
    (1..=255).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// `1.3.6.1.4.1.31746`
fn is_oid(oid: &str) -> bool {
    oid.len() <= 255 && oid.split('.').all(|arc| !arc.is_empty() && arc.bytes().all(|byte| byte.is_ascii_digit()))
}

fn encode(byte: u8) -> String {
    match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_people_paste_and_writes_one_form() {
        for text in [
            "LPA:1$smdp.example.com$K7Q2-9XWM",
            " lpa:1$smdp.example.com$K7Q2-9XWM ",
            "1$smdp.example.com$K7Q2-9XWM",
            "Lpa:1$SMDP.Example.com$K7Q2-9XWM$",
            "LPA:1$smdp.example.com$K7Q2-9XWM$$",
            "ＬＰＡ：１＄ｓｍｄｐ．ｅｘａｍｐｌｅ．ｃｏｍ＄Ｋ７Ｑ２－９ＸＷＭ",
            "LPA: 1$smdp.example.com\n$K7Q2-9XWM\u{200b}",
        ] {
            let code = ActivationCode::parse(text).unwrap();
            assert_eq!((code.host.as_str(), code.matching_id.as_str()), ("smdp.example.com", "K7Q2-9XWM"), "{text}");
            assert!(!code.needs_confirmation, "{text}");
            assert_eq!(code.to_string(), "LPA:1$smdp.example.com$K7Q2-9XWM");
        }
    }

    #[test]
    fn tells_the_confirmation_flag_from_the_servers_oid() {
        for (text, needs) in [
            ("LPA:1$a.example$B$1.3.6.1$1", true),
            ("LPA:1$a.example$B$$1", true),
            ("LPA:1$a.example$B$1.3.6.1", false),
            ("LPA:1$a.example$B$1", false),
            ("lpa:1$a.example$b-c$$1", true),
        ] {
            let code = ActivationCode::parse(text).unwrap();
            assert_eq!(code.needs_confirmation, needs, "{text}");
            assert_eq!(ActivationCode::parse(&code.to_string()), Ok(code), "{text}");
        }
        assert_eq!(
            ActivationCode::parse("LPA:1$a.example$B$$1$").unwrap().to_string(),
            "LPA:1$a.example$B$$1",
            "the flag stays in the fifth field"
        );
    }

    #[test]
    fn refuses_what_is_no_code() {
        use ActivationCodeError::*;
        for (text, why) in [
            ("", Empty),
            ("LPA:", Empty),
            ("$$$", Empty),
            ("LPA:1$", Format),
            ("LPA:1$a.example", Format),
            ("LPA:1$a.example$", Format),
            ("LPA:2$a.example$B", Format),
            ("LPA:1$a.example$b$1.2$1$1", Format),
            ("8986001234567890120", Format),
            ("LPA:1$$X", Host),
            ("LPA:1$localhost$X", Host),
            ("LPA:1$192.0.2.7$X", Host),
            ("LPA:1$-a.example$X", Host),
            ("LPA:1$a..example$X", Host),
            ("LPA:1$a.example.$X", Host),
            ("LPA:1$a.example:443$X", Host),
            ("LPA:1$a.example$K_7", MatchingId),
            ("LPA:1$a.example$$1.3", MatchingId),
            ("LPA:1$a.example$é", MatchingId),
            ("LPA:1$a.example$B$x", Oid),
            ("LPA:1$a.example$B$1..3", Oid),
            ("LPA:1$a.example$B$$4711", Flag),
            ("LPA:1$a.example$B$$0", Flag),
        ] {
            assert_eq!(ActivationCode::parse(text), Err(why), "{text}");
        }
    }

    #[test]
    fn the_link_carries_the_whole_code() {
        let code = ActivationCode::parse("1$smdp.example.com$K7Q2-9XWM$$1").unwrap();
        assert_eq!(
            code.one_tap_link(),
            "https://esimsetup.apple.com/esim_qrcode_provisioning?carddata=LPA%3A1%24smdp.example.com%24K7Q2-9XWM%24%241"
        );
    }
}
