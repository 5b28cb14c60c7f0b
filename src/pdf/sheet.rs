//! What stands where on the page, in points from its upper left corner.

use super::Part;
use super::font::Weight;
use super::wrap::wrap;

pub const PAGE: (f32, f32) = (595.28, 841.89);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ink {
    Black,
    Soft,
    Accent,
    Hairline,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Type {
    pub size: f32,
    pub weight: Weight,
    pub ink: Ink,
}

impl Type {
    pub const fn new(size: f32, weight: Weight, ink: Ink) -> Self {
        Self { size, weight, ink }
    }

    pub fn leading(&self) -> f32 {
        self.size * 1.4
    }
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Area {
    pub x: f32,
    pub y: f32,
    pub width: f32,
    pub height: f32,
}

impl Area {
    pub fn right(&self) -> f32 {
        self.x + self.width
    }
}

#[derive(Debug, Clone, PartialEq)]
pub enum Item {
    /// `y` is the base line.
    Line {
        x: f32,
        y: f32,
        text: String,
        of: Type,
    },
    Rule {
        from: (f32, f32),
        to: (f32, f32),
        width: f32,
        ink: Ink,
    },
    /// Stretches of the validity ribbon, cut to one rounded bar.
    Bar {
        area: Area,
        stretches: Vec<(Area, Part)>,
    },
    Swatch {
        area: Area,
        part: Part,
    },
}

impl Item {
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Line { text, .. } => Some(text),
            _ => None,
        }
    }
}

/// `scale` shrinks everything on it, so a sheet with much to say is laid out on larger paper.
#[derive(Debug, Clone, PartialEq)]
pub struct Sheet {
    pub scale: f32,
    pub items: Vec<Item>,
}

impl Sheet {
    pub fn new(scale: f32) -> Self {
        Self { scale, items: Vec::new() }
    }

    pub fn width(&self) -> f32 {
        PAGE.0 / self.scale
    }

    pub fn height(&self) -> f32 {
        PAGE.1 / self.scale
    }

    /// Writes a text below `y`, in as many lines as it needs, and returns where the next one may begin.
    pub fn write(&mut self, text: &str, of: Type, (x, y): (f32, f32), room: f32) -> f32 {
        let mut top = y;
        for text in wrap(text, of.size, of.weight, room) {
            self.items.push(Item::Line { x, y: top + of.size * 1.08, text, of });
            top += of.leading();
        }
        top
    }

    pub fn rule(&mut self, (x, y): (f32, f32), width: f32, thickness: f32, ink: Ink) {
        self.items.push(Item::Rule { from: (x, y), to: (x + width, y), width: thickness, ink });
    }
}
