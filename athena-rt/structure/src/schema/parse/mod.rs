//! Parses the `.proto` file that was written for a schema: that dialect and no other.

mod line;

use std::collections::BTreeMap;
use std::fmt;

use self::line::{read_member, read_oneof, read_reserved, read_uses, remark, unexpected};
use athena_protocol::collect::insert_all;

use super::proto_file::GENERATED;
use super::proto_text::{HEADER, proto};
use super::schema::{Declaration, DeclarationKind, Member, Schema, Type, VariantLayout};

/// The error of a lock that can't be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockError {
    /// From 1.
    pub line: usize,
    pub reason: String,
}

impl fmt::Display for LockError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.line, self.reason)
    }
}

/// Parses what [`proto`] wrote.
///
/// A line that was changed by hand is an error: each must be what is written for the types behind
/// the fields.
pub fn parse(text: &str) -> Result<Schema, LockError> {
    let mut reader = SchemaParser::default();
    for (line, number) in text.lines().zip(1..) {
        reader.line = number;
        reader.take(line.trim()).map_err(|reason| LockError { line: number, reason })?;
    }
    let schema = reader.finish()?;
    check(text, &proto(&schema))?;
    Ok(schema)
}

#[derive(Default)]
struct SchemaParser {
    schema: Schema,
    docs: Vec<String>,
    line: usize,
    within: Vec<Block>,
    /// The types that fields refer to, with their lines.
    mentioned: Vec<(usize, String)>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Block {
    Declaration,
    Oneof,
    Generated,
}

type Parsed = Result<(), String>;

impl SchemaParser {
    fn take(&mut self, line: &str) -> Parsed {
        if ["<<<<<<<", "=======", ">>>>>>>", "|||||||"].iter().any(|mark| line.starts_with(mark)) {
            return Err("a conflict marker: take one side, then `cargo athena record`".to_owned());
        }
        if self.line == 1 {
            return header(line);
        }
        if self.within.last() == Some(&Block::Generated) {
            if line == "}" {
                self.within.pop();
            }
            return Ok(());
        }
        if let Some(docs) = line.strip_prefix("//") {
            self.docs.push(docs.strip_prefix(' ').unwrap_or(docs).to_owned());
            return Ok(());
        }
        let taken = if self.within.is_empty() { self.outside(line) } else { self.inside(line) };
        self.docs.clear();
        taken
    }

    fn outside(&mut self, line: &str) -> Parsed {
        if line.is_empty() || line == "syntax = \"proto2\";" || line.starts_with("import ") {
            return Ok(());
        }
        if let Some(package) = line.strip_prefix("package ").and_then(|rest| rest.strip_suffix(';'))
        {
            package.clone_into(&mut self.schema.package);
            return Ok(());
        }
        let (form, rest) = match line.split_once(' ') {
            Some(("message", rest)) => (DeclarationKind::Structure { open: false }, rest),
            Some(("enum", rest)) => (DeclarationKind::Enumeration, rest),
            _ => return Err(unexpected(line)),
        };
        let (name, rest) = rest.split_once(" {").ok_or_else(|| unexpected(line))?;
        let remark = remark(rest)?;
        if remark == Some(GENERATED) {
            self.within.push(Block::Generated);
            return Ok(());
        }
        if self.schema.get(name).is_some() {
            return Err(format!("`{name}` is declared twice"));
        }
        let mut declared = Declaration {
            name: name.to_owned(),
            docs: self.docs.join("\n"),
            form,
            layout: VariantLayout::External,
            uses: Vec::new(),
            members: Vec::new(),
            reserved: Vec::new(),
            reserved_names: Vec::new(),
        };
        for part in remark.into_iter().flat_map(|remark| remark.split("; ")) {
            if part == "open" && form == (DeclarationKind::Structure { open: false }) {
                declared.form = DeclarationKind::Structure { open: true };
            } else if part == "whole" && form == (DeclarationKind::Structure { open: false }) {
                declared.form = DeclarationKind::Whole;
            } else if let Some(layout) = VariantLayout::parse(part) {
                declared.layout = layout;
            } else if let Some(uses) = part.strip_prefix("model: ") {
                declared.uses = read_uses(uses)?;
            } else {
                return Err(unexpected(part));
            }
        }
        self.schema.types.push(declared);
        self.within.push(Block::Declaration);
        Ok(())
    }

