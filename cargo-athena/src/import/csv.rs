//! Comma-separated values (RFC 4180): the first line names the columns.

use athena_protocol::json::{self, digits};
use serde_json::{Map, Value};

/// The rows as objects. A cell that is a number, `true`, `false` or `null` in JSON is that; an empty
/// cell is absent; any other cell is text. A column called `/a/b` is the member `b` of `a`.
///
/// # Errors
///
/// A quote that is not closed, or a row with another number of cells than the first line.
pub(super) fn rows(text: &str) -> Result<Vec<Value>, String> {
    let mut lines = split(text)?.into_iter();
    let Some((_, header)) = lines.next() else { return Ok(Vec::new()) };
    lines
        .map(|(line, cells)| {
            if cells.len() != header.len() {
                return Err(format!(
                    "line {line} has {} cells, the first line has {}",
                    cells.len(),
                    header.len()
                ));
            }
            let mut row = Map::new();
            for (name, cell) in header.iter().zip(cells).filter(|(_, cell)| !cell.is_empty()) {
                insert(&mut row, name, value(cell));
            }
            Ok(Value::Object(row))
        })
        .collect()
}

fn value(cell: String) -> Value {
    match json::parse(&cell) {
        Ok(value @ (Value::Null | Value::Bool(_) | Value::Number(_))) => value,
        // An integer beyond 64 bits.
        Ok(value) if digits::of(&value).is_some() && !cell.starts_with('{') => value,
        _ => Value::String(cell),
    }
}

fn insert(row: &mut Map<String, Value>, name: &str, value: Value) {
    let Some((first, rest)) =
        name.strip_prefix('/').map(|path| path.split_once('/').unwrap_or((path, "")))
    else {
        row.insert(name.to_owned(), value);
        return;
    };
    if rest.is_empty() {
        row.insert(first.to_owned(), value);
        return;
    }
    let inner = row.entry(first).or_insert_with(|| Value::Object(Map::new()));
    if let Value::Object(inner) = inner {
        insert(inner, &format!("/{rest}"), value);
    }
}

/// The rows that are not empty, with their line numbers.
fn split(text: &str) -> Result<Vec<(usize, Vec<String>)>, String> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut rows = Vec::new();
    let (mut row, mut cell) = (Vec::new(), String::new());
    let (mut line, mut first, mut quoted) = (1, 1, None);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match (c, quoted) {
            ('"', Some(_)) if chars.peek() == Some(&'"') => {
                cell.push('"');
                chars.next();
            }
            ('"', Some(_)) => quoted = None,
            ('"', None) if cell.is_empty() => quoted = Some(line),
            (',', None) => row.push(std::mem::take(&mut cell)),
            ('\r', None) if chars.peek() == Some(&'\n') => {}
            ('\n', None) => {
                line += 1;
                row.push(std::mem::take(&mut cell));
                push(&mut rows, first, std::mem::take(&mut row));
                first = line;
            }
            (c, _) => {
                line += usize::from(c == '\n');
                cell.push(c);
            }
        }
    }
    if let Some(line) = quoted {
        return Err(format!("line {line} has a quote that is not closed"));
    }
    row.push(cell);
    push(&mut rows, first, row);
    Ok(rows)
}

fn push(rows: &mut Vec<(usize, Vec<String>)>, line: usize, row: Vec<String>) {
    if row.iter().any(|cell| !cell.is_empty()) {
        rows.push((line, row));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn cells_are_values_and_quotes_keep_commas_and_lines() {
        let text = "id,/in/n,note\r\na,1.5,\"x, \"\"y\"\"\nz\"\r\n\r\nb,true,\r\n";
        assert_eq!(
            rows(text).unwrap(),
            [
                json!({"id": "a", "in": {"n": 1.5}, "note": "x, \"y\"\nz"}),
                json!({"id": "b", "in": {"n": true}})
            ]
        );
        assert!(rows("a,b\n1\n").unwrap_err().contains("line 2 has 1 cells"));
        assert!(rows("a\n\"x").unwrap_err().contains("line 2 has a quote"));
    }
}
