//! The printed receipt, read back from the file as a reader's copy-and-paste would.

use std::collections::HashMap;
use std::io::Read;

use renewal_portal::pdf::{Mark, Part, Receipt, Ribbon, Row, Section, Segment, Text, render};

fn row(label: (&str, &str), value: (&str, &str)) -> Row {
    Row::new(Text::both(label.0, label.1), Text::both(value.0, value.1))
}

fn receipt() -> Receipt {
    Receipt {
        language: "zh-CN".into(),
        title: Text::both("续费凭证", "Renewal receipt"),
        operator: "海桥移动".into(),
        references: vec![row(("凭证编号", "Receipt no."), ("R-2026-004817", "R-2026-004817"))],
        amount: row(("实付金额", "Amount paid"), ("¥128.00", "CNY")),
        ribbon: Some(Ribbon {
            heading: Text::both("有效期", "Validity"),
            segments: vec![segment(3, Part::Left, "剩余 3 天"), segment(30, Part::Added, "增加 30 天")],
            marks: vec![
                mark(0, "今天", "11 月 22 日"),
                mark(3, "原到期日", "11 月 25 日"),
                mark(33, "新到期日", "12 月 25 日"),
            ],
        }),
        sections: vec![Section {
            heading: Text::both("参考号", "References"),
            rows: vec![
                row(("号卡", "Line"), ("138 0013 8100", "")),
                row(("客户", "Customer"), ("陈堃喆", "Chen Kunzhe")),
            ],
        }],
        notes: vec![Text::both("可随时重新下载。", "Download it again at any time.")],
    }
}

fn segment(days: u32, part: Part, label: &str) -> Segment {
    Segment { days, part, label: Text::one(label) }
}

fn mark(day: u32, label: &str, date: &str) -> Mark {
    Mark { day, label: Text::one(label), date: Text::one(date) }
}

#[test]
fn one_small_page_says_everything_in_both_languages() {
    let file = render(&receipt()).unwrap();
    assert!(file.starts_with(b"%PDF-"));
    assert!(file.len() < 80_000, "{} bytes", file.len());
    let pdf = Pdf::read(&file);
    assert_eq!(pdf.pages(), 1);
    let lines = pdf.lines();
    for expected in [
        "续费凭证",
        "Renewal receipt",
        "海桥移动",
        "¥128.00",
        "原到期日",
        "12 月 25 日",
        "138 0013 8100",
        "陈堃喆",
        "Chen Kunzhe",
        "可随时重新下载。",
    ] {
        assert!(lines.iter().any(|line| line == expected), "{expected} is not among {lines:#?}");
    }
    let plain = String::from_utf8_lossy(&file);
    assert!(plain.contains("/Lang(zh-CN)"));
    assert!(plain.contains("<FEFF7EED8D3951ED8BC1"), "the title is 续费凭证 and the number");
}

#[test]
fn what_the_fonts_lack_is_shown_and_named() {
    let mut strange = receipt();
    strange.sections[0].rows[1].value = Text::one("𠮷田 محمد \u{202E}exe");
    let lines = Pdf::read(&render(&strange).unwrap()).lines();
    assert!(lines.iter().any(|line| line.ends_with(" = U+20BB7, U+0645, U+062D, U+062F")), "{lines:#?}");
    assert!(lines.iter().all(|line| !line.contains('\u{202E}')));
}

#[test]
fn extremes_stay_on_one_page() {
    let mut long = receipt();
    long.operator = "欢迎".repeat(60);
    long.title = Text::both("续费凭证".repeat(12), "Renewalreceipt".repeat(12));
    long.amount.value = Text::one("HK$ 9,223,372,036,854,775,807.00".repeat(3));
    let rows = &mut long.sections[0].rows;
    rows.extend((0..30).map(|_| row((&"标".repeat(60), &"label".repeat(30)), (&"W".repeat(160), &"李伟".repeat(40)))));
    let pdf = Pdf::read(&render(&long).unwrap());
    assert_eq!(pdf.pages(), 1);
    for (x, y) in pdf.starts() {
        assert!((10.0..585.0).contains(&x) && (10.0..840.0).contains(&y), "text starts at {x}, {y}");
    }
}

#[test]
fn more_than_a_page_can_hold_is_refused() {
    let mut endless = receipt();
    endless.sections[0].rows = vec![row(("a", "b"), ("c", "d")); 2_000];
    assert!(render(&endless).is_err());
}

/// As much of a PDF reader as krilla's files need: streams, ToUnicode maps, and the text operators.
struct Pdf {
    plain: String,
    streams: HashMap<usize, Vec<u8>>,
}

impl Pdf {
    fn read(file: &[u8]) -> Self {
        let plain: String = file.iter().map(|&byte| char::from(byte)).collect();
        let streams = plain
            .match_indices(" 0 obj\n")
            .filter_map(|(at, _)| {
                let number = plain[..at].rsplit('\n').next()?.parse().ok()?;
                let object = &plain[at..at + plain[at..].find("endobj")?];
                let data: Vec<u8> = object[object.find("stream\n")? + 7..].chars().map(|c| c as u8).collect();
                let mut inflated = Vec::new();
                flate2::read::ZlibDecoder::new(&data[..]).read_to_end(&mut inflated).ok()?;
                Some((number, inflated))
            })
            .collect();
        Self { plain, streams }
    }

