use crate::led::{self, CONFIRM};
use crate::support::{Browser, Looks, TestPortal};
use sqlx::PgPool;

const PUBLIC: [&str; 9] = [
    "/",
    "/devices",
    "/devices?q=iphone",
    "/login",
    "/login/code",
    "/register",
    "/password/forgot",
    "/staff/login",
    "/no-such-page",
];
const BUDGET: i64 = 40 * 1024;

async fn of_li_wei(pool: &PgPool) -> Vec<String> {
    let mine = "from lines l join accounts a on a.id = l.account_id where a.email = 'li.wei@demo.example' and l.ended_at is null";
    let lines: Vec<String> =
        sqlx::query_scalar(sqlx::AssertSqlSafe(format!("select l.id::text {mine} order by l.valid_until")))
            .fetch_all(pool)
            .await
            .expect("lines");
    let orders: Vec<(String, String)> = sqlx::query_as("select distinct on (o.status) o.id::text, o.status from orders o join accounts a on a.id = o.account_id where a.email = 'li.wei@demo.example' order by o.status, o.created_at")
        .fetch_all(pool)
        .await
        .expect("orders");
    let plan: String = sqlx::query_scalar("select p.code from plans p join lines l on l.carrier = p.carrier and l.kind = any(p.kinds) where l.id = $1::uuid and p.withdrawn_at is null limit 1")
        .bind(&lines[0])
        .fetch_one(pool)
        .await
        .expect("a plan");
    let mut paths: Vec<String> = [
        "/account",
        "/account/security",
        "/account/security/password",
        "/account/security/email",
        "/account/security/app",
        "/account/security/passkeys",
        "/login/prove",
        "/account/profile",
        "/account/contact",
        "/account/identity",
        "/account/data",
        "/account/close",
        "/orders",
        "/balance",
        "/lines/add",
    ]
    .map(str::to_owned)
    .into();
    paths.extend(lines.iter().map(|line| format!("/lines/{line}")));
    paths.extend([
        format!("/lines/{}/label", lines[0]),
        format!("/lines/{}/renew", lines[0]),
        format!("/lines/{}/renew?plan={plan}", lines[0]),
    ]);
    for (order, status) in orders {
        paths.push(format!("/orders/{order}"));
        if status == "awaiting_payment" {
            paths.push(format!("/orders/{order}/pay"));
        }
        if status == "fulfilled" {
            paths.push(format!("/orders/{order}/receipt"));
        }
    }
    paths
}

async fn of_staff(pool: &PgPool) -> Vec<String> {
    let account: String = sqlx::query_scalar("select id::text from accounts where email = 'li.wei@demo.example'")
        .fetch_one(pool)
        .await
        .expect("Li Wei");
    [
        "/staff",
        "/staff/accounts?q=li",
        "/staff/line-requests",
        "/staff/second-step-resets",
        "/staff/gateways",
        "/staff/notices",
        "/staff/catalogue",
        "/staff/plans",
        "/staff/numbering",
        "/staff/rehearsal",
        "/dev/mailbox",
    ]
    .map(str::to_owned)
    .into_iter()
    .chain([format!("/staff/accounts/{account}")])
    .collect()
}

/// Everything that a machine can find wrong with the page at `path`.
async fn look(browser: &Browser, path: &str, language: &str, found: &mut Vec<String>) {
    browser.go(path).await;
    look_here(browser, path, language, found).await;
}

/// At three widths and in both schemes.
async fn look_here(browser: &Browser, path: &str, language: &str, found: &mut Vec<String>) {
    for (width, height) in [(1280, 800), (390, 844), (320, 640)] {
        browser.size(width, height).await;
        let overhang = browser.overhang().await;
        if overhang > 0 {
            found.push(format!("{path} {language}: {overhang} px too wide at {width}"));
        }
    }
    browser.size(390, 844).await;
    for dark in [false, true] {
        browser.scheme(dark).await;
        let scheme = if dark { "dark" } else { "light" };
        found.extend(browser.axe().await.into_iter().map(|finding| format!("{path} {language} {scheme}: {finding}")));
    }
    let missing = |complaint: &String| !(path == "/no-such-page" && complaint.contains("404"));
    found.extend(
        browser
            .complaints()
            .await
            .into_iter()
            .filter(missing)
            .map(|complaint| format!("{path} {language}: {complaint}")),
    );
}

async fn speak(browser: &Browser, path: &str, language: &str) {
    browser.go(path).await;
    if browser.attribute("html", "lang").await != language {
        browser.click(&format!("button[name=language][value='{language}']")).await;
        browser.find(&format!("html[lang='{language}']")).await;
    }
}

