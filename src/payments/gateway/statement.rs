use crate::money::Money;
use time::OffsetDateTime;

/// One booking in a gateway's statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementLine {
    pub kind: StatementKind,
    pub merchant_ref: Option<String>,
    /// The gateway's id of the money that moved: of the payment, also on the line of its refund.
    pub transaction: String,
    /// Never negative.
    pub amount: Money,
    pub at: OffsetDateTime,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StatementKind {
    Payment,
    Refund { merchant_refund_no: Option<String>, provider_refund_id: Option<String> },
}
