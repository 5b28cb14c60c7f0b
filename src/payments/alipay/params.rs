//! Parameters as they are signed: sorted by name, `name=value` joined with `&`, nothing encoded.

/// Every parameter of a form, decoded once and kept as it came, known or not.
pub struct Params(Vec<(Vec<u8>, Vec<u8>)>);

impl Params {
    /// `None`: a name that stands there twice, which no sender that signs a set of names writes.
    pub fn read(form: &[u8]) -> Option<Self> {
        let parts = form.split(|byte| *byte == b'&').filter(|part| !part.is_empty());
        let mut all: Vec<_> = parts.map(pair).collect();
        all.sort();
        match all.windows(2).any(|two| two[0].0 == two[1].0) {
            true => None,
            false => Some(Self(all)),
        }
    }

    pub fn bytes(&self, name: &str) -> Option<&[u8]> {
        self.0.iter().find(|(known, _)| known == name.as_bytes()).map(|(_, value)| value.as_slice())
    }

    /// `None` also for what is empty or no text.
    pub fn text(&self, name: &str) -> Option<&str> {
        std::str::from_utf8(self.bytes(name)?).ok().filter(|text| !text.is_empty())
    }

    /// What a notification of a trade is signed over: everything but its signature and the name of the method.
    pub fn signed(&self, with_empty: bool) -> Vec<u8> {
        let kept = self.0.iter().filter(|(name, value)| {
            !["sign", "sign_type"].iter().any(|left_out| name == left_out.as_bytes())
                && (with_empty || !value.is_empty())
        });
        let texts: Vec<Vec<u8>> = kept.map(|(name, value)| [name, value.as_slice()].join(&b'=')).collect();
        texts.join(&b'&')
    }
}

/// What a request is signed over: every parameter that says something.
pub fn to_sign(params: &[(&str, String)]) -> String {
    let mut said: Vec<_> = params.iter().filter(|(_, value)| !value.is_empty()).collect();
    said.sort();
    said.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
}

fn pair(part: &[u8]) -> (Vec<u8>, Vec<u8>) {
    match part.iter().position(|byte| *byte == b'=') {
        Some(at) => (decoded(&part[..at]), decoded(&part[at + 1..])),
        None => (decoded(part), Vec::new()),
    }
}

fn decoded(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        match (byte, after.first_chunk::<2>().and_then(|digits| hex::decode(digits).ok())) {
            (b'+', _) => out.push(b' '),
            (b'%', Some(byte)) => {
                out.extend(byte);
                rest = &after[2..];
            }
            _ => out.push(byte),
        }
    }
    out
}
