use sqlx::PgExecutor;
use time::OffsetDateTime;

use super::queries;

/// Something only the operator can put right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alert {
    /// A product costs so much by now that selling it leaves less than the rule wants.
    Margin,
    /// What is left with the carrier does not pay for a renewal.
    Credit,
}

impl Alert {
    /// Credit is the carrier's as a whole, a margin one product's.
    fn about(self, product: &str) -> &str {
        match self {
            Alert::Margin => product,
            Alert::Credit => "",
        }
    }

    fn kind(self) -> &'static str {
        match self {
            Alert::Margin => "margin",
            Alert::Credit => "credit",
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
    tracing::warn!(carrier, product, kind = alert.kind(), "a renewal was withheld: {detail}");
    queries::raise(db, alert.kind(), carrier, alert.about(product), detail, now).await
}

/// A renewal with this product can be sold again.
pub async fn close(db: impl PgExecutor<'_>, carrier: &str, product: &str, now: OffsetDateTime) -> sqlx::Result<()> {
    queries::close(db, carrier, product, now).await
}
