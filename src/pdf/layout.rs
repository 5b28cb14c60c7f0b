//! Places a receipt's texts on the sheet, from the operator's name at the top to the small print.

use super::font::Weight::{Bold, Regular};
use super::font::{self, missing};
use super::ribbon;
use super::sheet::{Ink, Item, Sheet, Type};
use super::{Error, Receipt, Row, Section, Text};

const OPERATOR: Type = Type::new(11.0, Bold, Ink::Accent);
const TITLE: Type = Type::new(25.0, Bold, Ink::Black);
const TITLE_ALSO: Type = Type::new(12.0, Regular, Ink::Soft);
const AMOUNT: Type = Type::new(30.0, Bold, Ink::Black);
const HEADING: Type = Type::new(11.0, Bold, Ink::Accent);
const LABEL: Type = Type::new(9.5, Regular, Ink::Soft);
const VALUE: Type = Type::new(10.5, Regular, Ink::Black);
const REFERENCE: Type = Type::new(10.0, Regular, Ink::Black);
const ALSO: Type = Type::new(8.0, Regular, Ink::Soft);

const MARGIN: f32 = 56.0;
const TOP: f32 = 44.0;
/// Kept free for the foot of the page.
const BOTTOM: f32 = 54.0;
const LABELS: f32 = 160.0;
const REFERENCES: f32 = 215.0;

const SHRINK: f32 = 0.98;
/// Below this the eye reads nothing, and more rows are a mistake of the caller.
const SMALLEST: f32 = 0.2;

/// Lays the receipt out as large as it fits on one page.
pub fn fit(receipt: &Receipt) -> Result<Sheet, Error> {
    let mut scale = 1.0;
    while scale > SMALLEST {
        let mut sheet = Sheet::new(scale);
        let end = place(&mut sheet, receipt);
        let room = sheet.height() - BOTTOM;
        if end <= room {
            foot(&mut sheet, receipt);
            return Ok(sheet);
        }
        // Half way to what would surely fit: wider paper also breaks fewer lines.
        scale *= (room / end).sqrt().min(SHRINK);
    }
    Err(Error::TooLong)
}

fn place(sheet: &mut Sheet, receipt: &Receipt) -> f32 {
    let room = sheet.width() - 2.0 * MARGIN;
    let mut y = letterhead(sheet, receipt, room);
    y = title(sheet, receipt, y + 22.0, room);
    y = amount(sheet, &receipt.amount, y + 18.0, room);
    if let Some(ribbon) = &receipt.ribbon {
        y = heading(sheet, &ribbon.heading, y + 20.0, room);
        y = ribbon::draw(sheet, ribbon, (MARGIN, y + 8.0), room);
    }
    for part in &receipt.sections {
        y = section(sheet, part, y + 20.0, room);
    }
    notes(sheet, receipt, y + 20.0, room)
}

fn letterhead(sheet: &mut Sheet, receipt: &Receipt, room: f32) -> f32 {
    let y = sheet.write(&receipt.operator, OPERATOR, (MARGIN, TOP), room) + 8.0;
    sheet.rule((MARGIN, y), room, 1.2, Ink::Accent);
    y
}

fn title(sheet: &mut Sheet, receipt: &Receipt, y: f32, room: f32) -> f32 {
    let column = MARGIN + room - REFERENCES;
    let titled = pair(sheet, &receipt.title, (TITLE, TITLE_ALSO), (MARGIN, y), room - REFERENCES - 20.0);
    let mut beside = y + 5.0;
    for reference in &receipt.references {
        beside = caption(sheet, &reference.label, (column, beside), REFERENCES);
        beside = pair(sheet, &reference.value, (REFERENCE, ALSO), (column, beside), REFERENCES) + 8.0;
    }
    titled.max(beside - 8.0)
}

fn amount(sheet: &mut Sheet, amount: &Row, y: f32, room: f32) -> f32 {
    sheet.rule((MARGIN, y), room, 0.5, Ink::Hairline);
    let y = caption(sheet, &amount.label, (MARGIN, y + 14.0), room);
    pair(sheet, &amount.value, (AMOUNT, LABEL), (MARGIN, y), room)
}

fn section(sheet: &mut Sheet, section: &Section, y: f32, room: f32) -> f32 {
    let mut y = heading(sheet, &section.heading, y, room) + 5.0;
    sheet.rule((MARGIN, y), room, 0.5, Ink::Hairline);
    for row in &section.rows {
        let labelled = caption(sheet, &row.label, (MARGIN, y + 5.5), LABELS - 10.0);
        let valued = pair(sheet, &row.value, (VALUE, ALSO), (MARGIN + LABELS, y + 4.5), room - LABELS);
        y = labelled.max(valued) + 4.0;
        sheet.rule((MARGIN, y), room, 0.5, Ink::Hairline);
    }
    y
}

fn notes(sheet: &mut Sheet, receipt: &Receipt, mut y: f32, room: f32) -> f32 {
    for note in &receipt.notes {
        y = pair(sheet, note, (LABEL, ALSO), (MARGIN, y), room) + 5.0;
    }
    if let Some(legend) = stand_ins(&sheet.items) {
        y = sheet.write(&legend, ALSO, (MARGIN, y), room);
    }
    y
}

/// Names every character that could not be drawn by its code, so the reader can tell what 〓 stands for.
fn stand_ins(items: &[Item]) -> Option<String> {
    let texts: String = items.iter().filter_map(Item::text).collect();
    let codes: Vec<_> =
        missing(&texts).into_iter().map(|character| format!("U+{:04X}", u32::from(character))).collect();
    (!codes.is_empty()).then(|| format!("〓 = {}", codes.join(", ")))
}

fn foot(sheet: &mut Sheet, receipt: &Receipt) {
    let room = sheet.width() - 2.0 * MARGIN;
    let y = sheet.height() - BOTTOM + 18.0;
    sheet.rule((MARGIN, y), room, 0.5, Ink::Hairline);
    let number = receipt.references.first().map_or("", |reference| reference.value.main.as_str());
    let page = "1 / 1";
    sheet.write(number, ALSO, (MARGIN, y + 6.0), room - 40.0);
    sheet.write(page, ALSO, (MARGIN + room - font::width(page, ALSO.size, ALSO.weight), y + 6.0), 40.0);
}

/// The reader's language, and beneath it the other one.
fn pair(sheet: &mut Sheet, text: &Text, (main, also): (Type, Type), (x, y): (f32, f32), room: f32) -> f32 {
    let y = sheet.write(&text.main, main, (x, y), room);
    sheet.write(&text.also, also, (x, y), room)
}

fn heading(sheet: &mut Sheet, text: &Text, y: f32, room: f32) -> f32 {
    abreast(sheet, text, (HEADING, ALSO), (MARGIN, y), room)
}

fn caption(sheet: &mut Sheet, text: &Text, at: (f32, f32), room: f32) -> f32 {
    abreast(sheet, text, (LABEL, ALSO), at, room)
}

/// Both languages on one line where they fit, the second on the first one's base line.
fn abreast(sheet: &mut Sheet, text: &Text, (main, also): (Type, Type), (x, y): (f32, f32), room: f32) -> f32 {
    let taken = font::width(&font::clean(&text.main), main.size, main.weight) + 6.0;
    let rest = font::width(&font::clean(&text.also), also.size, also.weight);
    if taken + rest > room {
        return pair(sheet, text, (main, also), (x, y), room);
    }
    let end = sheet.write(&text.main, main, (x, y), room);
    sheet.write(&text.also, also, (x + taken, y + (main.size - also.size) * 1.08), room);
    end
}
