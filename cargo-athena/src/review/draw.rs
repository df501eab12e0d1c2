//! Draws a screen: the position, the text, the message and the keys.

use super::rows::{Row, columns, truncate_columns};
use super::state::{DecisionCounts, ReviewState, ReviewView};
use crate::style::Style;

/// The lines of a screen: exactly `height` lines, none wider than `width`. Stores in the state how
/// much there is to scroll.
pub(super) fn frame(
    state: &mut ReviewState,
    rows: &[Row],
    (width, height): (usize, usize),
    style: Style,
) -> Vec<String> {
    // The last column stays free: some terminals wrap the line once it is filled.
    let width = width.saturating_sub(1).max(10);
    let height = height.max(3);
    let keys = keys(state, width, style);
    let is_small = height < 10;
    let keys = if is_small { &keys[..keys.len().min(1)] } else { &keys[..] };
    let rule = usize::from(!is_small);
    let body = height.saturating_sub(2 + 2 * rule + keys.len()).max(1);
    let lines: Vec<String> = rows.iter().flat_map(|row| row.lines(width, style)).collect();
    state.lines = lines.len();
    state.height = body;
    state.scroll = state.scroll.min(lines.len().saturating_sub(body));
    let mut screen = vec![title(state, width, style)];
    if rule == 1 {
        screen.push(style.dim(&"-".repeat(width)));
    }
    let shown = lines.iter().skip(state.scroll).take(body).cloned();
    screen.extend(shown);
    screen.resize(1 + rule + body, String::new());
    if rule == 1 {
        screen.push(style.dim(&"-".repeat(width)));
    }
    screen.push(status(state, lines.len(), width, style));
    screen.extend(keys.iter().cloned());
    screen.truncate(height);
    screen
}

/// How much of the text of a search is shown, in columns.
const FILTER: usize = 24;

fn title(state: &ReviewState, width: usize, style: Style) -> String {
    let place = match state.view {
        ReviewView::Help => "review: keys".to_owned(),
        ReviewView::Overview if state.filter.is_empty() => "review: clusters".to_owned(),
        ReviewView::Overview => {
            format!("review: clusters with `{}`", truncate_columns(&state.filter, FILTER))
        }
        ReviewView::Summary => "review: finish".to_owned(),
        ReviewView::Outcome | ReviewView::Input => where_it_is(state),
    };
    let counts = state.counts(None);
    // What is skipped stays pending, as the end says.
    let decided = counts.accepted + counts.rejected;
    let mut right = format!("{decided} of {} decided", decided + counts.skipped + counts.open);
    if counts.skipped > 0 {
        right += &format!(", {} skipped", counts.skipped);
    }
    let gap = width.saturating_sub(columns(&place) + columns(&right));
    if gap < 2 {
        return style.strong(&truncate_columns(&place, width));
    }
    format!("{}{}{right}", style.strong(&place), " ".repeat(gap))
}

/// `cluster 1 of 3, case 2 of 479 (accepted)`
pub(super) fn where_it_is(state: &ReviewState) -> String {
    let place = state.position;
    let mut text = format!("cluster {} of {}", place.group + 1, state.groups());
    if !state.filter.is_empty() {
        text += &format!(" with `{}`", truncate_columns(&state.filter, FILTER));
    }
    let decided = if place.single {
        text += &format!(", case {} of {}", place.case + 1, state.cases().len());
        state
            .decision(state.case())
            .map(|decision| super::state::decision_label(decision).to_owned())
    } else {
        decision_text(state.counts(Some(place.group)))
    };
    if let Some(decided) = decided {
        text += &format!(" ({decided})");
    }
    if state.view == ReviewView::Input {
        text += ": input";
    }
    text
}

/// The decisions on the cases of a cluster.
pub(super) fn decision_text(counts: DecisionCounts) -> Option<String> {
    let parts =
        [(counts.accepted, "accepted"), (counts.rejected, "rejected"), (counts.skipped, "skipped")];
    let some: Vec<_> = parts.into_iter().filter(|(count, _)| *count > 0).collect();
    match &some[..] {
        [] => None,
        [(_, word)] if counts.open == 0 => Some((*word).to_owned()),
        some => {
            let each: Vec<_> = some.iter().map(|(count, word)| format!("{count} {word}")).collect();
            Some(each.join(", "))
        }
    }
}

/// The effect of the last key, and the visible lines.
fn status(state: &ReviewState, lines: usize, width: usize, style: Style) -> String {
    if let Some(text) = &state.typed {
        let end = columns(text).saturating_sub(width.saturating_sub(2));
        let shown: String = text.chars().skip(end).collect();
        return style.strong(&truncate_columns(&format!("/{shown}_"), width));
    }
    let last = (state.scroll + state.height).min(lines);
    let right = if lines > state.height {
        let more = if last < lines { ", space for more" } else { "" };
        format!("lines {}-{last} of {lines}{more}", state.scroll + 1)
    } else {
        String::new()
    };
    let right = truncate_columns(&right, width);
    let message = truncate_columns(&state.message, width.saturating_sub(columns(&right) + 2));
    let gap = width.saturating_sub(columns(&message) + columns(&right));
    format!("{}{}{}", style.warning(&message), " ".repeat(gap), style.dim(&right))
}

