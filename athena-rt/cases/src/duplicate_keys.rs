//! Finds keys that an object has twice. JSON readers keep the last one and say nothing: a merge
//! that keeps both sides makes such files.

use std::borrow::Cow;
use std::collections::HashSet;

use athena_protocol::text::{escape, truncate};

use athena_protocol::json::pointer::escaped;
use athena_protocol::json::text::tokens;

/// The number of characters of a key that are shown.
const LONGEST: usize = 80;

/// The first object, in the order of the text, that has a key twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DuplicateKey {
    /// The JSON pointer of the key.
    pub pointer: String,
    /// The line in the text, from 1.
    pub line: usize,
}

impl std::fmt::Display for DuplicateKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let pointer = truncate(&self.pointer, LONGEST);
        let key = self.pointer.rsplit('/').next().unwrap_or_default();
        write!(
            f,
            "duplicate key `{}` at {}: delete one of the two, or record the case again",
            escape(&truncate(key, LONGEST)),
            escape(&pointer)
        )
    }
}

enum Level<'a> {
    Object {
        keys: HashSet<Cow<'a, str>>,
        /// The key whose value is read; `None` where a key comes next.
        key: Option<Cow<'a, str>>,
    },
    List(usize),
}

/// Looks through valid JSON, however deep it is.
pub fn find(json: &str) -> Option<DuplicateKey> {
    let mut levels: Vec<Level<'_>> = Vec::new();
    let mut found = None;
    tokens(json, |token| {
        if found.is_some() {
            return;
        }
        match (token, levels.last_mut()) {
            ("{", _) => levels.push(Level::Object { keys: HashSet::new(), key: None }),
            ("[", _) => levels.push(Level::List(0)),
            ("}" | "]", _) => drop(levels.pop()),
            (",", Some(Level::Object { key, .. })) => *key = None,
            (",", Some(Level::List(index))) => *index += 1,
            (name, Some(Level::Object { keys, key })) if key.is_none() && name.starts_with('"') => {
                let name = decoded(name);
                let is_new = keys.insert(name.clone());
                *key = Some(name);
                if !is_new {
                    let start = token.as_ptr() as usize - json.as_ptr() as usize;
                    let line = json[..start].matches('\n').count() + 1;
                    found = Some(DuplicateKey { pointer: pointer(&levels), line });
                }
            }
            _ => {}
        }
    });
    found
}

/// A key without quotes and escapes: `"a"` and `"\u0061"` are the same key.
fn decoded(token: &str) -> Cow<'_, str> {
    let inner = token.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(token);
    if !inner.contains('\\') {
        return Cow::Borrowed(inner);
    }
    serde_json::from_str(token).map_or(Cow::Borrowed(inner), Cow::Owned)
}

fn pointer(levels: &[Level<'_>]) -> String {
    let mut pointer = String::new();
    for level in levels {
        pointer.push('/');
        match level {
            Level::Object { key, .. } => {
                let key = key.as_deref().unwrap_or_default();
                pointer.push_str(&escaped(key));
            }
            Level::List(index) => pointer.push_str(&index.to_string()),
        }
    }
    pointer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_is_there_twice_is_found_at_any_depth() {
        for (json, pointer, line) in [
            (r#"{"a":1,"a":2}"#, "/a", 1),
            ("{\"a\": {\"b\": [1, {\n\"c\": 1,\n\"c\": 2}]}}", "/a/b/1/c", 3),
            (r#"{"a":1,"\u0061":2}"#, "/a", 1),
            (r#"{"x/y":[],"x/y":{}}"#, "/x~1y", 1),
            (r#"[{"a":{},"b":"a"},{"b":0,"b":0}]"#, "/1/b", 1),
        ] {
            let expected = DuplicateKey { pointer: pointer.to_owned(), line };
            assert_eq!(find(json), Some(expected), "{json}");
        }
    }

    #[test]
    fn equal_keys_of_different_objects_and_equal_values_are_fine() {
        for json in [
            r#"{"a":{"a":[{"a":1},{"a":1}]},"b":"a"}"#,
            r#"["a","a",{"a":"a"}]"#,
            r#"{"a":"\"a\":1,","b":{}}"#,
            "{}",
            "3",
            "",
        ] {
            assert_eq!(find(json), None, "{json}");
        }
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        assert_eq!(find(&deep), None);
    }
}
