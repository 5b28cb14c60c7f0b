//! What a customer sees of the lines: all of them at once, and one of them.

use time::macros::date;

use crate::pages_support::{Held, Portal};

const FINE: Held = Held {
    number: Some("+8613800138100"),
    kind: "fm_card",
    plan: "M10",
    status: "active",
    until: date!(2026 - 12 - 20),
    unlimited: false,
    code: None,
};

/// Fine, soon, today, lapsed, suspended, unlimited, and an eSIM without a number.
fn every_condition() -> [Held; 7] {
    [
        FINE,
        Held { until: date!(2026 - 11 - 25), ..FINE },
        Held { until: date!(2026 - 11 - 22), plan: "R30", ..FINE },
        Held { until: date!(2026 - 11 - 19), ..FINE },
        Held { status: "suspended", ..FINE },
        Held { unlimited: true, plan: "R30", ..FINE },
        Held { number: None, kind: "esim", code: Some("LPA:1$smdp.example.com$K7Q2-9XWM$$1"), plan: "R30", ..FINE },
    ]
}

async fn portal() -> Portal {
    let portal = Portal::open().await;
    portal.plan("M10", "queue", ("month", 1), 3_900).await;
    portal.plan("R30", "restart", ("day", 30), 3_500).await;
    portal
}

