//! The shape of an outcome: enum variants, error kinds, empty and not, signs, along the type.

use std::cell::OnceCell;
use std::collections::BTreeSet;

use athena_cases::case::CaseOutcome;
use athena_structure::description::{Definition, Shape, TypeDescription};
use serde_json::Value;

/// How deep a shape is looked at.
const DEPTH: usize = 4;

/// How many items of a list are looked at.
const ITEMS: usize = 3;

/// How many words tell the texts of errors apart.
const WORDS: usize = 4;

/// Features of outcomes have this bit; those of code do not.
pub(crate) const OUTCOME: u64 = 1 << 63;

/// Describes the outcomes of a model.
#[derive(Debug)]
pub(crate) struct OutcomeShapes {
    described: TypeDescription,
    /// Texts of the source: a text of an outcome that is one of them, and not a part of the input, is a kind of its
    /// own. The code has chosen it.
    texts: BTreeSet<String>,
    /// The words of those texts: an error that has one says it itself, even if the input has it too.
    words: BTreeSet<String>,
}

/// The shape of an outcome as a whole, and its parts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct OutcomeShape {
    pub(crate) whole: u64,
    /// Variants, flags, literals and errors.
    pub(crate) kinds: Vec<u64>,
}

impl OutcomeShapes {
    pub(crate) fn new(described: TypeDescription, texts: &[String]) -> Self {
        let words = texts.iter().flat_map(|text| tokens(text)).collect();
        Self { described, texts: texts.iter().cloned().collect(), words }
    }

    /// The shape of an outcome of this message.
    pub(crate) fn shape(&self, outcome: &CaseOutcome, input: &str) -> OutcomeShape {
        let input_texts = OnceCell::new();
        let mut walk =
            Walk { shapes: self, input, input_texts: &input_texts, whole: 17, kinds: Vec::new() };
        walk.mix(&[1, u64::from(outcome.many), outcome.messages.len().min(3) as u64]);
        if outcome.many {
            walk.kind(&[1, outcome.messages.len().min(2) as u64]);
        }
        for message in outcome.messages.iter().take(ITEMS) {
            if let Ok(value) = athena_protocol::json::parse(message) {
                walk.value(&self.described.shape, &value, DEPTH, 3);
            }
        }
        if let Some(error) = &outcome.error {
            let words = error_words(&error.message, input, &self.words).into_iter().take(WORDS);
            let text: Vec<String> = std::iter::once(error.kind.clone()).chain(words).collect();
            let hash = text_hash(&text.join(" "));
            walk.mix(&[2, hash]);
            walk.kind(&[2, hash]);
        }
        walk.kinds.sort_unstable();
        walk.kinds.dedup();
        OutcomeShape { whole: walk.whole | OUTCOME, kinds: walk.kinds }
    }
}

/// The words that an error has for every input of its kind. What it quotes, and what it repeats of the input, differs
/// from input to input.
fn error_words(message: &str, input: &str, known: &BTreeSet<String>) -> Vec<String> {
    let mut message = message.to_owned();
    for text in quoting_texts(input) {
        message = message.replace(&text, " ");
    }
    let mut own = String::new();
    let (mut quote, mut last) = (None, ' ');
    let mut is_escaped = false;
    for c in message.chars() {
        match quote {
            // As `Debug` writes it.
            Some('"' | '\'') if is_escaped => is_escaped = false,
            Some(_) if c == '\\' => is_escaped = true,
            Some(end) if c == end => quote = None,
            Some(_) => {}
            None if matches!(c, '"' | '`') || c == '\'' && !last.is_alphanumeric() => {
                (quote, is_escaped) = (Some(c), false);
                own.push(' ');
            }
            None => own.push(c),
        }
        last = c;
    }
    let mut repeated: BTreeSet<String> = tokens(input).into_iter().collect();
    repeated.retain(|word| !known.contains(word));
    tokens(&own).into_iter().filter(|word| !repeated.contains(word)).collect()
}

/// The texts of a message that have quotes. They would end those of an error that quotes them.
fn quoting_texts(message: &str) -> Vec<String> {
    if !message.contains(['`', '\'', '\\']) {
        return Vec::new();
    }
    let parsed = athena_protocol::json::parse(message).unwrap_or_default();
    let (mut found, mut open) = (Vec::new(), vec![&parsed]);
    while let Some(value) = open.pop() {
        match value {
            Value::String(text) if text.contains(['`', '\'', '"']) => found.push(text.clone()),
            Value::Array(items) => open.extend(items),
            Value::Object(members) => open.extend(members.values()),
            _ => {}
        }
    }
    found.sort_by_key(|text| std::cmp::Reverse(text.len()));
    found
}

