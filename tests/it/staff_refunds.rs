//! Finance gives money back: how much, why, once more to be sure; and what happens to refunds that fail.

use renewal_portal::ids::OrderId;
use time::Duration;

use crate::support::portal::TestPortal;
use crate::support::shopper::{Shopper, field};
use crate::support::visitor::Answer;

impl TestPortal {
    pub async fn staff_as(&self, role: &'static str) -> Shopper {
        let person = self.customer(&format!("{role}@staff.example")).await;
        sqlx::query("update accounts set role = $2 where id = $1")
            .bind(person.account)
            .bind(role)
            .execute(&self.db.pool)
            .await
            .unwrap();
        person
    }

    async fn place_of_money(&self, order: OrderId) -> (String, String) {
        let (account, number, attempt): (String, String, String) = sqlx::query_as(
            "select o.account_id::text, o.number, a.id::text from orders o join payment_attempts a on a.order_id = o.id where o.id = $1",
        )
        .bind(order)
        .fetch_one(&self.db.pool)
        .await
        .unwrap();
        (format!("/staff/accounts/{account}?order={number}"), format!("/staff/payments/{attempt}/refund"))
    }

    async fn texts(&self, sql: &'static str) -> Vec<String> {
        sqlx::query_scalar(sql).fetch_all(&self.db.pool).await.unwrap()
    }
}

/// The second page of a refund: what would go back, and where to.
pub async fn look(staff: &mut Shopper, refund: &str, amount: &str, reason: &str, to: &str) -> Answer {
    let left = field(&staff.browser.get(refund).await, "left");
    staff.browser.get(&format!("{refund}/confirm?amount={amount}&reason={reason}&left={left}&to={to}")).await
}

/// Both pages of a refund, up to the button that does it.
async fn reviewed(staff: &mut Shopper, refund: &str, amount: &str) -> Vec<(&'static str, String)> {
    let page = look(staff, refund, amount, "goodwill", "").await;
    assert_eq!(page.status, 200, "{}", page.body);
    ["amount", "reason", "left"].map(|name| (name, field(&page, name))).to_vec()
}

