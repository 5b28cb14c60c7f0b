//! Staff's pages of gateways: what they take, what they told, how their statements agree.

use renewal_portal::payments::reconcile;

use crate::support::portal::TestPortal;

#[tokio::test]
async fn the_page_names_what_is_offered_and_what_nobody_takes() {
    let (portal, _) = TestPortal::and_scripted_only(renewal_portal::money::Currency::Usd).await;
    portal.run("update plans set currency = 'JPY' where code = 'P60'").await;
    let mut staff = portal.staff_as("viewer").await;
    let page = staff.browser.get("/staff/gateways").await.body;
    for words in ["Bank card", "Not offered for CNY HKD EUR GBP JPY SGD KWD", "Plans are sold in CNY, JPY", "Rehearsal"]
    {
        assert!(page.contains(words), "{words}: {page}");
    }
    let mei = portal.mei().await;
    let line = portal.line(mei.account, "100").await;
    let mut mei = mei;
    let order = mei.place(line, "P30").await;
    let pay = mei.browser.get(&format!("/orders/{order}/pay")).await.body;
    assert!(!pay.contains("value=\"card\""), "a card that takes dollars is not offered for yuan");
}

#[tokio::test]
async fn a_notification_is_found_read_and_applied_again() {
    let portal = TestPortal::start().await;
    let (mut mei, line) = portal.mei_with("100").await;
    let order = mei.buy(line, "P30", "pay").await;
    portal.until(order, "fulfilled").await;
    let mut support = portal.staff_as("support").await;
    let mut staff = portal.staff_as("finance").await;
    let (id, reference): (i64, String) =
        sqlx::query_as("select id, merchant_ref from gateway_events").fetch_one(&portal.db.pool).await.unwrap();
    let path = format!("/staff/notices/{id}");
    for (query, found) in [
        (String::new(), true),
        ("?gateway=sandbox&outcome=settled".into(), true),
        ("?gateway=stripe".into(), false),
        ("?outcome=unreadable".into(), false),
        (format!("?reference={reference}"), true),
        ("?reference=R000&page=1".into(), false),
        ("?reference=%27&page=-4".into(), false),
    ] {
        let page = support.browser.get(&format!("/staff/notices{query}")).await;
        assert_eq!((page.status.as_u16(), page.body.contains(&path)), (200, found), "{query}");
    }
    let page = support.browser.get(&path).await.body;
    assert!(page.contains(&reference) && !page.contains("payment.succeeded"), "{page}");
    for words in ["Money came", "¥42.00", "Rehearsal bank", "<h2>Apply again</h2>"] {
        assert!(staff.browser.get(&path).await.body.contains(words), "{words}");
    }
    for part in ["body", "replay"] {
        assert_eq!(support.browser.post(&format!("{path}/{part}"), &[]).await.status, 403);
    }
    staff.browser.get(&path).await;
    let read = staff.browser.post(&format!("{path}/body"), &[]).await;
    assert!(read.status == 200 && read.body.contains("payment.succeeded"), "{}", read.body);
    let again = staff.browser.post(&format!("{path}/replay"), &[]).await;
    assert!(again.location().contains("notice-applied"), "{}", again.location());
    assert_eq!(
        portal.count("select count(*) from audit_log where action in ('notice.body_read', 'notice.replayed')").await,
        2
    );
    assert_eq!(portal.count("select count(*) from jobs where kind = 'payment-settled'").await, 1);
    assert_eq!(staff.browser.get("/staff/notices/999").await.status, 404);
    portal.prove().await;
}

#[tokio::test]
async fn a_difference_breaks_the_audit_until_finance_signs() {
    let portal = TestPortal::start().await;
    let (mut mei, line) = portal.mei_with("100").await;
    let order = mei.buy(line, "P30", "pay").await;
    portal.until(order, "fulfilled").await;
    portal.run("update sandbox.payments set received_minor = received_minor - 1").await;
    let gateway = portal.app.gateways.named("sandbox").unwrap();
    reconcile::of_day(&portal.db.pool, &portal.clock, gateway.as_ref(), portal.clock.now().date()).await.unwrap();
    let broken = || async {
        let verdicts = renewal_portal::invariants::prove(&portal.db.pool).await.unwrap();
        verdicts.iter().find(|verdict| verdict.id == "I8").unwrap().breaks.clone()
    };
    assert_eq!(broken().await.len(), 1);
    let run: i64 = sqlx::query_scalar("select id from reconciliation_runs").fetch_one(&portal.db.pool).await.unwrap();
    let path = format!("/staff/reconciliation/{run}");
    let (mut support, mut staff) = (portal.staff_as("support").await, portal.staff_as("finance").await);
    let page = support.browser.get(&path).await.body;
    assert!(page.contains("¥41.99") && page.contains("¥42.00") && page.contains("Another amount"), "{page}");
    assert!(!page.contains("Sign this day"));
    assert_eq!(support.browser.post(&path, &[("note", "x")]).await.status, 403);
    assert!(staff.browser.get("/staff/gateways").await.body.contains("1 to look at"));
    assert!(staff.browser.get("/staff").await.body.contains(&path), "it is work to do");
    staff.browser.get(&path).await;
    let silent = staff.browser.post(&path, &[("note", " ")]).await;
    assert!(silent.location().contains("say-what-differed"), "{}", silent.location());
    assert_eq!(broken().await.len(), 1, "not signed without a word");
    assert_eq!(staff.browser.post(&path, &[("note", "the bank kept a cent")]).await.status, 303);
    assert!(staff.browser.get(&path).await.body.contains("the bank kept a cent"));
    assert_eq!(broken().await, Vec::<String>::new());
    assert!(!staff.browser.get("/staff").await.body.contains(&path));
    assert_eq!(portal.count("select count(*) from audit_log where action = 'reconciliation.signed'").await, 1);
}
