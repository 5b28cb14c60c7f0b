//! An account's page tells everything that happened to it, and that it was looked at.

use crate::staff_support::Office;

#[tokio::test]
async fn the_page_tells_all_and_is_itself_told() {
    let office = Office::open().await;
    let mut customer = office.visitor();
    customer.get("/password/forgot").await;
    customer.post("/password/forgot", &[("email", "li.wei@demo.example")]).await;
    office.work();
    let sent = "select count(*) from messages where template like '%reset%' or body_text like '%/password/reset/%'";
    for _ in 0..200 {
        if office.count(sent).await > 0 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let mut staff = office.staff().await;
    let li_wei = office.li_wei().await;
    let number = office.text("select o.number from orders o join accounts a on a.id = o.account_id where a.email = 'li.wei@demo.example' and o.status = 'refunded'").await;
    for (language, told) in [
        (
            "en",
            [
                "placed",
                "HK$120.00 opened",
                "HK$120.00 succeeded",
                "Refused by the carrier",
                "Refund of HK$120.00 succeeded",
                "Handed to a person",
                "Registered",
            ],
        ),
        (
            "zh-CN",
            [
                "提交订单",
                "发起付款 HK$120.00",
                "付款成功 HK$120.00",
                "运营商拒绝",
                "退款成功 HK$120.00",
                "转人工",
                "注册账号",
            ],
        ),
    ] {
        sqlx::query("update accounts set language = $1 where email = 'staff@demo.example'")
            .bind(language)
            .execute(office.pool())
            .await
            .unwrap();
        let page = staff.get(&li_wei).await;
        assert_eq!(page.status, 200);
        for words in told.iter().chain(&[number.as_str(), "138 0013 8100", "8986 ", "<details>"]) {
            assert!(page.body.contains(words), "{words}: {}", page.body);
        }
        assert!(page.body.contains("/password/reset/…"), "the mail is told");
        let token = page.body.split("/password/reset/").skip(1).any(|rest| !rest.starts_with('…'));
        assert!(!token, "no link that lets somebody in");
    }
    assert_eq!(office.count("select count(*) from audit_log where action = 'account.viewed' and actor_role = 'admin' and account_id is not null").await, 2);
    assert!(staff.get(&li_wei).await.body.contains("staff@demo.example"), "earlier looks are on the timeline");
}

#[tokio::test]
async fn a_long_story_has_pages() {
    let office = Office::open().await;
    let mut staff = office.staff().await;
    let li_wei = office.li_wei().await;
    for _ in 0..30 {
        assert_eq!(staff.get(&li_wei).await.status, 200);
    }
    let first = staff.get(&li_wei).await.body;
    let second = staff.get(&format!("{li_wei}?page=2")).await.body;
    assert!(first.contains("?page=2") && !first.contains("?page=0"));
    assert!(second.contains("?page=1") && second.contains("class=\"timeline\""));
    assert_eq!(first.matches("class=\"what\"").count() - 6, 50, "a line has one of these too");
    for nobody in ["/staff/accounts/x", "/staff/accounts/019ab7e2-0000-7000-8000-000000000000"] {
        assert_eq!(staff.get(nobody).await.status, 404);
    }
    assert_eq!(staff.get(&format!("{li_wei}?page=-3")).await.status, 200);
}

#[tokio::test]
async fn home_counts_what_needs_a_person() {
    let office = Office::open().await;
    let mut staff = office.staff().await;
    let cases = office.count("select count(*) from cases where closed_at is null").await;
    let home = staff.get("/staff").await.body;
    assert!(home.contains(&format!("href=\"#cases\"><strong>{cases}</strong>")), "{home}");
    assert!(!home.contains("Nothing needs a person"));
    sqlx::raw_sql(
        "insert into jobs (kind, dedupe_key, payload, state, run_at, attempts, max_attempts, last_error, created_at)
         values ('send-message', 'x', '{}', 'dead', now(), 12, 12, 'the mail server hung up', now());
         update cases set closed_at = now();",
    )
    .execute(office.pool())
    .await
    .unwrap();
    let home = staff.get("/staff").await.body;
    assert!(home.contains("href=\"#jobs\"><strong>1</strong>") && home.contains("the mail server hung up"));
    sqlx::raw_sql("update jobs set state = 'done' where state = 'dead'").execute(office.pool()).await.unwrap();
    assert!(staff.get("/staff").await.body.contains("Nothing needs a person"));
}
