//! The names we give attempts and refunds towards a gateway.

const REFERENCE: &[u8; 36] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// `R…` names an attempt to its gateway. 26 characters of `[0-9A-Z]` fit every gateway's rules.
pub fn new_merchant_ref() -> String {
    reference('R')
}

/// `F…` names a refund to its gateway, the same at every try.
pub fn new_refund_no() -> String {
    reference('F')
}

/// Whether a refund's number was made here. Others were given by hand, in a gateway's own pages.
pub fn is_refund_no(text: &str) -> bool {
    text.len() == 26 && text.starts_with('F') && text.bytes().all(|byte| REFERENCE.contains(&byte))
}

/// `E…` names a refund that was made at the gateway, not by us.
pub fn new_external_refund_no() -> String {
    reference('E')
}

fn reference(first: char) -> String {
    let mut random = [0u8; 25];
    crate::ids::fill_random(&mut random);
    let rest = random.iter().map(|byte| char::from(REFERENCE[usize::from(*byte) % REFERENCE.len()]));
    std::iter::once(first).chain(rest).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_fit_the_strictest_gateway() {
        let (one, two) = (new_merchant_ref(), new_refund_no());
        for text in [&one, &two] {
            assert_eq!(text.len(), 26);
            assert!(text.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase()));
        }
        assert!(one.starts_with('R') && two.starts_with('F'));
        assert!(is_refund_no(&two) && !is_refund_no(&one) && !is_refund_no("F-BY-HAND"));
        assert_ne!(one, new_merchant_ref());
    }
}
