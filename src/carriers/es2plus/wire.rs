//! The shapes on the wire. An ICCID of 19 digits is filled up with `F` there.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::carriers::{
    CancelOrder, CarrierError, ConfirmOrder, Confirmed, DownloadOrder, Notice, NoticeError, NoticeKind, ProfileRefusal,
    Wanted,
};

/// The point of a download at which the profile is on the device.
const INSTALLATION: i64 = 4;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RequestHeader {
    pub function_requester_identifier: String,
    pub function_call_identifier: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Order<'a> {
    header: RequestHeader,
    #[serde(skip_serializing_if = "Option::is_none")]
    iccid: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    eid: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    profile_type: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    matching_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    confirmation_code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    release_flag: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    final_profile_status_indicator: Option<&'a str>,
}

impl<'a> Order<'a> {
    fn of(header: RequestHeader, iccid: Option<&str>, eid: Option<&'a str>) -> Self {
        Self {
            header,
            iccid: iccid.map(padded),
            eid,
            profile_type: None,
            matching_id: None,
            confirmation_code: None,
            release_flag: None,
            final_profile_status_indicator: None,
        }
    }
}

pub fn download_order<'a>(header: RequestHeader, order: &DownloadOrder<'a>) -> Order<'a> {
    match order.wanted {
        Wanted::Iccid(iccid) => Order::of(header, Some(iccid), order.eid),
        Wanted::Type(name) => Order { profile_type: Some(name), ..Order::of(header, None, order.eid) },
    }
}

/// Released by a call of its own, so that nothing can be downloaded before its code is stored.
pub fn confirm_order<'a>(header: RequestHeader, order: &ConfirmOrder<'a>) -> Order<'a> {
    Order {
        matching_id: Some(order.matching_id),
        confirmation_code: order.confirmation_code,
        release_flag: Some(false),
        ..Order::of(header, Some(order.iccid), order.eid)
    }
}

pub fn cancel_order<'a>(header: RequestHeader, order: &CancelOrder<'a>) -> Order<'a> {
    Order {
        matching_id: order.matching_id,
        final_profile_status_indicator: Some(if order.reusable { "Available" } else { "Unavailable" }),
        ..Order::of(header, Some(order.iccid), None)
    }
}

