//! Paints a sheet with krilla and writes the file.

use krilla::Document;
use krilla::color::rgb;
use krilla::geom::{Path, PathBuilder, Point, Rect, Transform};
use krilla::metadata::Metadata;
use krilla::num::NormalizedF32;
use krilla::page::PageSettings;
use krilla::paint::{Fill, FillRule, Stroke};
use krilla::surface::Surface;
use krilla::text::{GlyphId, KrillaGlyph};

use super::font::{FACES, Glyph, Style, glyphs};
use super::sheet::{Area, Ink, Item, PAGE, Sheet, Type};
use super::{Error, Part, Receipt};

const WHITE: [u8; 3] = [0xff, 0xff, 0xff];
const LIGHT: [u8; 3] = [0xc4, 0xde, 0xd7];
const ACCENT: [u8; 3] = [0x0b, 0x6b, 0x58];
const SOFT: [u8; 3] = [0x56, 0x62, 0x70];
const HAIRLINE: [u8; 3] = [0xd5, 0xd9, 0xdd];
const BLACK: [u8; 3] = [0x10, 0x14, 0x18];

const HATCH: f32 = 3.5;
/// The outline that makes regular look bold, as a share of the type size.
const THICKENING: f32 = 0.028;

pub fn write(sheet: &Sheet, receipt: &Receipt) -> Result<Vec<u8>, Error> {
    let unwritable = || Error::Writing("the page has no size".into());
    let settings = PageSettings::from_wh(PAGE.0, PAGE.1).ok_or_else(unwritable)?;
    let mut document = Document::new();
    document.set_metadata(metadata(receipt));
    let mut page = document.start_page_with(settings);
    let mut surface = page.surface();
    surface.push_transform(&Transform::from_scale(sheet.scale, sheet.scale));
    for item in &sheet.items {
        paint(&mut surface, item);
    }
    surface.pop();
    surface.finish();
    page.finish();
    document.finish().map_err(|error| Error::Writing(error.to_string()))
}

fn metadata(receipt: &Receipt) -> Metadata {
    let number = receipt.references.first().map_or("", |reference| reference.value.main.as_str());
    Metadata::new()
        .title(format!("{} {number}", receipt.title.main).trim().to_owned())
        .authors(vec![receipt.operator.clone()])
        .language(receipt.language.clone())
}

fn paint(surface: &mut Surface, item: &Item) {
    match item {
        Item::Line { x, y, text, of } => line(surface, (*x, *y), text, of),
        Item::Rule { from, to, width, ink } => stroke(surface, *from, *to, *width, colour(*ink)),
        Item::Swatch { area, part } => bar(surface, *area, 1.5, &[(*area, *part)]),
        Item::Bar { area, stretches } => bar(surface, *area, area.height / 2.0, stretches),
    }
}

fn line(surface: &mut Surface, (x, y): (f32, f32), text: &str, of: &Type) {
    let mut x = x;
    for run in glyphs(text, of.weight).chunk_by(|one, next| one.style == next.style) {
        let style = run[0].style;
        surface.set_fill(Some(fill(colour(of.ink))));
        surface.set_stroke((style == Style::Thickened).then(|| pen(of.size * THICKENING, colour(of.ink))));
        let placed: Vec<_> = run.iter().map(place).collect();
        surface.draw_glyphs(Point::from_xy(x, y), &placed, FACES.of(style).font.clone(), text, of.size, false);
        x += run.iter().map(|glyph| glyph.advance * of.size).sum::<f32>();
    }
}

fn place(glyph: &Glyph) -> KrillaGlyph {
    KrillaGlyph::new(GlyphId::new(glyph.id), glyph.advance, 0.0, 0.0, 0.0, glyph.range.clone(), None)
}

/// Fills the stretches within one rounded outline; white gaps tell neighbours apart without colour.
fn bar(surface: &mut Surface, area: Area, radius: f32, stretches: &[(Area, Part)]) {
    let Some(outline) = rounded(area, radius) else { return };
    surface.push_clip_path(&outline, &FillRule::NonZero);
    for (stretch, part) in stretches {
        fill_stretch(surface, *stretch, *part);
    }
    for (stretch, _) in stretches.iter().skip(1) {
        stroke(surface, (stretch.x, stretch.y), (stretch.x, stretch.y + stretch.height), 1.2, WHITE);
    }
    surface.pop();
    surface.set_fill(None);
    surface.set_stroke(Some(pen(0.6, ACCENT)));
    surface.draw_path(&outline);
}

fn fill_stretch(surface: &mut Surface, area: Area, part: Part) {
    let inside = match part {
        Part::Left => LIGHT,
        Part::Added => ACCENT,
        Part::Lost => WHITE,
    };
    let Some(rect) = Rect::from_xywh(area.x, area.y, area.width, area.height) else { return };
    let mut path = PathBuilder::new();
    path.push_rect(rect);
    let Some(path) = path.finish() else { return };
    surface.set_stroke(None);
    surface.set_fill(Some(fill(inside)));
    surface.draw_path(&path);
    if part == Part::Lost {
        surface.push_clip_path(&path, &FillRule::NonZero);
        hatch(surface, area);
        surface.pop();
    }
}

fn hatch(surface: &mut Surface, area: Area) {
    let mut x = area.x;
    while x < area.right() + area.height {
        stroke(surface, (x, area.y), (x - area.height, area.y + area.height), 0.8, SOFT);
        x += HATCH;
    }
}

fn stroke(surface: &mut Surface, from: (f32, f32), to: (f32, f32), width: f32, colour: [u8; 3]) {
    let mut path = PathBuilder::new();
    path.move_to(from.0, from.1);
    path.line_to(to.0, to.1);
    if let Some(path) = path.finish() {
        surface.set_fill(None);
        surface.set_stroke(Some(pen(width, colour)));
        surface.draw_path(&path);
    }
}

fn rounded(area: Area, radius: f32) -> Option<Path> {
    let (left, top, right, bottom) = (area.x, area.y, area.right(), area.y + area.height);
    let radius = radius.min(area.width / 2.0);
    let mut path = PathBuilder::new();
    path.move_to(left + radius, top);
    path.line_to(right - radius, top);
    path.quad_to(right, top, right, top + radius);
    path.line_to(right, bottom - radius);
    path.quad_to(right, bottom, right - radius, bottom);
    path.line_to(left + radius, bottom);
    path.quad_to(left, bottom, left, bottom - radius);
    path.line_to(left, top + radius);
    path.quad_to(left, top, left + radius, top);
    path.close();
    path.finish()
}

fn colour(ink: Ink) -> [u8; 3] {
    match ink {
        Ink::Black => BLACK,
        Ink::Soft => SOFT,
        Ink::Accent => ACCENT,
        Ink::Hairline => HAIRLINE,
    }
}

fn fill([red, green, blue]: [u8; 3]) -> Fill {
    Fill { paint: rgb::Color::new(red, green, blue).into(), opacity: NormalizedF32::ONE, rule: FillRule::NonZero }
}

fn pen(width: f32, [red, green, blue]: [u8; 3]) -> Stroke {
    Stroke { paint: rgb::Color::new(red, green, blue).into(), width, ..Stroke::default() }
}
