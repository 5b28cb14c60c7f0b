//! Where a request comes from, as far as it can be believed.
use std::{
    convert::Infallible,
    fmt,
    net::{IpAddr, Ipv6Addr},
    sync::Arc,
};

use axum::{extract::FromRequestParts, http::request::Parts};

use super::server::Peer;

/// Proxies whose `X-Forwarded-For` is believed. Laid over the router as an extension; without it nobody is believed.
#[derive(Clone, Debug, Default)]
pub struct TrustedProxies(pub Arc<[IpAddr]>);

/// The client's address. Written out it is wide enough that one client cannot have many: IPv6 counts by its /64.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Client(Option<IpAddr>);

impl Client {
    pub fn behind(peer: Option<IpAddr>, forwarded: Option<&str>, trusted: &[IpAddr]) -> Self {
        let Some(peer) = peer.map(|ip| ip.to_canonical()) else { return Self(None) };
        let mut address = peer;
        let mut hops = forwarded.unwrap_or_default().rsplit(',');
        // From the right: each trusted proxy vouches for the address before it, and for nothing further.
        while trusted.contains(&address) {
            let Some(before) = hops.next().and_then(|hop| hop.trim().parse::<IpAddr>().ok()) else { break };
            address = before.to_canonical();
        }
        Self(Some(address))
    }

    pub fn ip(&self) -> Option<IpAddr> {
        self.0
    }

    /// The whole address, for a gateway that wants to know where the payer is.
    pub fn address(&self) -> String {
        self.0.map_or_else(|| "unknown".to_owned(), |address| address.to_string())
    }
}

fn widened(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => Ipv6Addr::from(u128::from(v6) & !u128::from(u64::MAX)).into(),
    }
}

impl fmt::Display for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(address) => widened(address).fmt(f),
            None => f.write_str("unknown"),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Client {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let peer = parts.extensions.get::<Peer>().map(|peer| peer.0.ip());
        let trusted = parts.extensions.get::<TrustedProxies>().cloned().unwrap_or_default();
        let forwarded: Vec<&str> =
            parts.headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok()).collect();
        Ok(Self::behind(peer, Some(&forwarded.join(",")), &trusted.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(peer: &str, forwarded: &str, trusted: &[&str]) -> String {
        let trusted: Vec<IpAddr> = trusted.iter().map(|ip| ip.parse().unwrap()).collect();
        Client::behind(peer.parse().ok(), Some(forwarded), &trusted).to_string()
    }

    #[test]
    fn only_a_trusted_proxy_is_believed() {
        assert_eq!(seen("203.0.113.9", "1.1.1.1", &[]), "203.0.113.9");
        assert_eq!(seen("10.0.0.1", "1.1.1.1, 198.51.100.7", &["10.0.0.1"]), "198.51.100.7");
        assert_eq!(seen("10.0.0.1", "198.51.100.7, 10.0.0.2", &["10.0.0.1", "10.0.0.2"]), "198.51.100.7");
        assert_eq!(seen("10.0.0.1", "not an address", &["10.0.0.1"]), "10.0.0.1");
        assert_eq!(seen("", "1.1.1.1", &[]), "unknown");
    }

    #[test]
    fn a_gateway_is_told_the_whole_address() {
        let peer = "2001:db8:1:2:3:4:5:6".parse().ok();
        assert_eq!(Client::behind(peer, None, &[]).address(), "2001:db8:1:2:3:4:5:6");
    }

    #[test]
    fn a_home_network_is_one_client() {
        assert_eq!(seen("2001:db8:1:2:3:4:5:6", "", &[]), "2001:db8:1:2::");
        assert_eq!(seen("::ffff:203.0.113.9", "", &[]), "203.0.113.9");
    }
}
