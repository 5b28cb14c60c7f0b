//! A telephone that its owner has shown to be theirs, and what they want to be written.

use renewal_portal::sms::Texter;
use time::Duration;

use crate::support::digits_in;
use crate::support::portal::TestPortal;
use crate::support::shopper::Shopper;

const PATH: &str = "/account/contact";
const NUMBER: &str = "+8613912348888";

async fn code(portal: &TestPortal) -> String {
    let text: String = sqlx::query_scalar(
        "select body_text from messages where channel = 'sms' order by created_at desc, id desc limit 1",
    )
    .fetch_one(&portal.db.pool)
    .await
    .expect("a text");
    digits_in(&text, 6)
}

async fn ask(who: &mut Shopper, number: &str) -> u16 {
    who.browser.get(PATH).await;
    who.browser.post("/account/phone", &[("phone", number)]).await.status.as_u16()
}

async fn phone(portal: &TestPortal) -> (Option<String>, bool) {
    sqlx::query_as("select phone, phone_verified_at is not null from accounts where email = 'mei@post.example'")
        .fetch_one(&portal.db.pool)
        .await
        .unwrap()
}

#[tokio::test]
async fn a_number_is_verified_by_the_code_that_was_sent_to_it() {
    let portal = TestPortal::texting(Texter::Mailbox).await;
    let mut mei = portal.mei().await;
    assert_eq!(ask(&mut mei, "139 1234 8888").await, 303);
    assert_eq!(phone(&portal).await, (None, false), "nothing is believed yet");
    let code = code(&portal).await;
    let answer = mei.browser.post("/account/phone/code", &[("code", &code)]).await;
    assert_eq!(answer.location(), "/account/contact?note=contact-verified");
    assert_eq!(phone(&portal).await, (Some(NUMBER.into()), true));
    assert!(mei.browser.get(PATH).await.body.contains("Verified"));
    assert_eq!(mei.browser.post("/account/phone/code", &[("code", &code)]).await.status, 422, "a code works once");
    let trail: String =
        sqlx::query_scalar("select detail::text from audit_log where action = 'account.phone_verified'")
            .fetch_one(&portal.db.pool)
            .await
            .unwrap();
    assert!(trail.contains("888") && !trail.contains("13912348888"), "{trail}");
    let undo = "select count(*) from messages where template = 'phone-verified' and body_text like '%/security/undo/%'";
    assert_eq!(portal.count(undo).await, 1);
    mei.browser.get(PATH).await;
    assert_eq!(mei.browser.post("/account/phone/remove", &[]).await.status, 303);
    assert_eq!(phone(&portal).await, (None, false));
}

#[tokio::test]
async fn codes_are_not_guessed_not_old_and_not_somebody_elses() {
    let portal = TestPortal::texting(Texter::Mailbox).await;
    let mut mei = portal.mei().await;
    let mut eve = portal.customer("eve@post.example").await;
    ask(&mut mei, NUMBER).await;
    let right = code(&portal).await;
    eve.browser.get(PATH).await;
    assert_eq!(eve.browser.post("/account/phone/code", &[("code", &right)]).await.status, 422);
    let wrong = if right == "000000" { "000001" } else { "000000" };
    for _ in 0..5 {
        assert_eq!(mei.browser.post("/account/phone/code", &[("code", wrong)]).await.status, 422);
    }
    assert_eq!(mei.browser.post("/account/phone/code", &[("code", &right)]).await.status, 422, "five tries are enough");
    portal.pass(Duration::minutes(2));
    ask(&mut mei, NUMBER).await;
    let right = code(&portal).await;
    portal.pass(Duration::minutes(10));
    assert_eq!(mei.browser.post("/account/phone/code", &[("code", &right)]).await.status, 422, "it is too old");
    assert_eq!(phone(&portal).await, (None, false));
}

#[tokio::test]
async fn of_parallel_tries_five_count() {
    let portal = TestPortal::texting(Texter::Mailbox).await;
    let mut mei = portal.mei().await;
    ask(&mut mei, NUMBER).await;
    let right = code(&portal).await;
    mei.browser.get(PATH).await;
    let wrong = |n: usize| format!("{:06}", (right.parse::<usize>().unwrap() + 1 + n) % 1_000_000);
    let tries = (0..20).map(|n| {
        let (mut browser, code) = (mei.browser.clone(), wrong(n));
        async move { browser.post("/account/phone/code", &[("code", &code)]).await.status }
    });
    futures_util::future::join_all(tries).await;
    assert_eq!(portal.count("select tries::bigint from phone_proofs").await, 5);
}

