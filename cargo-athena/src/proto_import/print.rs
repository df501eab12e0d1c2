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

/// Writes a doc comment. A block of code in it is text: rustdoc would compile it as a test.
fn docs(text: &mut String, indent: &str, docs: &str) {
    let mut line = |line: &str| {
        let space = if line.is_empty() { "" } else { " " };
        let _ = writeln!(text, "{indent}///{space}{line}");
    };
    let (mut is_fenced, mut is_block, mut after_gap) = (false, false, true);
    for part in docs.lines() {
        let is_indented = part.starts_with("    ") || part.starts_with('\t');
        if is_block && !is_indented && !part.is_empty() {
            line("```");
            is_block = false;
        }
        if !is_fenced && !is_block && is_indented && after_gap {
            line("```text");
            is_block = true;
        }
        if !is_block && part.trim_start().starts_with("```") {
            is_fenced = !is_fenced;
            line(if is_fenced && part.trim() == "```" { "```text" } else { part });
        } else {
            line(part);
        }
        after_gap = part.is_empty();
    }
    if is_block || is_fenced {
        line("```");
    }
}

#[cfg(test)]
mod tests {
    use super::docs;

    fn printed(comment: &str) -> String {
        let mut text = String::new();
        docs(&mut text, "", comment);
        text
    }

    #[test]
    fn code_in_a_comment_is_no_test_of_rustdoc() {
        assert_eq!(
            printed("An example:\n\n    message A {\n\n    }\nafter"),
            "/// An example:\n///\n/// ```text\n///     message A {\n///\n///     }\n/// ```\n/// after\n"
        );
        assert_eq!(printed("```\nfoo\n```"), "/// ```text\n/// foo\n/// ```\n");
        assert_eq!(printed("```json\n{}\n```"), "/// ```json\n/// {}\n/// ```\n");
        assert_eq!(printed("a list\n    goes on"), "/// a list\n///     goes on\n");
    }
}
