//! The lines of a lock.

use super::super::literal::unquoted;
use super::super::schema::{Declaration, DeclarationKind, Member, ModelUse, Type};

/// The remark behind a line.
pub(super) fn remark(rest: &str) -> Result<Option<&str>, String> {
    match rest.strip_prefix(" // ") {
        Some(remark) => Ok(Some(remark)),
        None if rest.is_empty() => Ok(None),
        None => Err(unexpected(rest)),
    }
}

/// The models that use a type: `app::price (in), app::show (in, out)`.
pub(super) fn read_uses(text: &str) -> Result<Vec<ModelUse>, String> {
    let mut uses = Vec::new();
    for part in text.split_inclusive(')') {
        let part = part.strip_prefix(", ").unwrap_or(part);
        let (model, ways) = part
            .strip_suffix(')')
            .and_then(|part| part.split_once(" ("))
            .ok_or_else(|| unexpected(part))?;
        let (input, output) = match ways {
            "in" => (true, false),
            "out" => (false, true),
            "in, out" => (true, true),
            _ => return Err(unexpected(part)),
        };
        uses.push(ModelUse { model: model.to_owned(), input, output });
    }
    Ok(uses)
}

/// The numbers or names behind `reserved`. A remark has the names in Rust.
pub(super) fn read_reserved(rest: &str, declared: &mut Declaration) -> Result<(), String> {
    if !rest.starts_with('"') {
        let numbers = rest.strip_suffix(';').ok_or_else(|| unexpected(rest))?;
        for number in numbers.split(", ") {
            declared.reserved.push(number.parse().map_err(|_| unexpected(number))?);
        }
        return Ok(());
    }
    let mut names = Vec::new();
    let mut left = rest;
    loop {
        let (name, after) = unquoted(left).ok_or_else(|| unexpected(left))?;
        names.push(name);
        left = after;
        match left.strip_prefix(", ") {
            Some(more) => left = more,
            None => break,
        }
    }
    let left = left.strip_prefix(';').ok_or_else(|| unexpected(left))?;
    declared.reserved_names = match remark(left)? {
        Some(remark) => remark.split(", ").map(str::to_owned).collect(),
        None => names,
    };
    Ok(())
}

/// A field, a variant, or a value of an enum.
pub(super) fn read_member(line: &str, form: DeclarationKind) -> Result<Member, String> {
    let wrong = || unexpected(line);
    let (head, rest) = line.split_once(" = ").ok_or_else(wrong)?;
    let written = head.rsplit(' ').next().unwrap_or(head);
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    let number = rest[..end].parse().map_err(|_| wrong())?;
    let (name, rest) = read_options(&rest[end..]).ok_or_else(wrong)?;
    let Some(remark) = remark(rest.strip_prefix(';').ok_or_else(wrong)?)? else {
        return Err(format!(
            "the Rust type is missing behind `{written}`: this file is not to be changed by hand"
        ));
    };
    let Keyed { remark, keys, name: own, flatten, other } = read_keys(remark).ok_or_else(wrong)?;
    let remark = remark.as_str();
    // The option has the name in Rust, unless there are keys.
    let name = own.or_else(|| name.filter(|_| keys.is_empty()));
    let mut member = Member {
        name: name.unwrap_or_else(|| written.to_owned()),
        keys,
        flatten,
        other,
        number,
        docs: String::new(),
        value: None,
        required: false,
        default: None,
        examples: Vec::new(),
    };
    match form {
        DeclarationKind::Enumeration => remark.clone_into(&mut member.name),
        DeclarationKind::Choice if remark == "()" => {}
        DeclarationKind::Choice => member.value = Some(Type::parse(remark)?),
        DeclarationKind::Structure { .. } | DeclarationKind::Whole => {
            let kind = if let Some((kind, default)) = remark.split_once(" = ") {
                member.default = Some(default.to_owned());
                kind
            } else if let Some(kind) = remark.strip_suffix(", required") {
                member.required = true;
                kind
            } else {
                remark
            };
            member.value = Some(Type::parse(kind)?);
        }
    }
    Ok(member)
}

