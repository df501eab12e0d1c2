//! A failure as lines of a diff.

use std::time::{Duration, Instant};

use athena_protocol::{Failure, JsonText};
use similar::{ChangeTag, TextDiff};

/// The time limit of a diff. After it the diff is coarser than it could be.
const DEADLINE: Duration = Duration::from_millis(200);

/// A line that was removed (`-`), added (`+`), or kept (` `). `.` stands for omitted lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DiffLine {
    pub(crate) sign: char,
    pub(crate) text: String,
}

/// The diff of the outcomes; without two outcomes the reason and the model's output.
pub(crate) fn failure_lines(failure: &Failure) -> Vec<DiffLine> {
    if let (Some(recorded), Some(now)) = (&failure.recorded, &failure.now) {
        return diff(&pretty(recorded), &pretty(now));
    }
    reason_lines(failure)
}

/// Like [`failure_lines`], with all unchanged lines.
pub(crate) fn all_lines(failure: &Failure) -> Vec<DiffLine> {
    if let (Some(recorded), Some(now)) = (&failure.recorded, &failure.now) {
        return diff_around(&pretty(recorded), &pretty(now), usize::MAX / 2);
    }
    reason_lines(failure)
}

fn reason_lines(failure: &Failure) -> Vec<DiffLine> {
    let plain = |text: &str| DiffLine { sign: ' ', text: text.to_owned() };
    let mut lines: Vec<DiffLine> = failure.reason.lines().map(plain).collect();
    for difference in &failure.differences {
        let show = |json: Option<String>| json.unwrap_or_else(|| "(nothing)".to_owned());
        let pointer = &difference.pointer;
        lines.push(DiffLine {
            sign: '-',
            text: format!("{pointer}: {}", show(difference.old_json())),
        });
        lines.push(DiffLine {
            sign: '+',
            text: format!("{pointer}: {}", show(difference.new_json())),
        });
    }
    if !failure.printed.is_empty() {
        lines.push(plain("printed:"));
        lines.extend(failure.printed.lines().map(|line| plain(&format!("| {line}"))));
    }
    lines
}

/// The changed lines of two texts, with three lines around them.
pub(crate) fn diff(old: &str, new: &str) -> Vec<DiffLine> {
    diff_around(old, new, 3)
}

fn diff_around(old: &str, new: &str, around: usize) -> Vec<DiffLine> {
    let diff = TextDiff::configure().deadline(Instant::now() + DEADLINE).diff_lines(old, new);
    let mut lines = Vec::new();
    for (at, group) in diff.grouped_ops(around).iter().enumerate() {
        if at > 0 {
            lines.push(DiffLine { sign: '.', text: ".".to_owned() });
        }
        for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
            let sign = match change.tag() {
                ChangeTag::Equal => ' ',
                ChangeTag::Delete => '-',
                ChangeTag::Insert => '+',
            };
            lines.push(DiffLine { sign, text: change.value().trim_end_matches('\n').to_owned() });
        }
    }
    lines
}

/// An outcome as pretty JSON, without the key `output` around a message.
pub(crate) fn pretty(outcome: &JsonText) -> String {
    let inner = outcome.only_member("output").or_else(|| outcome.only_member("outputs"));
    inner.as_ref().unwrap_or(outcome).pretty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_diff_keeps_what_is_around_a_change() {
        let old = "a\nb\nc\nd\ne\nf\n";
        let lines = diff(old, &old.replace('e', "x"));
        let text: Vec<_> = lines.iter().map(|line| format!("{}{}", line.sign, line.text)).collect();
        assert_eq!(text, [" b", " c", " d", "-e", "+x", " f"]);
    }
}
