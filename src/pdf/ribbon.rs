//! The validity ribbon: what is left, what the renewal adds and what it gives up, with the dates between them.

use super::font::Weight::{Bold, Regular};
use super::font::{clean, width};
use super::sheet::{Area, Ink, Item, Sheet, Type};
use super::wrap::wrap;
use super::{Mark, Ribbon, Segment, Text};

const LABEL: Type = Type::new(9.0, Regular, Ink::Soft);
const DATE: Type = Type::new(9.5, Bold, Ink::Black);
const ALSO: Type = Type::new(7.5, Regular, Ink::Soft);

const BAR: f32 = 12.0;
const TICK: f32 = 9.0;
const SWATCH: f32 = 8.0;
/// A stretch of one day among years is still seen.
const NARROWEST: f32 = 8.0;
const WIDEST_NOTE: f32 = 150.0;
const GAP: f32 = 12.0;

pub fn draw(sheet: &mut Sheet, ribbon: &Ribbon, (x, y): (f32, f32), room: f32) -> f32 {
    let y = legend(sheet, &ribbon.segments, (x, y), room) + 6.0;
    let area = Area { x, y, width: room, height: BAR };
    let stretches = stretch(&ribbon.segments, area);
    let placed: Vec<_> =
        ribbon.marks.iter().map(|mark| (mark, position(&ribbon.segments, &stretches, mark.day, area))).collect();
    let stretches = ribbon.segments.iter().zip(stretches).map(|(segment, area)| (area, segment.part)).collect();
    sheet.items.push(Item::Bar { area, stretches });
    notes(sheet, &placed, area)
}

fn legend(sheet: &mut Sheet, segments: &[Segment], (left, top): (f32, f32), room: f32) -> f32 {
    let (mut x, mut y) = (left, top);
    for segment in segments.iter().filter(|segment| segment.days > 0) {
        let text = side_by_side(&segment.label);
        let wide = SWATCH + 5.0 + width(&clean(&text), LABEL.size, LABEL.weight);
        if x > left && x + wide > left + room {
            (x, y) = (left, y + LABEL.leading());
        }
        sheet
            .items
            .push(Item::Swatch { area: Area { x, y: y + 2.6, width: SWATCH, height: SWATCH }, part: segment.part });
        let end = sheet.write(&text, LABEL, (x + SWATCH + 5.0, y), room - SWATCH - 5.0);
        y = y.max(end - LABEL.leading());
        x += wide + 20.0;
    }
    y + LABEL.leading()
}

fn side_by_side(text: &Text) -> String {
    match text.also.as_str() {
        "" => text.main.clone(),
        also => format!("{} · {also}", text.main),
    }
}

/// Shares the bar among the segments by their days.
fn stretch(segments: &[Segment], bar: Area) -> Vec<Area> {
    let days: f32 = segments.iter().map(|segment| segment.days as f32).sum::<f32>().max(1.0);
    let widths: Vec<f32> = segments
        .iter()
        .map(|segment| if segment.days == 0 { 0.0 } else { (bar.width * segment.days as f32 / days).max(NARROWEST) })
        .collect();
    let correction = bar.width / widths.iter().sum::<f32>().max(NARROWEST);
    let mut x = bar.x;
    widths
        .into_iter()
        .map(|width| {
            let area = Area { x, width: width * correction, ..bar };
            x = area.right();
            area
        })
        .collect()
}

/// Where a day stands on the bar whose stretches may be wider than their share.
fn position(segments: &[Segment], stretches: &[Area], day: u32, bar: Area) -> f32 {
    let mut passed = 0;
    for (segment, area) in segments.iter().zip(stretches) {
        if segment.days > 0 && day <= passed + segment.days {
            return area.x + area.width * (day - passed) as f32 / segment.days as f32;
        }
        passed += segment.days;
    }
    bar.right()
}

/// Writes the marks side by side below the bar, each as near to its day as its neighbours allow, and returns where
/// the tallest ends.
fn notes(sheet: &mut Sheet, marks: &[(&Mark, f32)], bar: Area) -> f32 {
    let count = marks.len().max(1) as f32;
    let room = WIDEST_NOTE.min((bar.width - GAP * (count - 1.0)) / count);
    let top = bar.y + BAR + TICK;
    let mut end = top;
    for ((mark, at), left) in marks.iter().zip(spread(marks, bar, room)) {
        let right = left + widest(mark, room);
        leader(sheet, *at, at.clamp(left, right), bar);
        end = end.max(note(sheet, mark, (left, top), room));
    }
    end
}

