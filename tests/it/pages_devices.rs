//! Which phones take an eSIM: open to everyone, found without scripts, and a number that is checked and forgotten.

use crate::pages_support::Portal;
use crate::support::visitor::Visitor;

#[tokio::test]
async fn anyone_finds_a_model_in_both_languages() {
    let portal = Portal::open().await;
    let mut visitor = Visitor::new(&portal.parts.router());
    for (language, all, none, asked, found) in [
        ("en", "models by maker", "Not in our list", "samsung%20s23%2B", "Galaxy S23+"),
        ("zh-CN", "按品牌查看全部", "列表里没有", "%E8%8B%B9%E6%9E%9C%20xr", "iPhone XR"),
    ] {
        visitor.cookies.insert("lang".into(), language.into());
        let page = visitor.get("/devices").await;
        assert_eq!(page.status, 200);
        assert!(page.body.contains(all) && page.body.contains("Galaxy S23 Ultra"), "{}", page.body);
        let page = visitor.get(&format!("/devices?q={asked}")).await;
        assert!(page.body.contains(found) && !page.body.contains("Galaxy S23 Ultra"), "{}", page.body);
        let page = visitor.get("/devices?q=iphone+8").await;
        assert!(page.body.contains(none) && page.body.contains("*#06#") && page.body.contains("FM"), "{}", page.body);
    }
    assert!(visitor.get("/").await.body.contains(r#"href="/devices""#));
}

#[tokio::test]
async fn what_is_asked_for_is_shown_as_text() {
    let portal = Portal::open().await;
    let mut visitor = Visitor::new(&portal.parts.router());
    let page = visitor.get("/devices?q=%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E").await;
    assert_eq!(page.status, 200);
    assert!(!page.body.contains("<script>alert"), "{}", page.body);
    assert_eq!(visitor.get(&format!("/devices?q={}", "9".repeat(4_000))).await.status, 200);
}

#[tokio::test]
async fn a_number_is_checked_and_comes_back_only_to_be_corrected() {
    let portal = Portal::open().await;
    let mut visitor = Visitor::new(&portal.parts.router());
    visitor.cookies.insert("lang".into(), "en".into());
    visitor.get("/devices").await;
    let right = visitor.post("/devices", &[("number", "35 209900 176148 1")]).await;
    assert_eq!(right.status, 200);
    assert!(right.body.contains("written correctly") && !right.body.contains("176148"), "{}", right.body);
    let eid = visitor.post("/devices", &[("number", "89049032007108882600137544319616")]).await;
    assert!(eid.body.contains("the device takes eSIMs") && !eid.body.contains("890490320"), "{}", eid.body);
    let wrong = visitor.post("/devices", &[("number", "352099001761482")]).await;
    assert_eq!(wrong.status, 422);
    assert!(wrong.body.contains("the number is mistyped") && wrong.body.contains(r#"value="352099001761482""#));
    let unsealed = visitor.post_as_is("/devices", &[("number", "352099001761481")]).await;
    assert_eq!(unsealed.status, 403, "a form without its token");
}
