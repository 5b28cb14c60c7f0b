//! An answer of the interface: the signature is over the bytes of the inner object exactly as they came.

use super::failure;
use crate::http_client::Answer;
use crate::payments::gateway::GatewayError;
use crate::payments::rsa::PublicKey;
use serde::de::DeserializeOwned;
use serde::{Deserialize, de::IgnoredAny};

const SUCCESS: &str = "10000";

#[derive(Deserialize)]
struct Envelope {
    #[serde(default)]
    sign: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Verdict {
    code: String,
    sub_code: String,
    sub_msg: String,
    msg: String,
}

/// What Alipay signed, if it says that the call was accepted. That alone moves no money.
pub fn read<A: DeserializeOwned>(method: &str, answer: &Answer, keys: &[PublicKey]) -> Result<A, GatewayError> {
    if !answer.status.is_success() {
        return Err(GatewayError::Unknown(format!("answered {}", answer.status)));
    }
    let body = std::str::from_utf8(&answer.body).map_err(|_| GatewayError::Unknown("not in UTF-8".to_owned()))?;
    let inner = signed_part(method, body).ok_or_else(|| GatewayError::Unknown("not an answer of Alipay".to_owned()))?;
    let unreadable = |error: serde_json::Error| GatewayError::Unknown(format!("unreadable: {error}"));
    let Verdict { code, sub_code, sub_msg, msg } = serde_json::from_str(inner).map_err(unreadable)?;
    if !is_genuine(body, inner, keys) {
        return Err(GatewayError::Unknown(format!("not signed by Alipay, and says {code} {sub_code} {sub_msg}")));
    }
    match code.as_str() {
        SUCCESS => serde_json::from_str(inner).map_err(unreadable),
        _ => Err(failure::of(&code, &sub_code, &format!("{msg}: {sub_msg}"))),
    }
}

fn is_genuine(body: &str, inner: &str, keys: &[PublicKey]) -> bool {
    let sign = serde_json::from_str::<Envelope>(body).ok().and_then(|envelope| envelope.sign);
    sign.is_some_and(|sign| keys.iter().any(|key| key.verifies(inner.as_bytes(), &sign)))
}

/// The value of `…_response`, untouched: written anew it would have other escapes.
fn signed_part<'a>(method: &str, body: &'a str) -> Option<&'a str> {
    let own = format!("\"{}_response\"", method.replace('.', "_"));
    let (_, after) = body.split_once(&own).or_else(|| body.split_once("\"error_response\""))?;
    let value = after.trim_start().strip_prefix(':')?.trim_start();
    let mut values = serde_json::Deserializer::from_str(value).into_iter::<IgnoredAny>();
    values.next()?.ok()?;
    value.get(..values.byte_offset())
}
