//! A customer who renews as customers do: page by page, sending what the page holds.

use renewal_portal::ids::{AccountId, LineId, OrderId};

use super::visitor::{Answer, Visitor, encoded};

#[derive(Clone)]
pub struct Shopper {
    pub account: AccountId,
    pub browser: Visitor,
}

/// What the review page would send.
#[derive(Clone)]
pub struct Review {
    line: LineId,
    plan: String,
    pub attempt: String,
    pub price: String,
}

impl Shopper {
    pub async fn sign_in(url: &str, account: AccountId, email: &str, password: &str) -> Self {
        let mut browser = Visitor::at(url);
        browser.get("/login").await;
        let answer = browser.post("/login", &[("email", email), ("password", password)]).await;
        assert_eq!(answer.status, 303, "{}", answer.body);
        Self { account, browser }
    }

    pub async fn review(&mut self, line: LineId, plan: &str) -> Review {
        let page = self.browser.get(&format!("/lines/{line}/renew?plan={plan}")).await;
        assert_eq!(page.status, 200, "{}", page.body);
        Review { line, plan: plan.into(), attempt: field(&page, "attempt"), price: field(&page, "price") }
    }

    pub async fn send(&mut self, review: &Review) -> Answer {
        let fields = [("plan", &*review.plan), ("attempt", &*review.attempt), ("price", &*review.price)];
        self.browser.post(&format!("/lines/{}/renewals", review.line), &fields).await
    }

    pub async fn place(&mut self, line: LineId, plan: &str) -> OrderId {
        let review = self.review(line, plan).await;
        placed(&self.send(&review).await)
    }

    /// To the gateway's page.
    pub async fn pay(&mut self, order: OrderId) -> String {
        self.browser.get(&format!("/orders/{order}/pay")).await;
        let answer = self.browser.post(&format!("/orders/{order}/pay"), &[("method", "sandbox")]).await;
        assert!(
            answer.status == 303 && answer.location().contains("/sandbox/pay/"),
            "{} {}",
            answer.status,
            answer.body
        );
        answer.location().to_owned()
    }

    /// Chooses a way to pay, whatever comes of it.
    pub async fn choose(&mut self, order: OrderId, method: &str) -> Answer {
        self.browser.get(&format!("/orders/{order}/pay")).await;
        self.browser.post(&format!("/orders/{order}/pay"), &[("method", method)]).await
    }

    /// Presses a button there and is sent back.
    pub async fn press(&mut self, page: &str, outcome: &str) {
        let path = page.split_once("/sandbox").map(|(_, rest)| format!("/sandbox{rest}")).unwrap();
        let answer = self.browser.post_as_is(&path, &[("outcome", outcome)]).await;
        assert_eq!(answer.status, 303, "{}", answer.body);
        assert!(answer.location().contains("/orders/"), "{}", answer.location());
    }

    /// Orders and pays.
    pub async fn buy(&mut self, line: LineId, plan: &str, outcome: &str) -> OrderId {
        let order = self.place(line, plan).await;
        let page = self.pay(order).await;
        self.press(&page, outcome).await;
        order
    }

    pub async fn cancel(&mut self, order: OrderId) {
        let answer = self.browser.post(&format!("/orders/{order}/cancel"), &[("sure", "yes")]).await;
        assert_eq!(answer.status, 303, "{}", answer.body);
    }

    /// What the status page says: payment, provisioning.
    pub async fn sees(&mut self, order: OrderId) -> (String, String) {
        let page = self.browser.get(&format!("/orders/{order}")).await;
        assert_eq!(page.status, 200, "{}", page.body);
        (between(&page.body, "data-payment=\"", "\""), between(&page.body, "data-provisioning=\"", "\""))
    }
}

/// The order a browser was led on to.
pub fn placed(answer: &Answer) -> OrderId {
    assert_eq!(answer.status, 303, "{}", answer.body);
    answer.location().split('/').nth(2).and_then(|id| id.parse().ok()).expect("an order's address")
}

pub fn field(page: &Answer, name: &str) -> String {
    between(&page.body, &format!("name=\"{name}\" value=\""), "\"")
}

pub fn between(text: &str, start: &str, end: &str) -> String {
    let found = text.split_once(start).and_then(|(_, rest)| rest.split_once(end));
    found.unwrap_or_else(|| panic!("no {start} in {text}")).0.to_owned()
}

/// Fields as a form sends them.
pub fn form(fields: &[(&str, &str)]) -> String {
    fields.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect::<Vec<_>>().join("&")
}
