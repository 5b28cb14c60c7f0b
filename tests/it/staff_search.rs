//! One box finds an account by whatever the customer has at hand.

use crate::staff_support::{Office, search};

#[tokio::test]
async fn any_shape_leads_to_the_account() {
    let office = Office::open().await;
    let mut staff = office.staff().await;
    let li_wei = office.li_wei().await;
    let iccid = office.text("select l.iccid from lines l join accounts a on a.id = l.account_id where a.email = 'li.wei@demo.example' limit 1").await;
    let order = office.text("select o.number from orders o join accounts a on a.id = o.account_id where a.email = 'li.wei@demo.example' limit 1").await;
    let spoken = order.to_lowercase().replace('-', " ");
    let glued = order.replace('-', "");
    let bare = spoken.trim_start_matches("r ").to_owned();
    let loud = "LI.WEI@DEMO.EXAMPLE";
    for text in [
        "li.wei@demo.example",
        "LI.WEI@DEMO",
        "李伟",
        "+8613800138100",
        "138 0013 8100",
        "１３８００１３８１００",
        "0138-0013-8100",
        "00138100",
        &iccid,
        &iccid[..17],
        &iccid[8..],
        &order,
        &spoken,
        &glued,
        &bare,
        loud,
    ] {
        let answer = search(&mut staff, text).await;
        assert_eq!((answer.status.as_u16(), answer.location()), (303, li_wei.as_str()), "{text}");
    }
    let kinds = office.text("select string_agg(distinct detail->>'by', ' ' order by detail->>'by') from audit_log where action = 'accounts.searched'").await;
    assert_eq!(kinds, "email iccid name number order");
    assert_eq!(
        office
            .count("select count(*) from audit_log where detail::text like '%demo%' or detail::text like '%8100%'")
            .await,
        0
    );
}

#[tokio::test]
async fn many_are_listed_and_none_is_said_in_both_languages() {
    let office = Office::open().await;
    let mut staff = office.staff().await;
    for (language, many, none, by, short) in [
        ("en", "The first 50 customers", "Nothing found", "You can search by", "too little"),
        ("zh-CN", "前 50 位客户", "没有找到", "用拼音查不到", "内容太少"),
    ] {
        sqlx::query("update accounts set language = $1 where email = 'staff@demo.example'")
            .bind(language)
            .execute(office.pool())
            .await
            .unwrap();
        let answer = search(&mut staff, "898600").await;
        assert!(answer.body.contains(many), "{}", answer.body);
        assert_eq!(answer.body.matches("href=\"/staff/accounts/").count(), 50);
        let nobody = search(&mut staff, "Wei Li").await.body;
        assert!(nobody.contains(none) && nobody.contains(by), "{nobody}");
        assert!(search(&mut staff, "12").await.body.contains(short));
        assert!(search(&mut staff, "%").await.body.contains(none), "no pattern is followed");
    }
}

#[tokio::test]
async fn customers_and_strangers_find_nothing() {
    let office = Office::open().await;
    let mut customer = office.signed_in("/login", "ana@demo.example").await;
    let mut stranger = office.visitor();
    let li_wei = office.li_wei().await;
    for path in ["/staff", "/staff/accounts?q=li.wei@demo.example", &li_wei, "/staff/rehearsal"] {
        assert_eq!(customer.get(path).await.status, 404, "{path}");
        assert!(stranger.get(path).await.location().starts_with("/staff/login"), "{path}");
    }
    assert_eq!(
        office.count("select count(*) from audit_log where action in ('account.viewed', 'accounts.searched')").await,
        0
    );
}