fn tokens(text: &str) -> Vec<String> {
    let words = text.split(|c: char| !c.is_alphabetic());
    words.filter(|word| word.chars().count() > 1).map(str::to_owned).collect()
}

struct Walk<'a> {
    shapes: &'a OutcomeShapes,
    input: &'a str,
    /// The texts and numbers of the input, in lower case.
    input_texts: &'a OnceCell<String>,
    whole: u64,
    kinds: Vec<u64>,
}

impl Walk<'_> {
    fn mix(&mut self, numbers: &[u64]) {
        self.whole = numbers.iter().fold(self.whole, |hash, number| combine(hash, *number));
    }

    fn kind(&mut self, numbers: &[u64]) {
        let hash = numbers.iter().fold(29, |hash, number| combine(hash, *number));
        self.kinds.push(hash | OUTCOME);
    }

    /// Whether a text is a part of the input, or put together of two.
    fn is_echo(&self, text: &str) -> bool {
        let input = self.input_texts.get_or_init(|| scalars(self.input));
        let text = text.to_lowercase();
        let ends = text.char_indices().map(|(at, _)| text.split_at(at));
        ends.into_iter().any(|(start, end)| input.contains(start) && input.contains(end))
    }

    fn value(&mut self, shape: &Shape, value: &Value, depth: usize, place: u64) {
        let Some(depth) = depth.checked_sub(1) else { return };
        match (shape, value) {
            (Shape::Boxed(inner) | Shape::Array(inner, _), _) => {
                self.value(inner, value, depth + 1, place);
            }
            (Shape::Option(inner), _) => {
                self.mix(&[3, u64::from(value.is_null())]);
                self.kind(&[3, place, u64::from(value.is_null())]);
                if !value.is_null() {
                    self.value(inner, value, depth, combine(place, 3));
                }
            }
            (Shape::Named(key), _) => match self.shapes.described.shapes.get(key) {
                Some(Definition::Structure(owner)) => {
                    for field in
                        owner.fields.iter().filter(|field| !field.volatile && !field.secret)
                    {
                        let inner = combine(place, text_hash(field.name));
                        let member =
                            if field.flatten { Some(value) } else { value.get(field.name) };
                        match member {
                            Some(member) => self.value(&field.shape, member, depth, inner),
                            None => self.mix(&[4]),
                        }
                    }
                }
                Some(Definition::Enumeration(owner)) => {
                    let shapes = &self.shapes.described.shapes;
                    let Some(found) = owner.locate(shapes, value) else { return };
                    let variant = text_hash(found.variant.name);
                    self.mix(&[5, variant]);
                    self.kind(&[5, place, variant]);
                    if let (Some(inner), Some(data)) = (&found.variant.data, &found.data) {
                        self.value(inner, data, depth, combine(place, variant));
                    }
                }
                None => {}
            },
            (Shape::List(item) | Shape::Set(item), Value::Array(items)) => {
                self.mix(&[6, items.len().min(ITEMS) as u64]);
                self.kind(&[6, place, items.len().min(2) as u64]);
                for value in items.iter().take(ITEMS) {
                    self.value(item, value, depth, combine(place, 6));
                }
            }
            (Shape::Tuple(shapes), Value::Array(items)) => {
                for ((shape, value), at) in shapes.iter().zip(items).zip(7_u64..) {
                    self.value(shape, value, depth, combine(place, at));
                }
            }
            (Shape::Map(_, item), Value::Object(map)) => {
                self.mix(&[8, map.len().min(ITEMS) as u64]);
                for value in map.values().take(ITEMS) {
                    self.value(item, value, depth, combine(place, 8));
                }
            }
            (_, Value::Bool(is)) => {
                self.mix(&[9, u64::from(*is)]);
                self.kind(&[9, place, u64::from(*is)]);
            }
            (_, Value::Number(number)) => {
                let float = number.as_f64().unwrap_or(0.0);
                let is_whole = float.fract() == 0.0;
                let class = match float {
                    0.0 => 0,
                    1.0 => 1,
                    float if float < 0.0 => 2,
                    _ => 3,
                };
                self.mix(&[10, class, u64::from(is_whole)]);
            }
            (_, Value::String(text)) if self.shapes.texts.contains(text) && !self.is_echo(text) => {
                self.mix(&[11, text_hash(text)]);
                self.kind(&[11, place, text_hash(text)]);
            }
            (_, Value::String(text)) => self.mix(&[12, text.chars().take(2).count() as u64]),
            (_, Value::Null) => self.mix(&[13]),
            (_, Value::Array(items)) => self.mix(&[14, items.len().min(ITEMS) as u64]),
            (_, Value::Object(members)) => self.mix(&[15, members.len().min(ITEMS) as u64]),
        }
    }
}

