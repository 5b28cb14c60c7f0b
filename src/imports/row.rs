//! One row while it is read: every problem in it is noted, not only the first.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::Hash;

use super::columns::{Column, Table};
use super::report::{Problem, Report, Weight};
use super::sheet::{Row, Sheet};

pub struct RowReader<'a> {
    sheet: &'a Sheet,
    row: &'a Row,
    table: &'a Table,
    problems: &'a mut Vec<Problem>,
    refused: bool,
}

impl RowReader<'_> {
    /// The cell, read; `None` when it was refused.
    pub fn read<T>(&mut self, column: Column, parse: impl FnOnce(&str) -> Result<T, String>) -> Option<T> {
        match parse(self.text(column)) {
            Ok(value) => Some(value),
            Err(reason) => {
                self.refuse(column, reason);
                None
            }
        }
    }

    /// As `read`, for a cell that may be empty.
    pub fn read_if_any<T, E: ToString>(
        &mut self,
        column: Column,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<Option<T>> {
        self.read(column, |text| match text {
            "" => Ok(None),
            text => parse(text).map(Some).map_err(|error| error.to_string()),
        })
    }

    pub fn text(&self, column: Column) -> &str {
        self.sheet.cell(self.row, column)
    }

    pub fn refuse(&mut self, column: Column, reason: impl Into<String>) {
        self.refused = true;
        self.note(column, reason.into(), Weight::Refused);
    }

    pub fn warn(&mut self, column: Column, reason: impl Into<String>) {
        self.note(column, reason.into(), Weight::Warning);
    }

    fn note(&mut self, column: Column, reason: String, weight: Weight) {
        self.problems.push(Problem {
            line: self.row.line,
            column: self.table.name(column),
            value: self.text(column).to_owned(),
            reason,
            weight,
        });
    }
}

/// A row that was read, and the line it stands on.
pub struct Read<T> {
    pub line: u64,
    pub value: T,
}

/// Reads every row. One that repeats another word for word counts as unchanged, one that
/// contradicts another of the same key is refused.
pub fn read_all<T: PartialEq, K: Hash + Eq>(
    sheet: &Sheet,
    table: &Table,
    report: &mut Report,
    key: (Column, fn(&T) -> K),
    mut read: impl FnMut(&mut RowReader) -> Option<T>,
) -> Vec<Read<T>> {
    let mut first: HashMap<K, usize> = HashMap::with_capacity(sheet.len());
    let mut taken: Vec<Read<T>> = Vec::with_capacity(sheet.len());
    for row in sheet.rows() {
        if row.is_blank() {
            report.blank += 1;
            continue;
        }
        let problems = &mut report.problems;
        let mut reader = RowReader { sheet, row, table, problems, refused: false };
        let value = fitting(&mut reader).and_then(|()| read(&mut reader));
        let Some(value) = value.filter(|_| !reader.refused) else {
            report.refused += 1;
            continue;
        };
        match first.entry(key.1(&value)) {
            Entry::Vacant(place) => {
                place.insert(taken.len());
                taken.push(Read { line: row.line, value });
            }
            Entry::Occupied(place) if taken[*place.get()].value == value => report.unchanged += 1,
            Entry::Occupied(place) => {
                let earlier = taken[*place.get()].line;
                reader
                    .refuse(key.0, format!("contradicts line {earlier}, which has the same one; that line was taken"));
                report.refused += 1;
            }
        }
    }
    taken
}

fn fitting(reader: &mut RowReader) -> Option<()> {
    let (found, expected) = (reader.row.width(), reader.sheet.width());
    if !reader.row.does_not_fit(expected) {
        return Some(());
    }
    reader.problems.push(Problem {
        line: reader.row.line,
        column: "",
        value: String::new(),
        reason: format!("has {found} cells where the header has {expected}; a cell with a comma in it needs quotes"),
        weight: Weight::Refused,
    });
    None
}
