//! A text taken apart once, when it is read. Putting the pieces together takes a tenth of the time that Fluent's own
//! resolver takes, and a page has some forty texts with parameters.

use super::Arg;
use crate::lang::Lang;
use fluent_syntax::ast;

pub(super) struct Pattern(Vec<Piece>);

enum Piece {
    Words(String),
    Parameter(String),
    /// By a parameter's plural form or its own text; where none fits, the variant marked with `*`.
    Choice {
        parameter: String,
        variants: Vec<(Key, Pattern)>,
        default: usize,
    },
}

enum Key {
    Number(i64),
    Name(String),
}

impl Pattern {
    /// `None` for what only Fluent itself knows to resolve: functions, terms, references.
    pub fn compile(pattern: &ast::Pattern<&str>) -> Option<Self> {
        pattern.elements.iter().map(piece).collect::<Option<_>>().map(Self)
    }

    pub fn fill(&self, language: Lang, args: &[(&str, Arg)]) -> String {
        let mut text = String::with_capacity(64);
        self.write(&mut text, language, args);
        text
    }

    fn write(&self, out: &mut String, language: Lang, args: &[(&str, Arg)]) {
        for piece in &self.0 {
            match piece {
                Piece::Words(words) => out.push_str(words),
                Piece::Parameter(name) => match value(args, name) {
                    Some(Arg::Text(text)) => out.push_str(text),
                    Some(Arg::Number(number)) => out.push_str(&number.to_string()),
                    None => missing(name),
                },
                Piece::Choice { parameter, variants, default } => {
                    let wanted = value(args, parameter);
                    if wanted.is_none() {
                        missing(parameter);
                    }
                    let fitting = variants.iter().find(|(key, _)| wanted.is_some_and(|arg| key.fits(arg, language)));
                    if let Some((_, chosen)) = fitting.or_else(|| variants.get(*default)) {
                        chosen.write(out, language, args);
                    }
                }
            }
        }
    }
}

impl Key {
    fn fits(&self, arg: &Arg, language: Lang) -> bool {
        match (self, arg) {
            (Self::Number(key), Arg::Number(number)) => key == number,
            (Self::Name(key), Arg::Number(number)) => key == plural(*number, language),
            (Self::Name(key), Arg::Text(text)) => key == text,
            (Self::Number(_), Arg::Text(_)) => false,
        }
    }
}

/// The plural form of a whole number, as CLDR has it for the languages we speak.
fn plural(number: i64, language: Lang) -> &'static str {
    match (language, number.unsigned_abs()) {
        (Lang::En, 1) => "one",
        (Lang::En | Lang::Zh, _) => "other",
    }
}

fn value<'a>(args: &'a [(&str, Arg)], name: &str) -> Option<&'a Arg> {
    args.iter().find(|(key, _)| *key == name).map(|(_, value)| value)
}

fn missing(parameter: &str) {
    debug_assert!(false, "no ${parameter}");
    tracing::error!(parameter, "a text lacks a parameter");
}

fn piece(element: &ast::PatternElement<&str>) -> Option<Piece> {
    use ast::{Expression, InlineExpression, PatternElement};
    let expression = match element {
        PatternElement::TextElement { value } => return Some(Piece::Words((*value).to_owned())),
        PatternElement::Placeable { expression } => expression,
    };
    match expression {
        Expression::Inline(InlineExpression::VariableReference { id }) => Some(Piece::Parameter(id.name.to_owned())),
        Expression::Select { selector: InlineExpression::VariableReference { id }, variants } => Some(Piece::Choice {
            parameter: id.name.to_owned(),
            default: variants.iter().position(|variant| variant.default)?,
            variants: variants.iter().map(variant).collect::<Option<_>>()?,
        }),
        _ => None,
    }
}

fn variant(variant: &ast::Variant<&str>) -> Option<(Key, Pattern)> {
    let key = match &variant.key {
        ast::VariantKey::Identifier { name } => Key::Name((*name).to_owned()),
        ast::VariantKey::NumberLiteral { value } => Key::Number(value.parse().ok()?),
    };
    Some((key, Pattern::compile(&variant.value)?))
}
