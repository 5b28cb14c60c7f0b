//! An operator's files, taken over.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::mpsc;
use std::time::Duration;

use renewal_portal::clock::Clock;
use renewal_portal::imports::{ImportError, Options, Report, Stage, Weight, What, import};
use sqlx::PgPool;
use time::macros::datetime;

use crate::support::db::{TestDb, fresh_db};

const KEEP: Options = Options { dry_run: false, every: Duration::ZERO };
const DRY: Options = Options { dry_run: true, every: Duration::ZERO };

fn clock() -> Clock {
    Clock::starting_at(datetime!(2026-11-22 09:00 UTC))
}

fn fixture(name: &str) -> Vec<u8> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/imports").join(name);
    std::fs::read(path).expect("a fixture")
}

async fn take(pool: &PgPool, what: What, file: &[u8], options: Options) -> Report {
    import(pool, &clock(), what, file, options, &mut |_, _, _| {}).await.expect("a usable file")
}

async fn with_catalogue_and_customers() -> TestDb {
    let db = fresh_db().await;
    let plans = take(&db.pool, What::Plans, &fixture("plans.csv"), KEEP).await;
    let customers = take(&db.pool, What::Customers, &fixture("customers.csv"), KEEP).await;
    assert_eq!((plans.created, plans.refused), (4, 0), "{plans}");
    assert_eq!((customers.created, customers.refused), (3, 0), "{customers}");
    db
}

async fn count(pool: &PgPool, table: &'static str) -> i64 {
    let sql = match table {
        "lines" => "select count(*) from lines",
        "validities" => "select count(*) from line_validities",
        "accounts" => "select count(*) from accounts",
        _ => "select count(*) from plans",
    };
    sqlx::query_scalar(sql).fetch_one(pool).await.expect("a count")
}

/// Everything the lines hold, to compare before and after.
async fn all_lines(pool: &PgPool) -> Vec<String> {
    sqlx::query_scalar("select to_jsonb(l)::text from lines l order by iccid").fetch_all(pool).await.expect("the lines")
}

fn refused_lines(report: &Report) -> BTreeMap<u64, Vec<(&str, &str)>> {
    let mut refused = BTreeMap::<_, Vec<_>>::new();
    for problem in report.problems.iter().filter(|problem| problem.weight == Weight::Refused) {
        refused.entry(problem.line).or_default().push((problem.column, problem.value.as_str()));
    }
    refused
}

#[tokio::test]
async fn clean_files_are_taken_whole_and_only_once() {
    let db = with_catalogue_and_customers().await;
    let lines = take(&db.pool, What::Lines, &fixture("lines.csv"), KEEP).await;
    assert_eq!((lines.created, lines.refused), (4, 0), "{lines}");
    assert_eq!(count(&db.pool, "validities").await, 4);
    let before = all_lines(&db.pool).await;
    for (what, name, rows) in
        [(What::Plans, "plans.csv", 4), (What::Customers, "customers.csv", 3), (What::Lines, "lines.csv", 4)]
    {
        let again = take(&db.pool, what, &fixture(name), KEEP).await;
        assert_eq!((again.created, again.updated, again.unchanged), (0, 0, rows), "{again}");
    }
    assert_eq!(all_lines(&db.pool).await, before);
}

#[tokio::test]
async fn values_arrive_as_they_were_meant() {
    let db = with_catalogue_and_customers().await;
    take(&db.pool, What::Lines, &fixture("lines.csv"), KEEP).await;
    let line: (String, i16, Option<i64>, Option<String>, String) = sqlx::query_as(
        "select valid_until::text, anchor_day, carrier_balance_minor, carrier_balance_currency, time_zone
         from lines where label = '+1 Reise'",
    )
    .fetch_one(&db.pool)
    .await
    .expect("the line");
    assert_eq!(line, ("2026-11-18".into(), 19, Some(1_250), Some("KWD".into()), "Europe/Berlin".into()));
    let unlimited: (bool, Option<i64>) =
        sqlx::query_as("select data_unlimited, data_total_bytes from lines where plan = 'NP-JP15'")
            .fetch_one(&db.pool)
            .await
            .expect("the line");
    assert_eq!(unlimited, (true, None));
    let name: String = sqlx::query_scalar("select name from accounts where email_key = 'formula@post.example'")
        .fetch_one(&db.pool)
        .await
        .expect("the customer");
    assert_eq!(name, "=SUM(1)");
    let price: (i64, String, i32) =
        sqlx::query_as("select price_minor, term_unit, term_count from plans where code = 'DS-30'")
            .fetch_one(&db.pool)
            .await
            .expect("the plan");
    assert_eq!(price, (3_250, "day".into(), 30));
}

