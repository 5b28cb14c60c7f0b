use std::time::Duration;

use axum::http::{Method, StatusCode};
use reqwest::{Certificate, ClientBuilder, Identity};
use serde::Serialize;
use uuid::Uuid;

use super::Settings;
use super::wire::{Answer, RequestHeader};
use crate::carriers::{CarrierError, Exchange};
use crate::http_client::Http;

/// Which version of the protocol is spoken; the functions used here are the same in every 2.x.
const PROTOCOL: &str = "gsma/rsp/v2.2.0";

pub struct Client {
    exchange: Exchange,
    requester: String,
}

impl Client {
    pub fn new(settings: &Settings, timeout: Duration) -> Result<Self, CarrierError> {
        let trust = trust(settings)?;
        let http = Http::with(timeout, trust).map_err(CarrierError::misconfigured)?;
        let exchange = Exchange::new(&settings.address, http)?;
        Ok(Self { exchange, requester: settings.function_requester_identifier.clone() })
    }

    /// One call with an identifier of its own, also where it is a repetition.
    pub async fn call<B: Serialize>(
        &self,
        function: &str,
        body: impl FnOnce(RequestHeader) -> B,
    ) -> Result<Answer, CarrierError> {
        let header = RequestHeader {
            function_requester_identifier: self.requester.clone(),
            function_call_identifier: Uuid::now_v7().to_string(),
        };
        let post = self.exchange.request(Method::POST, &["gsma", "rsp2", "es2plus", function]);
        let reply = self.exchange.send(post.header("x-admin-protocol", PROTOCOL).json(&body(header))).await?;
        match reply.status {
            StatusCode::OK => reply.json(),
            _ => Err(reply.failure()),
        }
    }
}

/// Who we are to the server, and who it has to be to us.
fn trust(settings: &Settings) -> Result<impl FnOnce(ClientBuilder) -> ClientBuilder, CarrierError> {
    let identity = match (&settings.client_certificate, &settings.client_key) {
        (Some(certificate), Some(key)) => {
            let pem = format!("{}\n{}\n", certificate.expose(), key.expose());
            Some(Identity::from_pem(pem.as_bytes()).map_err(|_| unusable("client_certificate or client_key"))?)
        }
        (None, None) if !settings.address.starts_with("https") => None,
        _ => return Err(CarrierError::misconfigured("client_certificate and client_key are needed, both of them")),
    };
    let roots = settings.ca.as_ref().map(|pem| Certificate::from_pem_bundle(pem.expose().as_bytes()));
    let roots = roots.transpose().ok().filter(|roots| roots.as_ref().is_none_or(|roots| !roots.is_empty()));
    let roots = roots.ok_or_else(|| unusable("ca"))?;
    Ok(move |builder: ClientBuilder| {
        let builder = identity.into_iter().fold(builder, ClientBuilder::identity);
        roots.into_iter().fold(builder, ClientBuilder::tls_certs_only)
    })
}

fn unusable(what: &str) -> CarrierError {
    CarrierError::misconfigured(format!("{what} is not PEM as it should be"))
}
