//! Phrases that are not English, in what people read: sources, manifests and pages.

use crate::sources;

/// Each with what to say.
const PHRASES: &[(&str, &str)] = &[
    ("none where", "`None` if"),
    ("anew", "again, or from scratch"),
    ("wants renewing", "is out of date"),
    ("in no time", "must be greater than zero"),
    ("so many", "N"),
    ("a process a case", "one process per case"),
    ("a line a case", "one line per case"),
    ("no sign of life", "does not respond"),
    ("that is none of", "not ours"),
    ("has it not", "does not have it"),
    ("as ever", "as always, or nothing"),
];

/// Lines that have one of them.
pub fn findings() -> Vec<String> {
    let mut findings = Vec::new();
    let files = ["rs", "md", "toml", "html", "js", "yaml", "lua", "sh"];
    for source in files.iter().flat_map(|extension| sources::with_extension(extension)) {
        // What tests say to each other is not read by users.
        if source.is_test() || source.path == "CHANGELOG.md" {
            continue;
        }
        for (line, number) in source.text.lines().zip(1..) {
            for (phrase, better) in PHRASES {
                if has_phrase(&line.to_lowercase(), phrase) {
                    findings.push(format!("{}:{number}: {phrase:?}: say {better}", source.path));
                }
            }
            if has_is_no(line) {
                findings.push(format!("{}:{number}: say \"is not a ..\": {line}", source.path));
            }
        }
    }
    findings
}

/// Whether a line has a phrase as whole words.
fn has_phrase(line: &str, phrase: &str) -> bool {
    line.match_indices(phrase).any(|(start, _)| {
        let before = line[..start].chars().next_back();
        let after = line[start + phrase.len()..].chars().next();
        let is_letter = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        !is_letter(before) && !is_letter(after)
    })
}

/// `is no letter`: a calque. `there is no letter` is English.
fn has_is_no(line: &str) -> bool {
    line.match_indices("is no ").any(|(start, _)| {
        let before = line[..start].trim_end().to_lowercase();
        let is_word = line[..start].ends_with([' ', '`', '"']) || start == 0;
        let after = &line[start + 6..];
        is_word
            && !before.ends_with("there")
            && !after.starts_with("longer")
            && after.starts_with(|c: char| c.is_ascii_lowercase())
    })
}