#[tokio::test]
async fn texts_are_limited_and_need_a_proof_and_a_provider() {
    let portal = TestPortal::texting(Texter::Mailbox).await;
    let mut mei = portal.mei().await;
    assert_eq!(ask(&mut mei, "hello").await, 422);
    assert_eq!((ask(&mut mei, NUMBER).await, ask(&mut mei, NUMBER).await), (303, 303));
    assert_eq!(portal.count("select count(*) from messages where channel = 'sms'").await, 1, "a double click");
    let mut refused = 0;
    for n in 0..9 {
        refused += usize::from(ask(&mut mei, &format!("+86139123450{n:02}")).await == 429);
    }
    assert_eq!(refused, 5, "five codes at once for an account");
    portal.run("update sessions set proven_at = now() - interval '11 minutes'").await;
    for path in ["/account/phone", "/account/phone/code", "/account/phone/remove"] {
        let answer = mei.browser.post(path, &[("phone", NUMBER), ("code", "000000")]).await;
        assert_eq!(answer.location(), "/login/prove?next=/account/contact", "{path}");
    }
    let portal = TestPortal::texting(Texter::Nobody).await;
    let mut mei = portal.mei().await;
    assert_eq!(ask(&mut mei, NUMBER).await, 404);
    assert!(!mei.browser.get(PATH).await.body.contains("id=\"phone\""));
}

#[tokio::test]
async fn whoever_changes_the_language_at_a_form_or_comes_back_to_it_finds_its_page() {
    let portal = TestPortal::start().await;
    let mut mei = portal.mei().await;
    mei.browser.get("/account/contact").await;
    mei.browser.headers = vec![("referer", format!("{}/account/contact", portal.url))];
    let wrong = mei.browser.post("/account/phone", &[("phone", "12")]).await;
    assert!(wrong.status == 422 && wrong.body.contains("name=\"back\" value=\"/account/contact\""), "{}", wrong.body);
    for (form, page) in [("/account/phone", "/account"), ("/account/phone/code", "/account/phone"), ("/logout", "/")] {
        assert_eq!(mei.browser.get(form).await.location(), page);
    }
}

#[tokio::test]
async fn news_are_off_and_reminders_by_text_need_a_verified_number() {
    let portal = TestPortal::texting(Texter::Mailbox).await;
    let mut mei = portal.mei().await;
    let chosen = "select (reminders_by_mail::int * 4 + reminders_by_text::int * 2 + news::int)::bigint from accounts where email = 'mei@post.example'";
    assert_eq!(portal.count(chosen).await, 4);
    mei.browser.get(PATH).await;
    let all = [("reminders_by_mail", "on"), ("reminders_by_text", "on"), ("news", "on")];
    assert_eq!(mei.browser.post(PATH, &all).await.status, 303);
    assert_eq!(portal.count(chosen).await, 5);
    ask(&mut mei, NUMBER).await;
    let code = code(&portal).await;
    mei.browser.post("/account/phone/code", &[("code", &code)]).await;
    mei.browser.post(PATH, &all).await;
    assert_eq!(portal.count(chosen).await, 7);
    mei.browser.post("/account/phone/remove", &[]).await;
    assert_eq!(portal.count(chosen).await, 5);
    mei.browser.post(PATH, &[]).await;
    assert_eq!(portal.count(chosen).await, 0);
}

#[tokio::test]
async fn a_number_that_is_known_but_not_verified_is_not_typed_again() {
    let portal = TestPortal::texting(Texter::Mailbox).await;
    let mut mei = portal.mei().await;
    portal.run("update accounts set phone = '+8613912348888'").await;
    let page = mei.browser.get(PATH).await.body;
    assert!(page.contains(r#"value="+86 139 1234 8888""#) && page.contains("Not verified"), "{page}");
    assert_eq!(ask(&mut mei, "+86 139 1234 8888").await, 303);
    portal.run("update sessions set proven_at = null").await;
    let page = mei.browser.get(PATH).await.body;
    let asks_first = page.contains("/login/prove?next=/account/contact") && !page.contains(r#"name="phone""#);
    assert!(asks_first, "before anything is typed: {page}");
}
