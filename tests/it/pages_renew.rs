//! Choosing a plan, checking it, and placing the order, as the customer does it.

use std::collections::HashMap;

use renewal_portal::ids::LineId;
use renewal_portal::money::{Currency, Money};
use renewal_portal::simulator::Config;
use time::macros::date;

use crate::pages_support::{Held, Portal, hidden};
use crate::support::visitor::{Answer, Visitor};

const HELD: Held = Held {
    number: Some("+8613800138100"),
    kind: "fm_card",
    plan: "M10",
    status: "active",
    until: date!(2026 - 11 - 25),
    unlimited: false,
    code: None,
};

async fn portal_with(config: Config, held: Held, language: &str) -> (Portal, Visitor, LineId) {
    let portal = Portal::at_prices(config).await;
    portal.plan("M10", "queue", ("month", 1), 3_900).await;
    portal.plan("Q30", "queue", ("month", 3), 10_500).await;
    portal.plan("R30", "restart", ("day", 30), 3_500).await;
    let account = portal.customer("li@test.example", language).await;
    let line = portal.line(account, held).await;
    let visitor = portal.signed_in("li@test.example").await;
    (portal, visitor, line)
}

async fn send(visitor: &mut Visitor, line: LineId, review: &Answer) -> Answer {
    let fields = ["plan", "attempt", "price", "until"].map(|name| (name, hidden(review, name)));
    let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    visitor.post(&format!("/lines/{line}/renewals"), &fields).await
}

#[tokio::test]
async fn plans_stand_side_by_side_with_what_each_would_do() {
    for (language, words) in [
        (
            "en",
            [
                "Choose a plan",
                "Your plan is enough: you use about",
                "save 10%",
                "25 Feb 2027, inclusive",
                "then the new one starts on 26 Nov",
                "3 days you still have are lost",
            ],
        ),
        (
            "zh-CN",
            [
                "选择套餐",
                "当前套餐够用：您每月约用",
                "省 10%",
                "2027 年 2 月 25 日（含）",
                "新套餐从 11 月 26 日开始",
                "原有的 3 天不再计算",
            ],
        ),
    ] {
        let (_portal, mut visitor, line) = portal_with(Config::default(), HELD, language).await;
        let page = visitor.get(&format!("/lines/{line}/renew")).await;
        assert_eq!(page.status, 200);
        for word in words {
            assert!(page.body.contains(word), "{word} is missing: {}", page.body);
        }
        assert!(page.body.contains("url(#hatch-over)"));
        let days = visitor.get(&format!("/lines/{line}/renew?term=days")).await;
        assert_eq!(days.body.matches("<article").count(), 1);
    }
}

#[tokio::test]
async fn sixty_plans_are_shown_a_page_at_a_time() {
    let (portal, mut visitor, line) = portal_with(Config::default(), HELD, "en").await;
    for n in 0..57 {
        portal.plan(&format!("N{n}"), "queue", ("month", 1), 4_000 + n).await;
    }
    let page = visitor.get(&format!("/lines/{line}/renew?page=5")).await;
    assert!(page.body.contains("Page 5 of 5") && page.body.contains("60 plans"), "{}", page.body);
    assert_eq!(page.body.matches("<article").count(), 12);
    let beyond = visitor.get(&format!("/lines/{line}/renew?page=99&term=nonsense")).await;
    assert!(beyond.body.contains("Page 5 of 5"));
}

