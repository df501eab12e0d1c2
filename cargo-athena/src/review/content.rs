//! The text of a review: a cluster, a case, its input, or the summary of decisions.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use athena_protocol::{Difference, Failure, JsonText};
use serde::Deserialize;
use serde_json::Value;

use super::diff_rows::diff_rows;
use super::draw::decision_text;
use super::groups::CaseGroup;
use super::keys::HELP;
use super::rows::{Row, RowStyle};
use super::shorten;
use super::state::{Decision, ReviewState, ReviewView};
use crate::display::{labelled, plural};
use crate::error::Result;
use crate::pending::{PendingCase, why_not};
use crate::report::diff;
use crate::report::{Cluster, Clusters, FailureArchive, NumberChange};

/// The most places listed above a diff.
const PLACES: usize = 5;

/// Reads cases when they are shown.
pub(super) struct ReviewContent<'a> {
    archive: &'a mut FailureArchive,
    cases: &'a [PendingCase],
    groups: Vec<CaseGroup>,
    root: &'a Path,
    clusters: HashMap<usize, Option<Cluster>>,
}

#[derive(Deserialize)]
struct CaseInput {
    #[serde(default)]
    env: Value,
    input: JsonText,
}

impl<'a> ReviewContent<'a> {
    pub(super) fn new(
        archive: &'a mut FailureArchive,
        cases: &'a [PendingCase],
        groups: Vec<CaseGroup>,
        root: &'a Path,
    ) -> Self {
        Self { archive, cases, groups, root, clusters: HashMap::new() }
    }

    /// The rows of the current view. On a wide screen both sides of a diff are beside each other.
    pub(super) fn rows(&mut self, state: &mut ReviewState, is_wide: bool) -> Result<Vec<Row>> {
        match state.view {
            ReviewView::Help => Ok(help()),
            ReviewView::Overview => self.overview(state),
            ReviewView::Summary => self.summary(state),
            ReviewView::Input => self.input(state),
            ReviewView::Outcome => self.outcome(state, is_wide),
        }
    }

    fn failure(&mut self, case: usize) -> Result<Failure> {
        self.archive.get(self.cases[case].position)
    }

    fn outcome(&mut self, state: &mut ReviewState, is_wide: bool) -> Result<Vec<Row>> {
        let failure = self.failure(state.case())?;
        let place = format!("{}:{}", failure.file, failure.line);
        let mut rows = Vec::new();
        if state.position.single {
            rows.push(Row::new(RowStyle::Strong, name_of(&failure)));
            rows.push(Row::new(RowStyle::Dim, place));
            let shown = failure.differences.iter().take(PLACES);
            rows.extend(
                shown.map(|difference| Row::new(RowStyle::Plain, changed(difference)).after("  ")),
            );
            let more = failure.differences.len().saturating_sub(PLACES) as u64 + failure.left_out;
            if more > 0 {
                rows.push(Row::new(
                    RowStyle::Dim,
                    format!("  .. and {}", plural(more, "more place")),
                ));
            }
        } else {
            let count = state.cases().len();
            rows.push(Row::new(
                RowStyle::Strong,
                format!("{}  {}", failure.model, plural(count, "case")),
            ));
            rows.extend(self.places(state, count)?);
            let name = failure.name.strip_prefix(&failure.model).unwrap_or(&failure.name);
            let name = labelled(name.trim_start_matches("::"), failure.label.as_deref());
            let number = state.position.case + 1;
            let example = match count {
                1 => format!("{name}  {place}"),
                _ => format!("example {number} of {count}: {name}  {place}"),
            };
            rows.push(Row::new(RowStyle::Plain, ""));
            rows.push(Row::new(RowStyle::Dim, example).in_one_line());
        }
        if let Some(why) = why_not(&failure) {
            rows.push(Row::new(RowStyle::Warning, format!("can't be accepted: {why}")));
        }
        let whole = diff::all_lines(&failure);
        let changed = shorten::lines(diff::failure_lines(&failure));
        state.has_whole = changed != whole;
        let shown = if state.whole { whole } else { changed };
        let is_wide = is_wide && failure.recorded.is_some() && failure.now.is_some();
        if is_wide {
            let title = |text| Some(Row::new(RowStyle::Dim, text).after("  "));
            rows.push(Row::side_by_side(title("recorded"), title("now")));
        }
        rows.extend(diff_rows(shown, is_wide));
        Ok(rows)
    }

