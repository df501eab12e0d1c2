//! What is special in an input and its outcome, in words.

use std::collections::BTreeSet;

use athena_cases::case::CaseOutcome;
use athena_shrink::ModelInput;
use athena_structure::description::{Definition, Shape, TypeDescription};
use serde_json::Value;

/// The longest name of a case, in bytes.
pub(super) const LONGEST: usize = 60;

/// The longest text of an error in a name, in bytes: another tag has to fit as well.
const LONGEST_ERROR: usize = 38;

/// The longest value in a name, in bytes.
const LONGEST_VALUE: usize = 24;

/// How deep a message is looked at.
const DEPTH: usize = 3;

/// Words that no text of an error ends with.
const DANGLING: [&str; 8] = ["a", "an", "the", "in", "at", "of", "is", "while"];

/// What is special in a case, the most telling first.
pub(super) struct CaseTags {
    /// The error that the case has.
    pub(super) error: Option<String>,
    pub(super) special: Vec<String>,
    /// Values of the input that are short enough to be read in a name.
    pub(super) values: Vec<String>,
}

impl CaseTags {
    pub(super) fn new(
        (input_type, input): (&TypeDescription, &ModelInput),
        (output_type, outcome): (&TypeDescription, &CaseOutcome),
        texts: &[String],
    ) -> Self {
        let mut tags = Tags { texts, prefix: "", special: Vec::new(), values: Vec::new() };
        for name in input.env.keys() {
            tags.add("with", name);
        }
        tags.walk(&input_type.shape, input_type, &input.message, "", DEPTH);
        let values = std::mem::take(&mut tags.values);
        tags.prefix = "returns";
        if outcome.many && outcome.error.is_none() {
            match outcome.messages.len() {
                0 => tags.add("nothing", ""),
                1 => tags.add("one", "output"),
                _ => tags.add("many", "outputs"),
            }
        }
        if let Some(message) = outcome.messages.first()
            && let Ok(value) = athena_protocol::json::parse(message)
        {
            tags.walk(&output_type.shape, output_type, &value, "", DEPTH);
        }
        let error = outcome.error.as_ref();
        let error = error.map(|error| error_tag(&error.kind, &error.message));
        Self { error, special: tags.special, values }
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &str> {
        let all = self.error.iter().chain(&self.special).chain(&self.values);
        all.map(String::as_str).collect::<BTreeSet<&str>>().into_iter()
    }

    pub(super) fn has(&self, tag: &str) -> bool {
        self.all().any(|own| own == tag)
    }
}

/// The first clause of an error, without what it quotes: that differs from input to input.
pub(super) fn error_tag(kind: &str, message: &str) -> String {
    let mut tag = "error".to_owned();
    let mut quote = None;
    for word in message.split_whitespace() {
        let mark = |c: char| matches!(c, '"' | '`' | '\'');
        let is_quoted = quote.is_some() || word.starts_with(mark);
        if let Some(first) = word.chars().next().filter(|c| quote.is_none() && mark(*c)) {
            quote = Some(first);
        }
        let bare = word.trim_end_matches([',', ';', ':', '.', ')']);
        let is_end = bare.len() < word.len();
        if quote
            .is_some_and(|mark| bare.ends_with(mark) && (bare.len() > 1 || !word.starts_with(mark)))
        {
            quote = None;
        }
        let has_letters = bare.chars().any(char::is_alphabetic);
        let has_digits = bare.chars().any(|c| c.is_ascii_digit());
        if !is_quoted && has_letters && !has_digits {
            let longer = format!("{tag}-{}", slug(&bare.replace('\'', "")));
            if longer.len() > LONGEST_ERROR {
                break;
            }
            tag = longer;
        }
        if is_end && quote.is_none() && tag.matches('-').count() >= 2 {
            break;
        }
    }
    // What follows them is left out.
    while let Some((rest, _)) = tag.rsplit_once('-').filter(|(_, last)| DANGLING.contains(last)) {
        tag = rest.to_owned();
    }
    if tag == "error" {
        tag = slug(&format!("error {}", kind.rsplit("::").next().unwrap_or(kind)));
    }
    tag
}

struct Tags<'a> {
    texts: &'a [String],
    /// Before each tag.
    prefix: &'static str,
    special: Vec<String>,
    values: Vec<String>,
}

