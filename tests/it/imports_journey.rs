//! Somebody who never heard of the portal: imported, with no password, and a line to renew.

use renewal_portal::imports::{Options, What, import};
use renewal_portal::jobs;
use renewal_portal::worker;

use crate::pages_support::{Portal, hidden};
use crate::support::visitor::Visitor;

const FILES: [(What, &str); 3] =
    [(What::Plans, "plans.csv"), (What::Customers, "customers.csv"), (What::Lines, "lines.csv")];

async fn portal_of_imports() -> Portal {
    let portal = Portal::open().await;
    for (what, name) in FILES {
        let path = format!("{}/tests/fixtures/imports/{name}", env!("CARGO_MANIFEST_DIR"));
        let file = std::fs::read(path).unwrap();
        let report = import(
            portal.pool(),
            &portal.parts.app.clock,
            what,
            &file,
            Options { dry_run: false, every: std::time::Duration::from_secs(1) },
            &mut |_, _, _| {},
        )
        .await
        .unwrap();
        assert_eq!(report.refused, 0, "{name}");
    }
    portal
}

async fn run_jobs(portal: &Portal) {
    let app = portal.parts.app.clone();
    jobs::run_due(portal.pool(), &app.clock, |job| worker::handle(app.clone(), job)).await.unwrap();
}

#[tokio::test]
async fn an_imported_customer_sets_a_password_by_mail_and_renews() {
    let portal = portal_of_imports().await;
    let mut visitor = Visitor::new(&portal.parts.router());
    visitor.get("/password/forgot").await;
    visitor.post("/password/forgot", &[("email", "mei@post.example")]).await;
    run_jobs(&portal).await;
    let mail: String = sqlx::query_scalar("select body_text from messages where recipient = 'mei@post.example'")
        .fetch_one(portal.pool())
        .await
        .unwrap();
    let link = mail.split("http://127.0.0.1:9").nth(1).unwrap().split_whitespace().next().unwrap();

    visitor.get(link).await;
    let reset = visitor.post(link, &[("password", "orchid-harbour-51")]).await;
    assert_eq!(reset.status, 303, "{}", reset.body);
    visitor.get("/login").await;
    let signed_in = visitor.post("/login", &[("email", "mei@post.example"), ("password", "orchid-harbour-51")]).await;
    assert_eq!(signed_in.status, 303, "{}", signed_in.body);

    let account = visitor.get("/account").await;
    assert!(account.body.contains("+852 6100 0001"), "{}", account.body);
    let line: String = sqlx::query_scalar("select id::text from lines where msisdn = '+85261000001'")
        .fetch_one(portal.pool())
        .await
        .unwrap();
    let review = visitor.get(&format!("/lines/{line}/renew?plan=HM-M8")).await;
    let fields = ["plan", "attempt", "price"].map(|name| (name, hidden(&review, name)));
    let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let placed = visitor.post(&format!("/lines/{line}/renewals"), &fields).await;
    assert_eq!(placed.status, 303, "{}", placed.body);
    let pay = visitor.get(placed.location()).await;
    assert!(pay.body.contains("HK$58.00"), "{}", pay.body);
}
