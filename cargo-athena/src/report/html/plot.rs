//! Plots of changes as inline SVG, which needs no script.

use std::fmt::Write as _;

use super::scale::{Axis, is_wide};
use crate::report::escape;
use crate::report::numbers::{compact, percent};

/// The size of a plot, in pixels.
const WIDTH: f64 = 360.0;
const HEIGHT: f64 = 168.0;

/// The room for the title at the top, and for labels at the left and at the bottom.
const TOP: f64 = 28.0;
const LEFT: f64 = 58.0;
const RIGHT: f64 = WIDTH - 10.0;
const BOTTOM: f64 = HEIGHT - 24.0;

/// The number of bars of a histogram.
const BARS: u8 = 24;

/// The length of the longest bar of a table, in pixels.
const BAR: f64 = 160.0;

/// The change of each number against the recorded number: an offset or a factor is a straight line.
/// Numbers that span three powers of ten are on logarithmic scales.
pub(super) fn scatter(points: &[(f64, f64)], label: &str) -> String {
    let finite = points.iter().filter(|(old, new)| old.is_finite() && (new - old).is_finite());
    let changes: Vec<(f64, f64)> = finite.map(|(old, new)| (*old, new - old)).collect();
    let recorded = || changes.iter().map(|(old, _)| *old);
    let is_log = is_wide(recorded()) && changes.iter().all(|(_, by)| *by != 0.0);
    let mut marks = String::new();
    let (x, y) = if is_log {
        let sizes = changes.iter().map(|(_, by)| by.abs());
        (Axis::log(recorded().map(f64::abs), LEFT, RIGHT), Axis::log(sizes, BOTTOM, TOP))
    } else {
        let by = changes.iter().map(|(_, by)| *by).chain([0.0]);
        (Axis::linear(recorded(), LEFT, RIGHT), Axis::linear(by, BOTTOM, TOP))
    };
    let zero = if is_log { BOTTOM } else { y.at(0.0) };
    line(&mut marks, (LEFT, zero), (RIGHT, zero), "axis");
    for (old, by) in &changes {
        let at = if is_log { (x.at(old.abs()), y.at(by.abs())) } else { (x.at(*old), y.at(*by)) };
        let class = if *by < 0.0 { "down" } else { "up" };
        let _ = write!(
            marks,
            "<circle class=\"{class}\" cx=\"{:.1}\" cy=\"{:.1}\" r=\"2\"/>",
            at.0, at.1
        );
    }
    let of_recorded =
        |size: f64| if is_log && changes[0].0 < 0.0 { compact(-size) } else { compact(size) };
    marks.push_str(&below(LEFT, "start", &of_recorded(x.least)));
    marks.push_str(&below(f64::midpoint(LEFT, RIGHT), "middle", "recorded value"));
    marks.push_str(&below(RIGHT, "end", &of_recorded(x.most)));
    if is_log {
        let sign = |size: f64| {
            let all = |is: fn(f64) -> bool| changes.iter().all(|(_, by)| is(*by));
            match compact(size) {
                size if all(|by| by > 0.0) => format!("+{size}"),
                size if all(|by| by < 0.0) => format!("-{size}"),
                size => format!("\u{b1}{size}"),
            }
        };
        marks.push_str(&left(TOP, &sign(y.most)));
        marks.push_str(&left(BOTTOM, &sign(y.least)));
        return svg("Change by recorded value, both logarithmic", label, &marks);
    }
    if y.most > 0.0 {
        marks.push_str(&left(TOP, &signed(y.most)));
    }
    if y.least < 0.0 {
        marks.push_str(&left(BOTTOM, &signed(y.least)));
    }
    // The ends of the scale have their own labels.
    let is_free = |end: f64, has_label: bool| !has_label || (zero - end).abs() >= 14.0;
    if is_free(TOP, y.most > 0.0) && is_free(BOTTOM, y.least < 0.0) {
        marks.push_str(&left(zero, "0"));
    }
    svg("Change by recorded value", label, &marks)
}

/// How many numbers changed by how much, relative to the recorded ones or not. `None` if all changed by
/// the same.
pub(super) fn histogram(points: &[(f64, f64)], is_relative: bool, label: &str) -> Option<String> {
    let by =
        |(old, new): &(f64, f64)| if is_relative { (new - old) / old.abs() } else { new - old };
    let changes: Vec<f64> = points.iter().map(by).filter(|by| by.is_finite()).collect();
    let name = |by: f64| if is_relative { format!("{} %", percent(by)) } else { signed(by) };
    let x = Axis::linear(changes.iter().copied(), LEFT, RIGHT);
    let is_same = changes.iter().all(|by| name(*by) == name(changes[0]));
    if is_same {
        return None;
    }
    let mut counts = [0_u32; BARS as usize];
    for by in &changes {
        let part = (by - x.least) / (x.most - x.least) * f64::from(BARS);
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "between 0 and the number of bars"
        )]
        let bar = part.max(0.0).min(f64::from(BARS - 1)) as usize;
        counts[bar] += 1;
    }
    let most = counts.iter().copied().max().unwrap_or(1).max(1);
    let width = (RIGHT - LEFT) / f64::from(BARS);
    let mut marks = String::new();
    line(&mut marks, (LEFT, BOTTOM), (RIGHT, BOTTOM), "axis");
    for (at, count) in (0_u8..).zip(&counts).filter(|(_, count)| **count > 0) {
        // Few among thousands are seen, too.
        let height = (f64::from(*count) / f64::from(most) * (BOTTOM - TOP)).max(1.5);
        let middle = x.least + (f64::from(at) + 0.5) * (x.most - x.least) / f64::from(BARS);
        let _ = write!(
            marks,
            "<rect class=\"{}\" x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{height:.1}\"/>",
            if middle < 0.0 { "down" } else { "up" },
            LEFT + f64::from(at) * width,
            BOTTOM - height,
            width - 1.0
        );
    }
    if x.least < 0.0 && x.most > 0.0 {
        let zero = x.at(0.0);
        line(&mut marks, (zero, TOP), (zero, BOTTOM), "zero");
        if (LEFT + 60.0..RIGHT - 60.0).contains(&zero) {
            marks.push_str(&below(zero, "middle", "0"));
        }
    }
    marks.push_str(&left(TOP, &most.to_string()));
    marks.push_str(&below(LEFT, "start", &name(x.least)));
    marks.push_str(&below(RIGHT, "end", &name(x.most)));
    let what = if is_relative { "Values by relative change" } else { "Values by change" };
    Some(svg(what, label, &marks))
}

