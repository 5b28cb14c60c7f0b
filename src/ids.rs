//! Typed ids: UUIDv7, so that rows of one day lie together in an index. A line's id can't be passed where an order's is meant.

use uuid::Uuid;

macro_rules! ids {
    ($($name:ident),+ $(,)?) => {$(
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, sqlx::Type, serde::Serialize, serde::Deserialize)]
        #[sqlx(transparent)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            #[allow(clippy::new_without_default)] // a default id would be a different one each time
            pub fn new() -> Self {
                Self(Uuid::now_v7())
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    )+};
}

ids!(
    AccountId,
    LineId,
    OrderId,
    AttemptId,
    RefundId,
    ProvisioningId,
    CaseId,
    MessageId,
    ChangeId,
    ClaimId,
    LineRequestId,
    ProfileOrderId,
    SignInId,
    ExportId,
    SecondStepResetId,
    PasskeyId,
    CeremonyId,
);

/// Letters and digits that can't be mistaken for one another when read out on the phone.
const READABLE: &[u8] = b"23456789ABCDEFGHJKMNPQRSTVWXYZ";

/// `len` random characters a person can read out.
pub fn readable(len: usize) -> String {
    let mut random = vec![0u8; len];
    fill_random(&mut random);
    random.iter().map(|byte| READABLE[usize::from(*byte) % READABLE.len()] as char).collect()
}

/// The number a customer tells support, such as `R-7K2M-9QXA`.
pub fn order_number() -> String {
    let text = readable(8);
    format!("R-{}-{}", &text[..4], &text[4..])
}

/// The order number that was meant, however it was typed: `r7k2m 9qxa`.
pub fn as_order_number(text: &str) -> Option<String> {
    let typed: String = text.chars().filter(|c| !c.is_whitespace() && !matches!(c, '-' | '–' | '—')).collect();
    let typed = typed.to_ascii_uppercase();
    let tail = typed.strip_prefix('R').filter(|tail| tail.len() == 8)?;
    tail.bytes().all(|byte| READABLE.contains(&byte)).then(|| format!("R-{}-{}", &tail[..4], &tail[4..]))
}

/// Fills `bytes` from the operating system; without it nothing here is safe, so there is no way on.
#[allow(clippy::expect_used)]
pub fn fill_random(bytes: &mut [u8]) {
    getrandom::fill(bytes).expect("the operating system gives random bytes");
}
