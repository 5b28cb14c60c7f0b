//! Which key a text holds: PEM, or the base64 inside it alone, as consoles give it.

use super::KeyError;
use super::der::{self, BIT_STRING, CONTEXT_0, Element, INTEGER, OBJECT_ID, OCTET_STRING, SEQUENCE};
use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use secrecy::zeroize::Zeroizing;

/// 1.2.840.113549.1.1.1
const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
/// Bits of the shortest key still good for signatures, and of the longest that is checked.
const BITS: std::ops::RangeInclusive<usize> = 2048..=8192;

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Each as its DER.
pub enum Found<'a> {
    Pkcs1Private(&'a [u8]),
    Pkcs8Private(&'a [u8]),
    /// `RSAPublicKey` of PKCS#1, whatever it was wrapped in.
    Public(&'a [u8]),
    /// The public key it vouches for.
    Certificate(&'a [u8]),
}

pub fn bytes(text: &str) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    // Environment files often hold a PEM in one line, with `\n` spelled out.
    let text = Zeroizing::new(text.replace("\\n", "\n"));
    let inner = inside(text.trim())?;
    let compact: Zeroizing<String> = Zeroizing::new(inner.split_whitespace().collect());
    if compact.is_empty() {
        return Err(KeyError::Empty);
    }
    BASE64.decode(compact.as_bytes()).map(Zeroizing::new).map_err(|_| KeyError::NotBase64)
}

fn inside(text: &str) -> Result<&str, KeyError> {
    let Some((_, begun)) = text.split_once("-----BEGIN ") else { return Ok(text) };
    let (label, body) = begun.split_once("-----").ok_or(KeyError::Unfinished)?;
    let (body, after) = body.split_once("-----END ").ok_or(KeyError::Unfinished)?;
    if !after.starts_with(label) {
        return Err(KeyError::Unfinished);
    }
    match label.starts_with("ENCRYPTED") || body.contains("Proc-Type:") {
        true => Err(KeyError::Encrypted),
        false => Ok(body),
    }
}

pub fn key(der: &[u8]) -> Result<Found<'_>, KeyError> {
    let parts = der::sequence(der).ok_or(KeyError::NotAKey)?;
    let tags: Vec<u8> = parts.iter().map(|part| part.tag).collect();
    match tags.as_slice() {
        [INTEGER, SEQUENCE, OCTET_STRING, ..] => {
            rsa_only(parts[1])?;
            enough(der::sequence(parts[2].content).and_then(|inner| inner.get(1).copied()))?;
            Ok(Found::Pkcs8Private(der))
        }
        [INTEGER, INTEGER] => public(der).map(Found::Public),
        [INTEGER, INTEGER, INTEGER, ..] => {
            enough(parts.get(1).copied())?;
            Ok(Found::Pkcs1Private(der))
        }
        [SEQUENCE, BIT_STRING] => wrapped(parts[0], parts[1]).map(Found::Public),
        [SEQUENCE, SEQUENCE, BIT_STRING] => certified(parts[0]).map(Found::Certificate),
        [SEQUENCE, OCTET_STRING] => Err(KeyError::Encrypted),
        [INTEGER, OCTET_STRING, ..] => Err(KeyError::NotRsa),
        _ => Err(KeyError::NotAKey),
    }
}

/// The serial number of a certificate, without the zero that keeps it from being negative.
pub fn serial(der: &[u8]) -> Option<&[u8]> {
    let outer = der::sequence(der)?;
    let [to_be_signed, _, signature] = outer.as_slice() else { return None };
    let parts = der::sequence(to_be_signed.whole).filter(|_| signature.tag == BIT_STRING)?;
    let at = usize::from(parts.first()?.tag == CONTEXT_0);
    let number = parts.get(at).filter(|part| part.tag == INTEGER)?.content;
    Some(number.strip_prefix(&[0]).unwrap_or(number))
}

fn certified(to_be_signed: Element<'_>) -> Result<&[u8], KeyError> {
    let parts = der::sequence(to_be_signed.whole).ok_or(KeyError::NotAKey)?;
    // version (if any), serial number, algorithm, issuer, validity, subject, public key
    let before = if parts.first().is_some_and(|part| part.tag == CONTEXT_0) { 6 } else { 5 };
    let info = parts.get(before).and_then(|part| der::sequence(part.whole)).ok_or(KeyError::NotAKey)?;
    match info.as_slice() {
        [algorithm, bits] if bits.tag == BIT_STRING => wrapped(*algorithm, *bits),
        _ => Err(KeyError::NotAKey),
    }
}

fn wrapped<'a>(algorithm: Element<'a>, bits: Element<'a>) -> Result<&'a [u8], KeyError> {
    rsa_only(algorithm)?;
    match bits.content.split_first() {
        Some((0, der)) => public(der),
        _ => Err(KeyError::NotAKey),
    }
}

fn public(der: &[u8]) -> Result<&[u8], KeyError> {
    enough(der::sequence(der).and_then(|parts| parts.first().copied())).map(|()| der)
}

fn rsa_only(algorithm: Element<'_>) -> Result<(), KeyError> {
    let parts = der::sequence(algorithm.whole).ok_or(KeyError::NotAKey)?;
    match parts.first() {
        Some(id) if id.tag == OBJECT_ID && id.content == RSA => Ok(()),
        Some(id) if id.tag == OBJECT_ID => Err(KeyError::NotRsa),
        _ => Err(KeyError::NotAKey),
    }
}

fn enough(modulus: Option<Element<'_>>) -> Result<(), KeyError> {
    let modulus = modulus.filter(|part| part.tag == INTEGER).ok_or(KeyError::NotAKey)?;
    let zeros = modulus.content.iter().take_while(|byte| **byte == 0).count();
    let digits = &modulus.content[zeros..];
    let bits = digits.first().map_or(0, |first| digits.len() * 8 - first.leading_zeros() as usize);
    if BITS.contains(&bits) { Ok(()) } else { Err(KeyError::WrongLength(bits)) }
}
