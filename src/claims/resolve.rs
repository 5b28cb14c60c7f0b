//! Which line was meant, as far as anything here knows.

use sqlx::PgConnection;

use super::model::Numbered;
use crate::lines::{self, Holding, Stock};
use crate::numbering::{self, Named};
use crate::numbers::Msisdn;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    Stock(Stock),
    Held(Holding),
    /// Within the operator's ranges, and more is not known; or several lines go by it. With the number to prove it by.
    Ours(Msisdn),
    Nothing,
}

impl Target {
    /// Where the code goes that proves it.
    pub fn number(&self) -> Option<Msisdn> {
        let number = match self {
            Self::Stock(stock) => stock.msisdn.as_deref()?,
            Self::Held(held) => held.msisdn.as_deref()?,
            Self::Ours(number) => return Some(number.clone()),
            Self::Nothing => return None,
        };
        Msisdn::parse(number).ok()
    }
}

pub async fn resolve(conn: &mut PgConnection, named: &Numbered) -> sqlx::Result<Target> {
    let (stock, held) = match named {
        Numbered::Iccid(iccid) => {
            (lines::stock_by_iccid(&mut *conn, iccid).await?, lines::held_by_iccid(&mut *conn, iccid).await?)
        }
        Numbered::Msisdn(number) => {
            (lines::stock_by_msisdn(&mut *conn, number).await?, lines::held_by_msisdn(&mut *conn, number).await?)
        }
    };
    match (stock.as_slice(), held.as_slice(), named) {
        ([stock], ..) => Ok(Target::Stock(stock.clone())),
        ([], [held], _) => Ok(Target::Held(held.clone())),
        ([], [], Numbered::Msisdn(number)) if is_ours(conn, number).await? => Ok(Target::Ours(number.clone())),
        ([], [], _) | (_, _, Numbered::Iccid(_)) => Ok(Target::Nothing),
        (.., Numbered::Msisdn(number)) => Ok(Target::Ours(number.clone())),
    }
}

async fn is_ours(conn: &mut PgConnection, number: &Msisdn) -> sqlx::Result<bool> {
    Ok(numbering::recognise(conn, Named::Msisdn(number)).await?.carrier.is_some())
}
