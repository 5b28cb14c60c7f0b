//! As much of DER as telling keys apart needs: lengths, and which element follows which.

pub const INTEGER: u8 = 0x02;
pub const BIT_STRING: u8 = 0x03;
pub const OCTET_STRING: u8 = 0x04;
pub const OBJECT_ID: u8 = 0x06;
pub const SEQUENCE: u8 = 0x30;
/// `[0]`, such as the version of a certificate.
pub const CONTEXT_0: u8 = 0xa0;

#[derive(Clone, Copy)]
pub struct Element<'a> {
    pub tag: u8,
    pub content: &'a [u8],
    /// With its tag and length.
    pub whole: &'a [u8],
}

/// What a sequence holds, when these bytes are one and nothing else.
pub fn sequence(bytes: &[u8]) -> Option<Vec<Element<'_>>> {
    let (outer, rest) = element(bytes)?;
    if outer.tag != SEQUENCE || !rest.is_empty() {
        return None;
    }
    elements(outer.content)
}

fn elements(mut bytes: &[u8]) -> Option<Vec<Element<'_>>> {
    let mut found = Vec::new();
    while !bytes.is_empty() {
        let (one, rest) = element(bytes)?;
        found.push(one);
        bytes = rest;
    }
    Some(found)
}

fn element(bytes: &[u8]) -> Option<(Element<'_>, &[u8])> {
    let (&tag, after_tag) = bytes.split_first()?;
    let (length, after_length) = length(after_tag)?;
    let (content, rest) = after_length.split_at_checked(length)?;
    let whole = bytes.get(..bytes.len() - rest.len())?;
    Some((Element { tag, content, whole }, rest))
}

fn length(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let (&first, rest) = bytes.split_first()?;
    if first < 0x80 {
        return Some((first.into(), rest));
    }
    let (big_endian, rest) = rest.split_at_checked((first & 0x7f).into())?;
    // No key is longer than three bytes can say.
    if big_endian.is_empty() || big_endian.len() > 3 {
        return None;
    }
    Some((big_endian.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte)), rest))
}
