//! A schema as a `.proto` file in proto2, the one dialect that every protoc reads and that tells
//! peers our defaults.
//!
//! Field names are as in Rust; so are the variants of an enum with data, which are the fields of
//! its `oneof`. The values of an enum without data share one scope with those of all others, so
//! they are in capitals behind the name of their enum: `KIND_RETAIL`. What stands behind a line is
//! the Rust type, with its default and `required`: `.proto` has no word for `u8`, and `required`
//! there could never be taken back.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::super::Encoding;
use super::literal::{literal, quoted};
use super::names::{Names, ascii, screaming};
use super::tree::{Declared, Form, HIDDEN, Member, Schema, Type};

/// The first line of every file. The number grows when an older Athena could misread a newer file.
pub(super) const HEADER: &str =
    "// Schema, format 1. Written by `cargo athena` from the Rust types: change those, not this.";

/// What stands behind a message that no Rust type declares.
pub(super) const GENERATED: &str = "generated";

/// Writes a schema.
pub(crate) fn proto(schema: &Schema) -> String {
    let mut file = File::new(schema);
    let mut body = String::new();
    for (at, declared) in schema.types.iter().enumerate() {
        file.declared(at, declared, &mut body);
    }
    file.generated(&mut body);
    let mut out = format!("{HEADER}\nsyntax = \"proto2\";\n\npackage {};\n", schema.package);
    for (at, import) in file.imports.iter().enumerate() {
        let gap = if at == 0 { "\n" } else { "" };
        let _ = writeln!(out, "{gap}import \"google/protobuf/{import}.proto\";");
    }
    out.push_str(&body);
    out
}

/// Names of the values of enums, by place of the enum and of the value.
pub(crate) fn value_names(schema: &Schema) -> BTreeMap<(usize, usize), String> {
    File::new(schema).values
}

fn name_values(schema: &Schema, names: &mut Names) -> BTreeMap<(usize, usize), String> {
    let mut values = BTreeMap::new();
    for (at, declared) in schema.types.iter().enumerate() {
        if declared.form == Form::Enumeration {
            for (index, member) in declared.members.iter().enumerate() {
                let wanted = format!("{}_{}", screaming(&declared.name), screaming(&member.name));
                values.insert((at, index), names.give(&wanted));
            }
        }
    }
    values
}

struct File<'a> {
    schema: &'a Schema,
    names: Names,
    /// Names of the values of enums, by place of the enum and of the value.
    values: BTreeMap<(usize, usize), String>,
    /// Messages that no Rust type declares, by what they hold: the name given, and the text.
    messages: BTreeMap<String, (String, String)>,
    imports: BTreeSet<&'static str>,
}

impl<'a> File<'a> {
    fn new(schema: &'a Schema) -> Self {
        let mut names = Names::new();
        for declared in &schema.types {
            names.give(&declared.name);
        }
        let values = name_values(schema, &mut names);
        Self { schema, names, values, messages: BTreeMap::new(), imports: BTreeSet::new() }
    }

    fn declared(&mut self, at: usize, declared: &Declared, out: &mut String) {
        out.push('\n');
        comment("", &declared.docs, out);
        let Declared { name, form, members, .. } = declared;
        let word = if *form == Form::Enumeration { "enum" } else { "message" };
        let _ = writeln!(out, "{word} {name} {{{}", remarks(declared));
        let indent = if *form == Form::Choice {
            let oneof = if declared.member("variant").is_some() { "variant_" } else { "variant" };
            let _ = writeln!(out, "  oneof {oneof} {{");
            "    "
        } else {
            "  "
        };
        for (index, member) in members.iter().enumerate() {
            comment(indent, &member.docs, out);
            if let Some(Type::Oneof(held)) = &member.value {
                self.oneof(member, held, out);
                continue;
            }
            let _ = writeln!(out, "{indent}{}", self.member(*form, (at, index), member));
        }
        if *form == Form::Choice {
            out.push_str("  }\n");
        }
        reserved(declared, out);
        out.push_str("}\n");
    }

