//! The values of secrets that this process has read. They are masked in what is printed: errors,
//! panics, the log, rejects.

use std::borrow::Cow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{PoisonError, RwLock};

use athena_protocol::collect::sort_by;
use athena_protocol::text::escape;

use crate::environment::{Variable, Variables};

/// What is printed in place of a secret.
pub const MASK: &str = "[secret]";

/// Shorter values are in every other text.
const SHORTEST: usize = 4;

/// Parts of a value, such as the lines of a key, are longer.
const SHORTEST_PART: usize = 8;

static ANY: AtomicBool = AtomicBool::new(false);

/// The forms in which values are printed, the longest first.
static FORMS: RwLock<Vec<String>> = RwLock::new(Vec::new());

/// Remembers the values of declared secrets.
pub fn learn(declared: &[Variable], variables: &Variables) {
    for variable in declared.iter().filter(|variable| variable.secret) {
        let set = variables.iter().find(|(name, _)| name == variable.name);
        if let Some((_, value)) = set.filter(|(_, value)| variable.placeholder() != Some(value)) {
            learn_value(value);
        }
    }
}

/// Remembers a secret value, such as a password in a URL. Values of less than four bytes are not masked.
pub fn learn_value(value: &str) {
    let value = value.trim();
    if value.len() < SHORTEST || matches!(value.to_lowercase().as_str(), "true" | "false") {
        return;
    }
    let parts = value.split(['\n', ',']).map(str::trim);
    let parts = parts.filter(|part| part.len() >= SHORTEST_PART && !part.starts_with("-----"));
    let mut forms = FORMS.write().unwrap_or_else(PoisonError::into_inner);
    for text in parts.chain([value]) {
        let debug = format!("{text:?}");
        let json = serde_json::Value::from(text).to_string();
        let quoted = [debug.as_str(), json.as_str()].map(|text| &text[1..text.len() - 1]);
        for form in [text, &escape(text)].into_iter().chain(quoted) {
            if !forms.iter().any(|known| known == form) {
                forms.push(form.to_owned());
            }
        }
    }
    sort_by(&mut forms, |a, b| b.len().cmp(&a.len()));
    ANY.store(true, Ordering::Release);
}

/// The text without the values of secrets.
pub fn mask(text: &str) -> Cow<'_, str> {
    if !ANY.load(Ordering::Acquire) {
        return Cow::Borrowed(text);
    }
    let forms = FORMS.read().unwrap_or_else(PoisonError::into_inner);
    let mut masked = Cow::Borrowed(text);
    for form in forms.iter() {
        if masked.contains(form.as_str()) {
            masked = Cow::Owned(masked.replace(form.as_str(), MASK));
        }
    }
    masked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_masked_in_every_form_and_a_placeholder_is_none() {
        let declared = [
            Variable::new("TOKEN", "String").secret("secret"),
            Variable::new("KEY", "String").secret("secret"),
            Variable::new("PIN", "u32").secret("0"),
            Variable::new("USER", "String"),
        ];
        let set = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        learn(&declared, &vec![set("TOKEN", "secret"), set("USER", "nobody"), set("PIN", "7")]);
        let plain = "secret, nobody, 7";
        assert_eq!(mask(plain), plain);
        let key = "-----BEGIN KEY-----\nabcdefghijkl\nmnopqrstuvwx\n-----END KEY-----";
        learn(&declared, &vec![set("TOKEN", "hun\"ter\t2"), set("KEY", key)]);
        for text in ["hun\"ter\t2", &format!("{:?}", "hun\"ter\t2"), "hun\\\"ter\\t2"] {
            assert!(!mask(&format!("token {text}!")).contains("hun"), "{text}");
        }
        assert_eq!(mask("bad: hun\"ter\t2."), "bad: [secret].");
        assert_eq!(mask("line abcdefghijkl"), "line [secret]");
        assert_eq!(mask(key), MASK);
        assert_eq!(mask(plain), plain);
    }
}