async fn look_at_all(browser: &Browser, paths: &[String]) {
    let mut found = vec![];
    for language in ["zh-CN", "en"] {
        speak(browser, &paths[0], language).await;
        for path in paths {
            look(browser, path, language, &mut found).await;
        }
    }
    say(&found);
}

fn say(found: &[String]) {
    assert!(found.is_empty(), "{} findings:\n{}", found.len(), found.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_wrong_with_public_pages() {
    let portal = TestPortal::start().await;
    let browser = Browser::open(&portal, Looks::PHONE).await;
    look_at_all(&browser, &PUBLIC.map(str::to_owned)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_wrong_with_a_customers_pages() {
    let portal = TestPortal::start().await;
    let browser = Browser::open(&portal, Looks::PHONE).await;
    browser.sign_in("li.wei@demo.example").await;
    look_at_all(&browser, &of_li_wei(&portal.pool).await).await;
    look_at_all(&browser, &led::to_a_code(&browser).await).await;
    look_at_all(&browser, &led::to_a_top_up(&browser).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_wrong_with_pages_that_mail_leads_to() {
    let portal = TestPortal::start().await;
    let browser = Browser::open(&portal, Looks::PHONE).await;
    let paths =
        [led::to_a_password(&browser, &portal.pool).await, led::to_an_address(&browser, &portal.pool).await].concat();
    look_at_all(&browser, &paths).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_wrong_with_the_second_step() {
    let portal = TestPortal::start().await;
    let browser = Browser::open(&portal, Looks::PHONE).await;
    browser.sign_in("li.wei@demo.example").await;
    led::give_li_wei_a_key(&portal.pool).await;
    look_at_all(&browser, &["/account/security".to_owned(), "/login/prove".to_owned()]).await;
    led::to_the_second_step(&browser).await;
    look_at_all(&browser, &["/login/second-step".to_owned(), "/login/second-step/lost".to_owned()]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_wrong_with_staff_pages() {
    let portal = TestPortal::start().await;
    let customer = Browser::open(&portal, Looks::PHONE).await;
    customer.sign_in("li.wei@demo.example").await;
    led::to_a_top_up(&customer).await;
    let browser = Browser::open(&portal, Looks::PHONE).await;
    browser.sign_in("staff@demo.example").await;
    look_at_all(&browser, &of_staff(&portal.pool).await).await;
    let papers = [led::to_the_catalogue(&portal).await, led::to_gateways_papers(&portal).await].concat();
    look_at_all(&browser, &papers).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_wrong_with_giving_back() {
    let portal = TestPortal::start().await;
    let browser = Browser::open(&portal, Looks::PHONE).await;
    browser.sign_in("staff@demo.example").await;
    let form = led::to_a_refund(&portal.pool).await;
    look_at_all(&browser, std::slice::from_ref(&form)).await;
    let mut found = vec![];
    for language in ["zh-CN", "en"] {
        speak(&browser, "/staff", language).await;
        led::to_its_confirmation(&browser, &form).await;
        look_here(&browser, CONFIRM, language, &mut found).await;
    }
    say(&found);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_account_page_is_light() {
    let portal = TestPortal::start().await;
    let browser = Browser::open(&portal, Looks::PHONE).await;
    browser.sign_in("li.wei@demo.example").await;
    let bytes = browser.transfer("/account").await;
    assert!((2_000..BUDGET).contains(&bytes), "{bytes} bytes over the wire");
}

/// The look itself: a page that is made wrong in every way must be found out.
#[tokio::test(flavor = "multi_thread")]
async fn a_spoiled_page_is_found_out() {
    let portal = TestPortal::start().await;
    let browser = Browser::open(&portal, Looks::PHONE).await;
    browser.go("/").await;
    assert_eq!((browser.overhang().await, browser.axe().await.len(), browser.complaints().await.len()), (0, 0, 0));
    let spoil = "document.querySelector('main').insertAdjacentHTML('beforeend', '<img src=\"/static/none.png\" style=\"color: red\"><canvas width=\"2000\" height=\"1\"></canvas>')";
    browser.evaluate(spoil).await;
    browser.find("main img").await;
    assert!(browser.overhang().await > 0);
    assert!(browser.axe().await.iter().any(|finding| finding.starts_with("image-alt")));
    let complaints = browser.complaints().await.join("\n");
    assert!(complaints.contains("Content Security Policy"), "{complaints}");
}
