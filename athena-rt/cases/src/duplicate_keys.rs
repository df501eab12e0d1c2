//! Finds keys that an object has twice. JSON readers keep the last one and say nothing: a merge
//! that keeps both sides makes such files.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

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

/// Up to this many keys are compared one by one, which is faster than hashing them.
const FEW: usize = 16;

enum Level {
    Object {
        /// Where its keys start among those of all levels.
        start: usize,
        /// Whether its last key is that of a value that is read; otherwise a key comes next.
        has_key: bool,
    },
    List(usize),
}

/// Looks through valid JSON, however deep it is.
pub fn find(json: &str) -> Option<DuplicateKey> {
    let mut levels: Vec<Level> = Vec::new();
    // The keys of all objects that are open.
    let mut keys: Vec<Cow<'_, str>> = Vec::with_capacity(2 * FEW);
    // Those of objects with many, by the number of their level.
    let mut many: HashMap<usize, HashSet<Cow<'_, str>>> = HashMap::new();
    let mut found = None;
    tokens(json, |token| {
        if found.is_some() {
            return;
        }
        let depth = levels.len();
        match (token.as_bytes()[0], levels.last_mut()) {
            (b'{', _) => levels.push(Level::Object { start: keys.len(), has_key: false }),
            (b'[', _) => levels.push(Level::List(0)),
            (b'}' | b']', _) => {
                if let Some(Level::Object { start, .. }) = levels.pop() {
                    if keys.len() - start > FEW {
                        many.remove(&depth);
                    }
                    keys.truncate(start);
                }
            }
            (b',', Some(Level::Object { has_key, .. })) => *has_key = false,
            (b',', Some(Level::List(index))) => *index += 1,
            (b'"', Some(Level::Object { start, has_key })) if !*has_key => {
                *has_key = true;
                let key = decoded(token);
                let known = &keys[*start..];
                let is_known = if known.len() < FEW {
                    known.contains(&key)
                } else {
                    let many = many.entry(depth).or_insert_with(|| known.iter().cloned().collect());
                    !many.insert(key.clone())
                };
                keys.push(key);
                if is_known {
                    let start = token.as_ptr() as usize - json.as_ptr() as usize;
                    let line = json[..start].matches('\n').count() + 1;
                    found = Some(DuplicateKey { pointer: pointer(&levels, &keys), line });
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

fn pointer(levels: &[Level], keys: &[Cow<'_, str>]) -> String {
    let mut pointer = String::new();
    let starts = levels.iter().filter_map(|level| match level {
        Level::Object { start, .. } => Some(*start),
        Level::List(_) => None,
    });
    let mut ends = starts.skip(1);
    for level in levels {
        pointer.push('/');
        match level {
            Level::Object { .. } => {
                // Its last key is that in front of the next object's.
                let end = ends.next().unwrap_or(keys.len());
                pointer.push_str(&escaped(&keys[end - 1]));
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
            (r#"[0,{"a":0,"b":[{"c":1},{"d":{"e":0},"f":{"g":1,"h":2,"g":3}}]}]"#, "/1/b/1/f/g", 1),
        ] {
            let expected = DuplicateKey { pointer: pointer.to_owned(), line };
            assert_eq!(find(json), Some(expected), "{json}");
        }
    }

    #[test]
    fn a_key_of_many_that_is_there_twice_is_found() {
        for count in [1, FEW - 1, FEW, FEW + 1, 5 * FEW] {
            for again in 0..count {
                let keys = (0..count).chain([again]).map(|at| format!("\"k{at}\":0"));
                let json = format!("{{{}}}", keys.collect::<Vec<_>>().join(","));
                let pointer = format!("/k{again}");
                assert_eq!(find(&json), Some(DuplicateKey { pointer, line: 1 }), "{json}");
            }
            let keys: Vec<String> = (0..count).map(|at| format!("\"k{at}\":0")).collect();
            assert_eq!(find(&format!("{{{}}}", keys.join(","))), None);
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
