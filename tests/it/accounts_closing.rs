//! Closing an account: what stands in the way, changing one's mind, and what is left afterwards.

use renewal_portal::ids::AccountId;
use sqlx::AssertSqlSafe;
use time::Duration;

use crate::balance_money::topped_up;
use crate::support::portal::TestPortal;
use crate::support::shopper::Shopper;
use crate::support::visitor::{Answer, Visitor};

const PATH: &str = "/account/close";

async fn ask(who: &mut Shopper) -> Answer {
    who.browser.get(PATH).await;
    who.browser.post(PATH, &[("sure", "yes")]).await
}

async fn closing(portal: &TestPortal) -> i64 {
    portal.count("select count(*) from accounts where closes_at is not null").await
}

#[tokio::test]
async fn what_is_not_settled_stands_in_the_way_and_is_named() {
    let portal = TestPortal::start().await;
    let (mut mei, line) = portal.mei_with("100").await;
    let order = mei.place(line, "P30").await;
    let number: String = sqlx::query_scalar("select number from orders where id = $1")
        .bind(order)
        .fetch_one(&portal.db.pool)
        .await
        .unwrap();
    let refused = ask(&mut mei).await;
    assert_eq!(refused.status, 422);
    assert!(refused.body.contains(&format!("Order {number} is open")), "{}", refused.body);
    mei.cancel(order).await;
    topped_up(&portal, &mut mei, "12.34").await;
    let refused = ask(&mut mei).await;
    assert_eq!(refused.status, 422);
    assert!(refused.body.contains("12.34 is on your balance") && !refused.body.contains("is open"), "{}", refused.body);
    let mut staff = portal.staff_as("admin").await;
    let refused = ask(&mut staff).await;
    assert!(refused.status == 422 && refused.body.contains("account of our staff"));
    assert_eq!(closing(&portal).await, 0);
}

#[tokio::test]
async fn a_refund_a_case_or_a_profile_under_way_stands_in_the_way() {
    let portal = TestPortal::start().await;
    let (mut mei, line) = portal.mei_with("100").await;
    let order = mei.buy(line, "P30", "pay").await;
    portal.until(order, "fulfilled").await;
    let refund = "insert into refunds (id, attempt_id, account_id, amount_minor, currency, merchant_refund_no, reason, status, reserved_minor, asked_at, created_at)
        select gen_random_uuid(), id, account_id, 100, 'CNY', 'F-1', 'operator', 'failed', 0, now(), now() from payment_attempts";
    let case = "insert into cases (id, account_id, order_id, kind, opened_at) select gen_random_uuid(), account_id, id, 'deviation', now() from orders";
    let profile = "insert into profile_orders (id, line_id, account_id, purpose, old_iccid, matching_id, actor_id, actor_role, requested_at)
        select gen_random_uuid(), id, account_id, 'reissue', iccid, 'M', account_id, 'customer', now() from lines";
    for (begin, words, end) in [
        (refund, "is on its way back", "delete from refunds"),
        (case, "Support is looking into order", "delete from cases"),
        (profile, "A new eSIM code", "delete from profile_orders"),
    ] {
        portal.run(begin).await;
        let refused = ask(&mut mei).await;
        assert!(refused.status == 422 && refused.body.contains(words), "{words}: {}", refused.body);
        portal.run(end).await;
    }
    assert_eq!(ask(&mut mei).await.location(), PATH);
}

#[tokio::test]
async fn an_order_whose_money_went_back_whole_stands_in_nobodys_way() {
    let portal = TestPortal::start().await;
    let (mut mei, line) = portal.mei_with("100").await;
    let order = mei.buy(line, "P30", "wrong_amount").await;
    portal.until(order, "needs_attention").await;
    assert_eq!(ask(&mut mei).await.status, 422, "the money is on its way back");
    portal.settle().await;
    assert_eq!(portal.cases().await, ["amount_mismatch"]);
    assert_eq!(ask(&mut mei).await.location(), PATH);
}

