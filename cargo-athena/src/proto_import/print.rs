//! Items of Rust as text.

use std::fmt::Write as _;

use super::types::{RustItem, RustMember};

/// The whole file.
pub(super) fn print(files: &[&str], items: &[RustItem]) -> String {
    let mut text = format!(
        "//! Messages of {}, as `cargo athena schema import` wrote them. From now on they are yours to change.\n\n\
         use athena_rt::prelude::*;\n",
        files.join(", ")
    );
    for item in items {
        text.push('\n');
        docs(&mut text, "", &item.docs);
        let _ = writeln!(text, "#[structure{}]", item.arguments);
        let kind = if item.is_enum { "enum" } else { "struct" };
        if item.members.is_empty() {
            let _ = writeln!(text, "pub {kind} {} {{}}", item.name);
            continue;
        }
        let _ = writeln!(text, "pub {kind} {} {{", item.name);
        for part in &item.members {
            member(&mut text, part, item.is_enum);
        }
        text.push_str("}\n");
    }
    text
}

fn member(text: &mut String, member: &RustMember, is_variant: bool) {
    docs(text, "    ", &member.docs);
    for attribute in &member.attributes {
        let _ = writeln!(text, "    {attribute}");
    }
    let name = &member.name;
    let _ = match (&member.ty, is_variant) {
        (Some(ty), true) => writeln!(text, "    {name}({ty}),"),
        (Some(ty), false) => writeln!(text, "    pub {name}: {ty},"),
        (None, _) => writeln!(text, "    {name},"),
    };
}

fn docs(text: &mut String, indent: &str, docs: &str) {
    for line in docs.lines() {
        let space = if line.is_empty() { "" } else { " " };
        let _ = writeln!(text, "{indent}///{space}{line}");
    }
}
