//! Every internal address, so that none is spelled twice.

mod staff;

pub use staff::*;

use crate::ids::{ClaimId, ExportId, LineId, MessageId, OrderId, PasskeyId, SignInId};
use std::sync::Arc;

/// The address customers type, without a slash at its end; links in mails and gateways start with it.
#[derive(Clone, Debug)]
pub struct BaseUrl(pub Arc<str>);

impl BaseUrl {
    pub fn new(url: &str) -> Self {
        Self(url.trim_end_matches('/').into())
    }

    pub fn to(&self, path: &str) -> String {
        format!("{}{path}", self.0)
    }

    pub fn is_https(&self) -> bool {
        self.0.starts_with("https://")
    }
}

pub const HOME: &str = "/";
pub const LOGIN: &str = "/login";
pub const LOGOUT: &str = "/logout";
pub const REGISTER: &str = "/register";
pub const FORGOT_PASSWORD: &str = "/password/forgot";
pub const PASSWORD_STRENGTH: &str = "/password/strength";
pub const LANGUAGE: &str = "/language";
pub const ACCOUNT: &str = "/account";
pub const SECURITY: &str = "/account/security";
pub const APP: &str = "/account/security/app";
pub const REMOVE_APP: &str = "/account/security/app/remove";
pub const RECOVERY_CODES: &str = "/account/security/recovery-codes";
pub const PASSKEYS: &str = "/account/security/passkeys";
pub const NEW_PASSKEY_OPTIONS: &str = "/account/security/passkeys/options";
pub const PASSKEY: &str = "/login/passkey";
pub const PASSKEY_OPTIONS: &str = "/login/passkey/options";
pub const SECOND_STEP: &str = "/login/second-step";
pub const SECOND_STEP_CODE: &str = "/login/second-step/code";
pub const LOST_SECOND_STEP: &str = "/login/second-step/lost";
pub const LOGIN_CODE: &str = "/login/code";
pub const LOGIN_CODE_CONFIRM: &str = "/login/code/confirm";
pub const PROVE: &str = "/login/prove";
pub const PROVE_CODE: &str = "/login/prove/code";
pub const CHANGE_PASSWORD: &str = "/account/security/password";
pub const PASSWORD_REMINDER: &str = "/account/security/password-reminder";
pub const CHANGE_EMAIL: &str = "/account/security/email";
pub const END_OTHER_SESSIONS: &str = "/account/security/sessions/end-others";
pub const PROFILE: &str = "/account/profile";
pub const CONTACT: &str = "/account/contact";
pub const PHONE: &str = "/account/phone";
pub const PHONE_CODE: &str = "/account/phone/code";
pub const REMOVE_PHONE: &str = "/account/phone/remove";
pub const IDENTITY: &str = "/account/identity";
pub const IDENTITY_SHOW: &str = "/account/identity/show";
pub const REMOVE_IDENTITY: &str = "/account/identity/remove";
pub const MY_DATA: &str = "/account/data";
pub const CLOSE_ACCOUNT: &str = "/account/close";
pub const KEEP_ACCOUNT: &str = "/account/keep";
pub const ORDERS: &str = "/orders";
pub const DEVICES: &str = "/devices";
pub const ADD_LINE: &str = "/lines/add";
pub const ADD_LINE_HELP: &str = "/lines/add/help";
/// With a note that a person was asked.
pub const ADD_LINE_ASKED: &str = "/lines/add?note=line-help-asked";
pub const BALANCE: &str = "/balance";
pub const TOP_UPS: &str = "/balance/top-ups";
pub const REFUNDS_TO: &str = "/balance/refunds";
pub const MAILBOX: &str = "/dev/mailbox";
/// The carrier's code follows.
pub const CARRIER_WEBHOOKS: &str = "/webhooks/carriers";
pub const REHEARSAL: &str = "/staff/rehearsal";

pub fn my_data_file(export: ExportId) -> String {
    format!("/account/data/{export}")
}

pub fn remove_passkey(passkey: PasskeyId) -> String {
    format!("/account/security/passkeys/{passkey}/remove")
}

