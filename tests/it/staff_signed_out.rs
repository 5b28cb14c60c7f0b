//! Staff who are signed out while their form is on its way have sent no money and ended no line.

use crate::accounts_signed_out::sent_in_vain;
use crate::staff_balance::{bought, give_back, newest_refund};
use crate::support::portal::TestPortal;

#[tokio::test]
async fn they_have_sent_their_form_in_vain() {
    let portal = TestPortal::start().await;
    let mut mei = portal.mei().await;
    let order = bought(&portal, &mut mei, "100").await;
    let line = portal.known_line(mei.account, "321").await;
    let mut staff = portal.staff_as("finance").await;
    assert_eq!(give_back(&portal, &mut staff, order, "10.13", "gateway").await.status, 303);
    portal.work().await;
    assert_eq!(portal.cases().await, ["refund_failed"]);
    let left = portal.count("select amount_minor - 1013 from payment_attempts").await.to_string();
    let attempt = portal.text("select id::text from payment_attempts").await.expect("a payment");

    let done = format!("/staff/refunds/{}/done", newest_refund(&portal).await);
    let forms: [(String, &[(&str, &str)]); 4] = [
        (
            format!("/staff/payments/{attempt}/refund/confirm"),
            &[("amount", "1"), ("reason", "goodwill"), ("left", left.as_str())],
        ),
        (done.clone(), &[("how", "agreed on the phone"), ("to", "")]),
        (done, &[("how", "agreed on the phone"), ("to", "balance")]),
        (format!("/staff/lines/{line}/end"), &[("end_reason", "returned"), ("sure", "yes")]),
    ];
    let changes = "select (select count(*) - 1 from refunds) + (select count(*) from refunds where status <> 'failed')
      + (select count(*) from ledger_entries) + (select count(*) from lines where ended_at is not null)";
    let before = portal.count(changes).await;
    for (path, fields) in forms {
        sent_in_vain(&portal.db.pool, staff.account, &staff.browser, &path, fields).await;
        assert_eq!(portal.count(changes).await, before, "{path}");
    }
    portal.prove().await;
}
