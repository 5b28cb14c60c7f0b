use super::*;

// printf '1767225600.{"id":"evt_1"}' | openssl dgst -sha256 -hmac whsec_rehearsal
const SIGNED: &str = "c04ec05032f7423e59eab733ebd3415ef019c8ff173b93f436d0bd33183b380a";
const BODY: &[u8] = br#"{"id":"evt_1"}"#;
const AT: i64 = 1_767_225_600;

fn secrets(all: &[&str]) -> Vec<SecretString> {
    all.iter().map(|secret| SecretString::from(*secret)).collect()
}

fn verdict(all: &[&str], header: &str, body: &[u8], seconds: i64) -> Result<(), NotVerified> {
    let mut headers = HeaderMap::new();
    headers.insert(HEADER, header.parse().unwrap());
    verify(&secrets(all), &headers, body, OffsetDateTime::from_unix_timestamp(seconds).unwrap())
}

fn header() -> String {
    format!("t={AT},v1={SIGNED}")
}

#[test]
fn agrees_with_openssl() {
    assert_eq!(verdict(&["whsec_rehearsal"], &header(), BODY, AT), Ok(()));
}

#[test]
fn the_window_is_300_seconds_on_both_sides() {
    for (seconds, expected) in [
        (AT + 300, Ok(())),
        (AT - 300, Ok(())),
        (AT + 301, Err(NotVerified::OutOfTime)),
        (AT - 301, Err(NotVerified::OutOfTime)),
    ] {
        assert_eq!(verdict(&["whsec_rehearsal"], &header(), BODY, seconds), expected, "{seconds}");
    }
}

#[test]
fn while_a_secret_is_rolled_either_will_do_on_either_side() {
    assert_eq!(verdict(&["whsec_new", "whsec_rehearsal"], &header(), BODY, AT), Ok(()));
    let both = format!("t={AT},v1={},v1={SIGNED}", "0".repeat(64));
    assert_eq!(verdict(&["whsec_rehearsal"], &both, BODY, AT), Ok(()));
    for none in [&["whsec_new"][..], &[], &[""], &["rehearsal"]] {
        assert_eq!(verdict(none, &header(), BODY, AT), Err(NotVerified::WrongSignature), "{none:?}");
    }
}

#[test]
fn other_schemes_prove_nothing() {
    for decoy in [format!("t={AT},v0={SIGNED}"), format!("t={AT}"), format!("t={AT},v1=not hex"), format!("t={AT},v1=")]
    {
        assert_eq!(verdict(&["whsec_rehearsal"], &decoy, BODY, AT), Err(NotVerified::WrongSignature), "{decoy}");
    }
}

#[test]
fn a_changed_byte_a_changed_time_and_a_header_out_of_shape_are_refused() {
    let secret = &["whsec_rehearsal"];
    assert!(verdict(secret, &header(), br#"{"id":"evt_2"}"#, AT).is_err());
    assert!(verdict(secret, &format!("t={},v1={SIGNED}", AT + 1), BODY, AT).is_err());
    assert!(verdict(secret, &format!("t={AT},v1={}", &SIGNED[..62]), BODY, AT).is_err());
    for shapeless in
        ["", "t", "t=,v1=00", "v1=00", &format!("t={AT},t={AT},v1={SIGNED}"), "t=9999999999999999999999,v1=00"]
    {
        assert_eq!(verdict(secret, shapeless, BODY, AT), Err(NotVerified::Unsigned), "{shapeless}");
    }
    let mut twice = HeaderMap::new();
    twice.append(HEADER, header().parse().unwrap());
    twice.append(HEADER, header().parse().unwrap());
    let now = OffsetDateTime::from_unix_timestamp(AT).unwrap();
    assert_eq!(verify(&secrets(secret), &twice, BODY, now), Err(NotVerified::Unsigned));
    assert_eq!(verify(&secrets(secret), &HeaderMap::new(), BODY, now), Err(NotVerified::Unsigned));
}

/// More of them, made elsewhere, where a file of them is at hand.
#[test]
fn agrees_with_vectors_made_elsewhere() {
    let Ok(path) = std::env::var("PAYMENT_VECTORS") else { return };
    let file: serde_json::Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let all = file["vectors"].as_object().unwrap().values();
    let ours: Vec<_> = all.filter(|vector| vector["kind"] == "stripe_webhook").collect();
    assert!(!ours.is_empty());
    for vector in ours {
        let text = |name: &str| vector[name].as_str().unwrap();
        let (secret, header, body) = (&[text("secret")], text("header"), text("payload").as_bytes());
        let at = vector["now"].as_i64().unwrap();
        assert_eq!(verdict(secret, header, body, at), Ok(()), "{vector}");
        for byte in [0, body.len() / 2, body.len() - 1] {
            let mut altered = body.to_vec();
            altered[byte] ^= 1;
            assert_eq!(verdict(secret, header, &altered, at), Err(NotVerified::WrongSignature), "{vector}");
        }
        assert_eq!(verdict(secret, header, body, at + 301), Err(NotVerified::OutOfTime));
        assert_eq!(verdict(secret, header, body, at - 301), Err(NotVerified::OutOfTime));
    }
}