    /// The variants of an enum as fields of the message around it. A lock takes them from the enum.
    fn oneof(&mut self, member: &Member, held: &str, out: &mut String) {
        let (name, written) = (&member.name, ascii(&member.name));
        let _ = writeln!(out, "  oneof {written} {{ // {name}: Oneof<{held}>");
        let schema = self.schema;
        for (at, declared) in schema.types.iter().enumerate() {
            let variants = declared.members.iter().enumerate();
            for (index, variant) in variants.filter(|_| declared.name == held) {
                comment("    ", &variant.docs, out);
                let line = self.member(Form::Choice, (at, index), variant);
                let _ = writeln!(out, "    {line}");
            }
        }
        out.push_str("  }\n");
    }

    fn member(&mut self, form: Form, place: (usize, usize), member: &Member) -> String {
        let Member { name, number, value, required, default, .. } = member;
        let Some(value) = value else {
            if form == Form::Enumeration {
                let named = self.values.get(&place).cloned().unwrap_or_default();
                return format!("{named} = {number}; // {name}");
            }
            let empty = self.empty();
            return format!("{empty} {} = {number}{}; // ()", ascii(name), options(&renamed(name)));
        };
        if form == Form::Choice {
            let kind = self.record(value);
            return format!(
                "{kind} {} = {number}{}; // {value}",
                ascii(name),
                options(&renamed(name))
            );
        }
        let Line { label, kind, packed } = self.field(value);
        let mut parts = Vec::new();
        if let Some(default) = default.as_ref().filter(|default| *default != HIDDEN) {
            let written = literal(value, default).or_else(|| self.value_named(value, default));
            parts.extend(written.map(|text| format!("default = {text}")));
        }
        parts.extend(packed.then(|| "packed = true".to_owned()));
        parts.extend(renamed(name));
        let mut remark = value.to_string();
        if let Some(default) = default {
            let _ = write!(remark, " = {default}");
        }
        if *required {
            remark.push_str(", required");
        }
        format!("{label}{kind} {} = {number}{}; // {remark}", ascii(name), options(&parts))
    }

    /// The value of an enum that a default in JSON names.
    fn value_named(&self, value: &Type, default: &str) -> Option<String> {
        let Type::Named(name) = value else { return None };
        let at = self.schema.types.iter().position(|declared| declared.name == *name)?;
        let variant: String = serde_json::from_str(default).ok()?;
        let index =
            self.schema.types[at].members.iter().position(|member| member.name == variant)?;
        self.values.get(&(at, index)).cloned()
    }

    /// How a field of its own is declared.
    fn field(&mut self, value: &Type) -> Line {
        match value {
            Type::Option(inner) | Type::Boxed(inner) => {
                let kind = if matches!(value, Type::Option(_)) {
                    self.record(inner)
                } else {
                    self.record(value)
                };
                Line { label: "optional ", kind, packed: false }
            }
            Type::List(item) => {
                Line { label: "repeated ", kind: self.record(item), packed: self.is_packed(item) }
            }
            Type::Array(list, _) if **list != Type::Bytes => self.field(list),
            Type::Map(key, item) if self.schema.starts_at_zero(item) => {
                let kind = format!("map<{}, {}>", self.record(key), self.record(item));
                Line { label: "", kind, packed: false }
            }
            Type::Map(key, item) => {
                let kind = self.entry(key, item);
                Line { label: "repeated ", kind, packed: false }
            }
            one => Line { label: "optional ", kind: self.record(one), packed: false },
        }
    }

