//! Time goes forward and what is due happens; what the demo sends can be read.

use crate::staff_support::Office;

#[tokio::test]
async fn time_goes_forward_only() {
    let office = Office::open().await;
    office.work();
    let mut staff = office.staff().await;
    assert_eq!(staff.get("/staff/rehearsal").await.status, 200);
    sqlx::raw_sql(
        "insert into messages (id, channel, template, language, recipient, subject, body_text, created_at)
           values ('019ab7e2-0000-7000-8000-000000000001', 'mail', 'reminder', 'en', 'ana@demo.example', 'Soon', 'Text', now());
         insert into jobs (kind, dedupe_key, payload, run_at, max_attempts, created_at)
           values ('send-message', 'soon', '{\"message_id\": \"019ab7e2-0000-7000-8000-000000000001\"}', now() + interval '20 hours', 3, now())",
    )
    .execute(office.pool())
    .await
    .unwrap();
    let moved = staff.post("/staff/rehearsal", &[("forward", "day")]).await;
    assert_eq!(moved.status, 303, "{}", moved.body);
    assert_eq!(office.count("select ahead_seconds from rehearsal_clock").await, 86_400);
    assert_eq!(office.parts.app.clock.ahead_seconds(), 86_400);
    assert_eq!(office.count("select count(*) from messages where subject = 'Soon' and sent_at is not null").await, 1);
    let page = staff.get(moved.location()).await.body;
    assert!(page.contains("Send a message") && page.contains("1 day ahead of real time"), "{page}");
    let moved = staff.post("/staff/rehearsal", &[("forward", "days"), ("days", "3")]).await;
    let page = staff.get(moved.location()).await.body;
    assert!(page.contains("Hold a day’s statement against our books") && !page.contains("Nothing fell due"), "{page}");
    assert!(!page.contains("find-overdue-orders") && !page.contains(">reconcile<"), "{page}");
    for days in ["0", "-2", "367", "", "soon"] {
        assert_eq!(staff.post("/staff/rehearsal", &[("forward", "days"), ("days", days)]).await.status, 422, "{days}");
    }
    assert_eq!(office.count("select ahead_seconds from rehearsal_clock").await, 4 * 86_400);
    assert_eq!(office.count("select count(*) from audit_log where action = 'clock.moved'").await, 2);
    assert_eq!(
        staff.post_as_is("/staff/rehearsal", &[("forward", "day")]).await.status,
        403,
        "without the form's token"
    );
}

#[tokio::test]
async fn the_mailbox_is_open_and_safe() {
    let office = Office::open().await;
    let mut anyone = office.visitor();
    assert!(anyone.get("/dev/mailbox").await.body.contains("No mail yet"));
    sqlx::raw_sql(
        "insert into messages (id, channel, template, language, recipient, subject, body_text, body_html, attachment_name, attachment, created_at)
           values ('019ab7e2-0000-7000-8000-000000000001', 'mail', 'receipt', 'en', 'ana@demo.example', 'A <b>receipt</b>',
                   'See http://127.0.0.1:9/orders/1, not http://127.0.0.1:99/x', '<script>alert(1)</script>', '续费\".pdf', 'PDF', now())",
    )
    .execute(office.pool())
    .await
    .unwrap();
    assert!(anyone.get("/dev/mailbox").await.body.contains("A &#60;b&#62;receipt&#60;/b&#62;"));
    let path = "/dev/mailbox/019ab7e2-0000-7000-8000-000000000001";
    let letter = anyone.get(path).await;
    assert!(letter.body.contains("<a href=\"/orders/1\">"), "{}", letter.body);
    assert!(!letter.body.contains("<a href=\"/x\"") && !letter.body.contains("<script>alert"));
    let file = anyone.get(&format!("{path}?attachment=1")).await;
    assert_eq!((file.body.as_str(), file.header("content-type")), ("PDF", "application/pdf"));
    assert_eq!(file.header("content-disposition"), "attachment; filename=\"___.pdf\"");
    assert_eq!(anyone.get("/dev/mailbox/x").await.status, 404);
}

#[tokio::test]
async fn the_demo_says_that_it_is_one_and_leads_to_its_mail_and_clock() {
    let office = Office::open().await;
    let mut anyone = office.visitor();
    let home = anyone.get("/").await.body;
    assert!(home.contains("<aside class=\"demo-bar\">") && home.contains("href=\"/dev/mailbox\""), "{home}");
    assert!(anyone.get("/nowhere").await.body.contains("demo-bar"), "an error page too");
    sqlx::raw_sql(
        "insert into messages (id, channel, template, language, recipient, subject, body_text, created_at)
         values ('019ab7e2-0000-7000-8000-000000000001', 'mail', 'receipt', 'en', 'ana@demo.example', 'Hello', 'Text', now())",
    )
    .execute(office.pool())
    .await
    .unwrap();
    for path in ["/dev/mailbox", "/dev/mailbox/019ab7e2-0000-7000-8000-000000000001"] {
        assert!(anyone.get(path).await.body.contains("UTC"), "a signed-out reader is told whose time it is");
    }
    let mut staff = office.staff().await;
    assert!(staff.get("/staff").await.body.contains("<a href=\"/staff/rehearsal\">Rehearsal clock</a>"));
}

#[tokio::test]
async fn whoever_has_no_line_learns_how_one_gets_here() {
    let office = Office::open().await;
    let mut staff = office.staff().await;
    let page = staff.get("/account").await.body;
    for words in ["No lines yet", "ICCID", "href=\"mailto:support@demo.example\"", "09:00–21:00 (UTC+8)"] {
        assert!(page.contains(words), "{words}: {page}");
    }
}
