//! The two fonts, which glyph of them draws a character, and how wide it is.

use std::ops::Range;
use std::sync::LazyLock;

use skrifa::charmap::Charmap;
use skrifa::instance::{LocationRef, Size};
use skrifa::metrics::GlyphMetrics;
use skrifa::raw::TableProvider;
use skrifa::{FontRef, MetadataProvider};

const REGULAR: &[u8] = include_bytes!("../../assets/fonts/NotoSansSC-Regular.subset.otf");
const BOLD: &[u8] = include_bytes!("../../assets/fonts/NotoSansSC-Bold.subset.otf");

/// Drawn where neither font has the character, as printers did when the type was missing.
const STAND_IN: char = '〓';

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    Regular,
    Bold,
}

/// Which font draws a glyph; `Thickened` is the regular one with a heavier line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    Regular,
    Bold,
    Thickened,
}

/// `advance` is a share of the type size.
#[derive(Debug, Clone)]
pub struct Glyph {
    pub id: u32,
    pub style: Style,
    pub advance: f32,
    pub range: Range<usize>,
}

pub struct Face {
    pub font: krilla::text::Font,
    characters: Charmap<'static>,
    metrics: GlyphMetrics<'static>,
    units_per_em: f32,
}

pub struct Faces {
    pub regular: Face,
    pub bold: Face,
}

/// Both files are compiled in and a test reads them, so this cannot fail where a customer waits.
#[allow(clippy::expect_used)]
pub static FACES: LazyLock<Faces> = LazyLock::new(|| Faces {
    regular: Face::read(REGULAR).expect("assets/fonts holds a readable regular font"),
    bold: Face::read(BOLD).expect("assets/fonts holds a readable bold font"),
});

impl Face {
    fn read(data: &'static [u8]) -> Option<Self> {
        let font = FontRef::new(data).ok()?;
        Some(Self {
            characters: font.charmap(),
            metrics: font.glyph_metrics(Size::unscaled(), LocationRef::default()),
            units_per_em: font.head().ok()?.units_per_em().into(),
            font: krilla::text::Font::new(data.into(), 0)?,
        })
    }

    fn glyph(&self, character: char) -> Option<(u32, f32)> {
        let id = self.characters.map(character)?;
        let advance = self.metrics.advance_width(id)? / self.units_per_em;
        Some((id.to_u32(), advance))
    }
}

impl Faces {
    pub fn of(&self, style: Style) -> &Face {
        match style {
            Style::Bold => &self.bold,
            Style::Regular | Style::Thickened => &self.regular,
        }
    }
}

/// The glyphs that draw `text` from left to right. The fonts hold no script that joins or runs the other way.
pub fn glyphs(text: &str, weight: Weight) -> Vec<Glyph> {
    text.char_indices()
        .filter_map(|(start, character)| {
            let (style, (id, advance)) = find(character, weight).or_else(|| find(STAND_IN, weight))?;
            Some(Glyph { id, style, advance, range: start..start + character.len_utf8() })
        })
        .collect()
}

fn find(character: char, weight: Weight) -> Option<(Style, (u32, f32))> {
    let regular = |style| Some((style, FACES.regular.glyph(character)?));
    match weight {
        Weight::Regular => regular(Style::Regular),
        Weight::Bold => match FACES.bold.glyph(character) {
            Some(glyph) => Some((Style::Bold, glyph)),
            None => regular(Style::Thickened),
        },
    }
}

/// In points, at a type size in points.
pub fn width(text: &str, size: f32, weight: Weight) -> f32 {
    glyphs(text, weight).iter().map(|glyph| glyph.advance * size).sum()
}

/// The characters a receipt can only show as 〓, each once, in the order they appear.
pub fn missing(text: &str) -> Vec<char> {
    let mut found = Vec::new();
    for character in clean(text).chars() {
        if FACES.regular.glyph(character).is_none() && !found.contains(&character) {
            found.push(character);
        }
    }
    found
}