    /// The type of exactly one record.
    fn record(&mut self, value: &Type) -> String {
        match value {
            Type::Bool => "bool".to_owned(),
            Type::Int { bits, signed, encoding } => int(*bits, *signed, *encoding).to_owned(),
            Type::Float { bits: 32 } => "float".to_owned(),
            Type::Float { .. } => "double".to_owned(),
            Type::Text => "string".to_owned(),
            Type::Bytes | Type::Uuid => "bytes".to_owned(),
            Type::Array(inner, _) if **inner == Type::Bytes => "bytes".to_owned(),
            Type::Duration => {
                self.imports.insert("duration");
                "google.protobuf.Duration".to_owned()
            }
            Type::Timestamp => {
                self.imports.insert("timestamp");
                "google.protobuf.Timestamp".to_owned()
            }
            // Inside a message with a map, protoc itself declares such a name.
            Type::Named(name) if name.ends_with("Entry") => {
                format!(".{}.{name}", self.schema.package)
            }
            Type::Named(name) | Type::Oneof(name) => name.clone(),
            Type::Boxed(inner) => self.record(inner),
            Type::Option(_) => self.wrapper(value, "value"),
            Type::List(_) | Type::Array(..) => self.wrapper(value, "items"),
            Type::Map(..) => self.wrapper(value, "entries"),
            Type::Tuple(items) => self.tuple(value, items),
        }
    }

    fn is_packed(&self, item: &Type) -> bool {
        match item {
            Type::Bool | Type::Int { .. } | Type::Float { .. } => true,
            Type::Named(name) => {
                self.schema.get(name).is_some_and(|named| named.form == Form::Enumeration)
            }
            _ => false,
        }
    }

    /// What a map is on the wire, where protoc takes no map.
    fn entry(&mut self, key: &Type, item: &Type) -> String {
        let name = format!("{}{}", structural(key), structural(item));
        self.message(&format!("{key} to {item}"), &format!("Pair{name}"), |file| {
            vec![
                format!("optional {} key = 1;", file.record(key)),
                format!("optional {} value = 2;", file.record(item)),
            ]
        })
    }

    /// A message with the value as its field 1.
    fn wrapper(&mut self, value: &Type, field: &str) -> String {
        self.message(&value.to_string(), &structural(value), |file| {
            let Line { label, kind, packed } = file.field(value);
            let packed = if packed { " [packed = true]" } else { "" };
            vec![format!("{label}{kind} {field} = 1{packed};")]
        })
    }

    fn tuple(&mut self, value: &Type, items: &[Type]) -> String {
        self.message(&value.to_string(), &structural(value), |file| {
            let field = |(item, number): (&Type, usize)| {
                let Line { label, kind, packed } = file.field(item);
                let packed = if packed { " [packed = true]" } else { "" };
                format!("{label}{kind} item_{number} = {number}{packed};")
            };
            items.iter().zip(1..).map(field).collect()
        })
    }

    fn empty(&mut self) -> String {
        if let Some((name, _)) = self.messages.get("()") {
            return name.clone();
        }
        let name = self.names.give("Empty");
        let text = format!("\n// No data.\nmessage {name} {{ // {GENERATED}\n}}\n");
        self.messages.insert("()".to_owned(), (name.clone(), text));
        name
    }

    fn message(
        &mut self,
        held: &str,
        wanted: &str,
        fields: impl FnOnce(&mut Self) -> Vec<String>,
    ) -> String {
        if let Some((name, _)) = self.messages.get(held) {
            return name.clone();
        }
        let name = self.names.give(wanted);
        // A type can't hold itself but through a declared one: no need to enter it before.
        let mut text = format!("\n// `{held}` as a message.\nmessage {name} {{ // {GENERATED}\n");
        for field in fields(self) {
            let _ = writeln!(text, "  {field}");
        }
        text.push_str("}\n");
        self.messages.insert(held.to_owned(), (name.clone(), text));
        name
    }

    fn generated(&self, out: &mut String) {
        let sorted: BTreeMap<&String, &String> =
            self.messages.values().map(|(name, text)| (name, text)).collect();
        for text in sorted.values() {
            out.push_str(text);
        }
    }
}

struct Line {
    label: &'static str,
    kind: String,
    packed: bool,
}

