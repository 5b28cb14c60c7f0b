//! What carriers sell becomes plans, by the hand of somebody who looked at it.

use renewal_portal::catalogue;
use renewal_portal::simulator::stock;

use crate::support::portal::TestPortal;
use crate::support::shopper::Shopper;

const PAGE: &str = "/staff/catalogue";

/// A carrier that sells what the portal's plans name, and two products more.
async fn portal() -> (TestPortal, Shopper) {
    let portal = TestPortal::start().await;
    let pool = &portal.app.pool;
    stock::take(&mut pool.acquire().await.unwrap()).await.unwrap();
    sqlx::query(
        "insert into simulator.products (carrier, code, title, effect, term_unit, term_count, data_bytes, coverage, cost_minor, currency)
         values ('cucc', 'asia/10gb 7d', 'Asia 10 GB', 'restart', 'day', 7, 10000000000, '{HK,JP}', 450, 'USD'),
                ('cucc', 'asia-20gb', 'Asia 20 GB', 'restart', 'day', 30, 20000000000, '{HK,JP}', 900, 'USD')",
    )
    .execute(pool)
    .await
    .unwrap();
    let admin = portal.staff_as("admin").await;
    (portal, admin)
}

async fn fetch(portal: &TestPortal) -> catalogue::Fetched {
    let app = &portal.app;
    catalogue::fetch(&app.pool, &app.clock, &app.carriers, "cucc").await.unwrap()
}

fn rule(margin: &str) -> [(&'static str, &str); 8] {
    [
        ("carrier", "cucc"),
        ("cost_currency", "USD"),
        ("currency", "CNY"),
        ("rate", "7.2"),
        ("markup", "30"),
        ("step", "1"),
        ("less", "0.01"),
        ("margin", margin),
    ]
}

/// What the form holds, with a name in Chinese.
fn draft<'a>(code: &'a str, price: &'a str) -> [(&'static str, &'a str); 10] {
    [
        ("sure", "yes"),
        ("code", code),
        ("name_zh", "亚洲 10 GB"),
        ("name_en", "Asia 10 GB"),
        ("esim", "on"),
        ("term", "7 days"),
        ("effect", "restart"),
        ("coverage", "HK JP"),
        ("price", price),
        ("currency", "CNY"),
    ]
}

async fn offer(portal: &TestPortal, product: &str) -> String {
    let id: i64 = sqlx::query_scalar("select id from carrier_offers where product = $1")
        .bind(product)
        .fetch_one(&portal.app.pool)
        .await
        .unwrap();
    format!("/staff/offers/{id}")
}

