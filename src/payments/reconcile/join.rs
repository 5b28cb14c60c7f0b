//! A statement joined with our books, without looking anything up: four lists of what does not agree.

use crate::ids::{AttemptId, RefundId};
use crate::money::Money;
use crate::payments::gateway::{MoneyIn, StatementKind, StatementLine};
use crate::payments::model::RefundStatus;
use std::collections::HashSet;

/// A payment in our books that the statement may speak of.
#[derive(Clone, Debug)]
pub struct OurPayment {
    pub id: AttemptId,
    pub merchant_ref: String,
    /// What came, once it came.
    pub money: Option<(String, Money)>,
    /// It came on the statement's day, so the statement must have it.
    pub of_the_day: bool,
}

#[derive(Clone, Debug)]
pub struct OurRefund {
    pub id: RefundId,
    pub number: String,
    pub provider_refund_id: Option<String>,
    pub amount: Money,
    pub status: RefundStatus,
    pub of_the_day: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum List {
    TheirsNotOurs,
    OursNotTheirs,
    AmountDiffers,
    RefundDiffers,
}

/// Something that does not agree.
#[derive(Clone, Debug)]
pub struct Item {
    pub list: List,
    pub reference: Option<String>,
    pub transaction: Option<String>,
    pub theirs: Option<Money>,
    pub ours: Option<Money>,
    pub attempt: Option<AttemptId>,
    pub refund: Option<RefundId>,
    /// Money that is theirs and not ours, for an attempt we know: settling it repairs the difference.
    pub unsettled: Option<MoneyIn>,
}

impl Item {
    /// We have it and the statement does not.
    pub fn is_missing_there(&self) -> bool {
        self.theirs.is_none()
    }

