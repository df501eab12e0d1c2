//! A table in Markdown: a row for each command, and a column for each set of cases.

use std::time::Duration;

/// The table of a page of the docs.
#[derive(Default)]
pub(crate) struct Table {
    columns: Vec<String>,
    rows: Vec<Row>,
}

struct Row {
    name: &'static str,
    /// By column.
    cells: Vec<Option<String>>,
}

impl Table {
    /// Begins a column.
    pub(crate) fn column(&mut self, name: String) {
        self.columns.push(name);
    }

    /// Fills a cell of the last column.
    pub(crate) fn cell(&mut self, row: &'static str, time: Duration, memory: f64) {
        let known = self.rows.iter().position(|known| known.name == row);
        let at = known.unwrap_or_else(|| {
            self.rows.push(Row { name: row, cells: Vec::new() });
            self.rows.len() - 1
        });
        let cells = &mut self.rows[at].cells;
        cells.resize(self.columns.len(), None);
        if let Some(cell) = cells.last_mut() {
            *cell = Some(format!("{:.2} s, {memory:.0} MB", time.as_secs_f64()));
        }
    }

    /// The table as text.
    pub(crate) fn markdown(&self) -> String {
        let mut text = format!("| | {} |\n|---|", self.columns.join(" | "));
        text.push_str(&"---:|".repeat(self.columns.len()));
        text.push('\n');
        for Row { name, cells } in &self.rows {
            text.push_str(&format!("| {name} |"));
            for column in 0..self.columns.len() {
                let cell = cells.get(column).and_then(Option::as_deref).unwrap_or_default();
                text.push_str(&format!(" {cell} |"));
            }
            text.push('\n');
        }
        text
    }
}

/// A number with a comma before every three digits.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
