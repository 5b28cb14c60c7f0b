//! A line is called what its holder calls it.

use crate::support::portal::TestPortal;

#[tokio::test]
async fn a_line_is_named_renamed_and_named_no_more() {
    let portal = TestPortal::start().await;
    let mut mei = portal.mei().await;
    let line = portal.line(mei.account, "100").await;
    let (page, path) = (format!("/lines/{line}"), format!("/lines/{line}/label"));
    assert!(mei.browser.get(&page).await.body.contains("Give it a name"));
    mei.browser.get(&path).await;
    let saved = mei.browser.post(&path, &[("label", "  妈妈的  <b>手机 ")]).await;
    assert_eq!(saved.location(), format!("{page}?note=label-saved"));
    for page in [&page, "/account"] {
        let shown = mei.browser.get(page).await.body;
        assert!(shown.contains("妈妈的 &#60;b&#62;手机"), "{shown}");
    }
    assert!(mei.browser.get(&page).await.body.contains("Rename"));

    let long = "名".repeat(61);
    let refused = mei.browser.post(&path, &[("label", &long)]).await;
    assert!(refused.status == 422 && refused.body.contains("up to 60 characters"), "{}", refused.body);
    assert!(refused.body.contains(&format!(r#"value="{long}""#)), "nothing is typed twice");
    assert_eq!(mei.browser.post(&path, &[("label", "Mum\u{7}")]).await.status, 422);

    assert_eq!(mei.browser.post(&path, &[("label", " ")]).await.status, 303);
    assert!(mei.browser.get(&page).await.body.contains("Give it a name"));
}

#[tokio::test]
async fn nobody_names_a_line_that_is_not_theirs() {
    let portal = TestPortal::start().await;
    let mut mei = portal.mei().await;
    let line = portal.line(mei.account, "100").await;
    let path = format!("/lines/{line}/label");
    let mut other = portal.customer("bo@post.example").await;
    other.browser.get("/account").await;
    assert_eq!(other.browser.get(&path).await.status, 404);
    assert_eq!(other.browser.post(&path, &[("label", "mine")]).await.status, 404);
    portal.run("update lines set ended_at = now()").await;
    mei.browser.get("/account").await;
    assert_eq!(mei.browser.post(&path, &[("label", "still mine")]).await.status, 404);
    assert_eq!(portal.count("select count(*) from lines where label <> ''").await, 0);
}
