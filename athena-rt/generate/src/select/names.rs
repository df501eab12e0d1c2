//! Names of cases: of all that is special in an input and its outcome, what is rarest in the suite.

use std::collections::{BTreeMap, BTreeSet};

use athena_cases::case::CaseOutcome;
use athena_cases::layout;
use athena_shrink::ModelInput;
use athena_structure::description::{Definition, Shape, TypeDescription};
use serde_json::Value;

/// The longest name, in bytes.
const LONGEST: usize = 60;

/// The words of an error that a name has.
const WORDS: usize = 3;

/// How deep a message is looked at.
const DEPTH: usize = 3;

/// Names the cases of one model.
pub(crate) struct NameGiver<'a> {
    pub(crate) input: &'a TypeDescription,
    pub(crate) output: &'a TypeDescription,
    /// Texts of the source: one that an input has is special.
    pub(crate) texts: &'a [String],
}

impl NameGiver<'_> {
    /// A name for each case, unique and different from those that are taken.
    pub(crate) fn names(
        &self,
        cases: &[(ModelInput, &CaseOutcome)],
        taken: &BTreeSet<String>,
    ) -> Vec<String> {
        let tags: Vec<Vec<String>> =
            cases.iter().map(|(input, outcome)| self.tags(input, outcome)).collect();
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        tags.iter().flatten().for_each(|tag| *counts.entry(tag).or_default() += 1);
        let mut taken = taken.clone();
        let mut names = Vec::new();
        for tags in &tags {
            // Of equally rare ones the first: what is found first is most telling.
            let mut rarest: Vec<&str> = tags.iter().map(String::as_str).collect();
            rarest.sort_by_key(|tag| counts.get(tag).copied());
            let single = rarest.first().copied().unwrap_or("plain").to_owned();
            let double = rarest.get(1).map(|second| format!("{single}-{second}"));
            let options = [Some(single.clone()), double];
            let free = |name: &String| {
                name.len() <= LONGEST
                    && layout::check(name, "case name").is_ok()
                    && !taken.contains(name)
            };
            let name = options.into_iter().flatten().find(free);
            let name = name.unwrap_or_else(|| {
                let numbers =
                    (2_u32..).map(|number| format!("{}-{number}", cut(&single, LONGEST - 8)));
                numbers.into_iter().find(free).unwrap_or_default()
            });
            taken.insert(name.clone());
            names.push(name);
        }
        names
    }

    /// What is special in a case, the most telling first.
    fn tags(&self, input: &ModelInput, outcome: &CaseOutcome) -> Vec<String> {
        let mut tags = Tags { texts: self.texts, all: Vec::new() };
        if let Some(error) = &outcome.error {
            let words = error.message.split(|c: char| !c.is_ascii_alphanumeric());
            let words =
                words.filter(|word| word.len() > 1 && word.chars().all(char::is_alphabetic));
            let words: Vec<&str> = words.take(WORDS).collect();
            tags.add("error", if words.is_empty() { &error.kind } else { "" });
            if let Some(last) = tags.all.last_mut().filter(|_| !words.is_empty()) {
                *last = slug(&format!("error {}", words.join(" ")));
            }
        }
        for name in input.env.keys() {
            tags.add("with", name);
        }
        tags.walk(&self.input.shape, self.input, &input.message, "", DEPTH);
        if outcome.many && outcome.error.is_none() {
            match outcome.messages.len() {
                0 => tags.add("no", "output"),
                1 => tags.add("one", "output"),
                _ => tags.add("many", "outputs"),
            }
        }
        if let Some(message) = outcome.messages.first()
            && let Ok(value) = athena_protocol::json::parse(message)
        {
            tags.walk(&self.output.shape, self.output, &value, "", DEPTH);
        }
        tags.all
    }
}

struct Tags<'a> {
    texts: &'a [String],
    all: Vec<String>,
}

