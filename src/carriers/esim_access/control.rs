use async_trait::async_trait;
use serde_json::{Value, json};

use super::{EsimAccess, wire};
use crate::carriers::{CarrierError, Change, LineControl, LineRef, LineState, Refusal};

#[async_trait]
impl LineControl for EsimAccess {
    fn can(&self) -> &'static [Change] {
        &[Change::Suspend, Change::Resume]
    }

    /// What it says to a change that was made already is not published, so it is asked how the line stands first.
    async fn change(&self, line: &LineRef, change: Change) -> Result<Result<(), Refusal>, CarrierError> {
        let profile = match self.profile(line).await? {
            Ok(profile) => profile,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let suspended = profile.state() == Some(LineState::Suspended);
        let verb = match change {
            Change::Suspend if suspended => return Ok(Ok(())),
            Change::Resume if !suspended => return Ok(profile.takes_top_ups()),
            Change::Suspend => "suspend",
            Change::Resume => "unsuspend",
            Change::Activate => return Ok(Err(Refusal::Other("not_offered".to_owned()))),
        };
        let reply = self.client.post(&["esim", verb], &json!({ "esimTranNo": profile.line_id })).await?;
        Ok(wire::open::<Value>(&reply)?.map(|_| ()))
    }
}
