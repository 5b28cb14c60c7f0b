//! How it all ended: counted from the portal's tables and held against the books of the rehearsed gateways.

use std::collections::{BTreeMap, HashMap};

use renewal_portal::ids::OrderId;
use sqlx::PgPool;
use time::OffsetDateTime;

use crate::customers::Entry;

/// Settled: renewed, and the money is ours. Refunded: all that came went back. In hand: a person decides. Unpaid: nothing came.
const ENDINGS: &str = "select o.id, case
    when o.status = 'fulfilled' then 'settled'
    when o.status = 'needs_attention' or exists (select from cases c where c.order_id = o.id and c.closed_at is null) then 'in hand'
    when o.status = 'refunded' then 'refunded'
    when o.status not in ('expired', 'cancelled') then 'open'
    when m.received = 0 then 'unpaid'
    when m.received = m.returned then 'refunded'
    else 'lost' end
  from orders o join accounts a on a.id = o.account_id cross join lateral (
    select coalesce(sum(p.received_minor), 0)::bigint as received,
           coalesce(sum((select sum(r.amount_minor) from refunds r where r.attempt_id = p.id and r.status = 'succeeded')), 0)::bigint as returned
    from payment_attempts p where p.order_id = o.id) m
  where a.email like 'drill%'";

const SORTS: [&str; 4] = ["settled", "refunded", "in hand", "unpaid"];

/// Each order has one ending, and nothing else does.
pub async fn endings(pool: &PgPool, entries: &[Entry]) -> String {
    let found: Vec<(OrderId, String)> = sqlx::query_as(ENDINGS).fetch_all(pool).await.expect("orders");
    assert_eq!(found.len(), entries.len(), "orders nobody placed, or orders that are gone");
    let found: HashMap<OrderId, String> = found.into_iter().collect();
    let mut counts: BTreeMap<&str, BTreeMap<&str, usize>> = BTreeMap::new();
    for entry in entries {
        let ending = found[&entry.order].as_str();
        let sort = SORTS.into_iter().find(|sort| *sort == ending);
        let sort = sort.unwrap_or_else(|| panic!("{} by {:?} is {ending}", entry.order, entry.deal));
        *counts.entry(entry.deal.row()).or_default().entry(sort).or_default() += 1;
    }
    let mut table = format!("{:<10}{:>9}{:>9}{:>9}{:>9}{:>9}\n", "", SORTS[0], SORTS[1], SORTS[2], SORTS[3], "orders");
    let of = |counts: &BTreeMap<&str, usize>| SORTS.map(|sort| counts.get(sort).copied().unwrap_or(0));
    let mut all = [0; 4];
    for (method, counts) in &counts {
        let row = of(counts);
        all.iter_mut().zip(row).for_each(|(all, one)| *all += one);
        table += &line(method, row);
    }
    assert_eq!(all.iter().sum::<usize>(), entries.len());
    table + &line("all", all)
}

fn line(name: &str, counts: [usize; 4]) -> String {
    let cells: String = counts.iter().map(|count| format!("{count:>9}")).collect();
    format!("{name:<10}{cells}{:>9}\n", counts.iter().sum::<usize>())
}