    /// Another statement has it.
    pub fn is_stated_in(&self, lines: &[StatementLine]) -> bool {
        lines.iter().any(|line| match &line.kind {
            StatementKind::Payment => self.refund.is_none() && self.transaction.as_ref() == Some(&line.transaction),
            StatementKind::Refund { merchant_refund_no, provider_refund_id } => {
                let named = merchant_refund_no.is_some() && *merchant_refund_no == self.reference;
                self.refund.is_some()
                    && (named || provider_refund_id.is_some() && *provider_refund_id == self.transaction)
            }
        })
    }
}

pub fn join(lines: &[StatementLine], payments: &[OurPayment], refunds: &[OurRefund]) -> Vec<Item> {
    let mut items = vec![];
    let (mut paid, mut returned) = (HashSet::new(), HashSet::new());
    for line in lines {
        items.extend(match &line.kind {
            StatementKind::Payment => payment(line, payments, &mut paid),
            StatementKind::Refund { merchant_refund_no, provider_refund_id } => {
                let names = (merchant_refund_no.as_deref(), provider_refund_id.as_deref());
                refund(line, names, refunds, &mut returned)
            }
        });
    }
    let missing = payments.iter().filter(|ours| ours.of_the_day && !paid.contains(&ours.id));
    items.extend(missing.map(|ours| Item { list: List::OursNotTheirs, ..of_payment(ours) }));
    let missing = refunds.iter().filter(|ours| ours.of_the_day && !returned.contains(&ours.id));
    items.extend(missing.map(of_refund));
    items
}

fn payment(line: &StatementLine, payments: &[OurPayment], seen: &mut HashSet<AttemptId>) -> Option<Item> {
    let same_money = |ours: &&OurPayment| ours.money.as_ref().is_some_and(|(id, _)| *id == line.transaction);
    let named = |ours: &&OurPayment| Some(&ours.merchant_ref) == line.merchant_ref.as_ref();
    let stated = Item { list: List::TheirsNotOurs, ..of_line(line) };
    let Some(ours) = payments.iter().find(same_money).or_else(|| payments.iter().find(named)) else {
        return Some(stated);
    };
    match &ours.money {
        Some((id, money)) if *id == line.transaction => {
            seen.insert(ours.id);
            let differs = Item { list: List::AmountDiffers, theirs: Some(line.amount), ..of_payment(ours) };
            (*money != line.amount).then_some(differs)
        }
        _ => {
            let unsettled = MoneyIn { transaction: line.transaction.clone(), received: line.amount, at: line.at };
            Some(Item { attempt: Some(ours.id), unsettled: Some(unsettled), ..stated })
        }
    }
}

fn refund(
    line: &StatementLine,
    (number, provider_id): (Option<&str>, Option<&str>),
    refunds: &[OurRefund],
    seen: &mut HashSet<RefundId>,
) -> Option<Item> {
    let known = refunds.iter().find(|ours| {
        number == Some(ours.number.as_str())
            || provider_id.is_some() && provider_id == ours.provider_refund_id.as_deref()
    });
    let Some(ours) = known else {
        let reference = number.or(provider_id).map(str::to_owned);
        return Some(Item { list: List::RefundDiffers, reference, ..of_line(line) });
    };
    seen.insert(ours.id);
    let agrees = ours.amount == line.amount && ours.status == RefundStatus::Succeeded;
    let transaction = Some(line.transaction.clone());
    (!agrees).then(|| Item { theirs: Some(line.amount), transaction, ..of_refund(ours) })
}

fn of_line(line: &StatementLine) -> Item {
    Item {
        list: List::TheirsNotOurs,
        reference: line.merchant_ref.clone(),
        transaction: Some(line.transaction.clone()),
        theirs: Some(line.amount),
        ours: None,
        attempt: None,
        refund: None,
        unsettled: None,
    }
}

fn of_payment(ours: &OurPayment) -> Item {
    let (transaction, money) = ours.money.clone().unzip();
    Item {
        list: List::OursNotTheirs,
        reference: Some(ours.merchant_ref.clone()),
        transaction,
        theirs: None,
        ours: money,
        attempt: Some(ours.id),
        refund: None,
        unsettled: None,
    }
}

fn of_refund(ours: &OurRefund) -> Item {
    Item {
        list: List::RefundDiffers,
        reference: Some(ours.number.clone()),
        transaction: ours.provider_refund_id.clone(),
        theirs: None,
        ours: Some(ours.amount),
        attempt: None,
        refund: Some(ours.id),
        unsettled: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::Currency;
    use time::OffsetDateTime;

    fn cny(minor: i64) -> Money {
        Money::new(minor, Currency::Cny)
    }

    fn line(kind: StatementKind, reference: Option<&str>, transaction: &str, minor: i64) -> StatementLine {
        StatementLine {
            kind,
            merchant_ref: reference.map(str::to_owned),
            transaction: transaction.into(),
            amount: cny(minor),
            at: OffsetDateTime::UNIX_EPOCH,
        }
    }

    fn ours(reference: &str, money: Option<(&str, i64)>, of_the_day: bool) -> OurPayment {
        let money = money.map(|(id, minor)| (id.to_owned(), cny(minor)));
        OurPayment { id: AttemptId::new(), merchant_ref: reference.into(), money, of_the_day }
    }

    fn back(number: &str, minor: i64, status: RefundStatus) -> OurRefund {
        let provider_refund_id = Some(format!("re_{number}"));
        OurRefund {
            id: RefundId::new(),
            number: number.into(),
            provider_refund_id,
            amount: cny(minor),
            status,
            of_the_day: true,
        }
    }

    fn refund_line(number: Option<&str>, provider: Option<&str>, minor: i64) -> StatementLine {
        let (merchant_refund_no, provider_refund_id) = (number.map(str::to_owned), provider.map(str::to_owned));
        line(StatementKind::Refund { merchant_refund_no, provider_refund_id }, None, "t", minor)
    }

    fn lists(items: &[Item]) -> Vec<List> {
        items.iter().map(|item| item.list).collect()
    }

    #[test]
    fn what_agrees_is_on_no_list() {
        let payments = [ours("R1", Some(("t1", 100)), true), ours("R2", None, false)];
        let refunds = [back("F1", 40, RefundStatus::Succeeded), back("F2", 5, RefundStatus::Succeeded)];
        let lines = [
            line(StatementKind::Payment, Some("R1"), "t1", 100),
            refund_line(Some("F1"), None, 40),
            refund_line(None, Some("re_F2"), 5),
        ];
        assert!(join(&lines, &payments, &refunds).is_empty());
    }

    #[test]
    fn each_difference_is_on_its_list() {
        let payments =
            [ours("R1", Some(("t1", 100)), true), ours("R2", None, false), ours("R3", Some(("t3", 7)), true)];
        let refunds = [
            back("F1", 40, RefundStatus::Succeeded),
            back("F2", 5, RefundStatus::Submitted),
            back("F3", 9, RefundStatus::Succeeded),
        ];
        let lines = [
            line(StatementKind::Payment, Some("R1"), "t1", 99),
            line(StatementKind::Payment, Some("R2"), "t2", 50),
            line(StatementKind::Payment, None, "t9", 1),
            refund_line(Some("F1"), None, 41),
            refund_line(Some("F2"), None, 5),
            refund_line(Some("F9"), None, 1),
        ];
        let items = join(&lines, &payments, &refunds);
        use List::*;
        assert_eq!(
            lists(&items),
            [
                AmountDiffers,
                TheirsNotOurs,
                TheirsNotOurs,
                RefundDiffers,
                RefundDiffers,
                RefundDiffers,
                OursNotTheirs,
                RefundDiffers
            ]
        );
        assert!(items[1].unsettled.is_some() && items[1].attempt == Some(payments[1].id));
        assert!(items[2].unsettled.is_none(), "nothing we know of can be settled by it");
        assert_eq!((items[6].attempt, items[7].refund), (Some(payments[2].id), Some(refunds[2].id)));
    }

    #[test]
    fn a_second_transaction_of_one_payment_is_theirs_and_not_ours() {
        let payments = [ours("R1", Some(("t1", 100)), true)];
        let lines =
            [line(StatementKind::Payment, Some("R1"), "t1", 100), line(StatementKind::Payment, Some("R1"), "t2", 100)];
        let items = join(&lines, &payments, &[]);
        assert_eq!(lists(&items), [List::TheirsNotOurs]);
        assert_eq!(items[0].unsettled.as_ref().map(|money| money.transaction.as_str()), Some("t2"));
    }
}
