//! Runs every message under every environment: a table on a terminal, JSON Lines in a pipe.

use std::io::Write;

use serde_json::Value;

use athena_cases::case::CaseOutcome;
use athena_cases::environments::ResolvedEnvironment;
use athena_cases::message_input::Message;
use athena_core::display::escape;
use athena_core::error::{Error, Result};
use athena_core::invoke::invoke;
use athena_core::model::Message as ModelMessage;
use athena_core::outcome::{ErrorOutcome, Outcome};
use athena_core::registry::Entry;

/// One run of the matrix.
struct Cell {
    message: String,
    environment: Option<String>,
    /// `output`, `outputs` or `error`, and its JSON, with fields in their order.
    outcome: Vec<(&'static str, String)>,
}

/// Runs each message under each environment; returns how many runs failed.
pub fn run(
    entry: &Entry,
    chosen: &[ResolvedEnvironment],
    messages: &[Message],
    as_table: bool,
    out: &mut impl Write,
) -> Result<u64> {
    let mut failed = 0;
    let mut outcome = Outcome::default();
    let mut cells = Vec::new();
    let frozen: Vec<_> = chosen
        .iter()
        .map(|chosen| {
            let frozen = entry.model.read_env(chosen.variables.clone());
            frozen.map_err(|error| match &chosen.name {
                Some(name) => error.context(format!("environment {name}")),
                None => error,
            })
        })
        .collect::<Result<_>>()?;
    for message in messages {
        for (chosen, frozen) in chosen.iter().zip(&frozen) {
            let value = match invoke(
                entry.model,
                frozen,
                ModelMessage::Json(&message.text),
                &mut outcome,
            ) {
                Ok(()) => CaseOutcome::new(entry.model.source().many, &outcome).entries()?,
                Err(failure) => {
                    let (kind, message) = (failure.kind().to_owned(), failure.to_string());
                    let error = ErrorOutcome { kind, message };
                    CaseOutcome { error: Some(error), ..CaseOutcome::empty() }.entries()?
                }
            };
            failed += u64::from(value.iter().any(|(key, _)| *key == "error"));
            let cell = Cell {
                message: message.origin.clone(),
                environment: chosen.name.clone(),
                outcome: value,
            };
            if as_table {
                cells.push(cell);
            } else {
                write_line(&cell, out)?;
            }
        }
    }
    if as_table {
        write_table(&cells, out)?;
    }
    Ok(failed)
}

fn write_error(error: &std::io::Error) -> Error {
    Error::failure(format!("can't write outcomes: {error}"))
}

fn write_line(cell: &Cell, out: &mut impl Write) -> Result<()> {
    let mut text = format!("{{\"message\":{}", Value::from(cell.message.as_str()));
    if let Some(environment) = &cell.environment {
        text.push_str(&format!(",\"environment\":{}", Value::from(environment.as_str())));
    }
    for (key, value) in &cell.outcome {
        text.push_str(&format!(",\"{key}\":{value}"));
    }
    text.push_str("}\n");
    out.write_all(text.as_bytes()).map_err(|error| write_error(&error))
}

/// Writes one row per message and environment.
fn write_table(cells: &[Cell], out: &mut impl Write) -> Result<()> {
    let show = |cell: &Cell| -> String {
        let shown: Vec<String> = cell
            .outcome
            .iter()
            .map(|(key, value)| match serde_json::from_str::<ErrorOutcome>(value) {
                Ok(ErrorOutcome { kind, message }) if *key == "error" => {
                    format!("{kind}: {message}")
                }
                _ => value.clone(),
            })
            .collect();
        let text = escape(&shown.join(" ")).replace('\n', " ");
        if text.chars().count() > 70 {
            text.chars().take(67).chain("...".chars()).collect()
        } else {
            text
        }
    };
    let rows: Vec<[String; 3]> =
        std::iter::once(["message".into(), "environment".into(), "outcome".into()])
            .chain(cells.iter().map(|cell| {
                [
                    escape(&cell.message).into_owned(),
                    cell.environment.clone().unwrap_or_default(),
                    show(cell),
                ]
            }))
            .collect();
    let width =
        |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths = [width(0), width(1)];
    for row in &rows {
        let line = format!("{:3$}  {:4$}  {}", row[0], row[1], row[2], widths[0], widths[1]);
        writeln!(out, "{}", line.trim_end()).map_err(|error| write_error(&error))?;
    }
    Ok(())
}
