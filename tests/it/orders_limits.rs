//! Nobody fills the books by ordering and cancelling, or opens payments without end.

use crate::support::portal::TestPortal;

#[tokio::test]
async fn ordering_and_giving_up_has_an_end() {
    let portal = TestPortal::start().await;
    let (mut mei, line) = portal.mei_with("100").await;
    for _ in 0..20 {
        let order = mei.place(line, "P30").await;
        assert_eq!(mei.browser.post(&format!("/orders/{order}/cancel"), &[("sure", "yes")]).await.status, 303);
    }
    let order = mei.place(line, "P30").await;
    let refused = mei.browser.post(&format!("/orders/{order}/cancel"), &[("sure", "yes")]).await;
    assert_eq!(refused.status, 429);
    assert!(refused.headers.contains_key("retry-after"), "{:?}", refused.headers);
    assert_eq!(portal.status(order).await, "awaiting_payment", "the order stays and can be paid");
    let page = mei.pay(order).await;
    mei.press(&page, "pay").await;
    portal.until(order, "fulfilled").await;
    portal.prove().await;
}

#[tokio::test]
async fn beginning_to_pay_has_an_end() {
    let portal = TestPortal::start().await;
    let (mut mei, line) = portal.mei_with("100").await;
    let order = mei.place(line, "P30").await;
    let path = format!("/orders/{order}/pay");
    for _ in 0..60 {
        assert_eq!(mei.browser.post(&path, &[("method", "sandbox")]).await.status, 303);
    }
    assert_eq!(mei.browser.post(&path, &[("method", "sandbox")]).await.status, 429);
    assert_eq!(portal.count("select count(*) from payment_attempts").await, 1);
}
