//! Which carrier a card or a number belongs to: the operator's own table, by hand and from a file.

use std::time::Duration;

use renewal_portal::imports::{Options, Report, Weight, What, import};
use renewal_portal::numbering::{Named, recognise};
use renewal_portal::numbers::{Iccid, Msisdn};

use crate::support::portal::TestPortal;
use crate::support::shopper::Shopper;

const PAGE: &str = "/staff/numbering";

async fn portal() -> (TestPortal, Shopper) {
    let portal = TestPortal::start().await;
    portal
        .run(
            "insert into plans (code, carrier, kinds, name_zh, name_en, term_unit, term_count, data_bytes, coverage,
                                price_minor, currency, effect, carrier_product, created_at)
             values ('CM-30', 'cmcc', '{fm_card}', '三十天', '30 days', 'day', 30, 1000, '{CN}', 3000, 'CNY', 'stack', 'cm30', now())",
        )
        .await;
    let mut admin = portal.staff_as("admin").await;
    admin.browser.get(PAGE).await;
    (portal, admin)
}

fn range<'a>(kind: &'a str, prefix: &'a str, carrier: &'a str) -> [(&'static str, &'a str); 6] {
    [("kind", kind), ("prefix", prefix), ("carrier", carrier), ("line_kind", ""), ("plan", ""), ("note", "第一批")]
}

async fn add(admin: &mut Shopper, kind: &str, prefix: &str, carrier: &str) {
    let answer = admin.browser.post(PAGE, &range(kind, prefix, carrier)).await;
    assert_eq!((answer.status.as_u16(), answer.location()), (303, "/staff/numbering?note=added"), "{}", answer.body);
}

/// The carrier of a card, or of a number that is written with a `+`.
async fn carrier_of(portal: &TestPortal, text: &str) -> Option<String> {
    let mut conn = portal.app.pool.acquire().await.unwrap();
    let recognised = match Msisdn::parse(text) {
        Ok(number) => recognise(&mut conn, Named::Msisdn(&number)).await,
        Err(_) => recognise(&mut conn, Named::Iccid(&Iccid::parse(text).unwrap())).await,
    };
    recognised.unwrap().carrier.map(|carrier| carrier.code)
}

async fn take(portal: &TestPortal, what: What, file: &str, dry_run: bool) -> Report {
    let options = Options { dry_run, every: Duration::ZERO };
    let app = &portal.app;
    import(&app.pool, &app.clock, what, file.as_bytes(), options, &mut |_, _, _| {}).await.expect("a usable file")
}

fn refused(report: &Report) -> Vec<(u64, &str, &str)> {
    let refused = report.problems.iter().filter(|problem| problem.weight == Weight::Refused);
    refused.map(|problem| (problem.line, problem.column, problem.value.as_str())).collect()
}

#[tokio::test]
async fn the_longest_beginning_tells_the_carrier() {
    let (portal, mut admin) = portal().await;
    assert_eq!(carrier_of(&portal, "89860012345678901238").await, None, "nobody's, as long as no range says so");
    for (kind, prefix, carrier) in [
        ("iccid", "8986", "cmcc"),
        ("iccid", "８９８６ 01", "cucc"),
        ("msisdn", "+86 130", "cucc"),
        ("msisdn", "+1", "cmcc"),
    ] {
        add(&mut admin, kind, prefix, carrier).await;
    }
    for (text, carrier) in [
        ("8986 0012 3456 7890 1238", Some("cmcc")),
        ("8986011234567890123F", Some("cucc")),
        ("89852122400011380651", None),
        ("1111111111111111", None),
        ("+8613000138000", Some("cucc")),
        ("+8613800138000", None),
        ("+12125550123", Some("cmcc")),
    ] {
        assert_eq!(carrier_of(&portal, text).await.as_deref(), carrier, "{text}");
    }
    let page = admin.browser.get(PAGE).await.body;
    assert!(page.contains("898601…") && page.contains("+86130…") && page.contains("第一批"), "{page}");
    let mut conn = portal.app.pool.acquire().await.unwrap();
    let known = recognise(&mut conn, Named::Iccid(&Iccid::parse("89860112345678901238").unwrap())).await.unwrap();
    assert_eq!((known.issuer.issuer, known.issuer.country), (Some("China Unicom"), Some("CN")));
}

