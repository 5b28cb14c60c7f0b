use super::pattern::Pattern;
use crate::lang::Lang;
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use rust_embed::RustEmbed;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/locales"]
struct Locales;

/// A parameter of a text: numbers choose plurals, words are put in as they are.
pub enum Arg {
    Number(i64),
    Text(String),
}

/// What can be put into a text.
pub trait Fill {
    fn arg(&self) -> Arg;
}

macro_rules! fill_numbers {
    ($($number:ty),+) => {$(
        impl Fill for $number {
            fn arg(&self) -> Arg {
                Arg::Number(i64::from(*self))
            }
        }
    )+};
}
fill_numbers!(i64, i32, u32, i16, u8);

impl Fill for usize {
    fn arg(&self) -> Arg {
        Arg::Number(i64::try_from(*self).unwrap_or(i64::MAX))
    }
}

impl Fill for str {
    fn arg(&self) -> Arg {
        Arg::Text(self.to_owned())
    }
}

impl Fill for String {
    fn arg(&self) -> Arg {
        Arg::Text(self.clone())
    }
}

impl<T: Fill + ?Sized> Fill for &T {
    fn arg(&self) -> Arg {
        (**self).arg()
    }
}

impl<T: Fill> From<T> for Arg {
    fn from(value: T) -> Self {
        value.arg()
    }
}

/// All texts of one language. Texts without parameters, nearly all of them, are looked up rather than formatted.
pub struct Texts {
    language: Lang,
    patterns: HashMap<String, Pattern>,
    bundle: FluentBundle<FluentResource>,
    plain: HashMap<String, String>,
    parameters: BTreeMap<String, BTreeSet<String>>,
}

impl Texts {
    #[allow(clippy::panic)] // texts are part of the binary: a broken one must not get as far as a page
    pub(super) fn load(language: Lang) -> Self {
        let mut bundle = FluentBundle::new_concurrent(vec![language.code().parse().unwrap_or_default()]);
        bundle.set_use_isolating(false);
        let mut parameters = BTreeMap::new();
        let mut patterns = HashMap::new();
        for path in Locales::iter().filter(|path| path.starts_with(&format!("{}/", language.code()))) {
            let source =
                Locales::get(&path).map(|file| String::from_utf8_lossy(&file.data).into_owned()).unwrap_or_default();
            let resource = FluentResource::try_new(source).unwrap_or_else(|(_, errors)| panic!("{path}: {errors:?}"));
            for entry in resource.entries() {
                if let fluent_bundle_syntax::Entry::Message(message) = entry {
                    parameters.insert(message.id.name.to_owned(), fluent_bundle_syntax::parameters(message));
                    if let Some(pattern) = message.value.as_ref().and_then(Pattern::compile) {
                        patterns.insert(message.id.name.to_owned(), pattern);
                    }
                }
            }
            bundle.add_resource(resource).unwrap_or_else(|errors| panic!("{path}: {errors:?}"));
        }
        let mut texts = Self { language, patterns, bundle, plain: HashMap::new(), parameters };
        let keys: Vec<_> =
            texts.parameters.iter().filter(|(_, needs)| needs.is_empty()).map(|(key, _)| key.clone()).collect();
        for key in keys {
            let text = texts.filled(&key, &[]);
            texts.plain.insert(key, text);
        }
        texts
    }

    /// Keys with the parameters each wants.
    pub fn keys(&self) -> &BTreeMap<String, BTreeSet<String>> {
        &self.parameters
    }

    pub fn has(&self, key: &str) -> bool {
        self.plain.contains_key(key)
    }

    pub(super) fn plain(&self, key: &str) -> &str {
        match self.plain.get(key) {
            Some(text) => text,
            None => {
                debug_assert!(false, "no text {key}");
                tracing::error!(key, "a text is missing");
                ""
            }
        }
    }

    pub(super) fn filled(&self, key: &str, args: &[(&str, Arg)]) -> String {
        match self.patterns.get(key) {
            Some(pattern) => pattern.fill(self.language, args),
            None => self.resolved(key, args),
        }
    }

    /// As Fluent itself fills it.
    pub(super) fn resolved(&self, key: &str, args: &[(&str, Arg)]) -> String {
        let Some(pattern) = self.bundle.get_message(key).and_then(|message| message.value()) else {
            debug_assert!(false, "no text {key}");
            tracing::error!(key, "a text is missing");
            return String::new();
        };
        let args: FluentArgs = args
            .iter()
            .map(|(name, arg)| {
                let value = match arg {
                    Arg::Number(number) => FluentValue::from(*number),
                    Arg::Text(text) => FluentValue::from(text.as_str()),
                };
                (Cow::Borrowed(*name), value)
            })
            .collect();
        let mut errors = vec![];
        let text = self.bundle.format_pattern(pattern, Some(&args), &mut errors).into_owned();
        debug_assert!(errors.is_empty(), "{key}: {errors:?}");
        text
    }
}

mod fluent_bundle_syntax {
    //! Which `$parameters` a text wants, read off its syntax tree.
    pub use fluent_syntax::ast::Entry;
    use fluent_syntax::ast::{Expression, InlineExpression, Message, Pattern, PatternElement};
    use std::collections::BTreeSet;

    pub fn parameters(message: &Message<&str>) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        if let Some(pattern) = &message.value {
            of_pattern(pattern, &mut found);
        }
        found
    }

    fn of_pattern(pattern: &Pattern<&str>, found: &mut BTreeSet<String>) {
        for element in &pattern.elements {
            match element {
                PatternElement::Placeable { expression: Expression::Inline(inline) } => of_inline(inline, found),
                PatternElement::Placeable { expression: Expression::Select { selector, variants } } => {
                    of_inline(selector, found);
                    variants.iter().for_each(|variant| of_pattern(&variant.value, found));
                }
                PatternElement::TextElement { .. } => {}
            }
        }
    }

    fn of_inline(inline: &InlineExpression<&str>, found: &mut BTreeSet<String>) {
        if let InlineExpression::VariableReference { id } = inline {
            found.insert(id.name.to_owned());
        }
    }
}
