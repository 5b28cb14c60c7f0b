//! Which phones take an eSIM: a table that is a part of the program (`assets/devices.csv`), and the page that looks in it.
//! A number that is checked there is neither stored nor logged.

pub mod pages;
mod table;
