// A test that cannot go on says where by panicking.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::disallowed_methods)]

mod accounts_guard;
mod accounts_recover;
mod accounts_sign_in;
mod accounts_support;
mod carrier_crash;
mod carrier_http;
mod carrier_magic;
mod configuration;
mod demo_seed;
mod embedded_postgres;
mod imports;
mod imports_journey;
mod ledger_books;
mod migrations;
mod orders_carrier;
mod orders_hanging_up;
mod orders_happy;
mod orders_money;
mod orders_placing;
mod orders_switching;
mod pages_languages;
mod pages_lines;
mod pages_renew;
mod pages_support;
mod payments_mends;
mod payments_notifications;
mod payments_outcomes;
mod payments_refunds;
mod receipt_pdf;
mod staff_account;
mod staff_rehearsal;
mod staff_search;
mod staff_support;
mod status_words;
mod support;