impl Tags<'_> {
    fn add(&mut self, what: &str, name: &str) {
        let tag = slug(&format!("{what} {name}"));
        if !tag.is_empty() && !self.all.contains(&tag) {
            self.all.push(tag);
        }
    }

    fn walk(
        &mut self,
        shape: &Shape,
        described: &TypeDescription,
        value: &Value,
        name: &str,
        depth: usize,
    ) {
        let Some(depth) = depth.checked_sub(1) else { return };
        match (shape, value) {
            (Shape::Boxed(inner) | Shape::Option(inner) | Shape::Array(inner, _), _)
                if !value.is_null() =>
            {
                self.walk(inner, described, value, name, depth + 1);
            }
            (Shape::Option(_), Value::Null) => self.add("no", name),
            (Shape::Named(key), _) => match described.shapes.get(key) {
                Some(Definition::Structure(owner)) => {
                    for (at, one) in owner.fields.iter().enumerate() {
                        let same =
                            owner.fields[at + 1..].iter().filter(|other| other.shape == one.shape);
                        for other in same {
                            let of = |name: &str| value.get(name).filter(|value| !is_plain(value));
                            if of(one.name).is_some() && of(one.name) == of(other.name) {
                                self.add("equal", &format!("{} {}", one.name, other.name));
                            }
                        }
                    }
                    for field in owner.fields.iter().filter(|field| !field.secret) {
                        match value.get(field.name) {
                            Some(member) => {
                                self.walk(&field.shape, described, member, field.name, depth);
                            }
                            None if field.flatten => {
                                self.walk(&field.shape, described, value, name, depth);
                            }
                            None => {}
                        }
                    }
                }
                Some(Definition::Enumeration(owner)) => {
                    let Some(found) = owner.locate(&described.shapes, value) else { return };
                    self.add(found.variant.name, "");
                    if let (Some(inner), Some(data)) = (&found.variant.data, &found.data) {
                        self.walk(inner, described, data, found.variant.name, depth);
                    }
                }
                None => {}
            },
            (Shape::Timestamp, Value::String(text)) if text.contains("-02-29") => {
                self.add("leap day", "");
            }
            (Shape::Timestamp, Value::String(text)) if text.contains("-12-31") => {
                self.add("end of year", "");
            }
            (_, Value::String(text)) => self.text(text, name),
            (Shape::Int { bits, signed }, Value::Number(number)) => {
                let number: i128 = number.to_string().parse().unwrap_or(0);
                let most: i128 = 1_i128 << (u32::from(*bits).min(126) - u32::from(*signed));
                match number {
                    0 => self.add("zero", name),
                    n if n == most - 1 => self.add("max", name),
                    n if *signed && n == -most => self.add("min", name),
                    n if n < 0 => self.add("negative", name),
                    n if n < 1_000 => self.add(name, &n.to_string()),
                    _ => self.add("large", name),
                }
            }
            (_, Value::Number(number)) => match number.as_f64().unwrap_or(0.0) {
                0.0 => self.add("zero", name),
                float if float < 0.0 => self.add("negative", name),
                float if float.abs() > 1e15 => self.add("huge", name),
                float if float.fract() == 0.0 => self.add("whole", name),
                _ => self.add("fractional", name),
            },
            (_, Value::Bool(is)) => {
                self.add(if *is { name } else { "not" }, if *is { "" } else { name });
            }
            (Shape::List(item) | Shape::Set(item), Value::Array(items)) => {
                match items.len() {
                    0 => self.add("no", name),
                    1 => self.add("one of", name),
                    count if items.iter().all(|item| item == &items[0]) => {
                        self.add(&format!("{count} equal"), name);
                    }
                    count => self.add(&count.to_string(), name),
                }
                if let [only] = &items[..] {
                    self.walk(item, described, only, name, depth);
                }
            }
            (Shape::Map(_, item), Value::Object(map)) => match map.len() {
                0 => self.add("no", name),
                1 => map.values().for_each(|only| self.walk(item, described, only, name, depth)),
                count => self.add(&count.to_string(), name),
            },
            _ => {}
        }
    }

    fn text(&mut self, text: &str, name: &str) {
        let is_word =
            |text: &str| text.len() > 1 && text.chars().all(|c| c.is_ascii_alphanumeric());
        match text {
            "" => self.add("empty", name),
            _ if text.trim().is_empty() => self.add("blank", name),
            _ if is_word(text) && self.texts.iter().any(|known| known == text) => {
                self.add(text, "");
            }
            _ if !text.is_ascii() => self.add("non ascii", name),
            _ if text.starts_with(' ') => self.add("leading blank", name),
            _ if text.ends_with(' ') => self.add("trailing blank", name),
            _ if text.bytes().all(|byte| byte.is_ascii_digit()) => self.add("digits in", name),
            _ if text.len() == 1 => self.add("one character", name),
            _ if text.bytes().any(|byte| byte.is_ascii_digit()) => self.add("number in", name),
            _ if text.bytes().any(|byte| byte.is_ascii_uppercase()) => self.add("upper case", name),
            _ if text.bytes().any(|byte| byte.is_ascii_punctuation()) => self.add("signs in", name),
            _ => self.add("long", if text.len() > 8 { name } else { "" }),
        }
        if self.all.last().is_some_and(|tag| tag == "long") {
            self.all.pop();
        }
    }
}

/// Whether a value says nothing by being equal to another.
fn is_plain(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(_) => true,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
    }
}

/// A text in the letters of a case's name: `GateClosed` as `gate-closed`.
fn slug(text: &str) -> String {
    let mut slug = String::new();
    let mut was_lower = false;
    for c in text.chars() {
        let is_end = c.is_ascii_uppercase() && was_lower;
        if (is_end || !c.is_ascii_alphanumeric()) && !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
        if c.is_ascii_alphanumeric() {
            slug.push(c.to_ascii_lowercase());
        }
        was_lower = c.is_ascii_lowercase() || c.is_ascii_digit();
    }
    cut(slug.trim_end_matches('-'), LONGEST).to_owned()
}

fn cut(text: &str, most: usize) -> &str {
    text.get(..most).unwrap_or(text).trim_end_matches('-')
}

/// Why a case exists, from the name of the mutant that it catches: `replace <= with < in jaro` is
/// `catches < for <= in jaro`.
pub(crate) fn reason(mutant: &str) -> String {
    // The place is not repeated: a line is out of date soon.
    let change = mutant.split_once(": ").map_or(mutant, |(_, change)| change);
    let (what, function) = change.rsplit_once(" in ").unwrap_or((change, ""));
    let place = if function.is_empty() { String::new() } else { format!(" in {function}") };
    match what.strip_prefix("replace ").and_then(|rest| rest.split_once(" with ")) {
        Some((old, new)) => format!("catches {new} for {old}{place}"),
        None => format!("catches {what}{place}"),
    }
}
