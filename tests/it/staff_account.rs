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
        assert!(!page.body.contains("/password/reset/"), "no link that lets somebody in");
    }
    assert_eq!(office.count("select count(*) from audit_log where action = 'account.viewed' and actor_role = 'admin' and account_id is not null").await, 2);
    let looks = staff.get(&format!("{li_wei}?views=1")).await.body;
    assert!(looks.contains("staff@demo.example 查看了账号 2 次"), "one line for a day's looks: {looks}");
    assert!(!staff.get(&li_wei).await.body.contains("staff@demo.example"), "left out unless asked for");
}

#[tokio::test]
async fn a_long_story_has_pages() {
    let office = Office::open().await;
    let mut staff = office.staff().await;
    let li_wei = office.li_wei().await;
    sqlx::raw_sql(
        "insert into audit_log (at, actor_role, action, account_id)
         select now(), 'customer', 'account.signed_in', id from accounts, generate_series(1, 60) where email = 'li.wei@demo.example'",
    )
    .execute(office.pool())
    .await
    .unwrap();
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
async fn the_timeline_is_told_in_words_and_in_parts() {
    let office = Office::open().await;
    let mut staff = office.staff().await;
    let account = office
        .text("select o.account_id::text from cases c join orders o on o.id = c.order_id where c.kind = 'amount_mismatch' limit 1")
        .await;
    let path = format!("/staff/accounts/{account}");
    let number = office
        .text(
            "select o.number from cases c join orders o on o.id = c.order_id where c.kind = 'amount_mismatch' limit 1",
        )
        .await;
    let plan = office
        .text("select p.name_en from cases c join orders o on o.id = c.order_id join plans p on p.code = o.plan where c.kind = 'amount_mismatch' limit 1")
        .await;
    let told = |page: &str| {
        let timeline = page.split("class=\"timeline\"").nth(1).unwrap_or_default();
        let parts: Vec<&str> =
            timeline.split("<details>").map(|part| part.split("</details>").last().unwrap()).collect();
        parts.concat()
    };
    let page = staff.get(&format!("{path}?order={number}")).await.body;
    assert!(page.contains(&format!("Only order {number}.")), "{page}");
    let story = told(&page);
    for words in ["amount received differs", &plan, "Bank card (rehearsal)"] {
        assert!(story.contains(words), "{words}: {story}");
    }
    for code in ["amount_mismatch", "settled_before", "sandbox", ">cmcc", "· cmcc"] {
        assert!(!story.contains(code), "{code}: {story}");
    }
    for (show, has, has_not) in [
        ("payments", "Payment of", "Registered"),
        ("access", "Registered", "Payment of"),
        ("orders", "placed", "Payment of"),
    ] {
        let story = told(&staff.get(&format!("{path}?show={show}")).await.body);
        assert!(story.contains(has) && !story.contains(has_not), "{show}: {story}");
    }
    for odd in ["?show=%27", "?views=1&show=messages", "?order=x&page=0"] {
        assert_eq!(staff.get(&format!("{path}{odd}")).await.status, 200, "{odd}");
    }
}

#[tokio::test]
async fn the_newest_orders_stand_above_their_story() {
    let office = Office::open().await;
    let mut staff = office.staff().await;
    let li_wei = office.li_wei().await;
    let page = staff.get(&li_wei).await.body;
    let orders = office
        .count("select least(count(*), 10) from orders o join accounts a on a.id = o.account_id where a.email = 'li.wei@demo.example'")
        .await;
    let links = page.matches(&format!("href=\"{li_wei}?order=R-")).count();
    assert_eq!(links as i64, orders, "{page}");
    assert!(page.contains("HK$120.00</td>") && page.contains("Refunded"));
}

#[tokio::test]
async fn home_leads_to_the_order_and_to_the_rest() {
    let office = Office::open().await;
    let mut staff = office.staff().await;
    let home = staff.get("/staff").await.body;
    let (account, number): (String, String) = sqlx::query_as(
        "select o.account_id::text, o.number from cases c join orders o on o.id = c.order_id
         where c.closed_at is null and c.kind = 'amount_mismatch' order by c.opened_at limit 1",
    )
    .fetch_one(office.pool())
    .await
    .unwrap();
    let cases = staff.get("/staff?all=cases").await.body;
    let row = cases.split("<tr>").find(|row| row.contains(&number)).expect("the case");
    assert!(row.contains(&format!("href=\"/staff/accounts/{account}?order={number}#timeline\"")), "{row}");
    assert!(row.contains("Refunded"), "the money of a wrong amount has gone back: {row}");
    assert!(!cases.contains("id=\"lapsing\"") && home.contains("id=\"lapsing\""));
    assert!(home.contains("The longest waiting come first."));
    sqlx::raw_sql(
        "insert into jobs (kind, dedupe_key, payload, state, run_at, attempts, max_attempts, last_error, created_at)
         select 'send-message', 'x' || n, '{}', 'dead', now(), 12, 12, 'gone ' || n, now() from generate_series(1, 130) n",
    )
    .execute(office.pool())
    .await
    .unwrap();
    let home = staff.get("/staff").await.body;
    assert!(home.contains("<a href=\"/staff?all=jobs&#38;page=1\">and 105 more</a>"), "{home}");
    let first = staff.get("/staff?all=jobs&page=1").await.body;
    let second = staff.get("/staff?all=jobs&page=2").await.body;
    assert_eq!((first.matches("gone ").count(), second.matches("gone ").count()), (100, 30));
    assert!(first.contains("rel=\"next\"") && !second.contains("rel=\"next\"") && second.contains("rel=\"prev\""));
    for odd in ["?all=nothing", "?all=jobs&page=-1", "?all=jobs&page=99"] {
        assert_eq!(staff.get(&format!("/staff{odd}")).await.status, 200, "{odd}");
    }
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

#[tokio::test]
async fn staff_sign_a_customer_out_everywhere() {
    let office = Office::open().await;
    let mut customer = office.visitor();
    customer.get("/login").await;
    customer.post("/login", &[("email", "li.wei@demo.example"), ("password", "renew-demo-2026")]).await;
    assert_eq!(customer.get("/account").await.status, 200);
    let mut staff = office.staff().await;
    let li_wei = office.li_wei().await;
    assert!(staff.get(&li_wei).await.body.contains("Sign out everywhere"));
    let ended = staff.post(&format!("{li_wei}/sessions/end"), &[]).await;
    assert!(ended.location().contains("note=signed-out-everywhere"), "{} {}", ended.status, ended.location());
    assert_eq!(customer.get("/account").await.status, 303);
    assert!(staff.get(&li_wei).await.status == 200, "their own go on");
    let told = "select count(*) from audit_log where action = 'account.sessions_ended' and actor_role <> 'customer'";
    assert_eq!(office.count(told).await, 1);
}
