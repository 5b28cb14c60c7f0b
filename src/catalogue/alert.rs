use sqlx::PgExecutor;
use time::{Duration, OffsetDateTime};

use super::queries;
use crate::money::Money;

/// Little credit of which nothing can be asked and nothing more is told was seen to by then.
const FORGOTTEN_AFTER: Duration = Duration::days(7);

/// Something only the operator can put right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alert {
    /// A product costs so much by now that selling it leaves less than the rule wants.
    Margin,
    /// What is left with the carrier does not pay for a renewal.
    Credit,
    /// The carrier tells that little is left with it.
    LowCredit,
}

impl Alert {
    /// Credit is the carrier's as a whole, a margin one product's.
    fn about(self, product: &str) -> &str {
        match self {
            Alert::Margin => product,
            Alert::Credit | Alert::LowCredit => "",
        }
    }

    fn kind(self) -> &'static str {
        match self {
            Alert::Margin => "margin",
            Alert::Credit => "credit",
            Alert::LowCredit => "low_credit",
        }
    }
}

/// Tells the operator, once for as long as it lasts.
pub async fn raise(
    db: impl PgExecutor<'_>,
    alert: Alert,
    carrier: &str,
    product: &str,
    detail: &str,
    now: OffsetDateTime,
) -> sqlx::Result<()> {
    tracing::warn!(carrier, product, kind = alert.kind(), "the operator has to see to a carrier: {detail}");
    queries::raise(db, alert.kind(), carrier, alert.about(product), detail, now).await
}

/// What the carrier says is left. More than when it told of little: the operator has paid in.
pub async fn see_credit(
    db: impl PgExecutor<'_>,
    carrier: &str,
    credit: Option<Money>,
    now: OffsetDateTime,
) -> sqlx::Result<()> {
    match credit {
        Some(credit) => queries::see_credit(db, carrier, credit, now).await,
        None => queries::forget_low_credit(db, carrier, now - FORGOTTEN_AFTER, now).await,
    }
}

/// A renewal with this product can be sold again.
pub async fn close(db: impl PgExecutor<'_>, carrier: &str, product: &str, now: OffsetDateTime) -> sqlx::Result<()> {
    queries::close(db, carrier, product, now).await
}
