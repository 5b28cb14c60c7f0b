//! `docs/configuration.md` says what the program says.

use std::collections::BTreeSet;

use clap::{Command, Subcommand};

/// Read before the program knows its options, or by libraries.
const BESIDE_OPTIONS: &[&str] = &["RUST_LOG", "PG_BIN_DIR", "PG_NO_SYSTEM", "PAYMENT_VECTORS", "TEST_PG"];

#[test]
fn every_setting_is_in_the_table_and_no_other() {
    let program = renewal_portal::commands::Command::augment_subcommands(Command::new("renewal-portal"));
    let known: BTreeSet<String> = program
        .get_subcommands()
        .flat_map(|command| command.get_arguments().filter_map(|argument| argument.get_env()))
        .map(|name| name.to_string_lossy().into_owned())
        .chain(BESIDE_OPTIONS.iter().map(|name| name.to_string()))
        .collect();
    let table = include_str!("../../docs/configuration.md").lines().filter_map(|line| line.strip_prefix("| `"));
    let told: BTreeSet<String> =
        table.filter_map(|row| row.split_once("` |")).map(|(name, _)| name.to_owned()).collect();
    assert_eq!(told, known);
}
