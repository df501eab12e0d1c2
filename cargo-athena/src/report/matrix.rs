//! What became of which value, as a table: a row per recorded value, a column per new one.

use std::collections::BTreeSet;

use super::ChangedPlace;

/// The most rows and columns.
const MOST: usize = 6;

/// The fewest changes for a table; fewer are on the line of the cluster.
const FEWEST: usize = 3;

/// The longest value, in characters.
const WIDTH: usize = 16;

/// The counts of a place's changes: the first row has the new values, the first column the recorded
/// ones. `None` if its values are numbers, long, or many.
pub(super) fn matrix(place: &ChangedPlace) -> Option<Vec<Vec<String>>> {
    let all = &place.transitions;
    let is_short = |text: &String| text.chars().count() <= WIDTH;
    let is_complete = all.iter().map(|one| one.cases).sum::<u64>() >= place.cases;
    if place.change.is_some() || all.len() < FEWEST || !is_complete {
        return None;
    }
    let old: BTreeSet<&String> = all.iter().map(|one| &one.old).collect();
    let new: BTreeSet<&String> = all.iter().map(|one| &one.new).collect();
    if old.len() > MOST || new.len() > MOST || !old.iter().chain(&new).all(|text| is_short(text)) {
        return None;
    }
    let mut rows = vec![vec!["recorded \\ now".to_owned()]];
    rows[0].extend(new.iter().map(|&text| text.clone()));
    for old in old {
        let mut row = vec![old.clone()];
        row.extend(new.iter().map(|new| {
            let found = all.iter().find(|one| one.old == *old && one.new == **new);
            found.map(|one| one.cases.to_string()).unwrap_or_default()
        }));
        rows.push(row);
    }
    Some(rows)
}

/// The table as text: the first column left, the others right.
pub(super) fn lines(rows: &[Vec<String>]) -> Vec<String> {
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let columns = rows.first().map_or(0, Vec::len);
    let widths: Vec<usize> = (0..columns).map(width).collect();
    rows.iter()
        .map(|row| {
            let cells = row.iter().zip(&widths).enumerate().map(|(at, (cell, &width))| {
                if at == 0 { format!("{cell:width$}") } else { format!("{cell:>width$}") }
            });
            cells.collect::<Vec<_>>().join("  ")
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::cluster::Transition;
    use super::*;

    fn place(changes: &[(&str, &str, u64)]) -> ChangedPlace {
        let transitions = changes.iter().map(|(old, new, cases)| Transition {
            old: (*old).to_owned(),
            new: (*new).to_owned(),
            cases: *cases,
        });
        ChangedPlace {
            cases: changes.iter().map(|(_, _, cases)| cases).sum(),
            transitions: transitions.collect(),
            ..ChangedPlace::default()
        }
    }

    #[test]
    fn three_changes_of_short_values_are_a_table() {
        let rows =
            matrix(&place(&[("Green", "Red", 12), ("Green", "Blue", 6), ("Red", "Blue", 2)]));
        let shown = lines(&rows.unwrap());
        assert_eq!(
            shown,
            [
                "recorded \\ now  Blue  Red",
                "Green              6   12",
                "Red                2     "
            ]
        );
        assert_eq!(matrix(&place(&[("Green", "Red", 1), ("Red", "Green", 1)])), None);
        let long = "a text that is longer than sixteen";
        assert_eq!(matrix(&place(&[("a", "b", 1), ("b", "c", 1), (long, "d", 1)])), None);
    }
}