pub fn end_session(session: SignInId) -> String {
    format!("/account/security/sessions/{session}/end")
}

/// Where a factor is given once more; then on to the page at `next`.
pub fn prove(next: &str) -> String {
    format!("{PROVE}?next={}", escaped(next))
}

pub fn reset_password(token: &str) -> String {
    format!("/password/reset/{token}")
}

pub fn confirm_email_change(token: &str) -> String {
    format!("/email/confirm/{token}")
}

/// Takes a change to an account's security back.
/// Stops a second step from being taken off.
pub fn stop_second_step_reset(token: &str) -> String {
    format!("/security/second-step/{token}")
}

pub fn undo_change(token: &str) -> String {
    format!("/security/undo/{token}")
}

pub fn finish_registration(token: &str) -> String {
    format!("{REGISTER}/{token}")
}

pub fn line(line: LineId) -> String {
    format!("/lines/{line}")
}

/// Where an eSIM's installation code stands.
pub fn install(line: LineId) -> String {
    format!("/lines/{line}#install")
}

/// Where a line is suspended, resumed and activated.
pub fn line_control(line: LineId) -> String {
    format!("/lines/{line}#control")
}

pub fn claim(claim: ClaimId) -> String {
    format!("/claims/{claim}")
}

/// Has another code sent.
pub fn claim_again(claim: ClaimId) -> String {
    format!("/claims/{claim}/again")
}

pub fn line_usage(line: LineId) -> String {
    format!("/lines/{line}/usage")
}

pub fn line_label(line: LineId) -> String {
    format!("/lines/{line}/label")
}

pub fn line_changes(line: LineId) -> String {
    format!("/lines/{line}/changes")
}

/// Asks once more before a line is suspended.
pub fn suspend(line: LineId) -> String {
    format!("/lines/{line}/suspend")
}

/// Orders a new profile.
pub fn line_profiles(line: LineId) -> String {
    format!("/lines/{line}/profiles")
}

/// Asks once more before a profile is ordered: `reissue` or `move`.
pub fn profile(line: LineId, purpose: &str) -> String {
    format!("/lines/{line}/profiles/{purpose}")
}

pub fn renew(line: LineId) -> String {
    format!("/lines/{line}/renew")
}

pub fn review(line: LineId, plan: &str) -> String {
    format!("/lines/{line}/renew?plan={plan}")
}

pub fn renewals(line: LineId) -> String {
    format!("/lines/{line}/renewals")
}

pub fn order(order: OrderId) -> String {
    format!("/orders/{order}")
}

pub fn pay(order: OrderId) -> String {
    format!("/orders/{order}/pay")
}

/// The code to scan.
pub fn pay_code(order: OrderId) -> String {
    format!("/orders/{order}/pay/code")
}

/// Coming back from paying: the gateway is asked.
pub fn paid(order: OrderId) -> String {
    format!("/orders/{order}?from=payment")
}

pub fn cancel(order: OrderId) -> String {
    format!("/orders/{order}/cancel")
}

pub fn order_events(order: OrderId) -> String {
    format!("/orders/{order}/events")
}

/// A page that shows what was typed.
pub fn with_typed(page: &str, fields: &[(&str, &str)]) -> String {
    let fields: Vec<_> = fields.iter().map(|(name, typed)| format!("{name}={}", escaped(typed))).collect();
    format!("{page}?{}", fields.join("&"))
}

/// `text` as the value of a query parameter.
pub fn escaped(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b'/' => out.push(byte as char),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
        out
    })
}

/// Where identity details are given, and on to another page.
pub fn identity_then(next: &str) -> String {
    format!("{IDENTITY}?next={}", escaped(next))
}

pub fn receipt(order: OrderId) -> String {
    format!("/orders/{order}/receipt")
}

pub fn receipt_pdf(order: OrderId) -> String {
    format!("/orders/{order}/receipt.pdf")
}

pub fn mailbox_message(message: MessageId) -> String {
    format!("{MAILBOX}/{message}")
}

pub fn webhook(gateway: &str) -> String {
    format!("/webhooks/{gateway}")
}
