use super::failure;
use super::keys::{ApiV3Key, Keyring};
use super::signature;
use crate::clock::Clock;
use crate::http_client::{Answer, Http};
use crate::payments::gateway::GatewayError;
use crate::payments::rsa::PrivateKey;
use axum::http::StatusCode;
use reqwest::{Method, RequestBuilder, Url};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Bytes a downloaded statement may have: about 100,000 bookings.
const LARGEST_FILE: usize = 64 * 1024 * 1024;

/// An account of WeChat Pay and everything that speaks for it.
pub struct Merchant {
    /// `https://api.mch.weixin.qq.com`, its backup, or a rehearsal of it.
    pub address: Url,
    pub mchid: String,
    pub appid: String,
    pub private_key: PrivateKey,
    /// Of the merchant's own certificate.
    pub serial: String,
    pub api_v3_key: ApiV3Key,
    pub keyring: Keyring,
    /// Our `POST /webhooks/wechat`, as WeChat Pay reaches it.
    pub notify_url: String,
}

pub struct Client {
    pub merchant: Merchant,
    http: Http,
    clock: Clock,
}

impl Client {
    pub fn new(merchant: Merchant, http: Http, clock: Clock) -> Self {
        Self { merchant, http, clock }
    }

    pub async fn get<A: DeserializeOwned>(&self, path: &str) -> Result<A, GatewayError> {
        read(&self.call(Method::GET, path, Vec::new()).await?)
    }

    pub async fn post<B: Serialize, A: DeserializeOwned>(&self, path: &str, body: &B) -> Result<A, GatewayError> {
        read(&self.tell(path, body).await?)
    }

    /// A call that is answered with no more than "done".
    pub async fn tell<B: Serialize>(&self, path: &str, body: &B) -> Result<Vec<u8>, GatewayError> {
        let body = serde_json::to_vec(body).map_err(|error| GatewayError::Rejected(error.to_string()))?;
        self.call(Method::POST, path, body).await
    }

    async fn call(&self, method: Method, path: &str, body: Vec<u8>) -> Result<Vec<u8>, GatewayError> {
        let answer = self.send(method, path, body).await?;
        self.trust(answer)
    }

    /// Only what WeChat Pay signed is believed.
    fn trust(&self, answer: Answer) -> Result<Vec<u8>, GatewayError> {
        let verdict = signature::verify(&self.merchant.keyring, &answer.headers, &answer.body, self.clock.now());
        match (answer.status, verdict) {
            (StatusCode::ACCEPTED, verdict) => Err(failure::of(&answer, verdict.is_ok())),
            (status, Err(why)) if status.is_success() => Err(GatewayError::Unknown(format!("the answer: {why}"))),
            (status, Ok(())) if status.is_success() => Ok(answer.body),
            (_, verdict) => Err(failure::of(&answer, verdict.is_ok())),
        }
    }

    /// The answer as it comes, whoever wrote it.
    pub async fn send(&self, method: Method, path: &str, body: Vec<u8>) -> Result<Answer, GatewayError> {
        Ok(self.http.send(self.request(method, path, body)?).await?)
    }

    /// A file. WeChat Pay does not sign it; its digest came with an answer that was.
    pub async fn download(&self, path: &str) -> Result<Vec<u8>, GatewayError> {
        let answer = self.http.send_up_to(LARGEST_FILE, self.request(Method::GET, path, Vec::new())?).await?;
        match answer.status.is_success() {
            true => Ok(answer.body),
            false => Err(failure::of(&answer, false)),
        }
    }

    fn request(&self, method: Method, path: &str, body: Vec<u8>) -> Result<RequestBuilder, GatewayError> {
        let url = self.url(path)?;
        let request = self
            .http
            .request(method.clone(), url.clone())
            .header("authorization", self.authorization(&method, &url, &body)?)
            .header("accept", "application/json")
            .header("content-type", "application/json")
            .header("user-agent", concat!("renewal-portal/", env!("CARGO_PKG_VERSION")));
        let request = match self.merchant.keyring.preferred() {
            Some(serial) => request.header("wechatpay-serial", serial),
            None => request,
        };
        Ok(request.body(body))
    }

    fn url(&self, path: &str) -> Result<Url, GatewayError> {
        let url = format!("{}{path}", self.merchant.address.as_str().trim_end_matches('/'));
        Url::parse(&url).map_err(|error| GatewayError::Misconfigured(error.to_string()))
    }

    fn authorization(&self, method: &Method, url: &Url, body: &[u8]) -> Result<String, GatewayError> {
        let path = match url.query() {
            Some(query) => format!("{}?{query}", url.path()),
            None => url.path().to_owned(),
        };
        let seconds = self.clock.now().unix_timestamp();
        signature::authorization(&self.merchant, method.as_str(), &path, seconds, &nonce(), body)
            .map_err(GatewayError::Misconfigured)
    }
}

fn nonce() -> String {
    let mut random = [0; 16];
    crate::ids::fill_random(&mut random);
    hex::encode_upper(random)
}

fn read<A: DeserializeOwned>(body: &[u8]) -> Result<A, GatewayError> {
    serde_json::from_slice(body).map_err(|error| GatewayError::Unknown(format!("unreadable: {error}")))
}