#[tokio::test]
async fn what_can_not_be_a_range_is_said_and_nothing_typed_is_lost() {
    let (portal, mut admin) = portal().await;
    add(&mut admin, "iccid", "898600", "cmcc").await;
    for (kind, prefix, carrier, line_kind, plan, why) in [
        ("iccid", "8986*", "cmcc", "", "", "Please write digits only."),
        ("iccid", "", "cmcc", "", "", "Please write digits only."),
        ("iccid", "898600123456789012345", "cmcc", "", "", "Please write 2 to 20 digits."),
        ("iccid", "8", "cmcc", "", "", "Please write 2 to 20 digits."),
        ("msisdn", "+1234567890123456", "cmcc", "", "", "Please write 1 to 15 digits."),
        ("msisdn", "0138", "cmcc", "", "", "with its country code"),
        ("msisdn", "138", "cmcc", "", "", "with its country code"),
        ("iccid", "138", "cmcc", "", "", "begins with 89"),
        ("iccid", "8986 00", "cucc", "", "", "This range is there already, for cmcc."),
        ("iccid", "89861", "nobody", "", "", "Please choose a carrier."),
        ("iccid", "89861", "cmcc", "satellite", "", "Please choose a kind of line."),
        ("iccid", "89861", "cmcc", "", "NO-SUCH", "No plan has this code."),
        ("iccid", "89861", "cmcc", "", "P30", "This plan is another carrier’s."),
        ("iccid", "89861", "cmcc", "esim", "CM-30", "This plan is not sold for lines of this kind."),
        ("imsi", "46000", "cmcc", "", "", "Please choose card or phone number."),
    ] {
        let fields = [
            ("kind", kind),
            ("prefix", prefix),
            ("carrier", carrier),
            ("line_kind", line_kind),
            ("plan", plan),
            ("note", "kept <b>"),
        ];
        let page = admin.browser.post(PAGE, &fields).await;
        assert_eq!(page.status, 422, "{prefix}");
        assert!(page.body.contains(why), "{why}: {}", page.body);
        assert!(page.body.contains(&format!(r#"value="{prefix}""#)), "{prefix}: {}", page.body);
        assert!(page.body.contains("kept &#60;b&#62;"), "{}", page.body);
    }
    assert_eq!(portal.count("select count(*) from number_ranges").await, 1);
    assert_eq!(portal.count("select count(*) from audit_log where action like 'number-range.%'").await, 1);
}

#[tokio::test]
async fn a_range_is_removed_after_a_second_look_and_both_leave_a_row() {
    let (portal, mut admin) = portal().await;
    let fields = [
        ("kind", "iccid"),
        ("prefix", "898600"),
        ("carrier", "cmcc"),
        ("line_kind", "fm_card"),
        ("plan", " cm-30 "),
        ("note", ""),
    ];
    assert_eq!(admin.browser.post(PAGE, &fields).await.status, 303);
    let id = portal.count("select id from number_ranges").await;
    let path = format!("{PAGE}/{id}/remove");
    let asked = admin.browser.get(&path).await;
    assert!(asked.status == 200 && asked.body.contains("898600…") && asked.body.contains("CM-30"), "{}", asked.body);
    assert_eq!(carrier_of(&portal, "89860012345678901238").await.as_deref(), Some("cmcc"), "asking changes nothing");
    assert_eq!(admin.browser.post(&path, &[]).await.location(), "/staff/numbering?note=removed");
    assert_eq!(carrier_of(&portal, "89860012345678901238").await, None);
    assert_eq!(admin.browser.get(&path).await.status, 404, "it is gone");
    let told: Vec<(String, Option<String>, String)> = sqlx::query_as(
        "select a.action, p.email, a.detail->>'prefix' || ' ' || (a.detail->>'carrier') || ' ' || (a.detail->>'plan')
         from audit_log a left join accounts p on p.id = a.actor_id where a.action like 'number-range.%' order by a.id",
    )
    .fetch_all(&portal.app.pool)
    .await
    .unwrap();
    let who = told.first().and_then(|(_, who, _)| who.clone());
    assert!(who.is_some());
    let said = "898600 cmcc CM-30".to_owned();
    let row = |action: &str| (action.to_owned(), who.clone(), said.clone());
    assert_eq!(told, [row("number-range.added"), row("number-range.removed")]);
}

#[tokio::test]
async fn only_an_admin_changes_ranges_and_a_customer_does_not_see_them() {
    let (portal, mut admin) = portal().await;
    add(&mut admin, "iccid", "898600", "cmcc").await;
    let remove = format!("{PAGE}/{}/remove", portal.count("select id from number_ranges").await);
    let mut support = portal.staff_as("support").await;
    let page = support.browser.get(PAGE).await;
    assert!(page.status == 200 && !page.body.contains(&remove) && !page.body.contains("Add a range"), "{}", page.body);
    assert_eq!(support.browser.get(&remove).await.status, 403);
    let (mut mei, _) = portal.mei_with("100").await;
    mei.browser.get("/account").await;
    for path in [PAGE, &remove] {
        assert_eq!(support.browser.post(path, &range("iccid", "8987", "cmcc")).await.status, 403, "{path}");
        assert_eq!(mei.browser.get(path).await.status, 404, "{path}");
        assert_eq!(mei.browser.post(path, &range("iccid", "8987", "cmcc")).await.status, 404, "{path}");
    }
    assert_eq!(portal.count("select count(*) from number_ranges").await, 1);
}

#[tokio::test]
async fn a_file_of_ranges_gives_its_good_rows_and_names_each_bad_one() {
    let (portal, _) = portal().await;
    let file = "\u{feff}类型,开头,运营商,号卡类型,套餐,备注\n\
        卡号,898600,cmcc,FM卡,cm-30,老卡\n\
        号码,+86 138,CMCC,,,\n\
        iccid,898601,cucc,,,\n\
        iccid,8986O2,cmcc,,,\n\
        iccid,898600123456789012345,cmcc,,,\n\
        msisdn,0138,cmcc,,,\n\
        imsi,46000,cmcc,,,\n\
        iccid,898603,ctcc9,,,\n\
        iccid,898604,cmcc,,NO-SUCH,\n\
        iccid,898605,cmcc,,P30,\n\
        iccid,898606,cmcc,esim,CM-30,\n\
        iccid,8986 01,cucc,,,\n\
        iccid,898601,cmcc,,,\n";
    let dry = take(&portal, What::Ranges, file, true).await;
    assert_eq!((dry.created, portal.count("select count(*) from number_ranges").await), (3, 0), "{dry}");
    let report = take(&portal, What::Ranges, file, false).await;
    assert_eq!((report.created, report.unchanged, report.refused), (3, 1, 9), "{report}");
    assert_eq!(
        refused(&report),
        [
            (5, "prefix", "8986O2"),
            (6, "prefix", "898600123456789012345"),
            (7, "prefix", "0138"),
            (8, "kind", "imsi"),
            (9, "carrier", "ctcc9"),
            (10, "plan", "NO-SUCH"),
            (11, "plan", "P30"),
            (12, "plan", "CM-30"),
            (14, "prefix", "898601"),
        ]
    );
    assert!(report.to_string().contains("contradicts line 4"), "{report}");
    let again = take(&portal, What::Ranges, file, false).await;
    assert_eq!((again.created, again.updated, again.unchanged), (0, 0, 4), "{again}");
    let changed = take(&portal, What::Ranges, "kind,prefix,carrier\niccid,898600,cucc\n", false).await;
    assert_eq!((changed.created, changed.updated), (0, 1), "{changed}");
    assert_eq!(carrier_of(&portal, "89860012345678901238").await.as_deref(), Some("cucc"));
}

#[tokio::test]
async fn a_line_that_begins_as_anothers_do_is_taken_with_a_warning() {
    let (portal, mut admin) = portal().await;
    let mei = portal.mei().await;
    let warned = |report: &Report| {
        let of_carrier = report.problems.iter().filter(|problem| problem.column == "carrier");
        of_carrier.map(|problem| (problem.line, problem.reason.clone(), problem.weight)).collect::<Vec<_>>()
    };
    let email: String = sqlx::query_scalar("select email from accounts where id = $1")
        .bind(mei.account)
        .fetch_one(&portal.app.pool)
        .await
        .unwrap();
    let file = format!(
        "kind,iccid,carrier,customer_email,plan,valid_from,valid_until\n\
         esim,89860112345678901236,cucc,{email},P30,2026-11-01,2026-11-30\n\
         esim,89860012345678901238,cucc,{email},P30,2026-11-01,2026-11-30\n\
         esim,89852772345678901238,cucc,{email},P30,2026-11-01,2026-11-30\n"
    );
    let report = take(&portal, What::Lines, &file, true).await;
    assert_eq!((report.created, report.refused), (3, 0), "{report}");
    let words = |carrier| format!("has an ICCID that begins as those of {carrier} do; taken all the same");
    assert_eq!(warned(&report), [(3, words("cmcc"), Weight::Warning)], "by its issuer");
    add(&mut admin, "iccid", "898600", "cucc").await;
    add(&mut admin, "iccid", "8985277", "cmcc").await;
    let report = take(&portal, What::Lines, &file, true).await;
    assert_eq!(warned(&report), [(4, words("cmcc"), Weight::Warning)], "the operator's own table knows better");
}

#[tokio::test]
async fn staff_read_who_issued_a_card_on_its_lines_page() {
    let (portal, mut admin) = portal().await;
    let (_, line) = portal.mei_with("100").await;
    let page = admin.browser.get(&format!("/staff/lines/{line}")).await.body;
    assert!(page.contains("China Unicom · Mainland China"), "{page}");
}
