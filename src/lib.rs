//! The renewal portal, in reading order: what it is made of, then what it does.
//! `docs/architecture.md` walks through a renewal and a refund.

// Foundations: know nothing of lines, orders or people.
pub mod calendar;
pub mod clock;
pub mod config;
pub mod contact;
pub mod countries;
pub mod db;
pub mod decimal;
pub mod http_client;
pub mod ids;
pub mod lang;
pub mod money;
pub mod numbers;
pub mod paths;
pub mod units;

pub mod audit;
pub mod i18n;
pub mod jobs;
pub mod mail;
pub mod pdf;
pub mod qr;
pub mod seal;
pub mod sms;
pub mod web;

// Slices.
pub mod accounts;
pub mod balance;
pub mod carriers;
pub mod catalogue;
pub mod claims;
pub mod devices;
pub mod home;
pub mod identity;
pub mod imports;
pub mod ledger;
pub mod lines;
pub mod numbering;
pub mod orders;
pub mod payments;
pub mod plans;
pub mod privacy;
pub mod profiles;
pub mod provisioning;
pub mod staff;
pub mod sync;

// Put together.
pub mod app;
pub mod commands;
pub mod demo;
pub mod housekeeping;
pub mod invariants;
pub mod router;
pub mod worker;

// Demo parts, reached over HTTP only.
pub mod sandbox;
pub mod simulator;