/// What each gateway says it took and gave back is what our books say.
pub async fn money(pool: &PgPool) -> String {
    let both: Vec<(String, i64, i64, i64, i64)> = sqlx::query_as(
        "with theirs as (
           select p.protocol as gateway, sum(p.received_minor)::bigint as received,
                  coalesce(sum((select sum(r.amount_minor) from sandbox.refunds r where r.payment_id = p.id and r.status = 'succeeded')), 0)::bigint as returned
           from sandbox.payments p where p.status = 'paid' group by 1),
         ours as (
           select p.gateway, coalesce(sum(p.received_minor), 0)::bigint as received,
                  coalesce(sum((select sum(r.amount_minor) from refunds r where r.attempt_id = p.id and r.status = 'succeeded'
                                and r.destination = 'gateway' and r.by_hand is null)), 0)::bigint as returned
           from payment_attempts p where p.gateway <> 'balance' group by 1)
         select gateway, coalesce(theirs.received, 0), coalesce(ours.received, 0), coalesce(theirs.returned, 0), coalesce(ours.returned, 0)
         from theirs full join ours using (gateway) order by 1",
    )
    .fetch_all(pool)
    .await
    .expect("both books");
    let mut report = String::new();
    for (gateway, took, received, gave, returned) in both {
        assert_eq!((took, gave), (received, returned), "{gateway}: theirs against ours");
        report += &format!("{gateway:<10}took {received:>9} and gave back {returned:>8}, by its books and by ours\n");
    }
    let ledger: i64 = sqlx::query_scalar("select coalesce(sum(amount_minor), 0)::bigint from ledger_entries")
        .fetch_one(pool)
        .await
        .expect("the ledger");
    assert_eq!(ledger, 0, "the ledger does not add up");
    report + "the ledger adds up to 0\n"
}

/// From a notification's arrival to the order it paid for, for orders that a notification and not a question settled.
/// `until`: when the clock was first moved; `kills`: from the end of a process to its successor's first answer.
pub async fn haste(pool: &PgPool, until: OffsetDateTime, kills: &[(OffsetDateTime, OffsetDateTime)]) -> String {
    let waits: Vec<(OffsetDateTime, OffsetDateTime)> = sqlx::query_as(
        "select g.received_at, min(e.at) from gateway_events g
           join payment_attempts p on p.gateway = g.gateway and p.merchant_ref = g.merchant_ref and p.applied
           join order_events e on e.order_id = p.order_id and e.to_status = 'paid' and e.from_status <> 'paid'
         where g.outcome = 'settled' and g.received_at < $1 group by g.id",
    )
    .bind(until)
    .fetch_all(pool)
    .await
    .expect("waits");
    let paid: i64 = sqlx::query_scalar(
        "select count(*) from payment_attempts p join accounts a on a.id = p.account_id where p.applied and a.email like 'drill%'",
    )
    .fetch_one(pool)
    .await
    .expect("payments");
    let struck = |from, to| kills.iter().any(|(killed, _)| (from..=to).contains(killed));
    let (hit, spared): (Vec<_>, Vec<_>) = waits.iter().partition(|(from, to)| struck(*from, *to));
    let heading = format!("{paid} orders paid, {} of them by a notification; from it to `paid`:\n", waits.len());
    heading
        + &quantiles("all", &waits)
        + &quantiles("no kill in between", &spared)
        + &quantiles("a kill in between", &hit)
}

fn quantiles(name: &str, waits: &[(OffsetDateTime, OffsetDateTime)]) -> String {
    let mut seconds: Vec<f64> = waits.iter().map(|(from, to)| (*to - *from).as_seconds_f64()).collect();
    seconds.sort_by(f64::total_cmp);
    let at = |part: usize| seconds.get((seconds.len() * part).div_ceil(100).saturating_sub(1)).copied().unwrap_or(0.0);
    let [p50, p99, most] = [50, 99, 100].map(|part| 1000.0 * at(part));
    format!("{name:<20}{:>6}  p50 {p50:.0} ms, p99 {p99:.0} ms, most {most:.0} ms\n", seconds.len())
}

/// What was rehearsed and can be told from the gateways' side.
pub async fn trouble(pool: &PgPool) -> String {
    let (delivered, lost, failed): (i64, i64, i64) = sqlx::query_as(
        "select (select count(*) from gateway_events),
                (select count(*) from sandbox.payments p where p.outcome = 'never' and p.status = 'paid'),
                (select count(*) from refunds r where r.status in ('failed', 'manual'))",
    )
    .fetch_one(pool)
    .await
    .expect("counts");
    format!("{delivered} notifications stored, {lost} payments never told of, {failed} refunds failed\n")
}
