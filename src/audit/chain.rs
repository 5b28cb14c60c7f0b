//! What one row's hash is made of: the hash before it and the row itself.

use sha2::{Digest, Sha256};

pub type Hash = Vec<u8>;

/// A place in the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    pub position: i64,
    pub hash: Hash,
}

impl Link {
    /// What comes before the first row.
    pub fn start() -> Self {
        Self { position: 0, hash: vec![0; 32] }
    }

    pub fn next(&self, entry: &str) -> Self {
        let digest = Sha256::new().chain_update(&self.hash).chain_update(entry.as_bytes()).finalize();
        Self { position: self.position + 1, hash: digest.to_vec() }
    }

    /// As it is written down somewhere else: `1234:9f86d0…`.
    pub fn written(&self) -> String {
        format!("{}:{}", self.position, hex::encode(&self.hash))
    }
}

#[cfg(test)]
mod tests {
    use super::Link;

    #[test]
    fn a_link_hangs_on_all_before_it() {
        let (one, other) = (Link::start().next("a"), Link::start().next("b"));
        assert_ne!(one.next("c").hash, other.next("c").hash);
        assert_eq!(one.next("c"), Link::start().next("a").next("c"));
        assert_eq!(one.written().len(), 2 + 64);
    }
}
