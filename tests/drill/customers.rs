//! Customers who buy whatever happens: what is not answered is asked again, as a person reloads.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use renewal_portal::ids::{LineId, OrderId};
use tokio::sync::Mutex;

use crate::shopper::{field, placed};
use crate::visitor::{Answer, Visitor, encoded};

/// What was acknowledged to a customer; all of it must be found afterwards.
#[derive(Clone, Default)]
pub struct Journal(Arc<Mutex<Vec<Entry>>>);

pub struct Entry {
    pub order: OrderId,
    pub attempt: String,
    /// What was pressed at the gateway, if that was answered.
    pub pressed: Vec<&'static str>,
}

impl Journal {
    pub async fn entries(&self) -> tokio::sync::MutexGuard<'_, Vec<Entry>> {
        self.0.lock().await
    }
}

/// A line to renew and how its payment goes.
#[derive(Clone)]
pub struct Errand {
    pub line: LineId,
    pub plan: &'static str,
    pub payment: &'static str,
}

pub async fn sign_in(url: &str, email: &str, password: &str) -> Visitor {
    let mut browser = Visitor::at(url);
    loop {
        ask(&mut browser, "/login").await;
        let answer = tell(&mut browser, "/login", &[("email", email), ("password", password)]).await;
        if answer.status == 303 {
            return browser;
        }
    }
}

pub async fn run(mut browser: Visitor, errands: Vec<Errand>, journal: Journal) {
    for errand in errands {
        buy(&mut browser, &errand, &journal).await;
    }
}

async fn buy(browser: &mut Visitor, errand: &Errand, journal: &Journal) {
    let Errand { line, plan, payment } = errand;
    let review = ask(browser, &format!("/lines/{line}/renew?plan={plan}")).await;
    let (attempt, price) = (field(&review, "attempt"), field(&review, "price"));
    let fields = [("plan", *plan), ("attempt", &*attempt), ("price", &*price)];
    let order = loop {
        let answer = tell(browser, &format!("/lines/{line}/renewals"), &fields).await;
        match answer.status.as_u16() {
            303 => break placed(&answer),
            // The carrier could not be asked: it was down with everything else.
            422 => pause().await,
            other => panic!("{other}: {}", answer.body),
        }
    };
    let mut entry = Entry { order, attempt, pressed: vec![] };
    for outcome in presses(payment) {
        if pay(browser, order, outcome).await {
            entry.pressed.push(outcome);
        }
    }
    if *payment == "cancelled" {
        tell(browser, &format!("/orders/{order}/cancel"), &[]).await;
    }
    journal.0.lock().await.push(entry);
}

fn presses(payment: &'static str) -> Vec<&'static str> {
    match payment {
        "never paid" => vec![],
        "declined first" => vec!["decline", "pay"],
        "cancelled" => vec!["late"],
        other => vec![other],
    }
}

/// `false`: there is nothing to pay any more.
async fn pay(browser: &mut Visitor, order: OrderId, outcome: &str) -> bool {
    let page = loop {
        ask(browser, &format!("/orders/{order}/pay")).await;
        let answer = tell(browser, &format!("/orders/{order}/pay"), &[("method", "sandbox")]).await;
        match answer.location().split_once("/sandbox") {
            Some((_, page)) => break format!("/sandbox{page}"),
            // The attempt declined before is still being written down, or a restart came between.
            None if answer.status == 422 || outcome == "pay" && is_payable(browser, order).await => pause().await,
            None => return false,
        }
    };
    let body = format!("outcome={outcome}");
    let back = insist(browser, "POST", &page, &body).await;
    // Coming back has the portal ask what became of it.
    let order_page = back.location().find("/orders/").map(|at| back.location()[at..].to_owned());
    ask(browser, &order_page.expect("the way back")).await;
    true
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