#[tokio::test]
async fn a_mind_can_be_changed_for_two_weeks() {
    let portal = TestPortal::start().await;
    let (mut mei, line) = portal.mei_with("100").await;
    mei.browser.get(PATH).await;
    assert_eq!(mei.browser.post(PATH, &[]).await.status, 422, "the box was not ticked");
    assert_eq!((ask(&mut mei).await.location(), closing(&portal).await), (PATH, 1));
    assert_eq!(ask(&mut mei).await.location(), PATH);
    assert_eq!(portal.count("select count(*) from jobs where kind = 'close-account'").await, 1);
    let staff_page = format!("/staff/accounts/{}", mei.account);
    assert!(portal.staff_as("viewer").await.browser.get(&staff_page).await.body.contains("as its owner asked"));
    portal.pass(Duration::days(13));
    portal.work().await;
    // Signing in again leads to the offer on every page.
    let mut again = Visitor::at(&portal.url);
    again.get("/login").await;
    let fields = [("email", "mei@post.example"), ("password", crate::support::portal::PASSWORD)];
    assert_eq!(again.post("/login", &fields).await.status, 303);
    assert!(again.get("/account").await.body.contains("Your account will be closed on"));
    assert_eq!(again.post("/account/keep", &[]).await.location(), "/account?note=account-kept");
    portal.pass(Duration::days(20));
    portal.work().await;
    assert_eq!(mei.browser.get(&format!("/lines/{line}")).await.status, 200);
    let mails: Vec<String> =
        sqlx::query_scalar("select template from messages where template in ('closing','kept','closed') order by id")
            .fetch_all(&portal.db.pool)
            .await
            .unwrap();
    assert_eq!(mails, ["closing", "kept"]);
}

#[tokio::test]
async fn what_was_begun_meanwhile_puts_it_off() {
    let portal = TestPortal::start().await;
    let (mut mei, line) = portal.mei_with("100").await;
    let order = mei.place(line, "P30").await;
    mei.cancel(order).await;
    ask(&mut mei).await;
    portal
        .run(
            "insert into cases (id, account_id, order_id, kind, opened_at)
             select gen_random_uuid(), account_id, id, 'deviation', now() from orders",
        )
        .await;
    portal.pass(Duration::days(15));
    portal.work().await;
    assert_eq!((closing(&portal).await, mei.browser.get(&format!("/lines/{line}")).await.status.as_u16()), (1, 200));
    portal.run("update cases set closed_at = now()").await;
    portal.pass(Duration::days(1));
    portal.work().await;
    assert_eq!(portal.count("select count(*) from accounts where closed_at is not null").await, 1);
    assert_eq!(mei.browser.get("/account").await.status, 303);
}

/// Everything that is stored in plain and holds the word, but for the trail of who did what.
async fn tables_that_know(portal: &TestPortal, word: &str) -> Vec<String> {
    let pool = &portal.db.pool;
    let tables: Vec<String> = sqlx::query_scalar(
        "select tablename::text from pg_tables where schemaname = 'public' and tablename <> 'audit_log' order by 1",
    )
    .fetch_all(pool)
    .await
    .unwrap();
    let mut found = vec![];
    for table in tables {
        let sql = format!("select count(*) from \"{table}\" t where t::text ilike '%' || $1 || '%'");
        let count: i64 = sqlx::query_scalar(AssertSqlSafe(sql)).bind(word).fetch_one(pool).await.unwrap();
        if count > 0 {
            found.push(table);
        }
    }
    found
}

/// Those that hold a row of the account.
async fn tables_of(portal: &TestPortal, account: AccountId) -> Vec<String> {
    let pool = &portal.db.pool;
    let tables: Vec<String> = sqlx::query_scalar(
        "select table_name::text from information_schema.columns
         where table_schema = 'public' and column_name = 'account_id' order by 1",
    )
    .fetch_all(pool)
    .await
    .unwrap();
    let mut found = vec![];
    for table in tables {
        let sql = format!("select exists (select from \"{table}\" where account_id = $1)");
        if sqlx::query_scalar(AssertSqlSafe(sql)).bind(account).fetch_one(pool).await.unwrap() {
            found.push(table);
        }
    }
    found
}