/// The left edges: centred on the day, then pushed right off the one before, then left off the one after.
fn spread(marks: &[(&Mark, f32)], bar: Area, room: f32) -> Vec<f32> {
    let widths: Vec<f32> = marks.iter().map(|(mark, _)| widest(mark, room)).collect();
    let mut lefts = Vec::new();
    let mut free = bar.x;
    for ((_, at), wide) in marks.iter().zip(&widths) {
        let left = (at - wide / 2.0).max(free);
        lefts.push(left);
        free = left + wide + GAP;
    }
    let mut end = bar.right();
    for (left, wide) in lefts.iter_mut().zip(&widths).rev() {
        *left = left.min(end - wide);
        end = *left - GAP;
    }
    lefts
}

fn widest(mark: &Mark, room: f32) -> f32 {
    let all = lines(mark).into_iter().flat_map(|(text, of)| {
        wrap(text, of.size, of.weight, room).into_iter().map(move |line| width(&line, of.size, of.weight))
    });
    all.fold(0.0, f32::max)
}

fn lines(mark: &Mark) -> [(&str, Type); 4] {
    [(&mark.label.main, LABEL), (&mark.date.main, DATE), (&mark.label.also, ALSO), (&mark.date.also, ALSO)]
}

/// From the day on the bar to its note, which may stand aside.
fn leader(sheet: &mut Sheet, at: f32, to: f32, bar: Area) {
    let inside = |x: f32| x.clamp(bar.x + 0.4, bar.right() - 0.4);
    let (at, to) = (inside(at), inside(to));
    let foot = bar.y + BAR;
    let line = |from, to| Item::Rule { from, to, width: 0.8, ink: Ink::Soft };
    sheet.items.push(line((at, foot), (at, foot + TICK / 2.0)));
    sheet.items.push(line((at, foot + TICK / 2.0), (to, foot + TICK)));
}

fn note(sheet: &mut Sheet, mark: &Mark, (x, y): (f32, f32), room: f32) -> f32 {
    lines(mark).into_iter().fold(y, |top, (text, of)| sheet.write(text, of, (x, top), room))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pdf::Part;

    const BAR_AREA: Area = Area { x: 56.0, y: 100.0, width: 483.0, height: BAR };

    fn mark(day: u32) -> Mark {
        let date = Text::both("2026 年 12 月 25 日（含）", "25 Dec 2026, inclusive");
        Mark { day, label: Text::both("新到期日", "Valid until"), date }
    }

    fn segment(days: u32, part: Part) -> Segment {
        Segment { days, part, label: Text::one("x") }
    }

    #[test]
    fn notes_never_touch_however_close_their_days() {
        for days in [vec![0, 1, 2], vec![363, 364, 365], vec![0, 0, 0], vec![0, 1, 2, 3, 364, 365]] {
            let marks: Vec<Mark> = days.iter().copied().map(mark).collect();
            let room = WIDEST_NOTE.min((BAR_AREA.width - GAP * (marks.len() as f32 - 1.0)) / marks.len() as f32);
            let placed: Vec<_> =
                marks.iter().map(|mark| (mark, BAR_AREA.x + BAR_AREA.width * mark.day as f32 / 365.0)).collect();
            let lefts = spread(&placed, BAR_AREA, room);
            let wide = widest(&marks[0], room);
            assert!(lefts[0] >= BAR_AREA.x - 0.01 && lefts[lefts.len() - 1] + wide <= BAR_AREA.right() + 0.01);
            for pair in lefts.windows(2) {
                assert!(pair[0] + wide + GAP <= pair[1] + 0.01, "{days:?}: {lefts:?}");
            }
        }
    }

    #[test]
    fn a_short_stretch_stays_visible_and_the_bar_is_filled() {
        let segments = [segment(1, Part::Left), segment(0, Part::Lost), segment(3_650, Part::Added)];
        let stretches = stretch(&segments, BAR_AREA);
        assert!(stretches[0].width > 7.0);
        assert_eq!(stretches[1].width, 0.0);
        assert!((stretches[2].right() - BAR_AREA.right()).abs() < 0.01);
        assert_eq!(position(&segments, &stretches, 1, BAR_AREA), stretches[2].x);
        assert_eq!(position(&segments, &stretches, 99_999, BAR_AREA), BAR_AREA.right());
    }

    #[test]
    fn a_term_of_no_days_draws_an_empty_bar() {
        assert_eq!(stretch(&[segment(0, Part::Added)], BAR_AREA)[0].width, 0.0);
    }
}