/// A change on a scale, with its sign.
fn signed(by: f64) -> String {
    let sign = if by > 0.0 { "+" } else { "" };
    format!("{sign}{}", compact(by))
}

/// A bar of a table, as long as `count` of `most`.
pub(super) fn bar(count: u64, most: u64) -> String {
    #[allow(clippy::cast_precision_loss, reason = "a length in pixels")]
    let length = (count as f64 / most.max(1) as f64 * BAR).max(2.0);
    format!(
        "<svg class=\"plot\" aria-hidden=\"true\" viewBox=\"0 0 {BAR} 10\" width=\"{BAR}\" height=\"10\">\
         <rect class=\"up\" width=\"{length:.0}\" height=\"10\"/></svg>"
    )
}

fn line(marks: &mut String, from: (f64, f64), to: (f64, f64), class: &str) {
    let _ = write!(
        marks,
        "<line class=\"{class}\" x1=\"{:.1}\" x2=\"{:.1}\" y1=\"{:.1}\" y2=\"{:.1}\"/>",
        from.0, to.0, from.1, to.1
    );
}

/// A label at the left of a plot.
fn left(y: f64, text: &str) -> String {
    let (x, y) = (LEFT - 6.0, y + 4.0);
    format!("<text x=\"{x}\" y=\"{y:.1}\" text-anchor=\"end\">{}</text>", escape::html(text))
}

/// A label below a plot.
fn below(x: f64, anchor: &str, text: &str) -> String {
    let (y, text) = (HEIGHT - 8.0, escape::html(text));
    format!("<text x=\"{x:.1}\" y=\"{y}\" text-anchor=\"{anchor}\">{text}</text>")
}

fn svg(what: &str, label: &str, marks: &str) -> String {
    let title = escape::html(&format!("{what}, {label}"));
    format!(
        "<svg class=\"plot\" role=\"img\" aria-label=\"{title}\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" \
         width=\"{WIDTH}\" height=\"{HEIGHT}\"><title>{title}</title>\
         <text class=\"title\" x=\"{LEFT}\" y=\"14\">{what}</text>{marks}</svg>\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plot_has_a_mark_per_number_and_its_range() {
        let points = [(100.0, 103.0), (200.0, 206.0), (300.0, 309.0)];
        let plot = scatter(&points, "/x <b>");
        assert_eq!(plot.matches("<circle").count(), 3);
        for text in [">+9<", ">0<", ">100<", ">300<", "/x &lt;b&gt;"] {
            assert!(plot.contains(text), "{text}: {plot}");
        }
        let bars = histogram(&points, false, "/x").unwrap();
        assert_eq!(bars.matches("<rect").count(), 3);
        assert!(bars.contains(">+3<") && bars.contains(">+9<"), "{bars}");
        assert_eq!(histogram(&points, true, "/x"), None, "a factor is one bar");
    }

    #[test]
    fn both_directions_have_their_colour_and_a_line_at_zero() {
        let points = [(100.0, 99.0), (100.0, 103.0), (100.0, 103.5)];
        let bars = histogram(&points, true, "/x").unwrap();
        assert!(bars.contains(">-1 &#37;<") && bars.contains(">+3.5 &#37;<"), "{bars}");
        assert!(bars.contains("\"down\"") && bars.contains("\"up\"") && bars.contains("\"zero\""));
    }

    #[test]
    fn numbers_of_many_sizes_are_on_logarithmic_scales() {
        let points = [(1e2, 1.02e2), (1e4, 1.02e4), (1e6, 1.02e6)];
        let plot = scatter(&points, "/x");
        for text in ["both logarithmic", ">100<", ">1e6<", ">+2<", ">+20000<"] {
            assert!(plot.contains(text), "{text}: {plot}");
        }
        assert!(
            plot.contains("cx=\"204.0\" cy=\"86.0\""),
            "the middle one is in the middle: {plot}"
        );
        let both = scatter(&[(-1e6, -1.02e6), (-1.0, -0.9)], "/x");
        assert!(both.contains(">\u{b1}20000<") && both.contains(">-1e6<"), "{both}");
    }

    #[test]
    fn numbers_that_are_all_the_same_or_not_finite_are_drawn() {
        for points in [vec![(1.0, 2.0); 3], vec![(0.0, f64::INFINITY)], Vec::new()] {
            let plot = scatter(&points, "a");
            assert!(!plot.contains("NaN") && !plot.contains("inf"), "{plot}");
            assert_eq!(histogram(&points, false, "a"), None);
        }
    }

    #[test]
    fn bars_of_a_table_are_as_long_as_their_share() {
        assert!(bar(5, 10).contains("width=\"80\" height=\"10\"/>"));
        assert!(bar(1, 100_000).contains("width=\"2\" height=\"10\"/>"));
    }
}