#[tokio::test]
async fn a_spreadsheet_gives_its_good_rows_and_names_each_bad_one() {
    let db = with_catalogue_and_customers().await;
    let report = take(&db.pool, What::Lines, &fixture("lines-from-excel.csv"), KEEP).await;
    let refused = refused_lines(&report);
    let expected = BTreeMap::from([
        (7, vec![("iccid", "8.98527E+19")]),
        (8, vec![("customer_email", "nobody@post.example")]),
        (9, vec![("eid", "89049031111111111111111111111111")]),
        (10, vec![("plan", "NO-SUCH")]),
        (11, vec![("valid_until", "2026-01-01")]),
        (15, vec![("valid_from", "31/02/2026")]),
        (17, vec![("carrier_balance", "-5.00")]),
        (19, vec![("iccid", refused[&19][0].1)]),
        (20, vec![("msisdn", "61000015")]),
        (22, vec![("data_left", "1 GiB"), ("minutes_left", "-3")]),
        (23, vec![("kind", "sim"), ("plan", "HM-M8")]),
    ]);
    assert_eq!(refused, expected);
    assert_eq!((report.created, report.unchanged, report.blank, report.refused), (9, 1, 1, 11), "{report}");
    let warned: Vec<u64> = report.problems.iter().filter(|p| p.weight == Weight::Warning).map(|p| p.line).collect();
    assert_eq!(warned, [16, 21]);
    let advice = report.problems.iter().find(|problem| problem.line == 7).expect("line 7");
    assert!(advice.reason.contains("format the column as text"));

    let again = take(&db.pool, What::Lines, &fixture("lines-from-excel.csv"), KEEP).await;
    assert_eq!((again.created, again.updated, again.unchanged, again.refused), (0, 0, 10, 11), "{again}");
}

#[tokio::test]
async fn a_dry_run_says_the_same_and_keeps_nothing() {
    let db = with_catalogue_and_customers().await;
    let dry = take(&db.pool, What::Lines, &fixture("lines-from-excel.csv"), DRY).await;
    assert_eq!(count(&db.pool, "lines").await, 0);
    let kept = take(&db.pool, What::Lines, &fixture("lines-from-excel.csv"), KEEP).await;
    assert_eq!(dry, Report { dry_run: true, ..kept });
}

#[tokio::test]
async fn a_changed_row_updates_its_line_and_the_ledger_says_so() {
    let db = with_catalogue_and_customers().await;
    take(&db.pool, What::Lines, &fixture("lines.csv"), KEEP).await;
    let text = String::from_utf8(fixture("lines.csv")).expect("text");
    let moved = text.replace("2026-12-03", "2027-01-03").replace("Tablet", "Tablette");
    let report = take(&db.pool, What::Lines, moved.as_bytes(), KEEP).await;
    assert_eq!((report.updated, report.unchanged), (2, 2), "{report}");
    let ledger: Vec<(i32, String, Option<String>, String)> = sqlx::query_as(
        "select entry, cause, before_until::text, v.valid_until::text from line_validities v
         join lines l on l.id = v.line_id where l.label = '主卡' order by entry",
    )
    .fetch_all(&db.pool)
    .await
    .expect("the ledger");
    let expected = [
        (0, "opening".to_owned(), None, "2026-12-03".to_owned()),
        (1, "carrier".to_owned(), Some("2026-12-03".to_owned()), "2027-01-03".to_owned()),
    ];
    assert_eq!(ledger, expected);
    assert_eq!(count(&db.pool, "validities").await, 5);
}

#[tokio::test]
async fn columns_that_are_missing_leave_what_is_there() {
    let db = with_catalogue_and_customers().await;
    take(&db.pool, What::Lines, &fixture("lines.csv"), KEEP).await;
    let text = String::from_utf8(fixture("lines.csv")).expect("text");
    let narrow: String =
        text.lines().map(|line| line.split(',').take(9).collect::<Vec<_>>().join(",") + "\n").collect();
    let report = take(&db.pool, What::Lines, narrow.as_bytes(), KEEP).await;
    assert_eq!((report.updated, report.unchanged), (0, 4), "{report}");
}