/// A field whose variants are fields of the message around it. Its number follows from the enum.
pub(super) fn read_oneof(line: &str) -> Option<Member> {
    let (_, remark) = line.split_once(" { // ")?;
    let (name, kind) = remark.split_once(": ")?;
    let Keyed { remark: kind, keys, flatten, .. } = read_keys(kind)?;
    Some(Member {
        name: name.to_owned(),
        keys,
        flatten,
        other: false,
        number: 0,
        docs: String::new(),
        value: Some(Type::parse(&kind).ok().filter(|kind| matches!(kind, Type::Oneof(_)))?),
        required: false,
        default: None,
        examples: Vec::new(),
    })
}

/// A remark without what it says of JSON.
struct Keyed {
    remark: String,
    keys: Vec<String>,
    /// The name in Rust, if it is not a name in Protocol Buffers.
    name: Option<String>,
    flatten: bool,
    other: bool,
}

/// What a remark says of JSON: `String as "$schema", "schema", required`. Whatever is behind ` = ` is a
/// default.
fn read_keys(remark: &str) -> Option<Keyed> {
    let head = remark.split_once(" = ").map_or(remark, |(head, _)| head);
    let marks = [" as \"", " of ", " flattened", " or any"];
    let start = marks.iter().filter_map(|mark| head.find(mark)).min().unwrap_or(remark.len());
    let (before, mut rest) = remark.split_at_checked(start)?;
    let mut keys = Vec::new();
    if let Some(mut more) = rest.strip_prefix(" as ") {
        loop {
            let (key, after) = unquoted(more)?;
            keys.push(key);
            rest = after;
            match rest.strip_prefix(", ").filter(|more| more.starts_with('"')) {
                Some(next) => more = next,
                None => break,
            }
        }
    }
    let mut name = None;
    if let Some(named) = rest.strip_prefix(" of ") {
        let (own, after) = named.split_at(named.find([' ', ',']).unwrap_or(named.len()));
        name = Some(own.to_owned());
        rest = after;
    }
    let mut mark = |mark: &str| match rest.strip_prefix(mark) {
        Some(after) => {
            rest = after;
            true
        }
        None => false,
    };
    let (flatten, other) = (mark(" flattened"), mark(" or any"));
    Some(Keyed { remark: format!("{before}{rest}"), keys, name, flatten, other })
}

/// The name in the options, and the text after them.
fn read_options(text: &str) -> Option<(Option<String>, &str)> {
    let Some(mut rest) = text.strip_prefix(" [") else { return Some((None, text)) };
    let mut name = None;
    loop {
        let (key, value) = rest.split_once(" = ")?;
        if value.starts_with('"') {
            let (text, after) = unquoted_bytes(value)?;
            if key == "json_name" {
                name = text;
            }
            rest = after;
        } else {
            rest = &value[value.find([',', ']'])?..];
        }
        match rest.strip_prefix(", ") {
            Some(more) => rest = more,
            None => return Some((name, rest.strip_prefix(']')?)),
        }
    }
}

/// As [`unquoted`], but bytes that are not text are skipped.
fn unquoted_bytes(text: &str) -> Option<(Option<String>, &str)> {
    if let Some((text, rest)) = unquoted(text) {
        return Some((Some(text), rest));
    }
    let mut escaped = false;
    let end = text.char_indices().skip(1).find(|(_, letter)| {
        let ends = *letter == '"' && !escaped;
        escaped = *letter == '\\' && !escaped;
        ends
    })?;
    Some((None, &text[end.0 + 1..]))
}

/// The error for a text that is never written.
pub(super) fn unexpected(text: &str) -> String {
    format!("unexpected `{text}`: this file is written by `cargo athena record`")
}
