use crate::support::{Browser, Looks, TestPortal};

/// Not a test: `scripts/take-screenshots` runs this and keeps the pictures for the README.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "makes pictures for the README"]
async fn take() {
    let portal = TestPortal::start().await;
    let phone = Browser::open(&portal, Looks::PHONE).await;
    phone.sign_in("li.wei@demo.example").await;
    phone.picture("account-phone-zh").await;
    phone.click("main a[href$='/renew']").await;
    phone.find("main a[href*='plan=']").await;
    phone.picture("plans-phone-zh").await;
    phone.click("main a[href*='plan=']").await;
    phone.find("form[action$='/renewals'] button").await;
    phone.picture("review-phone-zh").await;
    phone.click("form[action$='/renewals'] button").await;
    phone.click("form[action$='/pay'] button").await;
    phone.click("button[name=outcome][value=pay]").await;
    phone.find("main[data-provisioning=active]").await;
    phone.picture("active-phone-zh").await;

    let desk = Browser::open(&portal, Looks::DESK).await;
    desk.sign_in("ana@demo.example").await;
    desk.picture("account-desk-en").await;
    desk.click("main a[href$='/renew']").await;
    desk.find("main a[href*='plan=']").await;
    desk.picture("plans-desk-en").await;
}
