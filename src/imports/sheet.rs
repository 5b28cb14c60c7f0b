//! A CSV file as operators have it: whatever Excel, WPS or a script wrote.

use encoding_rs::{Encoding, GB18030};

use super::columns::{Column, Table};

/// Why nothing of the file could be read.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    #[error("the file is empty")]
    Empty,
    #[error("this is an Excel workbook; open it, choose \"CSV UTF-8\" when saving, and import that file")]
    Workbook,
    #[error("the text is neither UTF-8 nor GB18030; save it as \"CSV UTF-8\"")]
    Encoding,
    #[error("not readable as CSV: {0}")]
    Csv(String),
    #[error(
        "columns missing: {missing}\nfound: {found}\nexpected (either name, in any order; the ones in brackets may be left out): {expected}"
    )]
    Columns { missing: String, found: String, expected: String },
    #[error("the column {0} is there twice")]
    ColumnTwice(&'static str),
}

pub struct Sheet {
    columns: Vec<Option<Column>>,
    records: Vec<Row>,
    pub ignored: Vec<String>,
}

pub struct Row {
    /// As an editor counts lines: the header is line 1.
    pub line: u64,
    cells: Vec<String>,
}

impl Sheet {
    pub fn read(bytes: &[u8], table: &Table) -> Result<Sheet, Unusable> {
        let text = decode(bytes)?;
        let mut reader =
            csv::ReaderBuilder::new().flexible(true).delimiter(delimiter(&text)).from_reader(text.as_bytes());
        let headers = reader.headers().map_err(|e| Unusable::Csv(e.to_string()))?.clone();
        let (columns, ignored) = table.recognise(headers.iter())?;
        let records = reader
            .records()
            .map(|record| record.map(|record| Row::new(&record)))
            .collect::<Result<_, _>>()
            .map_err(|e| Unusable::Csv(e.to_string()))?;
        Ok(Sheet { columns, records, ignored })
    }

    pub fn rows(&self) -> impl Iterator<Item = &Row> {
        self.records.iter()
    }

    pub fn len(&self) -> usize {
        self.records.len()
    }

    pub fn width(&self) -> usize {
        self.columns.len()
    }

    pub fn has(&self, column: Column) -> bool {
        self.columns.contains(&Some(column))
    }

    /// Empty also where the file has no such column.
    pub fn cell<'a>(&self, row: &'a Row, column: Column) -> &'a str {
        let at = self.columns.iter().position(|known| *known == Some(column));
        at.and_then(|at| row.cells.get(at)).map_or("", |cell| cell.trim())
    }
}

impl Row {
    fn new(record: &csv::StringRecord) -> Row {
        Row {
            line: record.position().map_or(0, csv::Position::line),
            cells: record.iter().map(str::to_owned).collect(),
        }
    }

    pub fn is_blank(&self) -> bool {
        self.cells.iter().all(|cell| cell.trim().is_empty())
    }

    /// Cells beyond the header hold something, or the line ends early.
    pub fn does_not_fit(&self, width: usize) -> bool {
        self.cells.len() < width || self.cells.iter().skip(width).any(|cell| !cell.trim().is_empty())
    }

    pub fn width(&self) -> usize {
        self.cells.len()
    }
}

/// A byte-order mark decides; without one, text that is valid UTF-8 is UTF-8, and everything else
/// has to be GB18030 (which contains GBK and GB2312), because Chinese Excel saves in it.
fn decode(bytes: &[u8]) -> Result<String, Unusable> {
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(&[0xd0, 0xcf, 0x11, 0xe0]) {
        return Err(Unusable::Workbook);
    }
    let text = match Encoding::for_bom(bytes) {
        Some((encoding, mark)) => encoding.decode_without_bom_handling_and_without_replacement(&bytes[mark..]),
        None => match std::str::from_utf8(bytes) {
            Ok(text) => Some(text.into()),
            Err(_) => GB18030.decode_without_bom_handling_and_without_replacement(bytes),
        },
    };
    match text {
        None => Err(Unusable::Encoding),
        Some(text) if text.contains('\0') => Err(Unusable::Encoding),
        Some(text) if text.trim().is_empty() => Err(Unusable::Empty),
        // The reader counts lines by their feeds and would begin to count before the pair.
        Some(text) => Ok(text.replace("\r\n", "\n").replace('\r', "\n")),
    }
}

/// Excel writes `;` where the comma is the decimal sign, and tabs as "Unicode text".
fn delimiter(text: &str) -> u8 {
    let header = text.lines().next().unwrap_or_default();
    let count = |sign: char| header.matches(sign).count();
    [',', ';', '\t'].into_iter().max_by_key(|&sign| (count(sign), sign == ',')).unwrap_or(',') as u8
}

#[cfg(test)]
mod tests {
    use super::super::columns::CUSTOMERS;
    use super::*;

    fn names(bytes: &[u8]) -> Result<Vec<String>, Unusable> {
        let sheet = Sheet::read(bytes, &CUSTOMERS)?;
        Ok(sheet.rows().map(|row| sheet.cell(row, Column::Name).to_owned()).collect())
    }

    #[test]
    fn reads_every_encoding_operators_have() {
        let text = "邮箱,姓名,语言,时区\na@b.example,李伟,zh-CN,Asia/Shanghai\n";
        let utf16: Vec<u8> = std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
        for bytes in [
            text.as_bytes().to_vec(),
            format!("\u{feff}{text}").into_bytes(),
            GB18030.encode(text).0.into_owned(),
            text.replace(',', ";").into_bytes(),
            text.replace(',', "\t").into_bytes(),
            text.replace('\n', "\r\n").into_bytes(),
            utf16,
        ] {
            assert_eq!(names(&bytes), Ok(vec!["李伟".to_owned()]));
        }
    }

    #[test]
    fn says_what_is_wrong_with_the_whole_file() {
        assert_eq!(names(b""), Err(Unusable::Empty));
        assert_eq!(names(b"PK\x03\x04zip"), Err(Unusable::Workbook));
        assert_eq!(names(b"email,name\n\xff\xff,x\n"), Err(Unusable::Encoding));
        assert_eq!(names(b"email,email,name\n"), Err(Unusable::ColumnTwice("email")));
        let message = names(b"email,phone\n").unwrap_err().to_string();
        assert!(message.contains("columns missing: name (姓名)"), "{message}");
        assert!(message.contains("found: email, phone"), "{message}");
    }

    #[test]
    fn counts_lines_as_an_editor_does() {
        let sheet = Sheet::read("email,name\na@b,\"two\nlines\"\n,\nc@d,x,y\ne@f\n".as_bytes(), &CUSTOMERS).unwrap();
        let lines: Vec<u64> = sheet.rows().map(|row| row.line).collect();
        assert_eq!(lines, [2, 4, 5, 6]);
        let rows: Vec<&Row> = sheet.rows().collect();
        assert!(rows[1].is_blank());
        assert!(rows[2].does_not_fit(sheet.width()) && rows[3].does_not_fit(sheet.width()));
    }
}