#[tokio::test]
async fn what_has_an_owner_is_not_taken_away() {
    let db = with_catalogue_and_customers().await;
    take(&db.pool, What::Lines, &fixture("lines.csv"), KEEP).await;
    sqlx::query(
        "update accounts set password_hash = 'set', email_verified_at = now() where email_key = 'mei@post.example'",
    )
    .execute(&db.pool)
    .await
    .expect("a password");
    sqlx::query("update accounts set role = 'admin' where email_key = 'jonas@post.example'")
        .execute(&db.pool)
        .await
        .expect("a role");
    let before = all_lines(&db.pool).await;

    let lines = String::from_utf8(fixture("lines.csv")).expect("text").replace("mei@post", "formula@post");
    let report = take(&db.pool, What::Lines, lines.as_bytes(), KEEP).await;
    assert_eq!((report.refused, report.unchanged), (2, 2), "{report}");
    assert_eq!(all_lines(&db.pool).await, before);

    let customers = String::from_utf8(fixture("customers.csv"))
        .expect("text")
        .replace("+86137", "+86138")
        .replace("+49170", "+49171");
    let report = take(&db.pool, What::Customers, customers.as_bytes(), KEEP).await;
    assert_eq!((report.refused, report.unchanged, report.updated, report.warnings()), (1, 2, 0, 1), "{report}");
}

#[tokio::test]
async fn a_file_that_is_no_such_list_says_what_is_expected() {
    let db = fresh_db().await;
    let result = import(&db.pool, &clock(), What::Lines, &fixture("customers.csv"), KEEP, &mut |_, _, _| {}).await;
    let message = match result {
        Err(ImportError::Unusable(unusable)) => unusable.to_string(),
        other => panic!("{other:?}"),
    };
    assert!(message.contains("columns missing: kind (类型), iccid (卡号)"), "{message}");
    assert!(message.contains("valid_until (到期日期)"), "{message}");
}

