//! Every page that can be reached, in both languages, for customers and for staff: each says all it has to say.

use std::collections::{BTreeMap, VecDeque};

use scraper::{Html, Selector};

use crate::support::portal::{PASSWORD, TestPortal};
use crate::support::shopper::Shopper;
use crate::support::visitor::Visitor;

/// More of one kind than this are alike.
const OF_A_KIND: usize = 12;

#[tokio::test]
async fn every_page_speaks_both_languages() {
    let portal = TestPortal::start().await;
    let mut mei = orders_in_every_state(&portal).await;
    let staff = portal.customer("desk@portal.example").await;
    sqlx::query("update accounts set role = 'admin' where id = $1")
        .bind(staff.account)
        .execute(&portal.db.pool)
        .await
        .unwrap();
    let mut desk = Visitor::at(&portal.url);
    desk.get("/staff/login").await;
    assert_eq!(
        desk.post("/staff/login", &[("email", "desk@portal.example"), ("password", PASSWORD)]).await.status,
        303
    );

    for language in ["en", "zh-CN"] {
        let mut stranger = Visitor::at(&portal.url);
        assert!(walk(&mut stranger, language, "/login").await.len() >= 3);
        let seen = walk(&mut mei.browser, language, "/account").await;
        for kind in
            ["/account", "/lines/*", "/lines/*/renew", "/orders", "/orders/*", "/orders/*/pay", "/orders/*/receipt"]
        {
            assert!(seen.contains_key(kind), "{kind} was not found: {seen:?}");
        }
        let seen = walk(&mut desk, language, "/staff").await;
        for kind in ["/staff", "/staff/accounts", "/staff/accounts/*", "/staff/rehearsal", "/dev/mailbox"] {
            assert!(seen.contains_key(kind), "{kind} was not found: {seen:?}");
        }
    }
}

/// Awaiting, declined, checking, activating, active, differing, refunded, late, in a person's hands, expired, cancelled.
async fn orders_in_every_state(portal: &TestPortal) -> Shopper {
    let mut mei = portal.mei().await;
    for (ending, plan, outcome) in [
        ("100", "P30", "pay"),
        ("106", "P30", "pay"),
        ("103", "P30", "pay"),
        ("103", "R13", "pay"),
        ("100", "P30", "wrong_amount"),
    ] {
        let line = portal.line(mei.account, ending).await;
        mei.buy(line, plan, outcome).await;
    }
    let expires = portal.line(mei.account, "100").await;
    mei.place(expires, "Q30").await;
    portal.settle().await;
    for (ending, outcome) in [("100", "decline"), ("120", "pay"), ("100", "late")] {
        let line = portal.line(mei.account, ending).await;
        mei.buy(line, "S30", outcome).await;
    }
    let (cancelled, waits) = (portal.line(mei.account, "100").await, portal.line(mei.account, "100").await);
    let cancelled = mei.place(cancelled, "P60").await;
    mei.cancel(cancelled).await;
    mei.place(waits, "P60").await;
    portal.line(mei.account, "321").await;
    portal.work().await;
    mei
}

/// Follows every link, and counts the pages of each kind.
async fn walk(browser: &mut Visitor, language: &str, start: &str) -> BTreeMap<String, usize> {
    browser.get(start).await;
    browser.post("/language", &[("language", language), ("back", start)]).await;
    let mut seen = BTreeMap::new();
    let mut known = std::collections::BTreeSet::from([start.to_owned()]);
    let mut ahead = VecDeque::from([start.to_owned()]);
    while let Some(path) = ahead.pop_front() {
        let count = seen.entry(kind(&path)).or_insert(0);
        *count += 1;
        if *count > OF_A_KIND {
            continue;
        }
        let answer = browser.get(&path).await;
        assert!(answer.status.is_success() || answer.status.is_redirection(), "{path}: {}", answer.status);
        let onward = answer.location();
        if onward.starts_with('/') && known.insert(onward.to_owned()) {
            ahead.push_back(onward.to_owned());
        }
        if !answer.header("content-type").starts_with("text/html") {
            continue;
        }
        let page = Html::parse_document(&answer.body);
        let spoken = select(&page, "html").next().and_then(|html| html.attr("lang").map(str::to_owned));
        assert_eq!(spoken.as_deref(), Some(language), "{path}");
        let text: String = select(&page, "main").flat_map(|main| main.text().collect::<Vec<_>>()).collect();
        // An account's timeline and a notification show events as they are stored.
        let shows_json = path.starts_with("/staff/accounts/") || path.starts_with("/staff/notices/");
        assert!(shows_json || !text.contains(['[', '{']), "{path} leaves something out: {text}");
        if path.starts_with("/dev/mailbox/") {
            continue; // it leads to what is its customer's
        }
        for link in select(&page, "a[href]").filter_map(|link| link.attr("href").map(str::to_owned)) {
            let link = link.split('#').next().unwrap_or_default().to_owned();
            if link.starts_with('/') && known.insert(link.clone()) {
                ahead.push_back(link);
            }
        }
    }
    seen
}

fn select<'a>(page: &'a Html, what: &str) -> impl Iterator<Item = scraper::ElementRef<'a>> {
    let found: Vec<_> = page.select(&Selector::parse(what).unwrap()).collect();
    found.into_iter()
}

/// The path with its ids left open.
fn kind(path: &str) -> String {
    let path = path.split('?').next().unwrap_or_default();
    let part = |part: &str| if part.len() == 36 && part.contains('-') { "*".to_owned() } else { part.to_owned() };
    path.split('/').map(part).collect::<Vec<_>>().join("/")
}