#[tokio::test]
async fn an_offer_is_priced_looked_at_published_and_sold_until_the_carrier_withdraws_it() {
    let (portal, mut admin) = portal().await;
    let (mut mei, line) = portal.mei_with("100").await;
    admin.browser.get(PAGE).await;
    assert_eq!(admin.browser.post(&format!("{PAGE}/pricing"), &rule("10")).await.status, 303);
    assert_eq!(admin.browser.post(&format!("{PAGE}/cucc/fetch"), &[]).await.location(), format!("{PAGE}?note=fetched"));
    let page = admin.browser.get(PAGE).await.body;
    assert!(page.contains("Asia 10 GB") && page.contains("Asia 20 GB") && page.contains("¥42.99"), "{page}");
    assert!(!page.contains("cucc:p30"), "a product that is sold is no draft");

    let path = offer(&portal, "asia/10gb 7d").await;
    let form = admin.browser.get(&path).await.body;
    assert!(form.contains(r#"value="ASIA-10GB-7D""#) && form.contains(r#"value="42.99""#), "{form}");
    let plans = format!("/lines/{line}/renew");
    assert!(!mei.browser.get(&plans).await.body.contains("Asia 10 GB"), "nobody can buy a draft");
    let published = admin.browser.post(&path, &draft("ASIA-10GB-7D", "42.99")).await;
    assert_eq!(
        (published.status.as_u16(), published.location()),
        (303, "/staff/catalogue?note=published"),
        "{}",
        published.body
    );
    assert!(mei.browser.get(&plans).await.body.contains("Asia 10 GB"));
    assert_eq!(admin.browser.get(&path).await.status, 404, "it is a plan now");

    portal.pass(time::Duration::DAY);
    sqlx::query("update simulator.products set withdrawn = true where code = 'asia/10gb 7d'")
        .execute(&portal.app.pool)
        .await
        .unwrap();
    assert_eq!(fetch(&portal).await.withdrawn, 1);
    assert!(!mei.browser.get(&plans).await.body.contains("Asia 10 GB"), "it is sold no more");
    assert_eq!(
        portal.count("select count(*) from audit_log where action in ('plan.published', 'plan.withdrawn')").await,
        2
    );
}

#[tokio::test]
async fn a_price_below_the_margin_is_refused_and_nothing_typed_is_lost() {
    let (portal, mut admin) = portal().await;
    admin.browser.get(PAGE).await;
    admin.browser.post(&format!("{PAGE}/pricing"), &rule("10")).await;
    fetch(&portal).await;
    let path = offer(&portal, "asia/10gb 7d").await;
    admin.browser.get(&path).await;
    for (code, price, why) in [
        ("ASIA-10", "35.99", "It costs US$4.50; this price leaves less than your rule wants."),
        ("P30", "42.99", "Another plan has this code."),
        ("asia 10", "42.99", "Please use 2 to 40 letters, digits and hyphens."),
        ("ASIA-10", "cheap", "Please write an amount such as 39.00."),
    ] {
        let page = admin.browser.post(&path, &draft(code, price)).await;
        assert_eq!(page.status, 422);
        assert!(page.body.contains(why) && page.body.contains("亚洲 10 GB"), "{why}: {}", page.body);
    }
    assert_eq!(portal.count("select count(*) from plans where name_en = 'Asia 10 GB'").await, 0);
    let unreadable = admin.browser.post(&format!("{PAGE}/pricing"), &rule("a lot")).await;
    assert_eq!(unreadable.status, 422);
    assert!(unreadable.body.contains(r#"value="a lot""#), "{}", unreadable.body);
}

#[tokio::test]
async fn a_rule_that_changes_says_at_once_what_earns_too_little() {
    let (portal, mut admin) = portal().await;
    fetch(&portal).await;
    let path = offer(&portal, "asia/10gb 7d").await;
    admin.browser.get(&path).await;
    assert_eq!(admin.browser.post(&path, &draft("ASIA-10GB-7D", "42.99")).await.status, 303);
    for (margin, alerts) in [("60", 1), ("10", 0), ("60", 1)] {
        assert_eq!(admin.browser.post(&format!("{PAGE}/pricing"), &rule(margin)).await.status, 303);
        let open =
            "select count(*) from carrier_alerts where kind = 'margin' and product like 'asia%' and closed_at is null";
        assert_eq!(portal.count(open).await, alerts, "{margin} %");
    }
}

#[tokio::test]
async fn two_who_publish_the_same_offer_make_one_plan() {
    let (portal, mut admin) = portal().await;
    fetch(&portal).await;
    let path = offer(&portal, "asia-20gb").await;
    admin.browser.get(&path).await;
    let (mut one, mut other) = (admin.clone(), admin.clone());
    let (one_form, other_form) = (draft("ASIA-A", "90"), draft("ASIA-B", "90"));
    let (one, other) = tokio::join!(one.browser.post(&path, &one_form), other.browser.post(&path, &other_form));
    let mut answers = [one.status.as_u16(), other.status.as_u16()];
    answers.sort_unstable();
    assert_eq!(answers, [303, 404]);
    assert_eq!(portal.count("select count(*) from plans where carrier_product = 'asia-20gb'").await, 1);
}

#[tokio::test]
async fn a_carrier_that_names_nothing_has_withdrawn_nothing() {
    let (portal, _) = portal().await;
    fetch(&portal).await;
    portal.pass(time::Duration::DAY);
    sqlx::query("update simulator.products set withdrawn = true").execute(&portal.app.pool).await.unwrap();
    let app = &portal.app;
    assert!(catalogue::fetch(&app.pool, &app.clock, &app.carriers, "cucc").await.is_err());
    assert_eq!(portal.count("select count(*) from plans where withdrawn_at is not null").await, 0);
}

#[tokio::test]
async fn what_is_put_aside_stays_so_until_it_comes_anew() {
    let (portal, mut admin) = portal().await;
    fetch(&portal).await;
    let path = offer(&portal, "asia-20gb").await;
    admin.browser.get(&path).await;
    assert_eq!(admin.browser.post(&format!("{path}/dismiss"), &[]).await.status, 303);
    fetch(&portal).await;
    assert_eq!(admin.browser.get(&path).await.status, 404);
    for withdrawn in [true, false] {
        portal.pass(time::Duration::DAY);
        sqlx::query("update simulator.products set withdrawn = $1 where code = 'asia-20gb'")
            .bind(withdrawn)
            .execute(&portal.app.pool)
            .await
            .unwrap();
        fetch(&portal).await;
    }
    assert_eq!(admin.browser.get(&path).await.status, 200, "it came back, so it is looked at again");
}

#[tokio::test]
async fn only_an_admin_changes_what_is_sold() {
    let (portal, _) = portal().await;
    fetch(&portal).await;
    let path = offer(&portal, "asia-20gb").await;
    let mut finance = portal.staff_as("finance").await;
    assert_eq!(finance.browser.get(PAGE).await.status, 200);
    for path in [&path, &format!("{path}/dismiss"), &format!("{PAGE}/pricing"), &format!("{PAGE}/cucc/fetch")] {
        assert_eq!(finance.browser.post(path, &rule("10")).await.status, 403, "{path}");
    }
}

async fn published(portal: &TestPortal, admin: &mut Shopper) -> &'static str {
    fetch(portal).await;
    let path = offer(portal, "asia/10gb 7d").await;
    admin.browser.get(&path).await;
    assert_eq!(admin.browser.post(&path, &draft("ASIA-10GB-7D", "42.99")).await.status, 303);
    "/staff/plans/ASIA-10GB-7D/sale"
}

#[tokio::test]
async fn before_an_offer_is_sold_its_publisher_reads_what_customers_see_and_pay() {
    let (portal, mut admin) = portal().await;
    fetch(&portal).await;
    let path = offer(&portal, "asia/10gb 7d").await;
    let form = admin.browser.get(&path).await.body;
    assert!(!form.contains("<dd>cucc</dd>"), "the carrier has a name: {form}");
    let seen = admin.browser.post(&path, &draft("ASIA-10GB-7D", "42.99")[1..]).await;
    assert_eq!(seen.status, 200);
    for told in ["亚洲 10 GB", "Asia 10 GB", "¥42.99", "10 GB", "7 days", r#"name="sure""#] {
        assert!(seen.body.contains(told), "{told}: {}", seen.body);
    }
    assert_eq!(portal.count("select count(*) from plans where code = 'ASIA-10GB-7D'").await, 0, "not yet");
    assert_eq!(portal.count("select count(*) from audit_log where action = 'plan.published'").await, 0);
}

#[tokio::test]
async fn everything_wrong_with_a_draft_is_told_at_once() {
    let (portal, mut admin) = portal().await;
    fetch(&portal).await;
    let path = offer(&portal, "asia-20gb").await;
    admin.browser.get(&path).await;
    let page = admin.browser.post(&path, &[("code", "a b"), ("price", "cheap"), ("currency", "CNY")]).await;
    assert_eq!(page.status, 422);
    for field in ["code", "name_zh", "name_en", "kinds", "term", "effect", "coverage", "price"] {
        assert!(page.body.contains(&format!(r#"id="{field}-error""#)), "{field}: {}", page.body);
    }
}

#[tokio::test]
async fn a_plan_is_taken_off_sale_and_put_back_by_hand() {
    let (portal, mut admin) = portal().await;
    let (mut mei, line) = portal.mei_with("100").await;
    admin.browser.get(PAGE).await;
    admin.browser.post(&format!("{PAGE}/pricing"), &rule("10")).await;
    let sale = published(&portal, &mut admin).await;
    let list = admin.browser.get("/staff/plans?q=asia").await.body;
    assert!(list.contains("Asia 10 GB") && list.contains("US$4.50") && list.contains("¥10.59 · 24.63 %"), "{list}");
    assert!(!list.contains(">P30<"), "only what was looked for: {list}");
    let chosen = format!("/lines/{line}/renew");
    for (word, note, sold) in [("off", "withdrawn", false), ("on", "put-back", true)] {
        assert!(admin.browser.get(sale).await.body.contains(&format!(r#"name="sale" value="{word}""#)));
        let done = admin.browser.post(sale, &[("sale", word)]).await;
        assert_eq!(done.location(), format!("/staff/plans?note={note}"));
        assert_eq!(mei.browser.get(&chosen).await.body.contains("Asia 10 GB"), sold, "{word}");
    }
    let noted = "select count(*) from audit_log where action in ('plan.withdrawn', 'plan.put_back')";
    assert_eq!(portal.count(noted).await, 2);

    portal.pass(time::Duration::DAY);
    portal.run("update simulator.products set withdrawn = true where code = 'asia/10gb 7d'").await;
    fetch(&portal).await;
    let refused = admin.browser.post(sale, &[("sale", "on")]).await;
    assert_eq!(refused.location(), "/staff/plans?note=product-gone");
    assert!(!mei.browser.get(&chosen).await.body.contains("Asia 10 GB"), "the carrier sells it no more");
    let mut finance = portal.staff_as("finance").await;
    assert_eq!(finance.browser.get("/staff/plans").await.status, 200);
    assert_eq!(finance.browser.post(sale, &[("sale", "off")]).await.status, 403);
}

#[tokio::test]
async fn a_withheld_plan_is_marked_where_customers_choose() {
    let (portal, mut admin) = portal().await;
    let (mut mei, line) = portal.mei_with("100").await;
    published(&portal, &mut admin).await;
    let chosen = format!("/lines/{line}/renew");
    assert!(!mei.browser.get(&chosen).await.body.contains("Not available for now"));
    admin.browser.post(&format!("{PAGE}/pricing"), &rule("60")).await;
    let page = mei.browser.get(&chosen).await.body;
    assert!(page.contains("Not available for now") && page.contains("Check again"), "{page}");
    assert!(admin.browser.get("/staff/plans").await.body.contains("Withheld: margin"));
}

#[tokio::test]
async fn an_offer_that_was_put_aside_is_taken_up_again() {
    let (portal, mut admin) = portal().await;
    fetch(&portal).await;
    let path = offer(&portal, "asia-20gb").await;
    admin.browser.get(&path).await;
    admin.browser.post(&format!("{path}/dismiss"), &[]).await;
    assert!(admin.browser.get(PAGE).await.body.contains(&format!("{path}/restore")));
    assert_eq!(admin.browser.post(&format!("{path}/restore"), &[]).await.location(), format!("{PAGE}?note=restored"));
    assert_eq!(admin.browser.get(&path).await.status, 200);
    assert_eq!(admin.browser.post(&format!("{path}/restore"), &[]).await.status, 404, "nobody had put it aside");
    assert_eq!(portal.count("select count(*) from audit_log where action = 'offer.restored'").await, 1);
}

#[tokio::test]
async fn a_rule_is_written_within_reason_changed_from_what_it_is_and_deleted() {
    let (portal, mut admin) = portal().await;
    published(&portal, &mut admin).await;
    for (field, value, why) in [
        ("markup", "-5", "would sell below what it costs us"),
        ("markup", "1000.01", "a percentage from 0 to 1000"),
        ("step", "0", "an amount above 0"),
        ("less", "1", "an amount below the step"),
        ("rate", "0", "a rate above 0"),
        ("margin", "100", "from 0 to 99.99"),
        ("carrier", "nobody", "choose a carrier"),
    ] {
        let mut typed = rule("10");
        typed.iter_mut().find(|(name, _)| *name == field).unwrap().1 = value;
        let page = admin.browser.post(&format!("{PAGE}/pricing"), &typed).await;
        assert_eq!(page.status, 422, "{field} {value}");
        assert!(page.body.contains(&format!(r#"id="{field}-error""#)) && page.body.contains(why), "{}", page.body);
    }
    assert_eq!(portal.count("select count(*) from pricing_rules").await, 0);
    admin.browser.post(&format!("{PAGE}/pricing"), &rule("60")).await;
    let form = admin.browser.get(&format!("{PAGE}?rule=cucc.USD.CNY")).await.body;
    for value in ["7.2", "30", "1.00", "0.01", "60"] {
        assert!(form.contains(&format!(r#"value="{value}""#)), "{value}: {form}");
    }
    let remove = "/staff/pricing/cucc.USD.CNY/remove";
    assert_eq!(admin.browser.get(remove).await.status, 200);
    assert_eq!(portal.count("select count(*) from pricing_rules").await, 1, "it was only asked");
    assert_eq!(admin.browser.post(remove, &[]).await.location(), format!("{PAGE}?note=unpriced"));
    let withheld = "select count(*) from carrier_alerts where kind = 'margin' and closed_at is null";
    assert_eq!((portal.count("select count(*) from pricing_rules").await, portal.count(withheld).await), (0, 0));
    assert_eq!(admin.browser.get(remove).await.status, 404);
}
