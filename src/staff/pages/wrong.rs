/// What is wrong in a form, each at its field.
#[derive(Default)]
pub struct Wrong(Vec<(&'static str, String)>);

impl Wrong {
    pub fn add(&mut self, field: &'static str, why: impl Into<String>) {
        self.0.push((field, why.into()));
    }

    /// Hands the value on; where there is none, says why at its field.
    pub fn unless<T>(&mut self, value: Option<T>, field: &'static str, why: &str) -> Option<T> {
        if value.is_none() {
            self.add(field, why);
        }
        value
    }

    pub fn at(&self, field: &str) -> Option<&str> {
        self.0.iter().find(|(at, _)| *at == field).map(|(_, why)| why.as_str())
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
