//! Names of items: the field's terms, and one type for each name.

use std::collections::BTreeMap;

use crate::Source;

/// Words that only we understood, and words too vague to name a type.
const PRIVATE: &[&str] = &[
    "told",
    "Told",
    "noted",
    "said",
    "Said",
    "heard",
    "Heard",
    "hands",
    "Hands",
    "Hand",
    "shelf",
    "Shelf",
    "letter",
    "Letter",
    "burial",
    "Burial",
    "bury",
    "fate",
    "Fate",
    "twins",
    "elsewhere",
    "crew",
    "Crew",
    "Dealer",
    "same",
    "Same",
    "silence",
    "roster",
    "Roster",
    "portion",
    "Portion",
    "odd",
    "apart",
    "beside",
    "hush",
    "notebook",
    "Notebook",
    "by_hand",
    "without",
    "words",
    "Beat",
    "Flow",
    "Asked",
    "Abilities",
    "Refusal",
    "Paint",
];
const VAGUE_TYPES: &[&str] = &[
    "Place", "Line", "Job", "Kind", "Given", "Kept", "Out", "Side", "Told", "Fate", "Held", "Head",
    "Done", "Orders", "Shown",
];

/// Names that stand for one concept in several places, each with its reason.
const ONE_CONCEPT: &[(&str, &str)] = &[
    ("Report", "a verb of the command line, and what it shows"),
    ("SignalWatch", "one for each platform"),
    ("Signals", "one for each platform"),
];

/// Items whose names are words of ours.
pub(crate) fn private_words(sources: &[Source]) -> Vec<String> {
    let mut findings = Vec::new();
    for source in sources.iter().filter(|source| !source.is_test()) {
        for (number, keyword, name) in items(&source.text) {
            let is_vague = matches!(keyword, "struct" | "enum") && VAGUE_TYPES.contains(&name);
            if is_vague || PRIVATE.contains(&name) {
                findings.push(format!("{}:{number}: {keyword} {name}", source.path));
            }
        }
    }
    findings
}

/// Types of one crate that have the same name.
pub(crate) fn shared_types(sources: &[Source]) -> Vec<String> {
    let mut types: BTreeMap<(&str, &str), Vec<String>> = BTreeMap::new();
    for source in sources.iter().filter(|source| !source.is_test()) {
        let Some((folder, _)) = source.module() else { continue };
        for (number, keyword, name) in items(&source.text) {
            let is_type = matches!(keyword, "struct" | "enum" | "trait");
            if is_type && !ONE_CONCEPT.iter().any(|(concept, _)| *concept == name) {
                let place = format!("{}:{number}", source.path);
                types.entry((folder, name)).or_default().push(place);
            }
        }
    }
    types
        .into_iter()
        .filter(|(_, places)| places.len() > 1)
        .map(|((_, name), places)| format!("{name}: {}", places.join(", ")))
        .collect()
}

/// Line, keyword and name of each item outside functions. Items inside them are nobody else's.
fn items(text: &str) -> impl Iterator<Item = (usize, &'static str, &str)> {
    const KEYWORDS: &[&str] = &["fn", "struct", "enum", "mod", "trait", "type"];
    let code = text.find("#[cfg(test)]\nmod tests {").map_or(text, |end| &text[..end]);
    code.lines().zip(1..).filter_map(|(line, number)| {
        let indent = line.len() - line.trim_start().len();
        let mut words = line.split([' ', '(', '<', '{', ';', ':']).filter(|word| !word.is_empty());
        let keyword = words.find_map(|word| {
            let keyword = KEYWORDS.iter().find(|keyword| **keyword == word);
            let is_prefix = word.starts_with("pub")
                || matches!(
                    word,
                    "crate)" | "super)" | "in" | "super" | "const" | "async" | "unsafe"
                );
            match keyword {
                Some(keyword) => Some(Some(*keyword)),
                None if is_prefix => None,
                None => Some(None),
            }
        })??;
        let is_method = keyword == "fn" && indent == 4;
        (indent == 0 || is_method).then_some((number, keyword, words.next()?))
    })
}