#[tokio::test]
async fn the_review_says_exactly_what_is_bought_and_leads_to_the_payment() {
    for (language, words) in [
        (
            "en",
            ["¥105.00", "26 Nov – 25 Feb 2027, inclusive", "Nothing", "Beijing time", "Just checked with the carrier"],
        ),
        (
            "zh-CN",
            [
                "¥105.00",
                "11 月 26 日 – 2027 年 2 月 25 日（含）",
                "<dt>损失</dt><dd>无</dd>",
                "按北京时间计算",
                "刚刚已向运营商确认",
            ],
        ),
    ] {
        let (portal, mut visitor, line) = portal_with(Config::default(), HELD, language).await;
        let review = visitor.get(&format!("/lines/{line}/renew?plan=Q30")).await;
        assert_eq!(review.status, 200);
        for word in words {
            assert!(review.body.contains(word), "{word} is missing: {}", review.body);
        }
        let first = send(&mut visitor, line, &review).await;
        assert_eq!(first.status, 303, "{}", first.body);
        assert!(first.location().ends_with("/pay"), "{}", first.location());
        let again = send(&mut visitor, line, &review).await;
        assert_eq!(again.location(), first.location());
        assert_eq!(portal.count("select count(*) from orders").await, 1);
        // The same plan again is the same order; another plan has to wait for it.
        let same = visitor.get(&format!("/lines/{line}/renew?plan=Q30")).await;
        assert_eq!(same.status, 303);
        let other = visitor.get(&format!("/lines/{line}/renew?plan=M10")).await;
        assert!(other.body.contains(same.location()) && other.body.contains("/cancel"), "{}", other.body);
        let choose = visitor.get(&format!("/lines/{line}/renew")).await;
        assert!(choose.body.contains(same.location()), "{}", choose.body);
    }
}

#[tokio::test]
async fn another_plan_in_another_tab_leads_to_the_open_order() {
    let (portal, mut visitor, line) = portal_with(Config::default(), HELD, "en").await;
    let quarter = visitor.get(&format!("/lines/{line}/renew?plan=Q30")).await;
    let month = visitor.get(&format!("/lines/{line}/renew?plan=M10")).await;
    assert_eq!(send(&mut visitor, line, &quarter).await.status, 303);
    let refused = send(&mut visitor, line, &month).await;
    assert_eq!(refused.status, 422);
    assert!(refused.body.contains("This line has an open order"), "{}", refused.body);
    assert_eq!(portal.count("select count(*) from orders").await, 1);
}

#[tokio::test]
async fn a_price_that_moved_is_shown_before_anything_happens() {
    let (portal, mut visitor, line) = portal_with(Config::default(), HELD, "en").await;
    let review = visitor.get(&format!("/lines/{line}/renew?plan=Q30")).await;
    sqlx::query("update plans set price_minor = 11000 where code = 'Q30'").execute(portal.pool()).await.unwrap();
    let refused = send(&mut visitor, line, &review).await;
    assert_eq!(refused.status, 422);
    assert!(refused.body.contains("changed from ¥105.00 to ¥110.00"), "{}", refused.body);
    assert_eq!(hidden(&refused, "attempt"), hidden(&review, "attempt"));
    assert_eq!(portal.count("select count(*) from orders").await, 0);
    assert_eq!(send(&mut visitor, line, &refused).await.status, 303);
}

