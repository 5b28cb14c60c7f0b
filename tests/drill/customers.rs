//! Customers who buy whatever happens: what is not answered is asked again, as a person reloads.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use renewal_portal::ids::{LineId, OrderId};
use renewal_portal::paths;
use tokio::sync::Mutex;

use crate::mix::{Deal, Funds};
use crate::shopper::{field, placed};
use crate::visitor::{Answer, Visitor, encoded};

/// What was acknowledged to a customer; all of it must be found afterwards.
#[derive(Clone, Default)]
pub struct Journal(Arc<Mutex<Vec<Entry>>>);

pub struct Entry {
    pub order: OrderId,
    pub attempt: String,
    pub deal: Deal,
    /// What was pressed at the gateway, if that was answered.
    pub pressed: Vec<&'static str>,
}

impl Journal {
    pub async fn entries(&self) -> tokio::sync::MutexGuard<'_, Vec<Entry>> {
        self.0.lock().await
    }
}

/// A line to renew, or none where the balance is topped up, and how that goes.
#[derive(Clone)]
pub struct Errand {
    pub line: Option<LineId>,
    pub deal: Deal,
}

pub async fn sign_in(url: &str, email: &str, password: &str) -> Visitor {
    let mut browser = Visitor::at(url);
    loop {
        ask(&mut browser, "/login").await;
        let answer = tell(&mut browser, "/login", &[("email", email), ("password", password)]).await;
        if answer.status == 303 {
            return browser;
        }
        pause().await;
    }
}

/// Some gateways have another page for phones, and one has codes for all others.
pub fn hold_a_phone(browser: &mut Visitor) {
    browser.headers.push(("user-agent", "Mozilla/5.0 (Linux; Android 15) Mobile".into()));
}

pub async fn run(mut browser: Visitor, errands: Vec<Errand>, journal: Journal) {
    for errand in errands {
        buy(&mut browser, &errand, &journal).await;
    }
}

async fn buy(browser: &mut Visitor, Errand { line, deal }: &Errand, journal: &Journal) {
    let (order, attempt) = match (line, deal.funds) {
        (Some(line), _) => renewal(browser, *line, deal.plan).await,
        (None, Funds::TopUp(yuan)) => top_up(browser, yuan).await,
        (None, _) => panic!("nothing to buy with {deal:?}"),
    };
    let mut entry = Entry { order, attempt, deal: deal.clone(), pressed: vec![] };
    for outcome in deal.presses() {
        if pay(browser, order, deal, outcome).await {
            entry.pressed.push(outcome);
        }
    }
    match deal.payment {
        "cancelled" => drop(tell(browser, &format!("/orders/{order}/cancel"), &[("sure", "yes")]).await),
        "balance" => pay_by_balance(browser, order).await,
        _ => {}
    }
    journal.0.lock().await.push(entry);
    if line.is_none() {
        arrived(browser, order).await;
    }
}

/// The order, and the key it was placed with.
async fn renewal(browser: &mut Visitor, line: LineId, plan: &str) -> (OrderId, String) {
    let review = ask(browser, &format!("/lines/{line}/renew?plan={plan}")).await;
    let (attempt, price) = (field(&review, "attempt"), field(&review, "price"));
    let fields = [("plan", plan), ("attempt", &*attempt), ("price", &*price)];
    loop {
        let answer = tell(browser, &format!("/lines/{line}/renewals"), &fields).await;
        match answer.status.as_u16() {
            303 => return (placed(&answer), attempt),
            // The carrier could not be asked: it was down with everything else.
            422 => pause().await,
            other => panic!("{other}: {}", answer.body),
        }
    }
}

async fn top_up(browser: &mut Visitor, yuan: &str) -> (OrderId, String) {
    let attempt = field(&ask(browser, "/balance").await, "attempt");
    let fields = [("currency", "CNY"), ("attempt", &*attempt), ("choice", ""), ("other", yuan)];
    (placed(&tell(browser, "/balance/top-ups", &fields).await), attempt)
}

/// Until what was topped up can be spent.
async fn arrived(browser: &mut Visitor, order: OrderId) {
    for _ in 0..900 {
        if ask(browser, &format!("/orders/{order}")).await.body.contains("data-payment=\"paid\"") {
            return;
        }
        pause().await;
    }
    panic!("{order} was paid and is not on the balance");
}