/// One header and many rows, every one of them good.
fn many_lines(rows: usize) -> Vec<u8> {
    let mut file = String::from("kind,iccid,carrier,customer_email,plan,valid_from,valid_until\n");
    for row in 0..rows {
        file += &format!("fm_card,8985277{row:012}1,harbour,mei@post.example,HM-M8,2026-11-04,2026-12-03\n");
    }
    file.into_bytes()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crash_in_the_middle_leaves_nothing_half_done() {
    let db = with_catalogue_and_customers().await;
    let (reached, at_the_middle) = mpsc::channel();
    let (go_on, wait) = mpsc::channel::<()>();
    let (pool, file, wait) = (db.pool.clone(), many_lines(6_000), std::sync::Mutex::new(wait));
    let importing = tokio::spawn({
        let file = file.clone();
        async move {
            let mut tell = |stage, _, _| {
                if stage == Stage::Writing && reached.send(()).is_ok() {
                    tokio::task::block_in_place(|| wait.lock().map(|wait| wait.recv()))
                        .expect("a lock")
                        .expect_err("the end of the wait");
                }
            };
            import(&pool, &clock(), What::Lines, &file, KEEP, &mut tell).await
        }
    });
    tokio::task::spawn_blocking(move || at_the_middle.recv_timeout(Duration::from_secs(60)))
        .await
        .expect("a task")
        .expect("the middle");
    let ended: Vec<bool> = sqlx::query_scalar(
        "select pg_terminate_backend(pid) from pg_stat_activity
         where datname = current_database() and state = 'idle in transaction'",
    )
    .fetch_all(&db.pool)
    .await
    .expect("an end");
    assert_eq!(ended, [true]);
    drop(go_on);
    let result = importing.await.expect("no panic");
    assert!(matches!(result, Err(ImportError::Database(_))), "{result:?}");
    assert_eq!((count(&db.pool, "lines").await, count(&db.pool, "validities").await), (0, 0));

    let again = take(&db.pool, What::Lines, &file, KEEP).await;
    assert_eq!((again.created, again.refused), (6_000, 0));
    assert_eq!(count(&db.pool, "validities").await, 6_000);
}

#[tokio::test]
async fn each_bad_value_is_refused_at_its_column() {
    let db = with_catalogue_and_customers().await;
    let good = [
        "esim",
        "89852770000000000017",
        "+85261000001",
        "",
        "harbour",
        "mei@post.example",
        "HM-M8",
        "2026-11-04",
        "2026-12-03",
        "8 GB",
        "1 GB",
        "1",
        "1.00",
        "",
    ];
    for (column, value) in [
        (0, ""),
        (0, "physical"),
        (1, ""),
        (1, "9E+19"),
        (1, "1234"),
        (1, "8985277000000000001X"),
        (1, "898527700000000000170000"),
        (2, "+1"),
        (2, "+1234567890123456"),
        (2, "tel"),
        (2, "8.52E+10"),
        (3, "1"),
        (3, "89049031111111111111111111111111"),
        (4, ""),
        (4, "nippo"),
        (4, "no such"),
        (5, "x@post.example"),
        (6, ""),
        (6, "HM-M9"),
        (7, ""),
        (7, "2026-02-30"),
        (7, "04/11/2026"),
        (7, "2027-01-01"),
        (8, ""),
        (8, "never"),
        (8, "2026-01-01"),
        (8, "3026-01-01"),
        (9, "8"),
        (9, "lots"),
        (10, "-1 GB"),
        (11, "1.5"),
        (11, "many"),
        (12, "-0.01"),
        (12, "ten"),
        (12, "1e3"),
        (13, "a label that goes on and on and on, beyond what a page could ever show"),
    ] {
        let mut cells = good;
        cells[column] = value;
        let quoted: Vec<String> = cells.iter().map(|cell| format!("\"{cell}\"")).collect();
        let header = "kind,iccid,msisdn,eid,carrier,customer_email,plan,valid_from,valid_until,data_total,data_left,minutes_left,carrier_balance,label";
        let report = take(&db.pool, What::Lines, format!("{header}\n{}\n", quoted.join(",")).as_bytes(), KEEP).await;
        assert_eq!((report.refused, report.created), (1, 0), "{column} {value:?}\n{report}");
        let values: Vec<&str> = report.problems.iter().map(|problem| problem.value.as_str()).collect();
        assert!(values.contains(&value) || column == 4 || column == 7, "{column} {value:?} {values:?}");
    }
    assert_eq!(count(&db.pool, "lines").await, 0);
}

#[tokio::test]
async fn a_carriers_id_of_a_line_belongs_to_one_line() {
    let db = with_catalogue_and_customers().await;
    let header = "kind,iccid,carrier_line_id,carrier,customer_email,plan,valid_from,valid_until";
    let row =
        |iccid: &str, id: &str| format!("esim,{iccid},{id},harbour,mei@post.example,HM-M8,2026-11-04,2026-12-03\n");
    let file = |rows: &[String]| format!("{header}\n{}", rows.concat());
    let (one, other) = ("89852245280001138065", "89852245280001138073");
    let twice = take(&db.pool, What::Lines, file(&[row(one, "T-1"), row(other, "T-1")]).as_bytes(), KEEP).await;
    assert_eq!((twice.created, twice.refused), (1, 1), "{twice}");
    let later = take(&db.pool, What::Lines, file(&[row(other, "T-1")]).as_bytes(), KEEP).await;
    assert_eq!((later.created, later.refused), (0, 1), "{later}");
    let moved = take(&db.pool, What::Lines, file(&[row(one, "T-2"), row(other, "T-1")]).as_bytes(), KEEP).await;
    assert_eq!((moved.updated, moved.refused), (1, 1), "{moved}: it was T-1's line when the file was read");
}

/// Over a folder of an operator's real files, where there is one.
#[tokio::test]
async fn an_operators_own_files_import_as_expected() {
    let Some(folder) = std::env::var_os("RENEWAL_SAMPLE_DIR").map(PathBuf::from) else { return };
    let read = |name: &str| std::fs::read(folder.join(name)).expect("a sample");
    let db = fresh_db().await;
    for (what, name) in [(What::Plans, "plans.csv"), (What::Customers, "customers.csv")] {
        let report = take(&db.pool, what, &read(name), KEEP).await;
        assert_eq!(report.refused, 0, "{report}");
    }
    let excel = take(&db.pool, What::Lines, &read("lines-from-excel.csv"), KEEP).await;
    let refused = refused_lines(&excel);
    let expected: serde_json::Value = serde_json::from_slice(&read("expected.json")).expect("json");
    for row in expected["rows"].as_array().expect("rows") {
        let line = row[0].as_u64().expect("a line");
        assert_eq!(refused.contains_key(&line), row[2] == false, "line {line}: {row}");
    }
    let lines = take(&db.pool, What::Lines, &read("lines.csv"), KEEP).await;
    assert_eq!(lines.refused, 0, "{lines}");
    let before = all_lines(&db.pool).await;
    for name in ["lines.csv", "lines-from-excel.csv"] {
        let again = take(&db.pool, What::Lines, &read(name), KEEP).await;
        assert_eq!((again.created, again.updated), (0, 0), "{again}");
    }
    assert_eq!(all_lines(&db.pool).await, before);
}
