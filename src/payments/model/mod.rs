//! The states of an attempt and of a refund, every step between them, and what names them to a gateway.

macro_rules! stored_as_text {
    ($name:ident { $($(#[$about:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, sqlx::Type, Serialize, Deserialize)]
        #[sqlx(type_name = "text", rename_all = "snake_case")]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$about])* $variant),+ }

        impl $name {
            pub const ALL: &[$name] = &[$($name::$variant),+];

            pub fn as_str(self) -> &'static str {
                match self { $($name::$variant => $text),+ }
            }
        }
    };
}

mod attempt;
mod reference;
mod refund;

pub use attempt::{Attempt, AttemptEvent, AttemptStatus, BalanceState, Device, Purpose};
pub use reference::{is_refund_no, new_external_refund_no, new_merchant_ref, new_refund_no};
pub use refund::{Destination, Refund, RefundEvent, RefundReason, RefundStatus, Source};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_are_stored_under_their_own_names() {
        for state in AttemptStatus::ALL {
            assert_eq!(serde_json::to_value(state).unwrap(), state.as_str());
        }
        for reason in RefundReason::ALL {
            assert_eq!(serde_json::to_value(reason).unwrap(), reason.as_str());
        }
    }
}
