//! A schema as a short text for people.

use std::fmt::Write as _;

use super::schema::{DeclarationKind, ModelUse, Schema};

/// Writes a schema.
pub fn text(schema: &Schema) -> String {
    let mut out = String::new();
    for declared in &schema.types {
        if !out.is_empty() {
            out.push('\n');
        }
        let form = match declared.form {
            DeclarationKind::Structure { open: true } => "open struct",
            DeclarationKind::Structure { open: false } => "struct",
            DeclarationKind::Whole => "value",
            DeclarationKind::Choice | DeclarationKind::Enumeration => "enum",
        };
        let uses: Vec<String> = declared.uses.iter().map(used).collect();
        let uses = if uses.is_empty() { String::new() } else { format!("  ({})", uses.join("; ")) };
        let _ = writeln!(out, "{form} {}{uses}{}", declared.name, brief(&declared.docs));
        for member in &declared.members {
            let kind = member.value.as_ref().map_or_else(String::new, |value| format!(": {value}"));
            let rest = match &member.default {
                Some(default) => format!(" = {default}"),
                None if member.required => " (required)".to_owned(),
                None => String::new(),
            };
            let keys: Vec<&str> = std::iter::once(member.key())
                .chain(member.aliases().iter().map(String::as_str))
                .collect();
            let (number, keys) = (member.number, keys.join(" or "));
            let _ = writeln!(out, "  {number:>3}  {keys}{kind}{rest}{}", brief(&member.docs));
        }
        let numbers = declared.reserved.iter().map(u32::to_string);
        let names = declared.reserved_names.iter().map(|name| format!("{name:?}"));
        let reserved: Vec<String> = numbers.chain(names).collect();
        if !reserved.is_empty() {
            let _ = writeln!(out, "       reserved: {}", reserved.join(", "));
        }
    }
    out
}

fn used(used: &ModelUse) -> String {
    match (used.input, used.output) {
        (true, false) => format!("input of {}", used.model),
        (false, true) => format!("output of {}", used.model),
        _ => format!("input and output of {}", used.model),
    }
}

/// The first line of docs.
fn brief(docs: &str) -> String {
    docs.lines().next().map_or_else(String::new, |line| format!("  -- {line}"))
}
