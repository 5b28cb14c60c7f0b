//! What the page of ways to pay has chosen already, and what its button says will be charged.

use renewal_portal::ids::OrderId;

use crate::balance_paying::{choose, give, split};
use crate::support::portal::TestPortal;
use crate::support::shopper::{Shopper, between};

async fn page(mei: &mut Shopper, order: OrderId) -> String {
    mei.browser.get(&format!("/orders/{order}/pay")).await.body
}

/// The one method that is chosen.
fn chosen(page: &str) -> &str {
    let chosen: Vec<&str> = page.split("name=\"method\" value=\"").skip(1).filter(|rest| is_checked(rest)).collect();
    assert_eq!(chosen.len(), 1, "{page}");
    chosen[0].split_once('"').unwrap().0
}

fn is_checked(field: &str) -> bool {
    field.split_once('>').unwrap().0.contains(" checked")
}

/// Whether a part from the balance is chosen as well.
fn with_balance(page: &str) -> bool {
    is_checked(page.split_once("type=\"checkbox\" name=\"balance\"").expect("a part from the balance").1)
}

/// What the button says, without and with the balance.
fn button(page: &str) -> (String, Option<String>) {
    let by_balance = page.contains("pays-by-balance").then(|| between(page, "<span class=\"pays-by-balance\">", "<"));
    (between(page, "<span class=\"pays\">", "<"), by_balance)
}

#[tokio::test]
async fn what_was_declined_is_chosen_again_with_its_part_from_the_balance() {
    let portal = TestPortal::start().await;
    let (mut mei, line) = portal.mei_with("100").await;
    give(&portal, mei.account, 1_200).await;
    let order = mei.place(line, "P30").await;
    let first = page(&mut mei, order).await;
    assert!(!with_balance(&first), "nothing is spent unasked");
    assert_eq!(chosen(&first), "sandbox");
    let bank = split(&mut mei, order, "1200").await;
    assert!(with_balance(&page(&mut mei, order).await), "it was begun");
    mei.press(&bank, "decline").await;
    portal.work().await;
    let again = page(&mut mei, order).await;
    assert!(again.contains("The last payment did not go through"), "{again}");
    assert_eq!((chosen(&again), with_balance(&again)), ("sandbox", true));
}

#[tokio::test]
async fn what_was_declined_comes_before_a_balance_that_would_do() {
    let portal = TestPortal::start().await;
    let (mut mei, line) = portal.mei_with("100").await;
    give(&portal, mei.account, 5_000).await;
    let order = mei.place(line, "P30").await;
    assert_eq!(chosen(&page(&mut mei, order).await), "balance");
    let bank = mei.pay(order).await;
    mei.press(&bank, "decline").await;
    portal.work().await;
    assert_eq!(chosen(&page(&mut mei, order).await), "sandbox");
}

#[tokio::test]
async fn the_way_of_the_last_renewal_is_chosen_for_the_next() {
    let portal = TestPortal::start().await;
    let (mut mei, line) = portal.mei_with("100").await;
    let first = mei.place(line, "P30").await;
    assert_eq!(chosen(&page(&mut mei, first).await), "sandbox");
    assert_eq!(choose(&mut mei, first, &[("method", "alipay")]).await.status, 303);
    let next = mei.place(portal.line(mei.account, "101").await, "P30").await;
    assert_eq!(chosen(&page(&mut mei, next).await), "alipay");
}

#[tokio::test]
async fn what_was_chosen_stays_chosen_beside_an_error() {
    let portal = TestPortal::start().await;
    let (mut mei, line) = portal.mei_with("100").await;
    give(&portal, mei.account, 1_200).await;
    let order = mei.place(line, "P30").await;
    for method in ["sandbox", "alipay"] {
        let refused = choose(&mut mei, order, &[("method", method), ("balance", "1201")]).await;
        assert_eq!(refused.status, 422, "{}", refused.body);
        assert_eq!((chosen(&refused.body), with_balance(&refused.body)), (method, true));
    }
}

#[tokio::test]
async fn the_button_says_what_is_charged_and_what_comes_from_the_balance() {
    for (has, by_balance) in [
        (0, None),
        (1_200, Some("Pay ¥30.00 and ¥12.00 from your balance")),
        (4_200, Some("Pay ¥42.00 from your balance")),
    ] {
        let portal = TestPortal::start().await;
        let (mut mei, line) = portal.mei_with("100").await;
        if has > 0 {
            give(&portal, mei.account, has).await;
        }
        let order = mei.place(line, "P30").await;
        let said = button(&page(&mut mei, order).await);
        assert_eq!(said, ("Pay ¥42.00".to_owned(), by_balance.map(str::to_owned)), "with {has}");
    }
}
