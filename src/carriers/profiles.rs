//! What the server of a carrier's eSIM profiles (SM-DP+) is asked to do. It renews nothing: it stands beside the protocol
//! by which the carrier is reached. There is no way to ask what became of a call, so who calls keeps book of each one.

use async_trait::async_trait;

use super::{CarrierError, Notice, NoticeError};

#[async_trait]
pub trait Profiles: Send + Sync {
    fn terms(&self) -> &ProfileTerms;

    /// Sets a profile aside; its ICCID.
    async fn download_order(&self, order: &DownloadOrder<'_>) -> Result<Result<String, ProfileRefusal>, CarrierError>;

    /// Ties the profile to a matching id and, where one is named, to a device. It can't be downloaded before it is released.
    async fn confirm_order(&self, order: &ConfirmOrder<'_>) -> Result<Result<Confirmed, ProfileRefusal>, CarrierError>;

    /// Ends what was ordered for an ICCID.
    async fn cancel_order(&self, order: &CancelOrder<'_>) -> Result<Result<(), ProfileRefusal>, CarrierError>;

    /// Lets a confirmed profile be downloaded.
    async fn release_profile(&self, iccid: &str) -> Result<Result<(), ProfileRefusal>, CarrierError>;

    /// What the server tells of a download. `word` is the secret in the address it was sent to.
    fn read_progress(&self, word: &str, body: &[u8]) -> Result<Notice, NoticeError>;
}

/// What the operator and the carrier agreed on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProfileTerms {
    /// Profiles are ordered by this type and have an ICCID of their own; without it the line's own is ordered again.
    pub profile_type: Option<String>,
    /// The phone asks for a code that is given apart from the activation code.
    pub confirmation_code: bool,
    /// Where phones download, if a confirmation doesn't say.
    pub smdp_address: String,
}

#[derive(Clone, Copy, Debug)]
pub struct DownloadOrder<'a> {
    pub wanted: Wanted<'a>,
    pub eid: Option<&'a str>,
}

#[derive(Clone, Copy, Debug)]
pub enum Wanted<'a> {
    Iccid(&'a str),
    Type(&'a str),
}

#[derive(Clone, Copy, Debug)]
pub struct ConfirmOrder<'a> {
    pub iccid: &'a str,
    pub matching_id: &'a str,
    pub confirmation_code: Option<&'a str>,
    pub eid: Option<&'a str>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confirmed {
    pub matching_id: String,
    pub smdp_address: Option<String>,
}

#[derive(Clone, Copy, Debug)]
pub struct CancelOrder<'a> {
    pub iccid: &'a str,
    pub matching_id: Option<&'a str>,
    /// The profile may be ordered again.
    pub reusable: bool,
}

/// A definite no: nothing happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProfileRefusal {
    /// What is wrong and why, as SGP.22 numbers them; empty where the answer doesn't say.
    pub subject: String,
    pub reason: String,
}

impl ProfileRefusal {
    pub fn new(subject: &str, reason: &str) -> Self {
        Self { subject: subject.to_owned(), reason: reason.to_owned() }
    }

    /// `8.2.1/3.9`
    pub fn code(&self) -> String {
        format!("{}/{}", self.subject, self.reason)
    }

    /// The profile, or the matching id, is in the state that was asked for, or in one that does not lead there.
    pub fn is_taken(&self) -> bool {
        matches!((&*self.subject, &*self.reason), ("8.2.1" | "8.2.6", "3.3" | "3.5"))
    }

    /// There is no such profile, or no such order.
    pub fn is_unknown(&self) -> bool {
        self.reason == "3.9"
    }
}
