/// One text in the reader's language, and in the other one where that says more. `also` is empty where it does not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Text {
    pub main: String,
    pub also: String,
}

impl Text {
    pub fn both(main: impl Into<String>, also: impl Into<String>) -> Self {
        let (main, also) = (main.into(), also.into());
        let also = if also == main { String::new() } else { also };
        Self { main, also }
    }

    /// A text that is the same in every language: a number, a name.
    pub fn one(main: impl Into<String>) -> Self {
        Self { main: main.into(), also: String::new() }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The language of every `main` text, as a BCP 47 tag: `zh-CN` or `en`.
    pub language: String,
    pub title: Text,
    pub operator: String,
    /// Stand beside the title: receipt number, date of issue.
    pub references: Vec<Row>,
    pub amount: Row,
    pub ribbon: Option<Ribbon>,
    pub sections: Vec<Section>,
    pub notes: Vec<Text>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    pub heading: Text,
    pub rows: Vec<Row>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub label: Text,
    pub value: Text,
}

impl Row {
    pub fn new(label: Text, value: Text) -> Self {
        Self { label, value }
    }
}

/// The validity ribbon: stretches of time from left to right, and the dates that stand between them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ribbon {
    pub heading: Text,
    pub segments: Vec<Segment>,
    pub marks: Vec<Mark>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    pub days: u32,
    pub part: Part,
    pub label: Text,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Left of the current term: light.
    Left,
    /// Bought now: solid.
    Added,
    /// Given up by renewing: hatched.
    Lost,
}

/// A date written on the ribbon, `day` days from its left end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    pub day: u32,
    pub label: Text,
    pub date: Text,
}