    /// Where the cases of a cluster differ, and by how much.
    fn places(&mut self, state: &ReviewState, count: usize) -> Result<Vec<Row>> {
        let group = state.position.group;
        let Some(cluster) = self.cluster(state.cluster(group), state.cases_of(group))? else {
            return Ok(Vec::new());
        };
        if cluster.places.is_empty() {
            return Ok(vec![Row::new(RowStyle::Plain, cluster.title()).after("  ")]);
        }
        let mut rows = Vec::new();
        for place in cluster.places.iter().take(PLACES) {
            let mut line = place.name().to_owned();
            if place.cases != count as u64 {
                line += &format!("  in {}", place.cases);
            }
            let by = place.by();
            let line = if by.is_empty() { line } else { format!("{line}  {by}") };
            rows.push(Row::new(RowStyle::Plain, line).after("  "));
            if let Some(bars) = place.change.as_ref().and_then(NumberChange::histogram) {
                rows.push(Row::new(RowStyle::Dim, bars).after("    ").in_one_line());
            }
        }
        let more = cluster.places.len().saturating_sub(PLACES);
        if more > 0 {
            rows.push(Row::new(RowStyle::Dim, format!("  .. and {}", plural(more, "more place"))));
        }
        Ok(rows)
    }

    /// One row per shown cluster, with its decision.
    fn overview(&mut self, state: &ReviewState) -> Result<Vec<Row>> {
        let mut rows = Vec::new();
        for group in 0..state.groups() {
            let cases = state.cases_of(group);
            let count = plural(cases.len(), "case");
            let title = self.title(state.cluster(group), cases)?;
            let by = self.cluster(state.cluster(group), cases)?.map(Cluster::by);
            let mut text = format!("{}  {title}  {count}", group + 1);
            if let Some(by) = by.filter(|by| !by.is_empty()) {
                text += &format!("  {by}");
            }
            if let Some(decided) = decision_text(state.counts(Some(group))) {
                text += &format!("  ({decided})");
            }
            let is_here = group == state.position.group;
            let look = if is_here { RowStyle::Strong } else { RowStyle::Plain };
            rows.push(Row::new(look, text).after(if is_here { "> " } else { "  " }).in_one_line());
        }
        Ok(rows)
    }

    /// Shows only the cases with this text in their name, label, model or places.
    pub(super) fn search(&mut self, state: &mut ReviewState, text: &str) -> Result<()> {
        let wanted = text.to_lowercase();
        let has = |text: &str| text.to_lowercase().contains(&wanted);
        let mut matches = vec![false; self.cases.len()];
        self.clusters.clear();
        for group in 0..self.groups.len() {
            let cases = self.groups[group].cases.clone();
            let is_whole = has(&self.title(group, &cases)?);
            for case in cases {
                let PendingCase { name, label, .. } = &self.cases[case];
                matches[case] = is_whole || has(name) || label.as_deref().is_some_and(has);
            }
        }
        // From here on the numbers are those of the shown cases.
        self.clusters.clear();
        state.search(text, &matches);
        Ok(())
    }

    /// `model  /place`
    fn title(&mut self, cluster: usize, cases: &[usize]) -> Result<String> {
        let cluster = self.cluster(cluster, cases)?;
        Ok(cluster.map(|one| format!("{}  {}", one.model, one.title())).unwrap_or_default())
    }

    /// The numbers of a cluster's shown cases.
    fn cluster(&mut self, cluster: usize, cases: &[usize]) -> Result<Option<&Cluster>> {
        Ok(match self.clusters.entry(cluster) {
            Entry::Occupied(known) => known.into_mut().as_ref(),
            Entry::Vacant(free) => {
                let mut clusters = Clusters::default();
                for &case in cases {
                    clusters.add(&self.archive.get(self.cases[case].position)?);
                }
                free.insert(clusters.finish_as_one()).as_ref()
            }
        })
    }

    fn input(&mut self, state: &ReviewState) -> Result<Vec<Row>> {
        let failure = self.failure(state.case())?;
        let place = format!("{}:{}", failure.file, failure.line);
        let mut rows =
            vec![Row::new(RowStyle::Strong, name_of(&failure)), Row::new(RowStyle::Dim, place)];
        let given = match given(&self.root.join(&failure.file), failure.line) {
            Ok(given) => given,
            Err(reason) => {
                rows.push(Row::new(
                    RowStyle::Warning,
                    format!("the input can't be read: {reason}"),
                ));
                return Ok(rows);
            }
        };
        let env = given.env.as_object().filter(|env| !env.is_empty());
        rows.push(Row::new(RowStyle::Plain, ""));
        match env {
            None => rows.push(Row::new(RowStyle::Dim, "no variables")),
            Some(env) => rows.extend(env.iter().map(|(name, value)| {
                let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                Row::new(RowStyle::Plain, format!("{name}={value}"))
            })),
        }
        rows.push(Row::new(RowStyle::Plain, ""));
        rows.extend(given.input.pretty().lines().map(|line| Row::new(RowStyle::Plain, line)));
        Ok(rows)
    }

