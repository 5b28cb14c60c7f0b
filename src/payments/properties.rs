//! Ten thousand stories of one payment and its refund: whatever is told, how often and in whichever order, they end the same.

use super::model::{AttemptEvent, AttemptStatus, RefundEvent, RefundStatus};
use proptest::prelude::*;
use proptest::sample::subsequence;

/// What a gateway may tell of one payment. The number is the transaction's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Told {
    Paid(u8),
    Declined,
    Closed,
    Processing,
    Accepted,
    Returned,
    NotReturned,
}

const ALL: [Told; 8] = [
    Told::Paid(1),
    Told::Paid(2),
    Told::Declined,
    Told::Closed,
    Told::Processing,
    Told::Accepted,
    Told::Returned,
    Told::NotReturned,
];

/// Where it ends. That it was declined and that it was closed are the same end: no money, and nothing in the way.
#[derive(Debug, PartialEq, Eq)]
struct End {
    paid: bool,
    ended: bool,
    second_transaction: bool,
    refund: RefundStatus,
}

fn play(story: &[Told]) -> End {
    let (mut attempt, mut refund) = (AttemptStatus::Pending, RefundStatus::Submitted);
    let (mut transaction, mut second) = (None, false);
    for told in story {
        let (of_attempt, of_refund) = match told {
            Told::Paid(_) => (Some(AttemptEvent::Paid), None),
            Told::Declined => (Some(AttemptEvent::Declined), None),
            Told::Closed => (Some(AttemptEvent::GatewayClosed), None),
            Told::Processing => (Some(AttemptEvent::Presented), None),
            Told::Accepted => (None, Some(RefundEvent::Accepted)),
            Told::Returned => (None, Some(RefundEvent::Succeeded)),
            Told::NotReturned => (None, Some(RefundEvent::Refused)),
        };
        if let Told::Paid(id) = told {
            second |= transaction.is_some_and(|first| first != id);
            transaction = transaction.or(Some(id));
        }
        attempt = of_attempt.and_then(|event| attempt.after(event)).unwrap_or(attempt);
        refund = of_refund.and_then(|event| refund.after(event)).unwrap_or(refund);
    }
    let paid = attempt == AttemptStatus::Succeeded;
    End { paid, ended: !attempt.is_open(), second_transaction: second, refund }
}

/// By what was told alone, not by when.
fn canonical(story: &[Told]) -> End {
    let has = |told| story.contains(&told);
    let paid = has(Told::Paid(1)) || has(Told::Paid(2));
    End {
        paid,
        ended: paid || has(Told::Declined) || has(Told::Closed),
        second_transaction: has(Told::Paid(1)) && has(Told::Paid(2)),
        refund: match (has(Told::Returned), has(Told::NotReturned)) {
            (true, true) => RefundStatus::Manual,
            (true, false) => RefundStatus::Succeeded,
            (false, true) => RefundStatus::Failed,
            (false, false) => RefundStatus::Submitted,
        },
    }
}

/// Some of it, some of that again, shuffled.
fn stories() -> impl Strategy<Value = Vec<Told>> {
    let some = subsequence(ALL.to_vec(), 0..=ALL.len());
    (some, prop::collection::vec(0usize..ALL.len(), 0..6))
        .prop_map(|(some, again)| {
            let repeated = again.iter().filter_map(|at| some.get(*at)).copied().collect::<Vec<_>>();
            [some, repeated].concat()
        })
        .prop_shuffle()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10_000, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_told_in_whichever_order_the_end_is_the_same(story in stories()) {
        prop_assert_eq!(play(&story), canonical(&story));
    }
}
