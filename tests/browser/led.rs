//! Pages that are only there once somebody did something: how a browser is led to them.

use crate::support::{Browser, TestPortal};
use renewal_portal::{catalogue, payments};
use sqlx::PgPool;
use std::time::{Duration, Instant};
use time::OffsetDateTime;

/// Where a refund is confirmed: what the form there sends to.
pub const CONFIRM: &str = "/refund/confirm";

const PATIENCE: Duration = Duration::from_secs(20);

/// What `query` finds, once it is there.
async fn one(pool: &PgPool, query: &'static str) -> String {
    let begun = Instant::now();
    loop {
        if let Some(found) = sqlx::query_scalar(query).fetch_optional(pool).await.expect("an answer") {
            return found;
        }
        assert!(begun.elapsed() < PATIENCE, "nothing came of {query}");
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
}

/// The code to scan, the payer's page behind it, and the pages of the order that waits for it.
pub async fn to_a_code(browser: &Browser) -> Vec<String> {
    browser.go("/account").await;
    browser.click("main a[href*='/renew']").await;
    browser.click("main a[href*='/renew?'][href*='plan=']").await;
    browser.click("form[action$='/renewals'] button").await;
    browser.click("input[name=method][value=wechat]").await;
    browser.click("form[action$='/pay'] button").await;
    let payer = browser.attribute("main .card a.btn", "href").await;
    let code = browser.path().await;
    let order = code.strip_suffix("/pay/code").expect("the code's page").to_owned();
    let others = ["/pay", "", "/cancel"].map(|page| format!("{order}{page}"));
    [vec![code], others.into(), vec![payer]].concat()
}

/// A top-up that waits for its money, then another one that has it.
pub async fn to_a_top_up(browser: &Browser) -> Vec<String> {
    let waiting = top_up(browser).await;
    let paid = top_up(browser).await;
    browser.click("input[name=method][value=sandbox]").await;
    browser.click("form[action$='/pay'] button").await;
    browser.click("button[name=outcome][value=pay]").await;
    browser.find("main[data-payment=paid] a[href$='/receipt']").await;
    ["/balance".to_owned(), format!("{waiting}/pay"), waiting, format!("{paid}/receipt"), paid].into()
}

async fn top_up(browser: &Browser) -> String {
    browser.go("/balance").await;
    browser.click("form[action$='/top-ups'] button").await;
    browser.find("form[action$='/pay'] button").await;
    browser.path().await.strip_suffix("/pay").expect("where it is paid").to_owned()
}

/// The mail of somebody who forgot the password, and where it leads.
pub async fn to_a_password(browser: &Browser, pool: &PgPool) -> Vec<String> {
    browser.go("/password/forgot").await;
    browser.fill("[name=email]", "li.wei@demo.example").await;
    browser.click("main form button").await;
    let mail = "select id::text from messages where body_text like '%/password/reset/%'";
    mailed(browser, &one(pool, mail).await, "/password/reset/").await
}

/// A key that no browser has: what is asked for then can be looked at.
pub async fn give_li_wei_a_key(pool: &PgPool) {
    let key = "insert into passkeys (id, account_id, credential_id, name, credential, created_at)
        select gen_random_uuid(), id, 'key', 'Phone', '{}', now() from accounts where email = 'li.wei@demo.example'";
    sqlx::query(key).execute(pool).await.expect("a key");
}

/// Signed out, and the password given.
pub async fn to_the_second_step(browser: &Browser) {
    browser.click("form[action='/logout'] button").await;
    browser.sign_in("li.wei@demo.example").await;
    assert_eq!(browser.path().await, "/login/second-step");
}

/// The mail of somebody who wants to register, and where it leads.
pub async fn to_an_address(browser: &Browser, pool: &PgPool) -> Vec<String> {
    browser.go("/register").await;
    browser.fill("[name=email]", "chen.jie@customers.example").await;
    browser.click("main form button:not([type=button])").await;
    let mail = "select id::text from messages where body_text like '%/register/%'";
    mailed(browser, &one(pool, mail).await, "/register/").await
}

async fn mailed(browser: &Browser, mail: &str, to: &str) -> Vec<String> {
    let mail = format!("/dev/mailbox/{mail}");
    browser.go(&mail).await;
    let link = browser.attribute(&format!(".mail-body a[href*='{to}']"), "href").await;
    [mail, link].into()
}

/// What carriers sell, with a draft.
pub async fn to_the_catalogue(portal: &TestPortal) -> Vec<String> {
    let app = &portal.app;
    let product = "insert into simulator.products (carrier, code, title, effect, term_unit, term_count, data_bytes, coverage, cost_minor, currency)
        values ('cucc', 'asia-10gb', 'Asia 10 GB', 'restart', 'day', 7, 10000000000, '{HK,JP}', 450, 'USD')";
    sqlx::query(product).execute(&portal.pool).await.expect("a product");
    catalogue::fetch(&portal.pool, &app.clock, &app.carriers, "cucc").await.expect("what the carrier sells");
    let draft = one(&portal.pool, "select id::text from carrier_offers where product = 'asia-10gb'").await;
    ["/staff/catalogue".to_owned(), format!("/staff/offers/{draft}")].into()
}

/// A notification of a payment that was made before, and a day that was held against our books.
pub async fn to_gateways_papers(portal: &TestPortal) -> Vec<String> {
    let (app, pool) = (&portal.app, &portal.pool);
    let gateway = app.gateways.named("sandbox").expect("the sandbox");
    let paid: OffsetDateTime =
        sqlx::query_scalar("select min(succeeded_at) from payment_attempts where gateway = 'sandbox'")
            .fetch_one(pool)
            .await
            .expect("a payment");
    let day = paid.to_offset(gateway.statement_offset()).date();
    let amiss =
        "update sandbox.payments set received_minor = received_minor + 100 where status = 'paid' and paid_at = $1";
    sqlx::query(amiss).bind(paid).execute(pool).await.expect("a payment that is told otherwise");
    payments::reconcile::of_day(pool, &app.clock, gateway.as_ref(), day).await.expect("books that were compared");
    let notice = one(pool, "select id::text from gateway_events limit 1").await;
    let run = one(pool, "select run_id::text from reconciliation_items limit 1").await;
    [format!("/staff/notices/{notice}"), format!("/staff/reconciliation/{run}")].into()
}

/// The form that gives a payment back.
pub async fn to_a_refund(pool: &PgPool) -> String {
    let paid = "select a.id::text from payment_attempts a join orders o on o.id = a.order_id
        where a.applied and o.status = 'fulfilled' and a.refund_reserved_minor = 0 and a.received_minor > 0 limit 1";
    format!("/staff/payments/{}/refund", one(pool, paid).await)
}

pub async fn to_its_confirmation(browser: &Browser, form: &str) {
    browser.go(form).await;
    browser.fill("[name=reason]", "Asked for by the customer").await;
    browser.click("form[action$='/confirm'] button").await;
    browser.find(&format!("form[action$='{CONFIRM}']")).await;
}