/// The keys and their effects, in lines that fit.
fn keys(state: &ReviewState, width: usize, style: Style) -> Vec<String> {
    let mut lines = Vec::new();
    let (mut line, mut used) = (String::new(), 0);
    for (key, does) in labels(state) {
        let its = columns(key) + 1 + columns(&does);
        if used > 0 && used + 2 + its > width {
            lines.push(std::mem::take(&mut line));
            used = 0;
        }
        if used > 0 {
            line += "  ";
            used += 2;
        }
        line += &format!(
            "{} {}",
            style.note(key),
            truncate_columns(&does, width.saturating_sub(columns(key) + 1))
        );
        used += its;
    }
    lines.push(line);
    lines
}

/// The keys of the current view.
pub(super) fn labels(state: &ReviewState) -> Vec<(&'static str, String)> {
    let label = |key, does: &str| (key, does.to_owned());
    let decide = |all: &str| {
        let mut labels = Vec::new();
        if state.is_acceptable() {
            labels.push(label("a", &format!("accept{all}")));
        }
        labels.extend([label("r", &format!("reject{all}")), label("s", "skip")]);
        labels
    };
    if state.typed.is_some() {
        return vec![label("Enter", "show the cases with this text"), label("Esc", "back")];
    }
    match state.view {
        ReviewView::Help => vec![label("Esc", "back"), label("Q", "quit without changes")],
        ReviewView::Overview => vec![
            label("n/p", "next, previous"),
            label("Enter", "open"),
            label("/", "search"),
            label("q", "finish"),
            label("Q", "quit"),
        ],
        ReviewView::Summary => vec![
            label("y", if state.decides() { "apply" } else { "leave" }),
            label("b", "back to the cases"),
            label("u", "undo"),
            label("Q", "quit without changes"),
        ],
        ReviewView::Input => {
            vec![label("i", "back to the outcome"), label("n/p", "next, previous")]
        }
        ReviewView::Outcome => {
            let count = state.cases().len();
            let is_cluster = !state.position.single && count > 1;
            let mut labels =
                decide(&if is_cluster { format!(" all {count}") } else { String::new() });
            labels.push(label("i", "input"));
            if state.more_is_whole() {
                labels.push(label("m", "whole outcome"));
            } else if count > 1 {
                labels.push(label(
                    "m",
                    if state.position.single { "next case" } else { "next example" },
                ));
            } else if state.whole {
                labels.push(label("m", "changes only"));
            }
            if count > 1 {
                let does = if state.position.single { "back to the cluster" } else { "one by one" };
                labels.push(label("c", does));
            }
            labels.extend([
                label("n/p", "next/prev"),
                label("o", "list"),
                label("/", "search"),
                label("u", "undo"),
                label("q", "finish"),
                label("Q", "quit"),
                label("?", "help"),
            ]);
            labels
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::groups::CaseGroup;
    use super::super::keys::Key;
    use super::super::rows::RowStyle;
    use super::*;
    use crate::options::ColorChoice;

    fn state(cases: usize) -> ReviewState {
        let group = CaseGroup { cluster: 0, cases: (0..cases).collect(), acceptable: true };
        ReviewState::new(&[group], cases)
    }

    fn style() -> Style {
        Style::for_both_streams(Some(ColorChoice::Never))
    }

    #[test]
    fn a_frame_fills_the_screen_and_no_more() {
        let rows: Vec<Row> = (0..100)
            .map(|at| Row::new(RowStyle::Added, format!("{at} {}", "x".repeat(at * 3))))
            .collect();
        for size in [(80, 24), (40, 10), (200, 60), (20, 5), (1, 1), (10, 3)] {
            let mut state = state(3);
            let lines = frame(&mut state, &rows, size, style());
            assert_eq!(lines.len(), size.1.max(3), "{size:?}");
            let widest = lines.iter().map(|line| columns(line)).max().unwrap();
            assert!(widest < size.0.max(11), "{size:?}: {widest}");
        }
    }

    #[test]
    fn all_lines_can_be_scrolled_to_and_nothing_behind_them() {
        let rows: Vec<Row> =
            (0..50).map(|at| Row::new(RowStyle::Plain, format!("row{at}."))).collect();
        let mut state = state(1);
        frame(&mut state, &rows, (80, 24), style());
        for _ in 0..20 {
            state.press(Key::PageDown);
            frame(&mut state, &rows, (80, 24), style());
        }
        let lines = frame(&mut state, &rows, (80, 24), style()).join("\n");
        assert!(lines.contains("row49.") && lines.contains("of 50"), "{lines}");
        state.press(Key::Top);
        assert!(frame(&mut state, &rows, (80, 24), style()).join("\n").contains("row0."));
    }

    #[test]
    fn what_is_skipped_is_not_counted_as_decided() {
        let mut state = state(3);
        state.press(Key::Skip);
        assert!(title(&state, 80, style()).ends_with("0 of 3 decided, 3 skipped"));
    }

    #[test]
    fn eighty_columns_hold_all_keys_in_two_lines() {
        let mut state = state(100_000);
        assert!(keys(&state, 79, style()).len() <= 2);
        state.press(Key::Cases);
        assert!(keys(&state, 79, style()).len() <= 2);
    }
}