async fn pay_by_balance(browser: &mut Visitor, order: OrderId) {
    for _ in 0..900 {
        if !is_payable(browser, order).await {
            return;
        }
        let answer = tell(browser, &format!("/orders/{order}/pay"), &[("method", "balance")]).await;
        match answer.status.as_u16() {
            303 => return,
            422 => pause().await,
            other => panic!("{other}: {}", answer.body),
        }
    }
    panic!("the balance does not pay {order}");
}

/// `false`: there is nothing to pay any more.
async fn pay(browser: &mut Visitor, order: OrderId, deal: &Deal, outcome: &str) -> bool {
    let mut tries = 0;
    let page = loop {
        tries += 1;
        let shown = ask(browser, &format!("/orders/{order}/pay")).await;
        let part = offered(&shown).filter(|_| deal.funds == Funds::Split);
        let fields = [("method", deal.method), ("balance", part.unwrap_or("0"))];
        let answer = tell(browser, &format!("/orders/{order}/pay"), &fields).await;
        if let Some(page) = payers_page(browser, &answer).await {
            break page;
        }
        assert!(tries < 900, "no way to pay {order} with {}: {} {}", deal.method, answer.status, answer.body);
        // The attempt declined before is still being written down, or a restart came between.
        match answer.status == 422 || is_payable(browser, order).await {
            true => pause().await,
            false => return false,
        }
    };
    let back = insist(browser, "POST", &page, &format!("outcome={outcome}")).await;
    assert_eq!(back.status, 303, "{page}: {}", back.body);
    if deal.comes_back {
        // Coming back has the portal ask what became of it; whoever scanned a code says on our page that they have paid.
        let order_page = back.location().find("/orders/").map(|at| back.location()[at..].to_owned());
        ask(browser, &order_page.unwrap_or_else(|| paths::paid(order))).await;
    }
    true
}

/// The part that the balance can pay.
fn offered(page: &Answer) -> Option<&str> {
    page.body.split_once("name=\"balance\" value=\"")?.1.split('"').next()
}

/// Where the buttons are, if the payment still waits for one.
async fn payers_page(browser: &mut Visitor, answer: &Answer) -> Option<String> {
    let mut way = to_gateway(browser, answer).await?;
    // Some gateways lead there in steps.
    while !way.starts_with("/sandbox/pay/") {
        let step = ask(browser, &way).await;
        way = within(step.location()).unwrap_or_else(|| panic!("{way}: {} {}", step.status, step.body));
    }
    ask(browser, &way).await.body.contains("name=\"outcome\"").then_some(way)
}

/// At once, or over our page with the code.
async fn to_gateway(browser: &mut Visitor, answer: &Answer) -> Option<String> {
    match answer.location().ends_with("/pay/code") {
        true => within(ask(browser, answer.location()).await.body.split('"').find(|text| text.contains("/sandbox/"))?),
        false => within(answer.location()),
    }
}

fn within(address: &str) -> Option<String> {
    address.find("/sandbox/").map(|at| address[at..].to_owned())
}

async fn is_payable(browser: &mut Visitor, order: OrderId) -> bool {
    ask(browser, &format!("/orders/{order}/pay")).await.status == 200
}

async fn ask(browser: &mut Visitor, path: &str) -> Answer {
    insist(browser, "GET", path, "").await
}

async fn tell(browser: &mut Visitor, path: &str, fields: &[(&str, &str)]) -> Answer {
    let token = browser.token.clone();
    let all = [("csrf", token.as_str())].into_iter().chain(fields.iter().copied());
    let body: Vec<_> = all.map(|(name, value)| format!("{name}={}", encoded(value))).collect();
    insist(browser, "POST", path, &body.join("&")).await
}

/// Until there is an answer of the portal itself.
async fn insist(browser: &mut Visitor, method: &str, path: &str, body: &str) -> Answer {
    for _ in 0..900 {
        match browser.try_send(method, path, Body::from(body.to_owned())).await {
            Some(answer) if answer.status.as_u16() < 500 => return answer,
            _ => pause().await,
        }
    }
    panic!("no answer to {method} {path}");
}

async fn pause() {
    tokio::time::sleep(Duration::from_millis(200)).await;
}
