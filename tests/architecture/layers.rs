use crate::source::{File, program};

/// From the ground up. A room may use its own level and those below, never one above.
const LEVELS: &[&[&str]] = &[
    &[
        "calendar",
        "countries",
        "clock",
        "config",
        "decimal",
        "http_client",
        "ids",
        "lang",
        "money",
        "numbers",
        "paths",
        "qr",
        "seal",
        "units",
    ],
    &["audit", "db", "i18n", "jobs", "mail", "pdf", "sms", "web"],
    &["accounts", "plans"],
    &["ledger", "numbering"],
    &["carriers", "lines", "payments"],
    &["catalogue", "identity", "provisioning"],
    &["profiles", "sync"],
    &["orders"],
    &["claims"],
    &["contact"],
    &["app"],
    &["home", "balance", "devices", "housekeeping", "imports", "invariants", "privacy", "staff"],
    &["sandbox", "simulator"],
    &["demo", "router", "worker"],
    &["commands"],
    &["lib", "main"],
];

/// Levels whose rooms are strangers to each other: what two of them need belongs below, what joins them above.
const APART: &[&str] = &["accounts", "carriers", "sandbox", "home"];

/// What the demo stands in for: another company's machines. They share nothing with the portal but its foundations.
const OUTSIDE: &[&str] = &["sandbox", "simulator"];

/// Who puts the outside parts together with the portal, and who holds their books against ours.
const MAY_START_OUTSIDE: &[&str] = &["commands", "demo", "invariants", "lib", "main", "router"];

/// Who may read every slice's tables: staff pages, and the audit that proves claims across them.
const MAY_READ_ALL: &[&str] = &["staff", "invariants", "router", "demo"];

/// Who speaks to other machines.
const ADAPTERS: &[&str] = &[
    "src/http_client.rs",
    "src/accounts/leaked.rs",
    "src/carriers/",
    "src/payments/",
    "src/sandbox/",
    "src/sms/",
    "src/commands/healthcheck.rs",
];

#[test]
fn every_room_has_its_level() {
    let homeless: Vec<_> =
        program().iter().map(|file| file.room().to_owned()).filter(|room| level(room).is_none()).collect();
    assert!(homeless.is_empty(), "give these rooms a level in tests/architecture/layers.rs: {homeless:?}");
}

#[test]
fn every_level_names_rooms_that_are_there() {
    let files = program();
    let is_there = |room: &str| files.iter().any(|file| file.room() == room);
    let gone: Vec<_> = LEVELS.concat().into_iter().filter(|room| !is_there(room)).collect();
    assert!(gone.is_empty(), "these rooms are gone: {gone:?}");
    let first: Vec<_> = LEVELS.iter().map(|level| level[0]).collect();
    let lost: Vec<_> = APART.iter().filter(|name| !first.contains(name)).collect();
    assert!(lost.is_empty(), "no level begins with {lost:?}");
}

#[test]
fn lower_levels_never_import_higher_ones() {
    report(
        "a lower level imports a higher one; enqueue a job that the higher one handles, or move what both need down",
        |file, import| {
            let room = room_of(import);
            let outside = OUTSIDE.contains(&room) || OUTSIDE.contains(&file.room());
            // Handlers are handed the application; their slice is not.
            let handed = room == "app" && file.path.contains("/pages");
            !outside && !handed && level(room) > level(file.room())
        },
    );
}

#[test]
fn slices_of_one_level_are_strangers() {
    report("two slices of one level know each other; let the level above join them", |file, import| {
        let room = room_of(import);
        let apart = LEVELS
            .iter()
            .filter(|level| APART.contains(&level[0]))
            .any(|level| level.contains(&file.room()) && level.contains(&room));
        apart && room != file.room()
    });
}

#[test]
fn queries_and_pages_stay_in_their_slice() {
    report("another slice's queries or pages; ask for a function in its mod.rs", |file, import| {
        let mut parts = import.split("::");
        let (room, inner) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        ["queries", "pages"].contains(&inner) && room != file.room() && !MAY_READ_ALL.contains(&file.room())
    });
    let rooms: Vec<&str> = LEVELS.concat();
    let reaches_in = |file: &File, line: &str| {
        let others = rooms.iter().filter(|room| **room != file.room());
        let mut inner = others.flat_map(|room| {
            [format!(" {room}::queries::"), format!("({room}::queries::"), format!(" {room}::pages::")]
        });
        !MAY_READ_ALL.contains(&file.room()) && inner.any(|path| line.contains(&path))
    };
    let strays = strays(reaches_in);
    assert!(
        strays.is_empty(),
        "another slice's queries or pages; ask for a function in its mod.rs:\n{}",
        strays.join("\n")
    );
}

#[test]
fn the_demos_carrier_and_bank_are_outside() {
    report(
        "the demo's carrier and bank are other companies: they know foundations and what an effect is, and are spoken to over HTTP",
        |file, import| {
            let (from, to) = (file.room(), room_of(import));
            let foundations = LEVELS[0].contains(&to) || LEVELS[1].contains(&to) || import.starts_with("plans::");
            let looks_in = OUTSIDE.contains(&to) && !MAY_START_OUTSIDE.contains(&from);
            from != to && (looks_in || OUTSIDE.contains(&from) && !foundations)
        },
    );
}

#[test]
fn only_adapters_speak_http() {
    let strays =
        strays(|file, line| names(line, "reqwest") && !ADAPTERS.iter().any(|adapter| file.path.starts_with(adapter)));
    assert!(strays.is_empty(), "an HTTP client outside an adapter:\n{}", strays.join("\n"));
}

#[test]
fn zones_are_the_calendars_business() {
    let strays = strays(|file, line| names(line, "jiff") && file.room() != "calendar");
    assert!(strays.is_empty(), "jiff outside src/calendar.rs:\n{}", strays.join("\n"));
}

#[test]
fn sql_is_never_put_together() {
    let strays = strays(|_, line| line.contains("AssertSqlSafe"));
    assert!(strays.is_empty(), "SQL made at run time; bind what varies:\n{}", strays.join("\n"));
}

#[test]
fn sql_stays_out_of_pages_and_models() {
    let quiet = ["/pages/", "/pages.rs", "/model/", "/model.rs"];
    let strays = strays(|file, line| quiet.iter().any(|part| file.path.contains(part)) && line.contains("sqlx::query"));
    assert!(strays.is_empty(), "SQL in a page or a model; it belongs in the slice's queries:\n{}", strays.join("\n"));
}

fn level(room: &str) -> Option<usize> {
    LEVELS.iter().position(|rooms| rooms.contains(&room))
}

fn room_of(import: &str) -> &str {
    import.split("::").next().unwrap_or(import)
}

fn names(line: &str, krate: &str) -> bool {
    line.contains(&format!("{krate}::")) || line.contains(&format!("use {krate};"))
}

fn strays(is_stray: impl Fn(&File, &str) -> bool) -> Vec<String> {
    program().iter().flat_map(|file| file.lines_with(|line| is_stray(file, line))).collect()
}

fn report(rule: &str, breaks: impl Fn(&File, &str) -> bool) {
    let mut found = vec![];
    for file in program() {
        // `crate::name` of a macro or a re-export in lib.rs is no room.
        let imports = file.imports().into_iter().filter(|import| level(room_of(import)).is_some());
        found.extend(imports.filter(|import| breaks(&file, import)).map(|import| format!("{} -> {import}", file.path)));
    }
    assert!(found.is_empty(), "{rule}:\n{}", found.join("\n"));
}
