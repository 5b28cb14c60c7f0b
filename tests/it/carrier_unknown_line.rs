//! A line its carrier does not know is that line's trouble: it never rests the carrier for all the others.

use renewal_portal::carriers::{Connection, LineRef, Turn};
use renewal_portal::simulator::stock;
use time::OffsetDateTime;

use crate::support::carrier::{Rig, quick};
use crate::support::protocols;

/// More than a carrier may fail in a row.
const OFTEN: usize = 12;

async fn asks(connection: &Connection, now: OffsetDateTime, line: &LineRef) -> Vec<String> {
    let carrier = connection.carrier.as_ref();
    let mut failures = Vec::new();
    for _ in 0..OFTEN {
        let usage = connection.ask(now, carrier.usage(line)).await;
        let usage = usage.map(|usage| usage.state.is_none() && usage.left.is_none() && usage.valid_until.is_none());
        let baseline = connection.ask(now, carrier.baseline(line)).await.map(|_| true);
        let quote = connection.ask(now, carrier.quote(line, "3001")).await.map(|_| true);
        for (what, answer) in [("usage", usage), ("baseline", baseline), ("quote", quote)] {
            if answer != Ok(true) {
                failures.push(format!("{what}: {answer:?}"));
            }
        }
    }
    failures
}

#[tokio::test]
async fn nobody_waits_for_a_line_the_carrier_does_not_know() {
    let rig = Rig::new(quick()).await;
    rig.sells_by_number().await;
    let order = rig.place("+8613800000100").await.order;
    let known = rig.look(order).await.request.line;
    let unknown = LineRef {
        iccid: "8997212330099025334".to_owned(),
        msisdn: Some("+8613900000100".to_owned()),
        carrier_line_id: Some("4711".to_owned()),
        ..known.clone()
    };
    let by_card = LineRef { carrier_line_id: None, ..unknown.clone() };
    stock::take(&mut rig.db.pool.acquire().await.unwrap()).await.unwrap();
    for (name, protocol) in protocols::ALL {
        let connection = protocols::connection(&protocol(&rig.simulator.url()), &rig.clock);
        for line in [&unknown, &by_card] {
            assert_eq!(asks(&connection, rig.clock.now(), line).await, Vec::<String>::new(), "{name}");
            assert!(matches!(connection.turn(rig.clock.now()), Turn::Now(_)), "{name} is left alone");
        }
    }
}
