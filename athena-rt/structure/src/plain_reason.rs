//! The reasons of serde and `serde_json`, in the words of JSON.

/// The reason of an enum that is given as a number, a list or the like.
pub(super) const NO_NAME: &str =
    "invalid type: expected the name of a variant, or an object with its name as the key";

/// What serde calls a value or a type, and what JSON calls it.
const WORDS: [(&str, &str); 11] = [
    ("map", "an object"),
    ("sequence", "a list"),
    ("unit value", "null"),
    ("unit", "null"),
    ("a map", "an object"),
    ("a sequence", "a list"),
    ("newtype struct", "a value"),
    ("byte array", "bytes"),
    ("a byte array", "bytes"),
    ("Option value", "a value"),
    ("option", "a value or null"),
];

/// A reason of serde, for people who know JSON and not serde. `pointer` is where the value is.
pub(super) fn plain_reason(reason: &str, pointer: &str) -> String {
    let parts = reason.split_once(": ").and_then(|(start, rest)| {
        let (found, expected) = rest.rsplit_once(", expected ")?;
        matches!(start, "invalid type" | "invalid value").then_some((start, found, expected))
    });
    let Some((start, found, expected)) = parts else { return reason.to_owned() };
    let name = pointer.rsplit('/').next().unwrap_or_default();
    match (found, expected) {
        ("unit variant", _) => format!("variant `{name}` has data: write {{\"{name}\": ..}}"),
        (_, "unit" | "unit variant") => {
            format!("variant `{name}` has no data: write \"{name}\"")
        }
        _ => format!("{start}: {}, expected {}", plain(found), plain(expected)),
    }
}

fn plain(word: &str) -> &str {
    WORDS.iter().find(|(serde, _)| *serde == word).map_or(word, |(_, json)| json)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_name_what_json_has() {
        for (reason, wanted) in [
            ("invalid type: map, expected a list", "invalid type: an object, expected a list"),
            ("invalid type: sequence, expected a map", "invalid type: a list, expected an object"),
            ("invalid type: map, expected unit", "variant `High` has no data: write \"High\""),
            (
                "invalid type: unit variant, expected newtype variant",
                "variant `High` has data: write {\"High\": ..}",
            ),
            (
                "invalid type: string \"a, expected b\", expected i64",
                "invalid type: string \"a, expected b\", expected i64",
            ),
            ("missing field `id`", "missing field `id`"),
        ] {
            assert_eq!(plain_reason(reason, "/level/High"), wanted);
        }
    }
}
