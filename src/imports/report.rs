//! What became of a file, row by row.

use std::fmt;

const SHOWN: usize = 50;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// The row was left out.
    Refused,
    /// The row was taken; someone should look at it.
    Warning,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub line: u64,
    pub column: &'static str,
    pub value: String,
    pub reason: String,
    pub weight: Weight,
}

#[derive(Debug, Default, PartialEq, Eq)]
pub struct Report {
    pub what: &'static str,
    pub dry_run: bool,
    pub ignored_columns: Vec<String>,
    pub blank: usize,
    pub created: usize,
    pub updated: usize,
    /// How many of those created and updated nobody holds yet.
    pub stock: usize,
    pub unchanged: usize,
    pub refused: usize,
    pub problems: Vec<Problem>,
}

impl Report {
    pub fn warnings(&self) -> usize {
        self.problems.iter().filter(|problem| problem.weight == Weight::Warning).count()
    }

    /// Every problem as CSV, for the spreadsheet the rows came from.
    pub fn problems_csv(&self) -> Result<Vec<u8>, csv::Error> {
        let mut file = csv::Writer::from_writer("\u{feff}".as_bytes().to_vec());
        file.write_record(["line", "column", "value", "reason", "result"])?;
        for problem in &self.problems {
            let line = problem.line.to_string();
            let value = defused(&problem.value);
            file.write_record([&line, problem.column, &value, &problem.reason, problem.weight.name()])?;
        }
        file.into_inner().map_err(|error| error.into_error().into())
    }
}

impl Weight {
    fn name(self) -> &'static str {
        match self {
            Weight::Refused => "refused",
            Weight::Warning => "warning",
        }
    }
}

/// A spreadsheet must not run what a customer typed.
fn defused(value: &str) -> String {
    if value.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{value}") } else { value.to_owned() }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let note = if self.dry_run { " (dry run: nothing was kept)" } else { "" };
        writeln!(f, "{}{note}", self.what)?;
        for (name, count) in [
            ("created", self.created),
            ("updated", self.updated),
            ("in stock", self.stock),
            ("unchanged", self.unchanged),
            ("refused", self.refused),
            ("blank", self.blank),
            ("warnings", self.warnings()),
        ] {
            writeln!(f, "  {name:<10}{count:>9}")?;
        }
        if !self.ignored_columns.is_empty() {
            writeln!(f, "  columns not read: {}", self.ignored_columns.join(", "))?;
        }
        self.write_problems(f)
    }
}

impl Report {
    fn write_problems(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut sorted: Vec<&Problem> = self.problems.iter().collect();
        sorted.sort_by_key(|problem| (problem.weight == Weight::Warning, problem.line));
        if !sorted.is_empty() {
            writeln!(f, "\n{:>7}  {:<8} {:<16} {:<24} reason", "line", "result", "column", "value")?;
        }
        for problem in sorted.iter().take(SHOWN) {
            let Problem { line, column, value, reason, weight } = problem;
            writeln!(f, "{line:>7}  {:<8} {column:<16} {:<24} {reason}", weight.name(), shortened(value))?;
        }
        match sorted.len().checked_sub(SHOWN) {
            Some(more @ 1..) => {
                writeln!(f, "  ... and {more} more; --errors FILE.csv has them all")
            }
            _ => Ok(()),
        }
    }
}

fn shortened(value: &str) -> String {
    let mut shown: String = value.chars().filter(|c| !c.is_control()).take(36).collect();
    if value.chars().count() > 36 {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_formula_in_a_name_is_not_run_by_the_spreadsheet() {
        let problem = Problem {
            line: 2,
            column: "name",
            value: "=cmd()".into(),
            reason: "is odd".into(),
            weight: Weight::Refused,
        };
        let report = Report { problems: vec![problem; 60], ..Report::default() };
        let csv = String::from_utf8(report.problems_csv().unwrap()).unwrap();
        assert!(csv.contains("2,name,'=cmd(),is odd,refused"), "{csv}");
        assert!(report.to_string().contains("and 10 more"));
    }
}
