//! A diff as rows: one line below the other, or both sides beside each other on a wide screen.

use super::highlight::differing;
use super::rows::{Row, RowStyle};
use crate::report::diff::DiffLine;

/// The rows of a diff. Changed lines show in which parts they differ.
pub(super) fn diff_rows(lines: Vec<DiffLine>, is_wide: bool) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut lines = lines.into_iter().peekable();
    while lines.peek().is_some() {
        let mut take = |sign| {
            let mut taken = Vec::new();
            while let Some(line) = lines.next_if(|line| line.sign == sign) {
                taken.push(line.text);
            }
            taken
        };
        let (mut old, mut new) = (rows_of(take('-'), '-'), rows_of(take('+'), '+'));
        for (old, new) in old.iter_mut().zip(&mut new) {
            let (old_parts, new_parts) = differing(&old.text, &new.text);
            old.marks = old_parts;
            new.marks = new_parts;
        }
        if is_wide {
            let count = old.len().max(new.len());
            let (mut old, mut new) = (old.into_iter(), new.into_iter());
            rows.extend((0..count).map(|_| Row::side_by_side(old.next(), new.next())));
        } else {
            rows.append(&mut old);
            rows.append(&mut new);
        }
        while let Some(line) = lines.next_if(|line| !matches!(line.sign, '-' | '+')) {
            let row = row(line.text, line.sign);
            rows.push(if is_wide { Row::side_by_side(Some(row.clone()), Some(row)) } else { row });
        }
    }
    rows
}

fn rows_of(texts: Vec<String>, sign: char) -> Vec<Row> {
    texts.into_iter().map(|text| row(text, sign)).collect()
}

fn row(text: String, sign: char) -> Row {
    match sign {
        '-' => Row::new(RowStyle::Removed, text).after("- "),
        '+' => Row::new(RowStyle::Added, text).after("+ "),
        '.' => Row::new(RowStyle::Dim, "..").after("  "),
        _ => Row::new(RowStyle::Plain, text).after("  "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::options::ColorChoice;
    use crate::style::Style;

    fn shown(is_wide: bool, width: usize) -> Vec<String> {
        let line = |sign, text: &str| DiffLine { sign, text: text.to_owned() };
        let lines = vec![
            line(' ', "{"),
            line('-', "  \"a\": 1,"),
            line('-', "  \"b\": 2"),
            line('+', "  \"a\": 3"),
            line(' ', "}"),
        ];
        let style = Style::for_both_streams(Some(ColorChoice::Never));
        diff_rows(lines, is_wide).iter().flat_map(|row| row.lines(width, style)).collect()
    }

    #[test]
    fn a_diff_is_one_column_or_two() {
        assert_eq!(
            shown(false, 40),
            ["  {", "-   \"a\": 1,", "-   \"b\": 2", "+   \"a\": 3", "  }"]
        );
        let beside = |left: &str, right: &str| format!("{left:<14} \u{2502} {right}");
        assert_eq!(
            shown(true, 31),
            [
                beside("  {", "  {"),
                beside("-   \"a\": 1,", "+   \"a\": 3"),
                beside("-   \"b\": 2", ""),
                beside("  }", "  }"),
            ]
        );
    }

    #[test]
    fn the_parts_that_differ_stand_out_in_colour() {
        let line = |sign, text: &str| DiffLine { sign, text: text.to_owned() };
        let lines = vec![line('-', "\"a\": 1"), line('+', "\"a\": 2")];
        let style = Style::for_both_streams(Some(ColorChoice::Always));
        let rows = diff_rows(lines, false);
        let shown: Vec<String> = rows.iter().flat_map(|row| row.lines(40, style)).collect();
        let red = |text: &str| style.removed(text);
        let expected = format!("{}{}{}", red("- "), red("\"a\": "), style.inverted(&red("1")));
        assert_eq!(shown[0], expected);
    }
}
