use crate::support::{Browser, Looks, TestPortal};
use sqlx::PgPool;

/// From the account page to the bank, for the line whose number ends in `digits`.
async fn order(browser: &Browser, pool: &PgPool, digits: &str) -> String {
    let line = line(pool, digits).await;
    browser.click(&format!("main a[href^='/lines/{line}/renew']")).await;
    browser.click("main a[href*='/renew?'][href*='plan=']").await;
    browser.click("form[action$='/renewals'] button").await;
    browser.click("form[action$='/pay'] button").await;
    line
}

async fn line(pool: &PgPool, digits: &str) -> String {
    let line = "select l.id::text from lines l join accounts a on a.id = l.account_id
        where a.email in ('li.wei@demo.example', 'ana@demo.example') and right(l.msisdn, 3) = $1 and l.ended_at is null";
    sqlx::query_scalar(line).bind(digits).fetch_one(pool).await.expect("one of the demo's lines")
}

async fn valid_until(pool: &PgPool, line: &str) -> time::Date {
    sqlx::query_scalar("select valid_until from lines where id = $1::uuid")
        .bind(line)
        .fetch_one(pool)
        .await
        .expect("a line")
}

async fn orders(pool: &PgPool, line: &str) -> i64 {
    let count = "select count(*) from orders where line_id = $1::uuid and created_at > now() - interval '5 minutes'";
    sqlx::query_scalar(count).bind(line).fetch_one(pool).await.expect("a count")
}

#[tokio::test(flavor = "multi_thread")]
async fn li_wei_renews_on_a_phone_in_chinese() {
    let portal = TestPortal::start().await;
    let browser = Browser::open(&portal, Looks::PHONE).await;
    let line = line(&portal.pool, "100").await;
    let before = valid_until(&portal.pool, &line).await;
    browser.sign_in("li.wei@demo.example").await;
    browser.picture("account-phone-zh").await;
    order(&browser, &portal.pool, "100").await;
    browser.picture("bank-phone-zh").await;
    browser.click("button[name=outcome][value=pay]").await;
    // The page follows by itself: nobody reloads it.
    browser.find("main[data-payment=paid][data-provisioning=active]").await;
    browser.picture("active-phone-zh").await;
    let after = valid_until(&portal.pool, &line).await;
    assert!(after > before, "{before} -> {after}");
    let shown = format!("{} 月 {} 日", u8::from(after.month()), after.day());
    let page = browser.text("main").await;
    assert!(page.contains(&shown), "{shown} is not on the page:\n{page}");
    assert_eq!(browser.complaints().await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn ana_renews_in_english_without_scripts() {
    let portal = TestPortal::start().await;
    let browser = Browser::open(&portal, Looks { scripts: false, ..Looks::DESK }).await;
    browser.sign_in("ana@demo.example").await;
    let digits: String = sqlx::query_scalar(
        "select right(l.msisdn, 3) from lines l join accounts a on a.id = l.account_id
         where a.email = 'ana@demo.example' and l.ended_at is null and l.msisdn is not null order by l.valid_until limit 1",
    )
    .fetch_one(&portal.pool)
    .await
    .expect("Ana's line");
    let line = line(&portal.pool, &digits).await;
    let before = valid_until(&portal.pool, &line).await;
    order(&browser, &portal.pool, &digits).await;
    browser.click("button[name=outcome][value=pay]").await;
    let begun = std::time::Instant::now();
    while browser.attribute("main", "data-provisioning").await != "active" {
        assert!(begun.elapsed().as_secs() < 30, "{}", browser.text("main").await);
        // Without scripts the page offers a link that asks again.
        match browser.all("main a[href='']").await.into_iter().next() {
            Some(refresh) => drop(refresh.click().await),
            None => tokio::time::sleep(std::time::Duration::from_millis(50)).await,
        }
    }
    assert!(valid_until(&portal.pool, &line).await > before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_double_click_makes_one_order() {
    let portal = TestPortal::start().await;
    for (scripts, digits) in [(true, "120"), (false, "101")] {
        let browser = Browser::open(&portal, Looks { scripts, ..Looks::PHONE }).await;
        browser.sign_in("li.wei@demo.example").await;
        let line = line(&portal.pool, digits).await;
        browser.go(&format!("/lines/{line}/renew")).await;
        browser.click("main a[href*='/renew?'][href*='plan=']").await;
        browser.find("form[action$='/renewals'] button").await;
        browser.evaluate("(() => { const b = document.querySelector(\"form[action$='/renewals'] button\"); b.click(); b.click(); })()").await;
        browser.find("form[action$='/pay'] button").await;
        assert_eq!(orders(&portal.pool, &line).await, 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_button_says_what_is_charged_as_the_balance_is_ticked() {
    let portal = TestPortal::start().await;
    let browser = Browser::open(&portal, Looks { scripts: false, ..Looks::DESK }).await;
    browser.sign_in("li.wei@demo.example").await;
    browser.go("/balance").await;
    browser.fill("input[name=other]", "10").await;
    browser.click("form[action$='/top-ups'] button").await;
    browser.click("form[action$='/pay'] button").await;
    browser.click("button[name=outcome][value=pay]").await;
    let begun = std::time::Instant::now();
    while browser.attribute("main", "data-payment").await != "paid" {
        assert!(begun.elapsed().as_secs() < 30, "{}", browser.text("main").await);
        browser.go(&browser.path().await).await;
    }
    let line = line(&portal.pool, "100").await;
    browser.go(&format!("/lines/{line}/renew")).await;
    browser.click("main a[href*='/renew?'][href*='plan=']").await;
    browser.click("form[action$='/renewals'] button").await;
    let button = "form[action$='/pay'] button";
    browser.find(button).await;
    let alone = browser.text(button).await;
    assert!(!alone.contains("10.00"), "{alone}");
    browser.click("input[name=balance]").await;
    let together = browser.text(button).await;
    assert!(together != alone && together.contains("¥10.00"), "{alone}, then {together}");
    browser.click("input[name=balance]").await;
    assert_eq!(browser.text(button).await, alone);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_that_is_suspended_says_by_itself_when_it_is_done() {
    let portal = TestPortal::start().await;
    let browser = Browser::open(&portal, Looks::PHONE).await;
    let line = line(&portal.pool, "100").await;
    browser.sign_in("li.wei@demo.example").await;
    browser.go(&format!("/lines/{line}/suspend")).await;
    browser.click("main form button").await;
    browser.find("main:not([data-live]) input[name=change][value=resume]").await;
    assert!(browser.complaints().await.is_empty());
}
