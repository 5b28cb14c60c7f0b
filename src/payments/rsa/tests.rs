//! Keys and signatures made by openssl (`openssl genrsa`, `openssl dgst -sha256 -sign`).

use super::*;

const PKCS1: &str = include_str!("../../../tests/fixtures/rsa/pkcs1.pem");
const PKCS8: &str = include_str!("../../../tests/fixtures/rsa/pkcs8.pem");
const SPKI: &str = include_str!("../../../tests/fixtures/rsa/spki.pem");
const PUBLIC_PKCS1: &str = include_str!("../../../tests/fixtures/rsa/public-pkcs1.pem");
const CERTIFICATE: &str = include_str!("../../../tests/fixtures/rsa/certificate.pem");
const OTHER: &str = include_str!("../../../tests/fixtures/rsa/other.pem");
const SHORT: &str = include_str!("../../../tests/fixtures/rsa/short.pem");
const ENCRYPTED: &str = include_str!("../../../tests/fixtures/rsa/encrypted.pem");
const ELLIPTIC: &str = include_str!("../../../tests/fixtures/rsa/elliptic.pem");
const MESSAGE: &[u8] = include_bytes!("../../../tests/fixtures/rsa/message.txt");
const SIGNATURE: &str = include_str!("../../../tests/fixtures/rsa/message.sig");

fn bare(pem: &str) -> String {
    pem.lines().filter(|line| !line.starts_with("-----")).collect()
}

#[test]
fn signs_as_openssl_does_whatever_form_the_key_has() {
    let spelled_out = PKCS8.replace('\n', "\\n");
    for text in [PKCS1, PKCS8, &bare(PKCS1), &bare(PKCS8), &spelled_out, &PKCS1.replace('\n', "\r\n")] {
        assert_eq!(PrivateKey::read(text).unwrap().sign(MESSAGE).unwrap(), SIGNATURE);
    }
}

#[test]
fn verifies_what_openssl_signed_with_every_form_of_the_public_key() {
    let unpadded = bare(SPKI).trim_end_matches('=').to_owned();
    for text in [SPKI, PUBLIC_PKCS1, CERTIFICATE, &bare(SPKI), &bare(PUBLIC_PKCS1), &bare(CERTIFICATE), &unpadded] {
        let key = PublicKey::read(text).unwrap();
        assert!(key.verifies(MESSAGE, SIGNATURE));
        assert_eq!(key, PrivateKey::read(PKCS1).unwrap().public());
    }
}

#[test]
fn refuses_a_changed_byte_another_key_and_what_is_no_signature() {
    let key = PublicKey::read(SPKI).unwrap();
    let mut message = MESSAGE.to_vec();
    for place in [0, message.len() / 2, message.len() - 1] {
        message[place] ^= 1;
        assert!(!key.verifies(&message, SIGNATURE), "byte {place}");
        message[place] ^= 1;
    }
    assert!(!key.verifies(MESSAGE, &SIGNATURE.replacen('A', "B", 1)));
    assert!(!key.verifies(MESSAGE, &SIGNATURE[..SIGNATURE.len() - 4]));
    assert!(!key.verifies(MESSAGE, ""));
    assert!(!key.verifies(MESSAGE, "not base64!"));
    let other = PrivateKey::read(OTHER).unwrap();
    assert!(!other.public().verifies(MESSAGE, SIGNATURE));
    assert!(!key.verifies(MESSAGE, &other.sign(MESSAGE).unwrap()));
}

#[test]
fn says_what_is_wrong_with_a_private_key() {
    for (text, why) in [
        ("", KeyError::Empty),
        ("-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----", KeyError::Empty),
        ("not base64!", KeyError::NotBase64),
        (&PKCS1[..400], KeyError::Unfinished),
        ("bm90IGEga2V5", KeyError::NotAKey),
        (&bare(PKCS1)[..800], KeyError::NotAKey),
        (SHORT, KeyError::WrongLength(1024)),
        (ENCRYPTED, KeyError::Encrypted),
        (&bare(ENCRYPTED), KeyError::Encrypted),
        (ELLIPTIC, KeyError::NotRsa),
        (SPKI, KeyError::PublicNotPrivate),
        (&bare(PUBLIC_PKCS1), KeyError::PublicNotPrivate),
        (CERTIFICATE, KeyError::CertificateNotPrivate),
    ] {
        assert_eq!(PrivateKey::read(text).unwrap_err(), why, "{text}");
    }
}

#[test]
fn says_what_is_wrong_with_a_public_key() {
    for (text, why) in [
        (PKCS1, KeyError::PrivateNotPublic),
        (&bare(PKCS8), KeyError::PrivateNotPublic),
        (ELLIPTIC, KeyError::NotRsa),
        (&SPKI[..100], KeyError::Unfinished),
    ] {
        assert_eq!(PublicKey::read(text).unwrap_err(), why, "{text}");
    }
}

#[test]
fn a_private_key_whose_parts_do_not_fit_is_refused() {
    let mut der = STANDARD.decode(bare(PKCS1)).unwrap();
    let last = der.len() - 1;
    der[last] ^= 1;
    assert!(matches!(PrivateKey::read(&STANDARD.encode(der)), Err(KeyError::Inconsistent(_))));
}

#[test]
fn knows_whether_two_keys_belong_together() {
    let key = PrivateKey::read(PKCS8).unwrap();
    assert_eq!(key.belongs_to(&PublicKey::read(CERTIFICATE).unwrap()), Ok(()));
    assert_eq!(key.belongs_to(&PrivateKey::read(OTHER).unwrap().public()), Err(KeyError::NotAPair));
}

#[test]
fn shows_nothing_of_a_private_key() {
    let key = PrivateKey::read(PKCS1).unwrap();
    assert_eq!(format!("{key:?}"), "PrivateKey(kept secret)");
}

#[test]
fn a_setting_may_hold_the_key_or_name_its_file() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/rsa/pkcs1.pem");
    assert_eq!(text_of(path).unwrap().as_str(), PKCS1);
    assert_eq!(text_of(PKCS1).unwrap().as_str(), PKCS1.trim());
    assert_eq!(text_of(&bare(PKCS8)).unwrap().as_str(), bare(PKCS8));
    assert!(matches!(text_of("/no/such/file.pem"), Err(KeyError::NoFile { .. })));
    assert_eq!(
        text_of("MIIEvQIBADANBgkq/hkiG9w0B").err(),
        Some(KeyError::NeitherKeyNorFile),
        "a piece of a key is not shown"
    );
    assert_eq!(text_of("\"/etc/key.pem\"").err(), Some(KeyError::Quoted));
}

#[test]
fn no_cut_of_a_key_is_more_than_refused() {
    let der = STANDARD.decode(bare(CERTIFICATE)).unwrap();
    for end in 0..der.len() {
        assert!(PublicKey::read(&STANDARD.encode(&der[..end])).is_err(), "{end}");
    }
}
