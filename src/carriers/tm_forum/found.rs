use time::{Date, OffsetDateTime};

use super::wire::Standing;
use super::wire::balance::{Balance, Bucket};
use super::wire::order::Order;
use crate::carriers::{CarrierError, LineRef, Refusal, dates};

/// An order or a top-up as the carrier has it.
pub struct Found {
    pub reference: Option<String>,
    pub standing: Standing,
}

impl Found {
    pub fn order(order: Order) -> Result<Found, CarrierError> {
        Ok(Found { standing: order.standing()?, reference: order.id })
    }

    pub fn top_up(balance: Balance) -> Found {
        Found { standing: balance.standing(), reference: balance.id }
    }

    pub fn refused(refusal: Refusal) -> Found {
        Found { reference: None, standing: Standing::Refused(refusal.code().to_owned()) }
    }
}

pub fn latest(buckets: &[Bucket]) -> Option<OffsetDateTime> {
    buckets.iter().filter_map(Bucket::end).max()
}

pub fn day(end: Option<OffsetDateTime>, line: &LineRef) -> Result<Option<Date>, CarrierError> {
    end.map(|end| dates::last_day(end, &line.time_zone)).transpose()
}