#[tokio::test]
async fn what_is_given_up_comes_first_and_the_button_says_so() {
    for (language, words) in [
        (
            "en",
            [
                "You will lose 30 days of validity, 1.8 GB of data, 142 minutes.",
                "is earlier than the one",
                "I understand, pay ¥35.00",
            ],
        ),
        ("zh-CN", ["您会失去 30 天有效期、1.8 GB 流量、142 分钟。", "早于现在的到期日", "我明白，去支付 ¥35.00"]),
    ] {
        let held = Held { until: date!(2026 - 12 - 22), ..HELD };
        let (portal, mut visitor, line) = portal_with(Config::default(), held, language).await;
        let review = visitor.get(&format!("/lines/{line}/renew?plan=R30")).await;
        for word in words {
            assert!(review.body.contains(word), "{word} is missing: {}", review.body);
        }
        let at = |part: &str| review.body.find(part).unwrap();
        assert!(at(r#"id="loss""#) < at("<dl class=\"facts"), "{}", review.body);
        assert_eq!(send(&mut visitor, line, &review).await.status, 303);
        assert_eq!(portal.count("select count(*) from orders").await, 1);
        let (_portal, mut visitor, line) = portal_with(Config::default(), held, language).await;
        let kept = visitor.get(&format!("/lines/{line}/renew?plan=Q30")).await;
        assert!(!kept.body.contains(r#"id="loss""#) && !kept.body.contains(words[2]), "{}", kept.body);
    }
}

#[tokio::test]
async fn dates_that_moved_are_shown_before_anything_happens() {
    let (portal, mut visitor, line) = portal_with(Config::default(), HELD, "zh-CN").await;
    let review = visitor.get(&format!("/lines/{line}/renew?plan=M10")).await;
    assert_eq!(hidden(&review, "until"), "2026-12-25");
    sqlx::query("update lines set valid_until = date '2026-11-29' where id = $1")
        .bind(line)
        .execute(portal.pool())
        .await
        .unwrap();
    let refused = send(&mut visitor, line, &review).await;
    assert_eq!(refused.status, 422);
    assert!(refused.body.contains("日期已变，请重新核对"), "{}", refused.body);
    assert_eq!(hidden(&refused, "until"), "2026-12-29");
    assert_eq!(portal.count("select count(*) from orders").await, 0);
    let placed = send(&mut visitor, line, &refused).await;
    assert_eq!(placed.status, 303, "{}", placed.body);
    // The same page again, after the line has moved, still means the order that is there.
    sqlx::query("update lines set valid_until = date '2026-12-29' where id = $1")
        .bind(line)
        .execute(portal.pool())
        .await
        .unwrap();
    assert_eq!(send(&mut visitor, line, &refused).await.location(), placed.location());
}

#[tokio::test]
async fn a_form_without_the_promised_day_is_not_held_against_it() {
    let (portal, mut visitor, line) = portal_with(Config::default(), HELD, "en").await;
    let review = visitor.get(&format!("/lines/{line}/renew?plan=M10")).await;
    let attempt = hidden(&review, "attempt");
    let form = [("plan", "M10"), ("attempt", attempt.as_str()), ("price", "3900")];
    let garbled = [&form[..], &[("until", "soon")]].concat();
    assert_eq!(visitor.post(&format!("/lines/{line}/renewals"), &garbled).await.status, 422);
    assert_eq!(visitor.post(&format!("/lines/{line}/renewals"), &form).await.status, 303);
    assert_eq!(portal.count("select count(*) from orders").await, 1);
}

#[tokio::test]
async fn a_plan_that_is_gone_leads_back_to_the_others() {
    let (portal, mut visitor, line) = portal_with(Config::default(), HELD, "en").await;
    let review = visitor.get(&format!("/lines/{line}/renew?plan=Q30")).await;
    sqlx::query("update plans set withdrawn_at = now() where code = 'Q30'").execute(portal.pool()).await.unwrap();
    let refused = send(&mut visitor, line, &review).await;
    assert_eq!(refused.status, 422);
    assert!(refused.body.contains("no longer sold") && refused.body.contains("Plan M10"), "{}", refused.body);
    assert_eq!(visitor.get(&format!("/lines/{line}/renew?plan=NEVER-WAS")).await.status, 404);
    assert_eq!(portal.count("select count(*) from orders").await, 0);
}

#[tokio::test]
async fn a_form_with_parts_missing_is_shown_again() {
    let (portal, mut visitor, line) = portal_with(Config::default(), HELD, "en").await;
    let refused = visitor.post(&format!("/lines/{line}/renewals"), &[("plan", "Q30"), ("attempt", "x")]).await;
    assert_eq!(refused.status, 422);
    assert!(
        refused.body.contains("Part of the form was missing") && hidden(&refused, "plan") == "Q30",
        "{}",
        refused.body
    );
    assert_eq!(portal.count("select count(*) from orders").await, 0);
}

#[tokio::test]
async fn a_suspended_line_is_not_sold_anything() {
    let (portal, mut visitor, line) = portal_with(Config::default(), Held { status: "suspended", ..HELD }, "en").await;
    let choose = visitor.get(&format!("/lines/{line}/renew")).await;
    assert!(choose.body.contains("This line is suspended") && !choose.body.contains("?plan="), "{}", choose.body);
    let review = visitor.get(&format!("/lines/{line}/renew?plan=Q30")).await;
    assert!(review.body.contains("Nothing was charged") && !review.body.contains("Go to payment"), "{}", review.body);
    assert_eq!(send(&mut visitor, line, &review).await.status, 422);
    assert_eq!(portal.count("select count(*) from orders").await, 0);
}

#[tokio::test]
async fn a_carrier_that_asks_another_price_stops_the_sale() {
    let prices = HashMap::from([("cmcc:Q30".to_owned(), Money::new(12_000, Currency::Cny))]);
    let (portal, mut visitor, line) = portal_with(Config { prices, ..Config::default() }, HELD, "en").await;
    let review = visitor.get(&format!("/lines/{line}/renew?plan=Q30")).await;
    assert!(review.body.contains("now asks ¥120.00") && !review.body.contains("Go to payment"), "{}", review.body);
    let placed = send(&mut visitor, line, &review).await;
    let paying = visitor.post(placed.location(), &[("method", "sandbox")]).await;
    assert!(paying.status == 422 && paying.body.contains("Nothing was charged"), "{}", paying.body);
    assert_eq!(portal.count("select count(*) from payment_attempts").await, 0);
}

#[tokio::test]
async fn a_carrier_that_is_down_stops_the_sale_and_says_so() {
    let (portal, mut visitor, line) = portal_with(Config::default(), HELD, "en").await;
    let pool = portal.pool().clone();
    portal.parts.simulator.stop().await;
    let review = visitor.get(&format!("/lines/{line}/renew?plan=Q30")).await;
    assert!(
        review.body.contains("The carrier can’t be reached") && !review.body.contains("Go to payment"),
        "{}",
        review.body
    );
    let placed = send(&mut visitor, line, &review).await;
    let paying = visitor.post(placed.location(), &[("method", "sandbox")]).await;
    assert!(paying.status == 422 && paying.body.contains("can’t be reached"), "{}", paying.body);
    let attempts: i64 = sqlx::query_scalar("select count(*) from payment_attempts").fetch_one(&pool).await.unwrap();
    assert_eq!(attempts, 0);
}

#[tokio::test]
async fn a_line_whose_carrier_still_owes_an_answer_is_not_renewed_again() {
    let (portal, mut visitor, line) = portal_with(Config::default(), HELD, "en").await;
    let review = visitor.get(&format!("/lines/{line}/renew?plan=M10")).await;
    let placed = send(&mut visitor, line, &review).await;
    let order = placed.location().trim_end_matches("/pay").to_owned();
    // Paid, sent, and never heard of again.
    for sql in [
        "insert into payment_attempts (id, order_id, account_id, amount_minor, currency, gateway, method, merchant_ref, order_number, language,
           return_url, status, provider_txn_id, received_minor, received_currency, applied, expires_at, created_at)
         select gen_random_uuid(), id, account_id, amount_minor, currency, 'test', 'card', 'R1', number, 'en', '', 'succeeded', 't1', amount_minor,
           currency, true, expires_at, created_at from orders",
        "insert into provisionings (id, order_id, attempt_id, account_id, carrier, request_id, request, status, created_at)
         select gen_random_uuid(), order_id, id, account_id, 'cmcc', 'r1', '{}', 'unknown', created_at from payment_attempts",
        "update orders set status = 'needs_attention'",
    ] {
        sqlx::query(sql).execute(portal.pool()).await.unwrap();
    }
    let review = visitor.get(&format!("/lines/{line}/renew?plan=M10")).await;
    let again = send(&mut visitor, line, &review).await;
    assert_eq!(again.location(), order);
    assert_eq!(portal.count("select count(*) from orders").await, 1);
}
