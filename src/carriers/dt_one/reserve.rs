use async_trait::async_trait;

use super::DtOne;
use super::client::Created;
use super::wire::{No, State};
use crate::carriers::{CarrierError, Refusal, RenewalRequest, Reservations};

#[async_trait]
impl Reservations for DtOne {
    async fn reserve(&self, request: &RenewalRequest) -> Result<Result<String, Refusal>, CarrierError> {
        let held = match self.create(request, &request.request_id, false).await? {
            Created::Now(held) | Created::Before(held) => held,
            Created::Refused(refusal) => return Ok(Err(refusal)),
        };
        match held.state() {
            State::Created => Ok(Ok(held.id.to_string())),
            State::Refused => Ok(Err(held.refusal())),
            state => Err(CarrierError::unknown(format!("a reservation that is {state:?}"))),
        }
    }

    async fn release(&self, request_id: &str, reference: Option<&str>) -> Result<(), CarrierError> {
        let reference = match reference {
            Some(reference) => reference.to_owned(),
            None => match self.by_our_id(request_id).await? {
                Some(held) => held.id.to_string(),
                None => return Ok(()),
            },
        };
        match self.post(&["transactions", &reference, "cancel"]).await? {
            Ok(_) | Err(No::CancelledAlready | No::Missing) => return Ok(()),
            Err(_) => {}
        }
        // Too late to cancel: that it lapsed is as good, that it was confirmed is not.
        match self.by_their_id(&reference).await? {
            Ok(held) if held.has_lapsed() || held.state() == State::Refused => Ok(()),
            Err(No::Missing) => Ok(()),
            other => Err(CarrierError::unknown(format!("a reservation that can't be cancelled: {other:?}"))),
        }
    }
}