    fn pages(&self) -> usize {
        self.plain.matches("/Type/Page/").count()
    }

    fn object(&self, number: usize) -> &str {
        let start = self.plain.find(&format!("\n{number} 0 obj\n")).unwrap();
        self.plain[start..].split("endobj").next().unwrap()
    }

    fn content(&self) -> String {
        let page = self.plain.split("/Type/Page/").nth(1).unwrap();
        self.streams[&reference(page, "Contents ")].iter().map(|&byte| char::from(byte)).collect()
    }

    fn unicode(&self, font: &str) -> HashMap<u16, String> {
        let page = self.plain.split("/Type/Page/").nth(1).unwrap();
        let fonts = self.object(reference(page, "Resources "));
        let map = reference(self.object(reference(fonts, &format!("/{font} "))), "/ToUnicode ");
        let text = String::from_utf8_lossy(&self.streams[&map]).into_owned();
        text.lines().filter_map(entry).collect()
    }

    fn lines(&self) -> Vec<String> {
        let content = self.content();
        let texts = content.split("\nBT").skip(1).map(|text| text.split("\nET").next().unwrap());
        let mut maps: HashMap<String, HashMap<u16, String>> = HashMap::new();
        texts
            .map(|text| {
                let font = text.split(" Tf").next().unwrap().rsplit('/').next().unwrap().split(' ').next().unwrap();
                let map = maps.entry(font.to_owned()).or_insert_with(|| self.unicode(font));
                let codes = strings(text);
                codes.chunks(2).map(|code| map[&u16::from_be_bytes([code[0], code[1]])].as_str()).collect()
            })
            .collect()
    }

    /// Where each line of text begins, in points from the page's upper left corner.
    fn starts(&self) -> Vec<(f32, f32)> {
        let content = self.content();
        let scale: f32 = content["q ".len()..].split(' ').next().unwrap().parse().unwrap();
        let starts = content.split(" Tm").filter_map(|before| {
            let mut numbers = before.rsplit(' ');
            let (y, x) = (numbers.next()?.parse::<f32>().ok()?, numbers.next()?.parse::<f32>().ok()?);
            Some((x * scale, y * scale))
        });
        starts.collect()
    }
}

fn reference(text: &str, key: &str) -> usize {
    let rest = &text[text.find(key).unwrap() + key.len()..];
    rest.split(' ').next().unwrap().parse().unwrap()
}

/// `<0041> <51ED>`
fn entry(line: &str) -> Option<(u16, String)> {
    let (code, text) = line.strip_prefix('<')?.strip_suffix('>')?.split_once("> <")?;
    let units: Vec<u16> = text.as_bytes().chunks(4).map(|four| hex4(std::str::from_utf8(four).unwrap())).collect();
    Some((hex4(code), String::from_utf16(&units).ok()?))
}

fn hex4(digits: &str) -> u16 {
    u16::from_str_radix(digits, 16).unwrap()
}

/// The bytes of every string shown, `(...)` or `<...>`; a replacement text for the glyphs that follow is left out.
fn strings(text: &str) -> Vec<u8> {
    let shown: String = text.split("/Span<<").enumerate().map(|(part, text)| after_replacement(part, text)).collect();
    let mut rest = shown.as_str();
    let mut bytes = Vec::new();
    while let Some(start) = rest.find(['(', '<']) {
        let mut characters = rest[start + 1..].chars();
        match &rest[start..=start] {
            "(" => literal(&mut characters, &mut bytes),
            _ => hexadecimal(&mut characters, &mut bytes),
        }
        rest = characters.as_str();
    }
    bytes
}

fn after_replacement(part: usize, text: &str) -> &str {
    if part == 0 { text } else { text.split_once("BDC").unwrap().1 }
}

fn hexadecimal(characters: &mut std::str::Chars, bytes: &mut Vec<u8>) {
    let digits: String = characters.by_ref().take_while(|&digit| digit != '>').collect();
    bytes.extend(hex::decode(digits).unwrap());
}

/// Brackets that match stand in a literal as they are.
fn literal(characters: &mut std::str::Chars, bytes: &mut Vec<u8>) {
    let mut depth = 1;
    while let Some(character) = characters.next() {
        match character {
            '\\' => {
                bytes.push(escaped(characters));
                continue;
            }
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return;
        }
        bytes.push(character as u8);
    }
}

fn escaped(characters: &mut std::str::Chars) -> u8 {
    let first = characters.next().unwrap();
    match first {
        'n' => b'\n',
        'r' => b'\r',
        't' => b'\t',
        'b' => 8,
        'f' => 12,
        '0'..='7' => {
            let mut value = first.to_digit(8).unwrap();
            for _ in 0..2 {
                value = value * 8 + characters.next().unwrap().to_digit(8).unwrap();
            }
            value as u8
        }
        other => other as u8,
    }
}
