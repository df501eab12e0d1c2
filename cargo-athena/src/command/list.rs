//! `cargo athena list`

use std::fmt::Write as _;

use athena_protocol::{Exit, FieldInfo, LABEL, ModelInfo, TypeInfo, VariableInfo};

use crate::cli::{self, Format};
use crate::console::print;
use crate::display::{ellipsize, plural};
use crate::error::{Error, Result};
use crate::options::OutputOptions;
use crate::session::Session;
use crate::style::Style;

pub(crate) fn run(verb: cli::List, output: OutputOptions) -> Result<Exit> {
    let style = Style::for_both_streams(output.color);
    let session = Session::open(verb.build, output)?;
    let catalog = session.catalog(true)?;
    let models: Vec<_> = catalog.models.into_iter().map(|model| model.info).collect();
    match verb.format {
        Format::Text => {
            if verb.long {
                let texts: Vec<_> = models.iter().map(|model| text(model, style)).collect();
                print(&texts.join("\n"))?;
            } else {
                print(&table(&models, style))?;
            }
        }
        Format::Json => {
            let text = serde_json::to_string_pretty(&models)
                .map_err(|error| Error::failure("the list can't be written").cause(error))?;
            print(&format!("{text}\n"))?;
        }
    }
    Ok(Exit::Success)
}

/// One line per model: its id, what it accepts and returns, its cases, and what it does.
fn table(models: &[ModelInfo], style: Style) -> String {
    let rows: Vec<[String; 3]> = models
        .iter()
        .map(|model| {
            let types = format!("{} -> {}", model.input.name, returns(model));
            [model.id.clone(), types, cases(model)]
        })
        .collect();
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max();
    let [ids, kinds, counts] = [0, 1, 2].map(|column| width(column).unwrap_or(0));
    let mut out = String::new();
    for (model, [id, types, cases]) in models.iter().zip(&rows) {
        let id = style.strong(&format!("{id:ids$}"));
        let docs = style.dim(&ellipsize(&brief(&model.docs), 60));
        let line = format!("{id}  {types:kinds$}  {cases:counts$}  {docs}");
        let _ = writeln!(out, "{}", line.trim_end());
    }
    out
}

fn cases(model: &ModelInfo) -> String {
    if model.cases == 0 { "no case".to_owned() } else { plural(model.cases, "case") }
}

/// What a model returns: `any number of Sample, or String`.
fn returns(model: &ModelInfo) -> String {
    let many = if model.many { "any number of " } else { "" };
    let error = model.error.as_ref().map(|error| format!(", or fails with {error}"));
    format!("{many}{}{}", model.output.name, error.unwrap_or_default())
}

fn text(model: &ModelInfo, style: Style) -> String {
    let mut lines = IndentedText(String::new());
    lines.put(0, &style.strong(&model.id), &style.dim(&cases(model)));
    lines.docs(1, &model.docs);
    lines.put(1, "at", &format!("{}:{}", model.file, model.line));
    lines.put(1, "accepts", &model.input.name);
    lines.fields(&model.input, style);
    lines.put(1, "returns", &returns(model));
    if model.output != model.input {
        lines.fields(&model.output, style);
    }
    if !model.environment.is_empty() {
        lines.put(1, "reads", "");
        for variable in &model.environment {
            lines.put(2, &variable_text(variable), &style.dim(&brief(&variable.docs)));
        }
    }
    lines.0
}

struct IndentedText(String);

impl IndentedText {
    fn put(&mut self, depth: usize, first: &str, rest: &str) {
        let line = format!("{:indent$}{first}  {rest}", "", indent = depth * 2);
        // Writing to a string can't fail.
        let _ = writeln!(self.0, "{}", line.trim_end());
    }

    fn docs(&mut self, depth: usize, docs: &str) {
        for line in docs.lines() {
            self.put(depth, line.trim(), "");
        }
    }

    fn fields(&mut self, structure: &TypeInfo, style: Style) {
        for field in &structure.fields {
            self.put(2, &field_text(field), &style.dim(&brief(&field.docs)));
        }
        for nested in &structure.nested {
            self.put(2, &nested.name, &style.dim(&brief(&nested.docs)));
            for field in &nested.fields {
                self.put(3, &field_text(field), &style.dim(&brief(&field.docs)));
            }
        }
    }
}

fn field_text(field: &FieldInfo) -> String {
    let kind = if field.kind.is_empty() { String::new() } else { format!(": {}", field.kind) };
    let mut marks = String::new();
    for mark in &field.marks {
        let _ = match mark.as_str() {
            // An argument of `#[structure]`, which names the field.
            LABEL => write!(marks, " (label)"),
            _ => write!(marks, " #[{mark}]"),
        };
    }
    format!("{}{kind}{}{marks}", field.name, value(field.required, field.default.as_deref()))
}

fn variable_text(variable: &VariableInfo) -> String {
    let secret = if variable.secret { " (secret)" } else { "" };
    let value = value(variable.required, variable.default.as_deref());
    format!("{}: {}{value}{secret}", variable.name, variable.kind)
}

fn value(required: bool, default: Option<&str>) -> String {
    match default {
        Some(default) => format!(" = {default}"),
        None if required => " (required)".to_owned(),
        None => String::new(),
    }
}

/// The first line of a doc comment.
fn brief(docs: &str) -> String {
    docs.trim().lines().next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::options::ColorChoice;

    #[test]
    fn a_model_is_shown_with_all_that_a_caller_needs() {
        let field = FieldInfo {
            name: "test".into(),
            kind: "i64".into(),
            docs: "The value.\n\nMore.".into(),
            required: false,
            default: Some("2".into()),
            marks: vec!["volatile".into()],
        };
        let input = TypeInfo { name: "Sample".into(), fields: vec![field], ..TypeInfo::default() };
        let secret = VariableInfo {
            name: "TOKEN".into(),
            kind: "String".into(),
            required: true,
            secret: true,
            ..VariableInfo::default()
        };
        let model = ModelInfo {
            id: "a::compute".into(),
            docs: "Adds.".into(),
            file: "src/main.rs".into(),
            line: 7,
            output: input.clone(),
            input,
            many: true,
            error: Some("String".into()),
            environment: vec![secret],
            cases: 2,
            ..ModelInfo::default()
        };
        let shown = text(&model, Style::for_stderr(Some(ColorChoice::Never)));
        assert_eq!(
            shown,
            "a::compute  2 cases\n  Adds.\n  at  src/main.rs:7\n  accepts  Sample\n    \
             test: i64 = 2 #[volatile]  The value.\n  returns  any number of Sample, or fails with String\n  \
             reads\n    TOKEN: String (required) (secret)\n"
        );
        let line = table(&[model], Style::for_stderr(Some(ColorChoice::Never)));
        assert_eq!(
            line,
            "a::compute  Sample -> any number of Sample, or fails with String  2 cases  Adds.\n"
        );
    }
}