/// Breaks and tabs become one space; what has no shape of its own (direction marks, joiners, variants) goes, so that
/// a name cannot reorder the figures beside it.
pub fn clean(text: &str) -> String {
    let mut cleaned = String::with_capacity(text.len());
    for character in text.trim().chars().filter(|&character| !is_invisible(character)) {
        let character = if character.is_whitespace() { ' ' } else { character };
        if character != ' ' || !cleaned.ends_with(' ') {
            cleaned.push(character);
        }
    }
    cleaned
}

fn is_invisible(character: char) -> bool {
    (character.is_control() && !character.is_whitespace())
        || matches!(character,
            '\u{AD}' | '\u{61C}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
            | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{E0000}'..='\u{E01EF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_fonts_are_readable_and_cover_what_receipts_say() {
        assert!(FACES.bold.glyph('费').is_some());
        assert_eq!(missing("续费凭证 ¥128.00 HK$ € £ → – — … ①　（含）「」 ñ ß ắ ē"), Vec::<char>::new());
    }

    #[test]
    fn the_whole_of_gb2312_is_there() {
        let mut count = 0;
        for lead in 0xA1..=0xF7u8 {
            for trail in 0xA1..=0xFEu8 {
                let bytes = [lead, trail];
                let (text, _, broken) = encoding_rs::GBK.decode(&bytes);
                let assigned = lead <= 0xA9 || lead >= 0xB0;
                if !broken && assigned && !text.chars().any(is_private) && is_gb2312(lead, trail) {
                    assert_eq!(missing(&text), Vec::<char>::new(), "{bytes:x?}");
                    count += 1;
                }
            }
        }
        assert!(count > 7_400, "only {count} were looked at");
    }

    fn is_private(character: char) -> bool {
        ('\u{E000}'..='\u{F8FF}').contains(&character)
    }

    /// GBK put small Roman numerals, vertical forms and more tone marks where GB2312 has nothing.
    fn is_gb2312(lead: u8, trail: u8) -> bool {
        match lead {
            0xA2 => (0xB1..=0xE2).contains(&trail) || (0xE5..=0xEE).contains(&trail) || (0xF1..=0xFC).contains(&trail),
            0xA6 => trail <= 0xD8,
            0xA8 => trail <= 0xBA || trail >= 0xC5,
            _ => true,
        }
    }

    #[test]
    fn a_character_no_font_has_is_named_and_stands_out() {
        assert_eq!(missing("𠮷野家 محمد 𠮷"), ['𠮷', 'م', 'ح', 'د']);
        let stand_in = glyphs("〓", Weight::Regular)[0].id;
        let drawn = glyphs("𠮷野", Weight::Regular);
        assert_eq!(drawn[0].id, stand_in);
        assert_ne!(drawn[1].id, stand_in);
        assert_eq!(drawn[0].range, 0..4);
    }

    #[test]
    fn names_with_rare_and_traditional_characters_are_drawn() {
        assert_eq!(missing("陳堃喆 鍾玥 犇翀昇 淼 Nguyễn Đặng Åse"), Vec::<char>::new());
    }

    #[test]
    fn bold_falls_back_to_a_thickened_regular() {
        let styles: Vec<_> = glyphs("费喆", Weight::Bold).into_iter().map(|glyph| glyph.style).collect();
        assert_eq!(styles, [Style::Bold, Style::Thickened]);
    }

    #[test]
    fn figures_stand_in_columns() {
        for weight in [Weight::Regular, Weight::Bold] {
            assert_eq!(width("1111", 10.0, weight), width("0868", 10.0, weight));
        }
    }

    #[test]
    fn direction_marks_are_dropped_and_breaks_become_spaces() {
        assert_eq!(clean(" a\u{202E}b\r\n\tc\u{200B} "), "ab c");
        assert_eq!(missing("\u{202E}\u{FE0F}"), Vec::<char>::new());
    }
}