    fn summary(&mut self, state: &ReviewState) -> Result<Vec<Row>> {
        let counts = state.counts(None);
        let left = counts.skipped + counts.open;
        let nothing = counts.accepted + counts.rejected == 0;
        let mut rows = vec![
            Row::new(
                RowStyle::Strong,
                if nothing {
                    "Nothing is decided, and nothing will change"
                } else {
                    "This will happen"
                },
            ),
            Row::new(RowStyle::Plain, ""),
        ];
        if counts.accepted > 0 {
            let text = format!(
                "accept {}: their files get the new outcome",
                plural(counts.accepted, "case")
            );
            rows.push(Row::new(RowStyle::Added, text));
            rows.extend(self.decided(state, Decision::Accept)?);
        }
        if counts.rejected > 0 {
            let text =
                format!("reject {}: their recorded outcomes stay", plural(counts.rejected, "case"));
            rows.push(Row::new(RowStyle::Removed, text));
            rows.extend(self.decided(state, Decision::Reject)?);
        }
        if left > 0 {
            rows.push(Row::new(RowStyle::Plain, format!("leave {} pending", plural(left, "case"))));
        }
        if counts.accepted > 0 {
            rows.push(Row::new(RowStyle::Plain, ""));
            rows.push(Row::new(
                RowStyle::Dim,
                "First their models run twice more: they must return the outcomes shown here.",
            ));
        }
        Ok(rows)
    }

    /// One row per cluster with cases that have this decision.
    fn decided(&mut self, state: &ReviewState, decision: Decision) -> Result<Vec<Row>> {
        let mut rows = Vec::new();
        for group in 0..self.groups.len() {
            let cases = self.groups[group].cases.clone();
            let counts = state.counts_of(cases.iter().copied());
            let count = match decision {
                Decision::Accept => counts.accepted,
                Decision::Reject => counts.rejected,
                Decision::Skip => counts.skipped,
            };
            if count == 0 {
                continue;
            }
            let text = format!("{}  {}", self.title(group, &cases)?, plural(count, "case"));
            rows.push(Row::new(RowStyle::Plain, text).after("  ").in_one_line());
        }
        Ok(rows)
    }
}

fn name_of(failure: &Failure) -> String {
    labelled(&failure.name, failure.label.as_deref())
}

fn help() -> Vec<Row> {
    let line = |(key, does): &(&str, &str)| Row::new(RowStyle::Plain, format!("{key:<6} {does}"));
    HELP.iter().map(line).collect()
}

/// `/total  2.75 -> 2.8  (abs 0.001)`
fn changed(difference: &Difference) -> String {
    let show = |json: Option<String>| json.unwrap_or_else(|| "(nothing)".to_owned());
    let (old, new) = shorten::pair(&show(difference.old_json()), &show(difference.new_json()));
    let pointer = if difference.pointer.is_empty() { "(all of it)" } else { &difference.pointer };
    let note = difference.note.as_ref().map(|note| format!("  ({note})")).unwrap_or_default();
    format!("{pointer}  {old} -> {new}{note}")
}

/// Reads the input of a case from its file, or from its line in a suite.
fn given(path: &Path, line: u64) -> std::result::Result<CaseInput, String> {
    let failed = |error: &dyn std::fmt::Display| error.to_string();
    if path.extension().is_none_or(|extension| extension != "jsonl") {
        let text = std::fs::read(path).map_err(|error| failed(&error))?;
        return serde_json::from_slice(&text).map_err(|error| failed(&error));
    }
    let file = File::open(path).map_err(|error| failed(&error))?;
    let at = usize::try_from(line.saturating_sub(1)).unwrap_or(usize::MAX);
    let text = BufReader::new(file).split(b'\n').nth(at).ok_or("the line is gone")?;
    serde_json::from_slice(&text.map_err(|error| failed(&error))?).map_err(|error| failed(&error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_input_is_that_of_its_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("book.jsonl");
        std::fs::write(&path, "{\"env\":{},\"input\":1}\n{\"env\":{\"A\":\"b\"},\"input\":2}\n")
            .unwrap();
        assert_eq!(given(&path, 2).map(|given| given.input), Ok(Value::from(2).into()));
        assert_eq!(given(&path, 3).map(|given| given.input), Err("the line is gone".to_owned()));
    }
}
