//! Forms as Stripe takes them, with brackets for what is inside something: `metadata[order]=7`.

use super::problem::Problem;
use reqwest::Url;
use serde_json::{Map, Value};

pub struct Fields(Vec<(String, String)>);

impl Fields {
    pub fn read(encoded: &str) -> Self {
        let mut url = Url::parse("https://fields.invalid/").ok();
        if let Some(url) = &mut url {
            url.set_query(Some(encoded));
        }
        let pairs = url.iter().flat_map(|url| url.query_pairs());
        Self(pairs.map(|(name, value)| (name.into_owned(), value.into_owned())).collect())
    }

    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub fn needed(&self, name: &str) -> Result<&str, Problem> {
        self.text(name).ok_or_else(|| Problem::invalid(name, format!("Missing required param: {name}.")))
    }

    pub fn number(&self, name: &str) -> Result<Option<i64>, Problem> {
        let read = |text: &str| text.parse().map_err(|_| Problem::invalid(name, format!("Invalid integer: {text}")));
        self.text(name).map(read).transpose()
    }

    /// Every value of `name[]` or `name[0]`, `name[1]` and so on.
    pub fn all(&self, name: &str) -> Vec<&str> {
        let of =
            |known: &str| known.strip_prefix(name).is_some_and(|rest| rest.starts_with('[') && rest.ends_with(']'));
        self.0.iter().filter(|(known, _)| of(known)).map(|(_, value)| value.as_str()).collect()
    }

    /// The pairs of `name[key]`.
    pub fn map(&self, name: &str) -> Map<String, Value> {
        let key = |known: &str| {
            let inner = known.strip_prefix(name)?.strip_prefix('[')?.strip_suffix(']')?;
            (!inner.contains('[')).then(|| inner.to_owned())
        };
        self.0.iter().filter_map(|(known, value)| Some((key(known)?, value.as_str().into()))).collect()
    }

    /// Stripe refuses what it does not know instead of passing it over.
    pub fn only(&self, known: &[&str]) -> Result<(), Problem> {
        let allowed = |name: &str| known.iter().any(|one| name == *one || name.starts_with(&format!("{one}[")));
        match self.0.iter().find(|(name, _)| !allowed(name)) {
            None => Ok(()),
            Some((name, _)) => Err(Problem {
                code: Some("parameter_unknown"),
                ..Problem::invalid(name, format!("Received unknown parameter: {name}"))
            }),
        }
    }

    /// One page of a list that is newest first.
    pub fn page(&self, items: Vec<Value>, url: &str) -> Result<Value, Problem> {
        let limit = self.number("limit")?.unwrap_or(10);
        let limit = usize::try_from(limit).ok().filter(|limit| (1..=100).contains(limit));
        let limit = limit.ok_or_else(|| Problem::invalid("limit", "This value must be between 1 and 100"))?;
        let start = match self.text("starting_after") {
            Some(id) => items.iter().position(|item| item["id"] == *id).map(|at| at + 1),
            None => Some(0),
        };
        let start = start.ok_or_else(|| Problem::missing("object", self.text("starting_after").unwrap_or_default()))?;
        let has_more = items.len() > start + limit;
        let data: Vec<Value> = items.into_iter().skip(start).take(limit).collect();
        Ok(serde_json::json!({ "object": "list", "url": url, "has_more": has_more, "data": data }))
    }
}
