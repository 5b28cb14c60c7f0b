use super::{Contract, INVALID, Problem};
use reqwest::Url;
use serde_json::Value;
use std::collections::BTreeMap;

/// What a merchant sent, in the address and in the body.
pub struct Request {
    params: BTreeMap<String, String>,
    content: Value,
}

impl Request {
    pub fn read(query: &str, body: &str) -> Self {
        let params: BTreeMap<String, String> = pairs(query).into_iter().chain(pairs(body)).collect();
        let content = params.get("biz_content").and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
        Self { params, content }
    }

    pub fn param(&self, name: &str) -> &str {
        self.params.get(name).map(String::as_str).unwrap_or_default()
    }

    pub fn method(&self) -> &str {
        self.param("method")
    }

    pub fn is_page(&self) -> bool {
        ["alipay.trade.page.pay", "alipay.trade.wap.pay"].contains(&self.method())
    }

    /// A part of the content.
    pub fn said(&self, name: &str) -> Option<String> {
        self.content.get(name)?.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
    }

    pub fn amount(&self, name: &str) -> Result<i64, Problem> {
        let text = self.said(name).ok_or(INVALID)?;
        crate::decimal::parse(&text, 2).ok().filter(|minor| *minor > 0).ok_or(INVALID)
    }

    /// Whether our merchant sent it.
    pub fn admit(&self, contract: &Contract) -> Result<(), Problem> {
        let invalid = |what| Err(Problem::Said("40002", what));
        let signed: Vec<String> = self
            .params
            .iter()
            .filter(|(name, value)| *name != "sign" && !value.is_empty())
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        match () {
            () if self.param("app_id") != contract.app_id => invalid("isv.invalid-app-id"),
            () if self.param("sign_type") != "RSA2" => invalid("isv.invalid-signature-type"),
            () if !contract.app.accepts(signed.join("&").as_bytes(), self.param("sign")) => {
                invalid("isv.invalid-signature")
            }
            () if self.param("timestamp").len() != 19 => invalid("isv.invalid-timestamp"),
            () => Ok(()),
        }
    }
}

fn pairs(form: &str) -> Vec<(String, String)> {
    let mut url = match Url::parse("http://form") {
        Ok(url) => url,
        Err(_) => return Vec::new(),
    };
    url.set_query(Some(form));
    url.query_pairs().into_owned().collect()
}
