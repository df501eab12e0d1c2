//! Displays differences: the paths first, then the text.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use serde_json::Value;
use similar::ChangeTag;

use athena_core::display::{escape, truncate};
use athena_core::style::Style;
use athena_protocol::Difference;
use athena_protocol::json::text;

use crate::text_diff::{self, DiffLine};

/// The maximum number of paths that are named.
const PATHS: usize = 12;

/// The time limit of a diff; after it, the diff is coarser.
const DEADLINE: Duration = Duration::from_millis(200);

/// One line per path: `/test: 4 -> -2`.
pub fn paths(differences: &[Difference], paint: Style) -> String {
    let mut out = String::new();
    for difference in differences.iter().take(PATHS) {
        path(difference, paint, &mut out);
    }
    if differences.len() > PATHS {
        let _ = writeln!(out, "  .. and {} more places", differences.len() - PATHS);
    }
    out
}

fn path(difference: &Difference, paint: Style, out: &mut String) {
    let place = if difference.pointer.is_empty() { "(all of it)" } else { &difference.pointer };
    let place = paint.bold(&escape(place));
    if let (Some(Value::String(old)), Some(Value::String(new))) = (&difference.old, &difference.new)
        && (old.contains('\n') || new.contains('\n'))
    {
        let _ = writeln!(out, "  {place}: text of several lines");
        for line in lines(old, new, paint).text.lines() {
            let _ = writeln!(out, "    {line}");
        }
        return;
    }
    let show = |json: Option<String>| json.unwrap_or_else(|| "(nothing)".to_owned());
    let (old, new) = (show(difference.old_json()), show(difference.new_json()));
    // Two long texts are shown from where they differ.
    let common = old.chars().zip(new.chars()).take_while(|(old, new)| old == new).count();
    let skipped = if common > SHORT / 2 { common - SHORT / 4 } else { 0 };
    let (old, new) = (short(&old, skipped), short(&new, skipped));
    let note = difference.note.as_ref().map(|note| format!("  ({note})")).unwrap_or_default();
    let _ = writeln!(
        out,
        "  {place}: {} -> {}{}",
        paint.red(&old),
        paint.green(&new),
        paint.dim(&note)
    );
}

/// The maximum number of characters of a value.
const SHORT: usize = 100;

/// A stretch of JSON on one line.
fn short(text: &str, skipped: usize) -> String {
    let mut rest = text.chars().skip(skipped);
    let shown: String = rest.by_ref().take(SHORT).collect();
    let before = if skipped > 0 { "..." } else { "" };
    let after = if rest.next().is_some() { "..." } else { "" };
    format!("{before}{}{after}", escape(&shown))
}

/// The maximum number of characters of a line on screen.
const WIDTH: usize = 400;

/// The lines around a change that are shown.
const CONTEXT: usize = 3;

/// A displayed diff.
pub struct RenderedDiff {
    pub text: String,
    /// Whether a line was truncated.
    pub is_cut: bool,
}

/// The diff of two JSON values by line, with the changes marked.
pub fn json(old: &str, new: &str, paint: Style) -> RenderedDiff {
    let (old, new) = laid_out(old, new);
    lines(&old, &new, paint)
}

/// The diff without truncation and colors, for a file.
pub fn whole_json(old: &str, new: &str) -> String {
    let (old, new) = laid_out(old, new);
    changes(&old, &new, Style(false), usize::MAX).text
}

fn laid_out(old: &str, new: &str) -> (String, String) {
    let lay_out = |json: &str| {
        let mut out = String::new();
        text::pretty(json, 0, &mut out);
        out
    };
    (lay_out(old), lay_out(new))
}

/// The diff of two texts by line, with the changes marked.
pub fn lines(old: &str, new: &str, paint: Style) -> RenderedDiff {
    changes(old, new, paint, WIDTH)
}

fn changes(old: &str, new: &str, paint: Style, width: usize) -> RenderedDiff {
    let (old, new) = (escape(old), escape(new));
    let end = |text: &str| if text.ends_with('\n') { text.to_owned() } else { format!("{text}\n") };
    let (old, new) = (end(&old), end(&new));
    let deadline = Instant::now() + DEADLINE;
    let mut out = String::new();
    let mut is_cut = false;
    for (index, group) in text_diff::groups(&old, &new, CONTEXT, deadline).iter().enumerate() {
        if index > 0 {
            out.push_str("  ..\n");
        }
        for line in group {
            is_cut |= push_line(line, paint, width, &mut out);
        }
    }
    RenderedDiff { text: out, is_cut }
}

/// Appends a line with its sign; whether it was truncated.
fn push_line(line: &DiffLine<'_>, paint: Style, width: usize, out: &mut String) -> bool {
    let (sign, code) = match line.tag {
        ChangeTag::Equal => (" ", None),
        ChangeTag::Delete => ("-", Some("31")),
        ChangeTag::Insert => ("+", Some("32")),
    };
    let code = code.filter(|_| paint.0);
    let mut shown = sign.to_owned();
    let mut room = width;
    let mut is_cut = false;
    for &(is_emphasised, piece) in &line.pieces {
        if room == 0 && !piece.is_empty() {
            continue;
        }
        let kept = truncate(piece, room);
        is_cut |= kept.len() != piece.len();
        room = room.saturating_sub(piece.chars().count());
        match code {
            Some(code) if is_emphasised && !kept.is_empty() => {
                let _ = write!(shown, "\x1b[7m{kept}\x1b[0;{code}m");
            }
            _ => shown.push_str(&kept),
        }
    }
    let _ = match code {
        Some(code) => writeln!(out, "\x1b[{code}m{shown}\x1b[0m"),
        None => writeln!(out, "{shown}"),
    };
    is_cut
}