#[tokio::test]
async fn the_account_answers_for_lines_in_every_condition_in_both_languages() {
    let portal = portal().await;
    for (language, words) in [
        (
            "en",
            [
                "3 days left",
                "Expires today",
                "Lapsed 3 days ago",
                "Suspended",
                "Unlimited data",
                "Better wait",
                "25 Nov, inclusive",
                "7 lines",
            ],
        ),
        (
            "zh-CN",
            [
                "还剩 3 天",
                "今天到期",
                "已过期 3 天",
                "已停机",
                "流量不限量",
                "建议先不续",
                "11 月 25 日（含）",
                "7 张号卡",
            ],
        ),
    ] {
        let email = format!("li@{}.example", language.to_lowercase());
        let account = portal.customer(&email, language).await;
        for held in every_condition() {
            portal.line(account, held).await;
        }
        let page = portal.signed_in(&email).await.get("/account").await;
        assert_eq!(page.status, 200);
        for word in words {
            assert!(page.body.contains(word), "{word} is missing: {}", page.body);
        }
        assert_eq!(page.body.matches("<article").count(), 7);
        assert_eq!(page.body.matches("<h1").count(), 1);
        assert!(page.body.contains(&format!(r#"<html lang="{language}">"#)));
        assert!(!page.body.contains("style="));
    }
}

#[tokio::test]
async fn a_term_that_is_paid_for_and_has_not_begun_is_told_instead_of_sold_again() {
    let portal = portal().await;
    for (language, fact, advice) in [
        ("en", "Plan M10, starts on 26 Nov", "Renewed already: the new data starts on 26 Nov."),
        ("zh-CN", "套餐 M10，11 月 26 日开始", "已续费，新流量 11 月 26 日开始。"),
    ] {
        let email = format!("li@{}.example", language.to_lowercase());
        let account = portal.customer(&email, language).await;
        let line = portal.line(account, Held { until: date!(2026 - 12 - 25), ..FINE }).await;
        portal.renewed_from(line, date!(2026 - 11 - 26)).await;
        let mut visitor = portal.signed_in(&email).await;
        for path in ["/account".to_owned(), format!("/lines/{line}")] {
            let page = visitor.get(&path).await;
            assert!(page.body.contains(fact) && page.body.contains(advice), "{path}: {}", page.body);
        }
        sqlx::query("update orders set promised_from = date '2026-11-22' where line_id = $1")
            .bind(line)
            .execute(portal.pool())
            .await
            .unwrap();
        let begun = visitor.get("/account").await;
        assert!(!begun.body.contains(fact) && !begun.body.contains(advice), "{}", begun.body);
    }
}

#[tokio::test]
async fn a_lapsed_line_shows_nothing_as_if_it_could_be_used() {
    let portal = portal().await;
    let account = portal.customer("li@test.example", "zh-CN").await;
    let line = portal.line(account, Held { until: date!(2026 - 11 - 19), ..FINE }).await;
    let page = portal.signed_in("li@test.example").await.get(&format!("/lines/{line}")).await;
    assert!(page.body.contains("到期时剩余流量 1.8 GB"), "{}", page.body);
    assert!(!page.body.contains("剩余通话") && !page.body.contains("meter-bar"), "{}", page.body);
}

#[tokio::test]
async fn an_account_without_lines_says_what_to_do() {
    let portal = portal().await;
    portal.customer("new@test.example", "en").await;
    let page = portal.signed_in("new@test.example").await.get("/account").await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("No lines yet"), "{}", page.body);
}

#[tokio::test]
async fn one_line_shows_its_facts_its_history_and_how_to_install_it() {
    let portal = portal().await;
    for (language, words) in [
        (
            "en",
            [
                "SM-DP+ address",
                "confirmation code",
                "Registered, valid until",
                "8904 9032 0071 0888 2600 1375 4431 9616",
            ],
        ),
        ("zh-CN", ["SM-DP+ 地址", "确认码", "登记，有效期至", "8904 9032 0071 0888 2600 1375 4431 9616"]),
    ] {
        let email = format!("li@{}.example", language.to_lowercase());
        let account = portal.customer(&email, language).await;
        let [fm_card, .., esim] = every_condition();
        let (fm_card, esim) = (portal.line(account, fm_card).await, portal.line(account, esim).await);
        let mut visitor = portal.signed_in(&email).await;
        let page = visitor.get(&format!("/lines/{esim}")).await;
        assert_eq!(page.status, 200);
        for word in words {
            assert!(page.body.contains(word), "{word} is missing: {}", page.body);
        }
        assert!(page.body.contains("esim_qrcode_provisioning?carddata=LPA%3A1%24smdp.example.com%24K7Q2-9XWM%24%241"));
        assert!(page.body.contains(r#"class="qr""#));
        let page = visitor.get(&format!("/lines/{fm_card}")).await;
        assert_eq!(page.status, 200);
        assert!(page.body.contains("138 0013 8100") && !page.body.contains("SM-DP+"), "{}", page.body);
    }
}

#[tokio::test]
async fn a_confirmation_code_is_shown_apart_and_only_where_it_is_asked_for() {
    let portal = portal().await;
    let account = portal.customer("li@test.example", "en").await;
    let [.., flagged] = every_condition();
    let plain = Held { code: Some("LPA:1$smdp.example.com$PLAIN-1"), ..flagged };
    let (flagged, plain) = (portal.line(account, flagged).await, portal.line(account, plain).await);
    let mut visitor = portal.signed_in("li@test.example").await;
    let page = visitor.get(&format!("/lines/{flagged}")).await;
    assert!(page.body.contains("It was given to you apart from this"), "{}", page.body);
    sqlx::query("update lines set confirmation_code = '4711-<8>'").execute(portal.pool()).await.unwrap();
    let page = visitor.get(&format!("/lines/{flagged}")).await;
    assert!(page.body.contains("4711-&#60;8&#62;") && page.body.contains("not a part of that code"), "{}", page.body);
    assert!(page.body.contains("K7Q2-9XWM$$1"), "the flag stays a flag: {}", page.body);
    let page = visitor.get(&format!("/lines/{plain}")).await;
    assert!(page.body.contains("PLAIN-1") && !page.body.contains("4711"), "{}", page.body);
}

#[tokio::test]
async fn what_is_someone_elses_is_not_there() {
    let portal = portal().await;
    let owner = portal.customer("owner@test.example", "en").await;
    portal.customer("other@test.example", "en").await;
    let line = portal.line(owner, FINE).await;
    let mut other = portal.signed_in("other@test.example").await;
    let paths = [format!("/lines/{line}"), format!("/lines/{line}/renew"), format!("/lines/{line}/renew?plan=M10")];
    for path in paths.iter().chain(&["/lines/nonsense".into(), "/lines/0190a1b2-0000-7000-8000-000000000000".into()]) {
        let answer = other.get(path).await;
        assert!(
            answer.status == 404 || path.ends_with("nonsense") && answer.status == 400,
            "{path}: {}",
            answer.status
        );
        assert!(!answer.body.contains("138 0013 8100"));
    }
    let form = [("plan", "M10"), ("attempt", "0190a1b2-0000-4000-8000-000000000000"), ("price", "3900")];
    assert_eq!(other.post(&format!("/lines/{line}/renewals"), &form).await.status, 404);
    assert_eq!(portal.count("select count(*) from orders").await, 0);
}

#[tokio::test]
async fn the_door_is_open_in_both_languages_and_leads_on_who_is_in() {
    let portal = portal().await;
    let mut visitor = crate::support::visitor::Visitor::new(&portal.parts.router());
    for (language, title) in [("en", "See what a renewal does"), ("zh-CN", "号卡续费，看得清，放心付")] {
        visitor.cookies.insert("lang".into(), language.into());
        let page = visitor.get("/").await;
        assert_eq!(page.status, 200);
        assert!(page.body.contains(title) && page.body.contains(r#"href="/login""#), "{}", page.body);
    }
    portal.customer("li@test.example", "en").await;
    let answer = portal.signed_in("li@test.example").await.get("/").await;
    assert_eq!((answer.status.as_u16(), answer.location()), (303, "/account"));
}