#[tokio::test]
async fn a_closed_account_keeps_the_books_and_nothing_of_the_person() {
    let portal = TestPortal::start().await;
    let mut mei = portal.customer("quokka@post.example").await;
    let line = portal.line(mei.account, "100").await;
    portal.run("update accounts set name = 'Zebra Quokka', phone = '+8613912348888'").await;
    portal.run("update lines set label = 'Quokka line', activation_code = 'LPA:1$x.example$QUOKKA'").await;
    let order = mei.buy(line, "P30", "pay").await;
    portal.until(order, "fulfilled").await;
    mei.browser.get("/lines/add").await;
    mei.browser.post("/lines/add/help", &[("named", "quokka's other line")]).await;
    mei.browser.get("/password/forgot").await;
    mei.browser.post("/password/forgot", &[("email", "quokka@post.example")]).await;
    mei.browser.get("/account/data").await;
    mei.browser.post("/account/data", &[]).await;
    portal
        .run("insert into totp (account_id, key_id, secret, created_at) select id, 'k', 'x', now() from accounts")
        .await;
    crate::identity::keep_identity(&portal, mei.account).await;
    portal.run("insert into recovery_codes (account_id, selector, code_hash) select id, 'x', 'x' from accounts").await;
    portal
        .run(
            "insert into mailed_codes (asked_by, account_id, code_hash, created_at, expires_at)
             select 'x', id, 'x', now(), now() from accounts",
        )
        .await;
    portal.work().await;
    assert!(tables_that_know(&portal, "quokka").await.len() >= 5, "the search can find something");
    let page = {
        ask(&mut mei).await;
        mei.browser.get(PATH).await.body
    };
    assert!(page.contains("Your account will be closed on") && page.contains("Valid until"), "{page}");
    let kept = "select count(*) from orders, payment_attempts, ledger_entries";
    let before = portal.count(kept).await;
    portal.pass(Duration::days(14) + Duration::minutes(1));
    portal.work().await;
    assert_eq!(mei.browser.get("/account").await.status, 303, "everybody is signed out");
    portal.pass(Duration::days(3));
    portal.work().await;
    for word in ["quokka", "13912348888"] {
        assert_eq!(tables_that_know(&portal, word).await, Vec::<String>::new(), "{word}");
    }
    assert_eq!(
        (portal.count(kept).await, portal.count("select count(*) from lines where ended_at is null").await),
        (before, 0)
    );
    assert_eq!(portal.count("select count(*) from messages where attachment is not null").await, 1, "the receipt");
    assert_eq!(portal.count("select count(*) from audit_log where action in ('account.closed','line.ended')").await, 2);
    let tables = tables_of(&portal, mei.account).await;
    let books = ["audit_log", "lines", "messages", "orders", "payment_attempts", "provisionings"];
    assert_eq!(tables, books, "what is new here is either blanked or needed for the books");
    portal.prove().await;
    the_address_is_free(&portal).await;
}

async fn the_address_is_free(portal: &TestPortal) {
    let mut visitor = Visitor::at(&portal.url);
    visitor.get("/login").await;
    let fields = [("email", "quokka@post.example"), ("password", crate::support::portal::PASSWORD)];
    assert_eq!(visitor.post("/login", &fields).await.status, 422);
    visitor.get("/register").await;
    assert_eq!(visitor.post("/register", &[("email", "quokka@post.example")]).await.status, 200);
    portal.work().await;
    let mail = "select substring(body_text from '/register/[^[:space:]]+') from messages where template = 'verify'";
    let link: String = sqlx::query_scalar(mail).fetch_one(&portal.db.pool).await.unwrap();
    let fields = [("name", "Another"), ("password", "amber-ladder-58-sky")];
    assert_eq!(visitor.post(&link, &fields).await.status, 303);
    assert_eq!(portal.count("select count(*) from accounts where email_key = 'quokka@post.example'").await, 1);
}

#[tokio::test]
async fn whoever_finds_a_browser_open_neither_takes_data_nor_closes_nor_signs_out() {
    let portal = TestPortal::start().await;
    let mut mei = portal.mei().await;
    let mut other =
        Shopper::sign_in(&portal.url, mei.account, "mei@post.example", crate::support::portal::PASSWORD).await;
    let other_id: String = sqlx::query_scalar("select id::text from sessions order by created_at desc limit 1")
        .fetch_one(&portal.db.pool)
        .await
        .unwrap();
    mei.browser.get("/account/data").await;
    portal.run("update sessions set proven_at = now() - interval '11 minutes'").await;
    for path in ["/account/data", "/account/identity", PATH] {
        let prove = format!("/login/prove?next={path}");
        assert_eq!(mei.browser.get(path).await.location(), prove);
        assert_eq!(mei.browser.post(path, &[("sure", "yes")]).await.location(), prove);
    }
    for path in ["end-others", &format!("{other_id}/end")] {
        let answer = mei.browser.post(&format!("/account/security/sessions/{path}"), &[]).await;
        assert_eq!(answer.location(), "/login/prove?next=/account/security");
    }
    assert_eq!((closing(&portal).await, portal.count("select count(*) from data_exports").await), (0, 0));
    assert_eq!(other.browser.get("/account").await.status, 200);
}