impl Tags<'_> {
    fn add(&mut self, what: &str, name: &str) {
        let tag = slug(&format!("{} {what} {name}", self.prefix));
        if tag.len() > self.prefix.len() && !self.special.contains(&tag) {
            self.special.push(tag);
        }
    }

    fn value(&mut self, value: &str, name: &str) {
        if let Some(text) = spell(value) {
            let tag = slug(&format!("{name} {text}"));
            if !self.values.contains(&tag) {
                self.values.push(tag);
            }
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
                            None => self.absent(&field.shape, field.name),
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
            (Shape::Timestamp, Value::String(text)) => {
                if text.contains("-02-29") {
                    self.add("leap day", "");
                } else if text.contains("-12-31") {
                    self.add("end of year", "");
                }
                self.value(text.split('T').next().unwrap_or(text), name);
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
                self.value(&number.to_string(), name);
            }
            (_, Value::Number(number)) => {
                match number.as_f64().unwrap_or(0.0) {
                    0.0 => self.add("zero", name),
                    float if float < 0.0 => self.add("negative", name),
                    float if float.abs() > 1e15 => self.add("huge", name),
                    float if float.fract() == 0.0 => self.add("whole", name),
                    _ => self.add("fractional", name),
                }
                self.value(&number.to_string(), name);
            }
            (_, Value::Bool(is)) => {
                self.add(if *is { name } else { "not" }, if *is { "" } else { name });
            }
            (Shape::List(item) | Shape::Set(item), Value::Array(items)) => {
                self.items(items, name);
                if let [only] = &items[..] {
                    self.walk(item, described, only, name, depth);
                }
            }
            (Shape::Map(_, item), Value::Object(map)) => {
                self.members(map.len(), "entries", name);
                if map.len() == 1 {
                    map.values().for_each(|only| self.walk(item, described, only, name, depth));
                }
            }
            (Shape::Json, Value::Array(items)) => self.items(items, name),
            (Shape::Json, Value::Object(map)) => self.members(map.len(), "members", name),
            (Shape::Json, Value::Null) => self.add("null", name),
            _ => {}
        }
    }

    /// A field that the message does not have.
    fn absent(&mut self, shape: &Shape, name: &str) {
        match shape {
            Shape::Boxed(inner) => self.absent(inner, name),
            Shape::Option(_) | Shape::List(_) | Shape::Set(_) | Shape::Map(..) => {
                self.add("no", name);
            }
            _ => {}
        }
    }

    fn items(&mut self, items: &[Value], name: &str) {
        let is_equal = items.len() > 1 && items.iter().all(|item| item == &items[0]);
        let scalars: Option<Vec<String>> = items.iter().map(scalar).collect();
        if let Some(scalars) = scalars.filter(|all| !all.is_empty()) {
            self.value(&scalars.join(" "), name);
        }
        self.members(items.len(), if is_equal { "equal items" } else { "items" }, name);
    }

    /// `no-names`, `3-names`, `3-equal-items-in-a`
    fn members(&mut self, count: usize, what: &str, name: &str) {
        let place = if name.is_empty() { String::new() } else { format!("in {name}") };
        let single = what.replace("ies", "y");
        match count {
            0 => self.add("no", if name.is_empty() { what } else { name }),
            1 => self.add(&format!("1 {}", single.trim_end_matches('s')), &place),
            _ if name.ends_with('s') => {
                self.add(&format!("{count} {}", what.replace("items", "")), name);
            }
            _ => self.add(&format!("{count} {what}"), &place),
        }
    }

    fn text(&mut self, text: &str, name: &str) {
        let is_word = |text: &str| text.len() > 2 && text.chars().all(|c| c.is_ascii_alphabetic());
        match text {
            "" => self.add("empty", name),
            _ if text.trim().is_empty() => self.add("blank", name),
            _ if is_word(text) && self.texts.iter().any(|known| known == text) => {
                self.add(text, "");
            }
            _ if !text.is_ascii() => self.add("non ascii", name),
            _ if text.contains(['\n', '\r']) => self.add("line break in", name),
            _ if text.chars().any(char::is_control) => self.add("control character in", name),
            _ if text.starts_with(' ') => self.add("leading blank", name),
            _ if text.ends_with(' ') => self.add("trailing blank", name),
            _ if text.bytes().all(|byte| byte.is_ascii_digit()) => self.add("digits in", name),
            _ if text.len() == 1 => self.add("one character", name),
            _ if text.bytes().any(|byte| byte.is_ascii_digit()) => self.add("number in", name),
            _ if text.bytes().any(|byte| byte.is_ascii_uppercase()) => self.add("upper case", name),
            _ if text.bytes().any(|byte| byte.is_ascii_punctuation()) => self.add("signs in", name),
            _ if text.len() > 8 => self.add("long", name),
            _ => {}
        }
        self.value(text, name);
    }
}

/// A text or a number as a name can have it.
fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string().replace('-', "minus ")),
        _ => None,
    }
}

/// A short text in the letters of a case's name. `None` if it is long, or has characters without a name.
fn spell(text: &str) -> Option<String> {
    let mut spelled = String::new();
    for (at, c) in text.char_indices() {
        let word = match c {
            '-' if at == 0 => "minus",
            ' ' | '-' | '_' => "",
            '+' => "plus",
            '.' => "dot",
            ',' => "comma",
            ':' => "colon",
            '/' => "slash",
            '\\' => "backslash",
            '*' => "star",
            '?' => "question",
            '%' => "percent",
            '=' => "equals",
            '<' => "less",
            '>' => "greater",
            '^' => "caret",
            '~' => "tilde",
            '\n' => "newline",
            '\t' => "tab",
            '"' | '\'' => "quote",
            c if c.is_ascii_alphanumeric() => {
                spelled.push(c.to_ascii_lowercase());
                continue;
            }
            _ => return None,
        };
        spelled.push_str(&format!(" {word} "));
    }
    let spelled = slug(&spelled);
    (!spelled.is_empty() && spelled.len() <= LONGEST_VALUE).then_some(spelled)
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

pub(super) fn cut(text: &str, most: usize) -> &str {
    text.get(..most).unwrap_or(text).trim_end_matches('-')
}
