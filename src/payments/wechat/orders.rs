use super::client::Client;
use super::wire::{CloseOrder, H5Info, NewAmount, NewH5, NewNative, NewOrder, Scene, Transaction};
use crate::config;
use crate::payments::gateway::{CloseAnswer, Created, GatewayError, Payment, Presentation, Standing};
use crate::payments::model::Device;
use std::net::IpAddr;
use time::format_description::well_known::Rfc3339;
use time::macros::offset;

/// Characters a description may have.
const DESCRIPTION: usize = 127;

impl Client {
    pub async fn create(&self, payment: &Payment) -> Result<Created, GatewayError> {
        let presentation = match payer_on_phone(payment) {
            Some(address) => self.h5(payment, address).await,
            None => self.native(payment).await,
        };
        match presentation {
            Ok(presentation) => Ok(Created { provider_ref: None, presentation }),
            // Paid meanwhile: the next look at it says so, and this attempt must not end as refused.
            Err(failure) if failure.is_rejected(&["ORDERPAID", "ORDER_PAID"]) => {
                Err(GatewayError::Unknown("paid already".into()))
            }
            Err(failure) => Err(failure),
        }
    }

    async fn native(&self, payment: &Payment) -> Result<Presentation, GatewayError> {
        let made: NewNative = self.post("/v3/pay/transactions/native", &self.order(payment, None)?).await?;
        Ok(Presentation::Qr(made.code_url))
    }

    async fn h5(&self, payment: &Payment, payer_client_ip: &str) -> Result<Presentation, GatewayError> {
        let scene = Scene { payer_client_ip, h5_info: H5Info { kind: "Wap" } };
        let made: NewH5 = self.post("/v3/pay/transactions/h5", &self.order(payment, Some(scene))?).await?;
        let back: String = form_urlencoded(&payment.return_url);
        Ok(Presentation::Redirect(format!("{}&redirect_url={back}", made.h5_url)))
    }

    /// Made of the attempt's own row alone: the same parameters bring a fresh link for the same order.
    fn order<'a>(&'a self, payment: &'a Payment, scene_info: Option<Scene<'a>>) -> Result<NewOrder<'a>, GatewayError> {
        let expires_at = payment.expires_at.to_offset(offset!(+8)).truncate_to_second();
        Ok(NewOrder {
            appid: &self.merchant.appid,
            mchid: &self.merchant.mchid,
            description: description(payment),
            out_trade_no: &payment.merchant_ref,
            time_expire: expires_at.format(&Rfc3339).map_err(|error| GatewayError::Rejected(error.to_string()))?,
            notify_url: &self.merchant.notify_url,
            amount: NewAmount { total: payment.amount.minor, currency: payment.amount.currency.code() },
            scene_info,
        })
    }

    pub async fn query(&self, payment: &Payment) -> Result<Standing, GatewayError> {
        let path = format!("{}?mchid={}", order_path(payment), self.merchant.mchid);
        match self.get::<Transaction>(&path).await {
            Ok(found) if self.is_ours(&found, payment) => found.standing().ok_or_else(contradicts),
            Ok(_) => Err(contradicts()),
            Err(failure) if is_unknown_there(&failure) => Ok(Standing::NotYetCreated),
            Err(failure) => Err(failure),
        }
    }

    fn is_ours(&self, found: &Transaction, payment: &Payment) -> bool {
        found.mchid == self.merchant.mchid
            && found.appid == self.merchant.appid
            && found.out_trade_no == payment.merchant_ref
    }

    pub async fn close(&self, payment: &Payment) -> Result<CloseAnswer, GatewayError> {
        match self.try_close(payment).await? {
            CloseAnswer::NotYetCreated => {}
            certain => return Ok(certain),
        }
        // Our call to create it may still be on its way. Made now and closed, it finds nothing left to make.
        match self.create(payment).await {
            Ok(_) => self.try_close(payment).await,
            Err(GatewayError::Rejected(_)) => Ok(CloseAnswer::NotYetCreated),
            Err(error) => Err(error),
        }
    }

    async fn try_close(&self, payment: &Payment) -> Result<CloseAnswer, GatewayError> {
        let body = CloseOrder { mchid: &self.merchant.mchid };
        match self.tell(&format!("{}/close", order_path(payment)), &body).await {
            Ok(_) => Ok(CloseAnswer::Closed),
            Err(failure) if failure.is_rejected(&["ORDER_CLOSED", "ORDERCLOSED"]) => Ok(CloseAnswer::Closed),
            Err(failure) if failure.is_rejected(&["ORDERPAID", "ORDER_PAID"]) => Ok(CloseAnswer::AlreadyPaid),
            Err(failure) if failure.is_rejected(&["USERPAYING", "USER_PAYING"]) => {
                Err(GatewayError::Unknown("the payer is paying".to_owned()))
            }
            Err(failure) if is_unknown_there(&failure) => Ok(CloseAnswer::NotYetCreated),
            Err(failure) => Err(failure),
        }
    }
}

pub fn contradicts() -> GatewayError {
    GatewayError::Unknown("the answer contradicts itself".to_owned())
}

/// H5 wants the payer's address; where it is not known, a phone is shown the code as well.
fn payer_on_phone(payment: &Payment) -> Option<&str> {
    let address = payment.payer.address.as_str();
    (payment.payer.device == Device::Phone && address.parse::<IpAddr>().is_ok()).then_some(address)
}

fn description(payment: &Payment) -> String {
    let name = config::brand().name_zh.clone();
    format!("{name} {}", payment.order_number).chars().take(DESCRIPTION).collect()
}

fn order_path(payment: &Payment) -> String {
    format!("/v3/pay/transactions/out-trade-no/{}", payment.merchant_ref)
}

fn is_unknown_there(failure: &GatewayError) -> bool {
    failure.is_rejected(&["ORDER_NOT_EXIST", "ORDERNOTEXIST", "RESOURCE_NOT_EXISTS"])
}

fn form_urlencoded(text: &str) -> String {
    reqwest::Url::parse_with_params("http://localhost/", [("v", text)])
        .ok()
        .and_then(|url| url.query().and_then(|query| query.strip_prefix("v=")).map(str::to_owned))
        .unwrap_or_default()
}
