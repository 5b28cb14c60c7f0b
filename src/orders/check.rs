use crate::carriers::{Carriers, LineKind, LineRef, Refusal};
use crate::lines::model::Line;
use crate::money::Money;
use crate::plans::model::Plan;
use std::time::Duration;
use time::OffsetDateTime;

/// A customer waits for this answer with the page open.
const PATIENCE: Duration = Duration::from_secs(5);

/// What the carrier says of a renewal before any money moves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Checked {
    Renewable,
    /// It sells this plan at another price than the catalogue has.
    OtherPrice(Money),
    Refused(Refusal),
    /// It can't be asked; nothing is sold on a guess.
    Unreachable,
}

/// Asks the carrier whether the line can be renewed with the plan, and at what price. No connection to the database is held meanwhile.
pub async fn check(carriers: &Carriers, line: &Line, plan: &Plan, now: OffsetDateTime) -> Checked {
    if line.status != "active" {
        return Checked::Refused(Refusal::NotRenewable);
    }
    let line_ref = line_ref(line);
    let asked = async {
        let connection = carriers.get(&line.carrier)?;
        connection.ask(now, connection.carrier.quote(&line_ref, &plan.carrier_product)).await
    };
    match tokio::time::timeout(PATIENCE, asked).await {
        Ok(Ok(quote)) => match (quote.eligible, quote.price) {
            (Err(refusal), _) => Checked::Refused(refusal),
            (Ok(()), Some(price)) if price != plan.price => Checked::OtherPrice(price),
            (Ok(()), _) => Checked::Renewable,
        },
        Ok(Err(error)) => unreachable(line, &error.to_string()),
        Err(_) => unreachable(line, "no answer in time"),
    }
}

fn unreachable(line: &Line, reason: &str) -> Checked {
    tracing::warn!(carrier = %line.carrier, line.id = %line.id, "a carrier could not be asked before payment: {reason}");
    Checked::Unreachable
}

fn line_ref(line: &Line) -> LineRef {
    LineRef {
        carrier: line.carrier.clone(),
        kind: if line.is_esim() { LineKind::Esim } else { LineKind::FmCard },
        iccid: line.iccid.clone(),
        carrier_line_id: line.carrier_line_id.clone(),
        msisdn: line.msisdn.clone(),
        valid_from: line.valid_from,
        valid_until: line.valid_until,
        anchor_day: line.validity().anchor_day,
        time_zone: line.time_zone.clone(),
    }
}
