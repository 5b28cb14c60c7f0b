use super::{answer, moment, params};
use crate::clock::Clock;
use crate::http_client::{Answer, Http};
use crate::payments::gateway::GatewayError;
use crate::payments::rsa::{PrivateKey, PublicKey};
use reqwest::{Method, Url};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Bytes a downloaded statement may have: about 100,000 bookings, packed.
const LARGEST_FILE: usize = 32 * 1024 * 1024;

pub const CONTENT: &str = "biz_content";

/// An account of Alipay and everything that speaks for it.
pub struct Merchant {
    /// `https://openapi.alipay.com/gateway.do`, Alipay's own sandbox, or a rehearsal of it.
    pub address: Url,
    pub app_id: String,
    /// The account that is paid, `2088…`.
    pub seller_id: String,
    pub private_key: PrivateKey,
    /// Alipay's, never ours: during a rotation the old one and the new one.
    pub public_keys: Vec<PublicKey>,
    /// Our `POST /webhooks/alipay`, as Alipay reaches it.
    pub notify_url: String,
}

pub struct Client {
    pub merchant: Merchant,
    pub clock: Clock,
    http: Http,
}

impl Client {
    pub fn new(merchant: Merchant, http: Http, clock: Clock) -> Self {
        Self { merchant, clock, http }
    }

    /// A call of the interface. Everything but the content goes into the address: Alipay reads the charset there before
    /// it reads the body.
    pub async fn ask<A: DeserializeOwned>(&self, method: &'static str, content: &Value) -> Result<A, GatewayError> {
        let mut url = self.signed(method, &[(CONTENT, content.to_string())])?;
        let (content, common): (Vec<_>, Vec<_>) =
            url.query_pairs().into_owned().partition(|(name, _)| name.as_str() == CONTENT);
        let body = url.query_pairs_mut().clear().extend_pairs(content).finish().query().unwrap_or_default().to_owned();
        url.query_pairs_mut().clear().extend_pairs(common);
        let request = self
            .http
            .request(Method::POST, url)
            .header("content-type", "application/x-www-form-urlencoded;charset=utf-8")
            .body(body);
        answer::read(method, &self.http.send(request).await?, &self.merchant.public_keys)
    }

    /// The address that carries a whole signed request: opened by a browser, it is a payment page.
    pub fn signed(&self, method: &str, more: &[(&'static str, String)]) -> Result<Url, GatewayError> {
        let common = [
            ("app_id", self.merchant.app_id.clone()),
            ("method", method.to_owned()),
            ("format", "JSON".to_owned()),
            ("charset", "utf-8".to_owned()),
            ("sign_type", "RSA2".to_owned()),
            ("timestamp", moment::write(self.clock.now())),
            ("version", "1.0".to_owned()),
        ];
        let all: Vec<_> = common.iter().chain(more).filter(|(_, value)| !value.is_empty()).cloned().collect();
        let text = params::to_sign(&all);
        let sign = self
            .merchant
            .private_key
            .sign(text.as_bytes())
            .map_err(|error| GatewayError::Misconfigured(error.to_string()))?;
        let mut url = self.merchant.address.clone();
        url.query_pairs_mut().extend_pairs(&all).append_pair("sign", &sign);
        Ok(url)
    }

    /// A file, from an address that a signed answer named.
    pub async fn download(&self, address: &str) -> Result<Vec<u8>, GatewayError> {
        let url = Url::parse(address).map_err(|_| GatewayError::Unknown("an address that is none".to_owned()))?;
        let answer = self.http.send_up_to(LARGEST_FILE, self.http.request(Method::GET, url)).await?;
        match answer.status.is_success() {
            true => Ok(answer.body),
            false => Err(GatewayError::Unknown(format!("the file: {}", answer.status))),
        }
    }

    /// Whatever it answers to a request that asks for nothing.
    pub async fn knock(&self) -> Result<Answer, GatewayError> {
        Ok(self.http.send(self.http.request(Method::GET, self.merchant.address.clone())).await?)
    }
}