pub fn release_profile(header: RequestHeader, iccid: &str) -> Order<'static> {
    Order::of(header, Some(iccid), None)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Answer {
    header: AnswerHeader,
    iccid: Option<String>,
    matching_id: Option<String>,
    smdp_address: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AnswerHeader {
    function_execution_status: Status,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Status {
    status: String,
    status_code_data: Option<Code>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Code {
    subject_code: String,
    reason_code: String,
}

impl Answer {
    /// What ran out of time may have had its effect.
    pub fn outcome(&self) -> Result<Result<(), ProfileRefusal>, CarrierError> {
        let status = &self.header.function_execution_status;
        match status.status.as_str() {
            "Executed-Success" | "Executed-WithWarning" => Ok(Ok(())),
            "Failed" => Ok(Err(status.refusal())),
            "Expired" => Err(CarrierError::unknown("it ran out of time there")),
            other => Err(CarrierError::unknown(format!("a status we don't know: {}", cut(other)))),
        }
    }

    pub fn iccid(&self) -> Result<String, CarrierError> {
        let iccid = self.iccid.as_deref().and_then(bare);
        iccid.ok_or_else(|| CarrierError::unknown("done, without a usable ICCID"))
    }

    pub fn confirmed(&self) -> Result<Confirmed, CarrierError> {
        let matching_id = self.matching_id.clone().filter(|id| !id.is_empty());
        let matching_id = matching_id.ok_or_else(|| CarrierError::unknown("done, without a matching id"))?;
        Ok(Confirmed { matching_id, smdp_address: self.smdp_address.clone().filter(|name| !name.is_empty()) })
    }
}

impl Status {
    fn refusal(&self) -> ProfileRefusal {
        match &self.status_code_data {
            Some(code) => ProfileRefusal::new(cut(&code.subject_code), cut(&code.reason_code)),
            None => ProfileRefusal::new("", ""),
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Progress {
    iccid: String,
    #[serde(default)]
    timestamp: String,
    notification_point_id: i64,
    notification_point_status: Status,
}

/// What the server tells of a download.
pub fn progress(body: &[u8]) -> Result<Notice, NoticeError> {
    let told: Progress = serde_json::from_slice(body).map_err(|error| NoticeError::Unreadable(error.to_string()))?;
    let iccid = bare(&told.iccid).ok_or_else(|| NoticeError::Unreadable("no ICCID".to_owned()))?;
    let status = &told.notification_point_status;
    let point = told.notification_point_id;
    let done = status.status.starts_with("Executed-");
    let failed = status.status_code_data.as_ref().map(|_| status.refusal().code()).unwrap_or_default();
    // Sent again, it carries another call identifier.
    let key = format!("{iccid}\n{}\n{point}\n{}\n{failed}", told.timestamp, status.status);
    Ok(Notice {
        event_key: format!("download-{}", hex::encode(&Sha256::digest(key)[..16])),
        iccid: Some(iccid),
        carrier_line_id: None,
        reference: None,
        kind: match point {
            INSTALLATION if done => NoticeKind::Installed,
            _ => NoticeKind::Download(format!("{point} {} {failed}", cut(&status.status)).trim_end().to_owned()),
        },
    })
}

fn padded(iccid: &str) -> String {
    if iccid.len() == 19 { format!("{iccid}F") } else { iccid.to_owned() }
}

fn bare(iccid: &str) -> Option<String> {
    let digits = iccid.trim_end_matches(['F', 'f']);
    let is_one = (16..=21).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_one.then(|| digits.to_owned())
}

fn cut(word: &str) -> &str {
    &word[..word.floor_char_boundary(20)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    const ICCID: &str = "8986001234567890120";
    const EID: &str = "89049032007108882600137544319616";

    fn header() -> RequestHeader {
        RequestHeader { function_requester_identifier: "1.2.3".into(), function_call_identifier: "c-1".into() }
    }

    fn sent(order: Order<'_>) -> Value {
        serde_json::to_value(order).unwrap()
    }

    fn head() -> Value {
        json!({ "functionRequesterIdentifier": "1.2.3", "functionCallIdentifier": "c-1" })
    }

    #[test]
    fn each_function_has_the_fields_of_the_specification_and_no_more() {
        let padded = "8986001234567890120F";
        let by_iccid = DownloadOrder { wanted: Wanted::Iccid(ICCID), eid: Some(EID) };
        let expected = json!({ "header": head(), "iccid": padded, "eid": EID });
        assert_eq!(sent(download_order(header(), &by_iccid)), expected);
        let by_type = DownloadOrder { wanted: Wanted::Type("basic"), eid: None };
        assert_eq!(sent(download_order(header(), &by_type)), json!({ "header": head(), "profileType": "basic" }));
        let confirm = ConfirmOrder { iccid: ICCID, matching_id: "AB-1", confirmation_code: Some("4711"), eid: None };
        let expected = json!({ "header": head(), "iccid": padded, "matchingId": "AB-1", "confirmationCode": "4711",
            "releaseFlag": false });
        assert_eq!(sent(confirm_order(header(), &confirm)), expected);
        let twenty = CancelOrder { iccid: "89860012345678901238", matching_id: None, reusable: false };
        let expected = json!({ "header": head(), "iccid": "89860012345678901238",
            "finalProfileStatusIndicator": "Unavailable" });
        assert_eq!(sent(cancel_order(header(), &twenty)), expected);
        assert_eq!(sent(release_profile(header(), ICCID)), json!({ "header": head(), "iccid": padded }));
    }

    fn answer(status: &str, more: Value) -> Answer {
        let mut body = json!({ "header": { "functionExecutionStatus": { "status": status } } });
        for (name, value) in more.as_object().unwrap() {
            body[name] = value.clone();
        }
        serde_json::from_value(body).unwrap_or_else(|error| panic!("{error}"))
    }

    #[test]
    fn what_became_of_a_call_stands_in_the_header() {
        let done = answer("Executed-Success", json!({ "iccid": "8986001234567890120f" }));
        assert_eq!((done.outcome(), done.iccid().as_deref()), (Ok(Ok(())), Ok(ICCID)));
        assert_eq!(answer("Executed-WithWarning", json!({})).outcome(), Ok(Ok(())));
        assert!(matches!(answer("Expired", json!({})).outcome(), Err(CarrierError::Unknown(_))));
        assert!(matches!(answer("Perhaps", json!({})).outcome(), Err(CarrierError::Unknown(_))));
        assert!(matches!(answer("Executed-Success", json!({ "iccid": "x" })).iccid(), Err(CarrierError::Unknown(_))));
        assert!(answer("Executed-Success", json!({})).confirmed().is_err());
        let said = json!({ "header": { "functionExecutionStatus": { "status": "Failed",
            "statusCodeData": { "subjectCode": "8.2.1", "reasonCode": "3.3", "message": "in use" } } } });
        let refused: Answer = serde_json::from_value(said).unwrap();
        assert_eq!(refused.outcome(), Ok(Err(ProfileRefusal::new("8.2.1", "3.3"))));
        assert!(ProfileRefusal::new("8.2.1", "3.3").is_taken() && !ProfileRefusal::new("8.2.1", "3.9").is_taken());
    }

    fn told(point: i64, status: &str) -> Notice {
        let body = json!({ "header": head(), "iccid": "8986001234567890120F", "profileType": "basic",
            "timestamp": "2026-11-22T10:00:00Z", "notificationPointId": point, "notificationPointStatus": { "status": status } });
        progress(body.to_string().as_bytes()).unwrap_or_else(|error| panic!("{error}"))
    }

    #[test]
    fn a_profile_is_on_the_device_when_its_installation_succeeded() {
        let installed = told(4, "Executed-Success");
        assert_eq!((installed.iccid.as_deref(), installed.kind.clone()), (Some(ICCID), NoticeKind::Installed));
        assert_eq!(installed.event_key, told(4, "Executed-Success").event_key, "it is the same one again");
        assert_eq!(told(3, "Executed-Success").kind, NoticeKind::Download("3 Executed-Success".into()));
        assert_eq!(told(4, "Failed").kind, NoticeKind::Download("4 Failed".into()));
        for broken in
            ["", "[]", "{}", r#"{"iccid":"x","notificationPointId":4,"notificationPointStatus":{"status":"x"}}"#]
        {
            assert!(progress(broken.as_bytes()).is_err(), "{broken}");
        }
    }
}
