//! What puts an eSIM on a phone: the activation code of GSMA SGP.22, 4.1, taken apart.

/// `LPA:1$SMDP$MATCHING-ID[$OID[$1]]`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActivationCode {
    pub whole: String,
    /// The SM-DP+ server's address.
    pub address: String,
    pub matching_id: String,
    /// The phone will ask for a code that was given apart from this one.
    pub needs_confirmation: bool,
}

impl ActivationCode {
    pub fn parse(text: &str) -> Option<Self> {
        let whole = text.trim();
        let rest = whole.get(..4).filter(|start| start.eq_ignore_ascii_case("LPA:")).map(|_| &whole[4..])?;
        let parts: Vec<&str> = rest.split('$').collect();
        let [format, address, matching_id, ..] = parts[..] else { return None };
        let in_alphabet = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-:".contains(&byte));
        if format != "1" || address.is_empty() || parts.len() > 5 || !in_alphabet(address) || !in_alphabet(matching_id)
        {
            return None;
        }
        Some(Self {
            whole: format!("LPA:{rest}"),
            address: address.to_owned(),
            matching_id: matching_id.to_owned(),
            needs_confirmation: parts.get(4) == Some(&"1"),
        })
    }

    /// Opens the phone's own installer, where it is recent enough to know the address.
    pub fn one_tap_link(&self) -> String {
        let encoded: String = self.whole.bytes().map(encode).collect();
        format!("https://esimsetup.apple.com/esim_qrcode_provisioning?carddata={encoded}")
    }
}

fn encode(byte: u8) -> String {
    match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    }
}

#[cfg(test)]
mod tests {
    use super::ActivationCode;

    #[test]
    fn takes_a_code_apart() {
        let code = ActivationCode::parse(" lpa:1$smdp.example.com$K7Q2-9XWM ").unwrap();
        assert_eq!((code.address.as_str(), code.matching_id.as_str()), ("smdp.example.com", "K7Q2-9XWM"));
        assert_eq!(code.whole, "LPA:1$smdp.example.com$K7Q2-9XWM");
        assert!(!code.needs_confirmation);
        assert_eq!(
            code.one_tap_link(),
            "https://esimsetup.apple.com/esim_qrcode_provisioning?carddata=LPA%3A1%24smdp.example.com%24K7Q2-9XWM"
        );
    }

    #[test]
    fn tells_the_confirmation_flag_from_the_server_id() {
        for (code, needs) in [
            ("LPA:1$a.example$B$1.3.6.1$1", true),
            ("LPA:1$a.example$B$$1", true),
            ("LPA:1$a.example$B$1.3.6.1", false),
        ] {
            assert_eq!(ActivationCode::parse(code).unwrap().needs_confirmation, needs, "{code}");
        }
    }

    #[test]
    fn refuses_what_is_no_code() {
        for text in [
            "",
            "LPA:",
            "LPA:1$",
            "LPA:1$$X",
            "LPA:2$a.example$B",
            "1$a.example$B",
            "LPA:1$a b$C",
            "LPA:1$a$b$c$d$e",
            "ＬＰＡ:1$a$b",
        ] {
            assert_eq!(ActivationCode::parse(text), None, "{text}");
        }
    }
}