fn int(bits: u8, signed: bool, encoding: Encoding) -> &'static str {
    match (encoding, signed, bits > 32) {
        (Encoding::Plain, true, false) => "int32",
        (Encoding::Plain, true, true) => "int64",
        (Encoding::Plain, false, false) => "uint32",
        (Encoding::Plain, false, true) => "uint64",
        (Encoding::Sint, _, false) => "sint32",
        (Encoding::Sint, _, true) => "sint64",
        (Encoding::Fixed, true, false) => "sfixed32",
        (Encoding::Fixed, true, true) => "sfixed64",
        (Encoding::Fixed, false, false) => "fixed32",
        (Encoding::Fixed, false, true) => "fixed64",
    }
}

/// A name for a type that Rust writes by its parts: `Tuple2I64String`.
fn structural(value: &Type) -> String {
    match value {
        Type::Option(inner) => format!("Option{}", structural(inner)),
        Type::List(inner) => format!("List{}", structural(inner)),
        Type::Array(inner, length) => format!("Array{length}{}", structural(inner)),
        Type::Map(key, value) => format!("Map{}{}", structural(key), structural(value)),
        Type::Boxed(inner) => structural(inner),
        Type::Tuple(items) => {
            let parts: String = items.iter().map(structural).collect();
            format!("Tuple{}{parts}", items.len())
        }
        Type::Bytes => "Bytes".to_owned(),
        Type::Int { bits, signed, encoding } => {
            let sign = if *signed { 'I' } else { 'U' };
            let encoding = match encoding {
                Encoding::Plain => "",
                Encoding::Sint => "Sint",
                Encoding::Fixed => "Fixed",
            };
            format!("{encoding}{sign}{bits}")
        }
        Type::Bool => "Bool".to_owned(),
        Type::Float { bits } => format!("F{bits}"),
        Type::Named(name) | Type::Oneof(name) => name.clone(),
        other => other.to_string(),
    }
}

/// What the line that opens a type says beside its name.
fn remarks(declared: &Declared) -> String {
    let mut parts = Vec::new();
    if declared.form == (Form::Structure { open: true }) {
        parts.push("open".to_owned());
    }
    if !declared.uses.is_empty() {
        let uses = declared.uses.iter().map(|used| {
            let ways = match (used.input, used.output) {
                (true, false) => "in",
                (false, true) => "out",
                _ => "in, out",
            };
            format!("{} ({ways})", used.model)
        });
        parts.push(format!("model: {}", uses.collect::<Vec<_>>().join(", ")));
    }
    if parts.is_empty() { String::new() } else { format!(" // {}", parts.join("; ")) }
}

fn reserved(declared: &Declared, out: &mut String) {
    if !declared.reserved.is_empty() {
        let numbers: Vec<String> = declared.reserved.iter().map(u32::to_string).collect();
        let _ = writeln!(out, "  reserved {};", numbers.join(", "));
    }
    if !declared.reserved_names.is_empty() {
        let known = |name: &String| match declared.form {
            Form::Enumeration => format!("{}_{}", screaming(&declared.name), screaming(name)),
            _ => ascii(name),
        };
        let names: Vec<String> = declared.reserved_names.iter().map(known).collect();
        let remark = if names == declared.reserved_names {
            String::new()
        } else {
            format!(" // {}", declared.reserved_names.join(", "))
        };
        let names: Vec<String> = names.iter().map(|name| quoted(name.as_bytes())).collect();
        let _ = writeln!(out, "  reserved {};{remark}", names.join(", "));
    }
}

/// The option that keeps a name which Protocol Buffers can't write.
fn renamed(name: &str) -> Vec<String> {
    if ascii(name) == name {
        return Vec::new();
    }
    vec![format!("json_name = {}", quoted(name.as_bytes()))]
}

fn options(parts: &[String]) -> String {
    if parts.is_empty() { String::new() } else { format!(" [{}]", parts.join(", ")) }
}

fn comment(indent: &str, docs: &str, out: &mut String) {
    for line in docs.lines() {
        let space = if line.is_empty() { "" } else { " " };
        let _ = writeln!(out, "{indent}//{space}{line}");
    }
}