/// The texts and numbers of a message, in lower case.
fn scalars(message: &str) -> String {
    let parsed = athena_protocol::json::parse(message).unwrap_or_default();
    let (mut found, mut open) = (String::new(), vec![&parsed]);
    while let Some(value) = open.pop() {
        match value {
            Value::String(text) => found.push_str(&text.to_lowercase()),
            Value::Number(number) => found.push_str(&number.to_string()),
            Value::Array(items) => open.extend(items),
            Value::Object(members) => open.extend(members.values()),
            Value::Null | Value::Bool(_) => {}
        }
        // Neighbours are not one text.
        found.push('\u{0}');
    }
    found
}

fn combine(hash: u64, number: u64) -> u64 {
    (hash ^ number).wrapping_mul(0x0100_0000_01b3).rotate_left(23)
}

fn text_hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| combine(hash, byte.into()))
}

#[cfg(test)]
mod tests {
    use athena_core::outcome::ErrorOutcome;
    use athena_structure::description::Shape;

    use super::*;

    fn shape(message: &str) -> OutcomeShape {
        let described = TypeDescription::new(|_| Shape::List(Box::new(Shape::Text)));
        let shapes =
            OutcomeShapes::new(described, &["stone", "echo", "\"the\"input"].map(str::to_owned));
        let outcome = CaseOutcome { messages: vec![message.to_owned()], ..CaseOutcome::empty() };
        shapes.shape(&outcome, r#"{"stones":"Echo of \"the\"","b":"input"}"#)
    }

    fn error(message: &str, input: &str) -> OutcomeShape {
        let shapes = OutcomeShapes::new(
            TypeDescription::new(|_| Shape::Bool),
            &["the format is bad".to_owned()],
        );
        let error = ErrorOutcome { kind: "E".to_owned(), message: message.to_owned() };
        shapes.shape(&CaseOutcome { error: Some(error), ..CaseOutcome::empty() }, input)
    }

    #[test]
    fn outcomes_differ_by_kind_not_by_value() {
        assert_eq!(shape(r#"["ab"]"#), shape(r#"["cdef"]"#));
        assert_ne!(shape(r#"["ab"]"#).whole, shape(r#"[""]"#).whole);
        assert_ne!(shape("[]").whole, shape(r#"[""]"#).whole);
        assert_ne!(shape(r#"["ab"]"#).kinds, shape(r#"["stone"]"#).kinds);
        // A literal that the input has is not a choice of the code.
        assert_eq!(shape(r#"["ab"]"#), shape(r#"["echo"]"#));
        assert_eq!(shape(r#"["ab"]"#), shape(r#"["\"the\"input"]"#));
        let with = error;
        let error = |message: &str| with(message, "");
        assert_eq!(error("invalid digit 7"), error("invalid digit 8"));
        assert_ne!(error("invalid digit"), error("number too large"));
        assert_eq!(with("the format is bad", r#"{"a":"format"}"#), error("the format is bad"));
        // What an error quotes or repeats of the input does not count.
        assert_eq!(error("unknown unit \"ab\""), error("unknown unit \"cd\""));
        assert_eq!(error("can't read 'ab' here"), error("can't read 'cd' here"));
        assert_eq!(error(r#"can't read "\"format" here"#), error(r#"can't read "\\" here"#));
        assert_ne!(error("can't read it"), error("can't write it"));
        // Nor if the input has a quote itself, which ends that of the message.
        let quoted = serde_json::json!({ "a": "'format" }).to_string();
        assert_eq!(with("can't read it", &quoted), error("can't read it"));
        for input in ["`", "`format", "a`bad` b"] {
            let message = format!("`{input}` is not a country");
            let input = serde_json::json!({ "a": input }).to_string();
            assert_eq!(with(&message, &input), error("`de` is not a country"), "{input}");
        }
        assert_eq!(
            with("unknown unit ab", r#"{"a":"5ab"}"#),
            with("unknown unit cd", r#"{"a":"5cd"}"#)
        );
    }
}