async fn confirm(staff: &mut Shopper, refund: &str, fields: &[(&'static str, String)]) -> Answer {
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    staff.browser.post(&format!("{refund}/confirm"), &fields).await
}

#[tokio::test]
async fn a_part_goes_back_and_the_renewal_stays() {
    let portal = TestPortal::start().await;
    let (mut mei, line) = portal.mei_with("100").await;
    let order = mei.buy(line, "P30", "pay").await;
    portal.until(order, "fulfilled").await;
    let mut staff = portal.staff_as("finance").await;
    let (account, refund) = portal.place_of_money(order).await;
    let page = staff.browser.get(&account).await.body;
    assert!(page.contains(&refund) && page.contains("¥42.00 can go back."), "{page}");
    for (amount, reason, told) in [
        ("42.01", "goodwill", "more than can go back"),
        ("0", "goodwill", "Enter an amount"),
        ("-1", "goodwill", "Enter an amount"),
        ("1.001", "goodwill", "Enter an amount"),
        ("10", "+", "Say why."),
    ] {
        let page = look(&mut staff, &refund, amount, reason, "").await;
        assert!(page.status == 422 && page.body.contains(told), "{amount}: {}", page.body);
    }
    let fields = reviewed(&mut staff, &refund, "10").await;
    assert_eq!(portal.count("select count(*) from refunds").await, 0, "only looked at so far");
    let done = confirm(&mut staff, &refund, &fields).await;
    assert_eq!(done.status, 303, "{}", done.body);
    let gone_back = staff.browser.get(&format!("{refund}/confirm?amount=10.00&reason=goodwill&left=4200")).await;
    assert!(gone_back.status == 422 && gone_back.body.contains("meanwhile only ¥32.00"), "{}", gone_back.body);
    let twice = confirm(&mut staff, &refund, &fields).await;
    assert!(twice.status == 422 && twice.body.contains("meanwhile only ¥32.00"), "{}", twice.body);

    let waiting = mei.browser.get(&format!("/orders/{order}")).await.body;
    assert!(waiting.contains("¥10.00 is on its way back to you (Bank card (rehearsal)) since"), "{waiting}");
    portal.settle().await;
    assert_eq!(portal.status(order).await, "fulfilled");
    let seen = mei.browser.get(&format!("/orders/{order}")).await.body;
    assert!(seen.contains("¥10.00 went back to you"), "{seen}");
    assert_eq!(mei.sees(order).await, ("paid".into(), "active".into()));
    let mails = portal.texts("select subject from messages where template like '%refund%' order by created_at").await;
    assert_eq!(mails, ["¥10.00 refunded"], "done within seconds, so told once");
    let number = portal.texts("select merchant_refund_no from refunds").await.remove(0);
    let notices = staff.browser.get(&format!("/staff/notices?reference={number}")).await.body;
    assert!(notices.contains(&format!("Refund {number}")), "{notices}");
    let trail = "select count(*) from audit_log where action = 'refund.requested_by_staff' and actor_role = 'finance' and detail->>'why' = 'goodwill'";
    assert_eq!(portal.count(trail).await, 1);
    portal.prove().await;

    let rest = reviewed(&mut staff, &refund, "32.00").await;
    assert_eq!(confirm(&mut staff, &refund, &rest).await.status, 303);
    portal.settle().await;
    assert_eq!(portal.texts("select distinct merchant_refund_no from refunds").await.len(), 2, "a number each");
    assert_eq!(portal.status(order).await, "fulfilled", "what was delivered stays delivered");
    assert!(!staff.browser.get(&account).await.body.contains("can go back."));
    portal.prove().await;
}

#[tokio::test]
async fn only_finance_gives_back() {
    let portal = TestPortal::start().await;
    let (mut mei, line) = portal.mei_with("100").await;
    let order = mei.buy(line, "P30", "pay").await;
    portal.until(order, "fulfilled").await;
    let (account, refund) = portal.place_of_money(order).await;
    for (mut person, status) in
        [(portal.staff_as("viewer").await, 403), (portal.staff_as("support").await, 403), (mei, 404)]
    {
        assert_eq!(person.browser.get(&refund).await.status, status);
        let fields = [("amount", "1.00"), ("reason", "x"), ("left", "4200")];
        let asked = format!("{refund}/confirm?amount=1.00&reason=x&left=4200");
        assert_eq!(person.browser.get(&asked).await.status, status);
        assert_eq!(person.browser.post(&format!("{refund}/confirm"), &fields).await.status, status);
        assert!(!person.browser.get(&account).await.body.contains(&refund));
    }
    assert_eq!(portal.count("select count(*) from refunds").await, 0);
}

#[tokio::test]
async fn nobody_gives_back_their_own_money() {
    let portal = TestPortal::start().await;
    let (mut mei, line) = portal.mei_with("100").await;
    let order = mei.buy(line, "P30", "pay").await;
    portal.until(order, "fulfilled").await;
    portal.run("update accounts set role = 'finance' where email = 'mei@post.example'").await;
    let (_, refund) = portal.place_of_money(order).await;
    let fields = reviewed(&mut mei, &refund, "1.00").await;
    let refused = confirm(&mut mei, &refund, &fields).await;
    assert!(refused.status == 422 && refused.body.contains("This is your own payment"), "{}", refused.body);
    assert_eq!(portal.count("select count(*) from refunds").await, 0);
    let mut colleague = portal.staff_as("finance").await;
    let fields = reviewed(&mut colleague, &refund, "1.00").await;
    portal.run("update sessions set proven_at = now() - interval '11 minutes'").await;
    let unproven = confirm(&mut colleague, &refund, &fields).await;
    let prove = format!("/login/prove?next={refund}/confirm%3Famount%3D1.00%26reason%3Dgoodwill%26left%3D4200%26to%3D");
    assert_eq!(unproven.location(), prove, "not at a desk that was left, and nothing is typed twice");
    assert_eq!(look(&mut colleague, &refund, "1.00", "goodwill", "").await.location(), prove);
    assert_eq!(portal.count("select count(*) from refunds").await, 0);
    portal.run("update sessions set proven_at = now()").await;
    confirm(&mut colleague, &refund, &fields).await;
    assert_eq!(portal.count("select count(*) from refunds").await, 1);
    let id: String = portal.texts("select id::text from refunds").await.remove(0);
    let retried = mei.browser.post(&format!("/staff/refunds/{id}/retry"), &[]).await;
    assert!(retried.location().contains("note=refund-own"), "{} {}", retried.status, retried.location());
    portal.run("update sessions set proven_at = null").await;
    let done = colleague.browser.post(&format!("/staff/refunds/{id}/done"), &[("how", "slip 81")]).await;
    let reviewed = format!("/login/prove?next=/staff/refunds/{id}/done%3Fhow%3Dslip%252081%26customer%3D%26to%3D");
    assert_eq!(done.location(), reviewed);
    let review = colleague.browser.get(&format!("/staff/refunds/{id}/done?how=slip%2081&customer=&to=")).await;
    assert_eq!(review.location(), reviewed);
}

/// What a gateway sent may hold what staff have no business with; from finance on it is looked at.
#[tokio::test]
async fn what_a_gateway_sent_is_read_by_finance_only() {
    let portal = TestPortal::start().await;
    let (mut mei, line) = portal.mei_with("100").await;
    let order = mei.buy(line, "P30", "pay").await;
    portal.until(order, "fulfilled").await;
    portal.run("update gateway_events set body = 'a payer of their own'").await;
    let (account, _) = portal.place_of_money(order).await;
    for (role, reads) in [("viewer", false), ("support", false), ("finance", true)] {
        let page = portal.staff_as(role).await.browser.get(&account).await.body;
        assert!(page.contains("<details>"), "{role}: {page}");
        assert_eq!(page.contains("a payer of their own"), reads, "{role}");
    }
}

#[tokio::test]
async fn while_the_carrier_is_at_work_nothing_is_given_back_by_hand() {
    let portal = TestPortal::start().await;
    let (mut mei, line) = portal.mei_with("102").await;
    let order = mei.buy(line, "P30", "pay").await;
    portal.work().await;
    assert_eq!(portal.status(order).await, "paid");
    let mut staff = portal.staff_as("admin").await;
    let (account, refund) = portal.place_of_money(order).await;
    assert!(!staff.browser.get(&account).await.body.contains(&refund));
    let fields = reviewed(&mut staff, &refund, "10").await;
    let told = confirm(&mut staff, &refund, &fields).await;
    assert!(told.status == 422 && told.body.contains("it is with its carrier"), "{}", told.body);
    assert_eq!(portal.count("select count(*) from refunds").await, 0);
}

#[tokio::test]
async fn a_refund_that_failed_is_sent_again_or_done_by_hand() {
    let portal = TestPortal::start().await;
    let (mut mei, line) = portal.mei_with("100").await;
    let order = mei.buy(line, "P30", "pay").await;
    portal.until(order, "fulfilled").await;
    let mut staff = portal.staff_as("finance").await;
    let (account, refund) = portal.place_of_money(order).await;
    let fields = reviewed(&mut staff, &refund, "10.13").await;
    assert_eq!(confirm(&mut staff, &refund, &fields).await.status, 303);
    portal.work().await;
    assert_eq!(portal.cases().await, ["refund_failed"]);
    assert_eq!(portal.status(order).await, "fulfilled", "the renewal is not touched");
    let seen = mei.browser.get(&format!("/orders/{order}")).await.body;
    assert!(seen.contains("¥10.13 could not go back by itself"), "{seen}");
    let id = portal.texts("select id::text from refunds").await.remove(0);
    let (again, done) = (format!("/staff/refunds/{id}/retry"), format!("/staff/refunds/{id}/done"));
    let page = staff.browser.get(&account).await.body;
    assert!(page.contains(&again) && page.contains(&done) && page.contains("insufficient_balance"), "{page}");
    assert!(page.contains("The merchant account does not hold enough") && page.contains("Reason: goodwill"), "{page}");
    let home = staff.browser.get("/staff").await.body;
    assert!(home.contains("goodwill"), "{home}");

    assert_eq!(staff.browser.post(&again, &[]).await.status, 303);
    portal.work().await;
    let numbers = portal.texts("select distinct merchant_refund_no from refunds").await;
    assert_eq!(numbers.len(), 1, "the same number");
    assert_eq!(portal.texts("select status from refunds").await, ["failed"]);
    assert!(staff.browser.post(&done, &[("how", " ")]).await.location().contains("say-how"));
    let note = "bank transfer of 22 November, slip 81";
    let typed = [("how", note), ("customer", "By bank transfer.")];
    let shown = staff.browser.get(&format!("{done}?how=slip+81&customer=By+bank+transfer.")).await.body;
    assert!(shown.contains("slip 81") && shown.contains("By bank transfer.") && shown.contains("¥10.13"), "{shown}");
    assert_eq!(portal.texts("select status from refunds").await, ["failed"], "only looked at so far");
    assert!(staff.browser.get(&format!("{done}?how=")).await.location().contains("say-how"));
    assert!(staff.browser.post(&done, &typed).await.location().contains("refund-done"));
    assert!(portal.cases().await.is_empty(), "closed with it");
    assert_eq!(portal.texts("select note from cases").await, [note]);
    assert!(staff.browser.post(&done, &typed).await.location().contains("not-waiting"), "once");
    portal.settle().await;
    let mail = portal.texts("select body_text from messages where template = 'refunded'").await.remove(0);
    assert!(mail.contains("another way than it was paid") && mail.contains("By bank transfer."), "{mail}");
    assert!(!mail.contains("the way it came") && !mail.contains("working days") && !mail.contains("slip"), "{mail}");
    let seen = mei.browser.get(&format!("/orders/{order}")).await.body;
    assert!(seen.contains("¥10.13 was returned to you by our support"), "{seen}");
    assert!(staff.browser.get(&account).await.body.contains(note));
    assert_eq!(portal.count("select count(*) from messages where template = 'refund-failed'").await, 2, "each failure");
    portal.prove().await;
}

#[tokio::test]
async fn what_nobody_can_deliver_is_given_back_and_ends_the_order() {
    let portal = TestPortal::start().await;
    let (mut mei, line) = portal.mei_with("103").await;
    let order = mei.buy(line, "R13", "pay").await;
    portal.until(order, "needs_attention").await;
    let mut staff = portal.staff_as("finance").await;
    let id = portal.texts("select id::text from refunds").await.remove(0);
    staff.browser.get("/staff").await;
    let sent = staff.browser.post(&format!("/staff/refunds/{id}/done"), &[("how", "cash")]).await;
    assert_eq!(sent.status, 303, "{}", sent.body);
    portal.work().await;
    assert_eq!(portal.status(order).await, "refunded");
    portal.pass(Duration::seconds(30));
    portal.settle().await;
    let mail = portal.texts("select body_text from messages where template = 'refunded'").await.remove(0);
    assert!(mail.contains("returned to you another way") && !mail.contains("cash"), "{mail}");
    portal.prove().await;
}

#[tokio::test]
async fn a_case_stays_open_while_another_refund_of_the_order_has_failed() {
    let portal = TestPortal::start().await;
    let (mut mei, line) = portal.mei_with("100").await;
    let order = mei.buy(line, "P30", "pay").await;
    portal.until(order, "fulfilled").await;
    let mut staff = portal.staff_as("finance").await;
    let (_, refund) = portal.place_of_money(order).await;
    for _ in 0..2 {
        let fields = reviewed(&mut staff, &refund, "10.13").await;
        assert_eq!(confirm(&mut staff, &refund, &fields).await.status, 303);
    }
    portal.work().await;
    for (done, open) in portal.texts("select id::text from refunds").await.iter().zip([1, 0]) {
        let sent = staff.browser.post(&format!("/staff/refunds/{done}/done"), &[("how", "cash")]).await;
        assert_eq!(sent.status, 303, "{}", sent.body);
        assert_eq!(portal.cases().await.len(), open);
    }
}

#[tokio::test]
async fn a_case_is_closed_with_a_note() {
    let portal = TestPortal::start().await;
    let (mut mei, line) = portal.mei_with("106").await;
    let order = mei.buy(line, "P30", "pay").await;
    portal.until(order, "fulfilled").await;
    assert_eq!(portal.cases().await, ["deviation"]);
    let mut staff = portal.staff_as("finance").await;
    staff.browser.get("/staff").await;
    let case = portal.texts("select id::text from cases").await.remove(0);
    let close = format!("/staff/cases/{case}/close");
    assert!(staff.browser.post(&close, &[("note", "")]).await.location().contains("say-how"));
    assert!(staff.browser.post(&close, &[("note", "days added")]).await.location().contains("case-closed"));
    assert!(staff.browser.post(&close, &[("note", "again")]).await.location().contains("not-waiting"));
    assert!(portal.cases().await.is_empty());
    assert_eq!(portal.texts("select note from cases").await, ["days added"]);
}