    fn inside(&mut self, line: &str) -> Parsed {
        let within = self.within.last().copied();
        let Some(declared) = self.schema.types.last_mut() else { return Err(unexpected(line)) };
        if line.is_empty() {
            return Ok(());
        }
        if line == "}" {
            self.within.pop();
            return Ok(());
        }
        if line.starts_with("oneof ") && !line.ends_with('{') && within == Some(Block::Declaration)
        {
            let member = read_oneof(line).ok_or_else(|| unexpected(line))?;
            let docs = self.docs.join("\n");
            self.enter(Member { docs, ..member })?;
            // Its fields are those of the enum.
            self.within.push(Block::Generated);
            return Ok(());
        }
        if line.starts_with("oneof ") && line.ends_with('{') && within == Some(Block::Declaration) {
            declared.form = DeclarationKind::Choice;
            self.within.push(Block::Oneof);
            return Ok(());
        }
        if let Some(rest) = line.strip_prefix("reserved ") {
            return read_reserved(rest, declared);
        }
        let mut member = read_member(line, declared.form)?;
        member.docs = self.docs.join("\n");
        self.enter(member)
    }

    fn enter(&mut self, member: Member) -> Parsed {
        let Some(declared) = self.schema.types.last_mut() else {
            return Err(unexpected("a field"));
        };
        let is_oneof = matches!(member.value, Some(Type::Oneof(_)));
        if let Some(same) = declared.numbered(member.number).filter(|_| !is_oneof) {
            return Err(format!(
                "number {} is already used by `{}`: choose another for `{}` with #[field(n)]",
                member.number, same.name, member.name
            ));
        }
        if declared.member(&member.name).is_some() {
            return Err(format!("`{}` is declared twice", member.name));
        }
        let mut names = Vec::new();
        if let Some(value) = &member.value {
            value.mentions(&mut names);
        }
        self.mentioned.extend(names.into_iter().map(|name| (self.line, name.to_owned())));
        declared.members.push(member);
        Ok(())
    }

    fn finish(self) -> Result<Schema, LockError> {
        if !self.within.is_empty() {
            return Err(LockError {
                line: self.line,
                reason: "the file ends too early".to_owned(),
            });
        }
        if self.schema.package.is_empty() {
            return Err(LockError { line: self.line.max(1), reason: "no package".to_owned() });
        }
        match self.mentioned.into_iter().find(|(_, name)| self.schema.get(name).is_none()) {
            None => Ok(numbered(self.schema)),
            Some((line, name)) => {
                Err(LockError { line, reason: format!("`{name}` is not declared in this file") })
            }
        }
    }
}

/// Sets the number of each oneof to that of the first variant of its enum.
fn numbered(mut schema: Schema) -> Schema {
    let firsts: BTreeMap<String, u32> =
        insert_all(schema.types.iter().filter_map(|declared| {
            Some((declared.name.clone(), declared.members.first()?.number))
        }));
    for member in schema.types.iter_mut().flat_map(|declared| &mut declared.members) {
        if let Some(Type::Oneof(name)) = &member.value {
            member.number = firsts.get(name).copied().unwrap_or_default();
        }
    }
    schema
}

fn header(line: &str) -> Parsed {
    if line == HEADER {
        return Ok(());
    }
    let known = HEADER.split_once('.').map_or(HEADER, |(known, _)| known);
    let given = line.split_once('.').map_or(line, |(given, _)| given);
    if given.starts_with("// Schema, format ") && given != known {
        return Err(format!(
            "unsupported format `{given}`, this version reads `{known}`; update athena-rt"
        ));
    }
    Err(format!("not written by `cargo athena record`: the first line is not `{HEADER}`"))
}

/// Compares the declarations, line by line, with what would be written.
fn check(text: &str, written: &str) -> Result<(), LockError> {
    let is_declaration = |line: &&str| !line.is_empty() && !line.starts_with("//");
    let mut expected = written.lines().map(str::trim).filter(is_declaration);
    let mut last = 1;
    for (number, line) in (1..).zip(text.lines().map(str::trim)) {
        if !is_declaration(&line) {
            continue;
        }
        last = number;
        let expected = expected.next().unwrap_or("nothing more");
        if line != expected {
            return Err(LockError {
                line: number,
                reason: format!("edited by hand: expected `{expected}`, found `{line}`"),
            });
        }
    }
    match expected.next() {
        None => Ok(()),
        Some(line) => Err(LockError { line: last, reason: format!("missing line: `{line}`") }),
    }
}
