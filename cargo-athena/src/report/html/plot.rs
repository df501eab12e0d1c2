//! Plots of changed numbers as inline SVG, which needs no script.

use std::fmt::Write as _;

use crate::report::escape;
use crate::report::numbers::{short, signed};

/// The size of a plot, in pixels.
const WIDTH: f64 = 320.0;
const HEIGHT: f64 = 146.0;

/// The room for the title at the top, and for labels at the left and at the bottom.
const TOP: f64 = 24.0;
const LEFT: f64 = 58.0;
const BOTTOM: f64 = 22.0;

/// The number of bars of a histogram.
const BARS: u8 = 24;

/// The change of each number against the recorded number. A factor or an offset is a line.
pub(super) fn scatter(points: &[(f64, f64)], label: &str) -> String {
    let finite = points.iter().filter(|(old, new)| old.is_finite() && (new - old).is_finite());
    let changes: Vec<(f64, f64)> = finite.map(|(old, new)| (*old, new - old)).collect();
    let x = Axis::new(changes.iter().map(|(old, _)| *old), LEFT, WIDTH - 8.0);
    let y = Axis::new(changes.iter().map(|(_, by)| *by).chain([0.0]), HEIGHT - BOTTOM, TOP);
    let mut marks = String::new();
    let zero = y.at(0.0);
    let _ = write!(
        marks,
        "<line class=\"axis\" x1=\"{LEFT}\" x2=\"{}\" y1=\"{zero:.1}\" y2=\"{zero:.1}\"/>",
        WIDTH - 8.0
    );
    for (old, by) in &changes {
        let _ = write!(marks, "<circle cx=\"{:.1}\" cy=\"{:.1}\" r=\"2\"/>", x.at(*old), y.at(*by));
    }
    let _ = write!(marks, "{}{}", text_left(TOP, &signed(y.most)), {
        let lowest = text_left(HEIGHT - BOTTOM - 8.0, &signed(y.least));
        if y.least < 0.0 { lowest } else { String::new() }
    });
    marks.push_str(&bottom(&short(x.least), &short(x.most)));
    svg("Change against recorded value", label, &marks)
}

/// How many numbers changed by how much.
pub(super) fn histogram(points: &[(f64, f64)], label: &str) -> String {
    let changes = points.iter().map(|(old, new)| new - old).filter(|by| by.is_finite());
    let changes: Vec<f64> = changes.collect();
    let x = Axis::new(changes.iter().copied(), LEFT, WIDTH - 8.0);
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
    let width = (WIDTH - 8.0 - LEFT) / f64::from(BARS);
    let mut marks = String::new();
    for (at, count) in (0_u8..).zip(&counts).filter(|(_, count)| **count > 0) {
        let height = f64::from(*count) / f64::from(most) * (HEIGHT - BOTTOM - TOP);
        let _ = write!(
            marks,
            "<rect x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{height:.1}\"/>",
            LEFT + f64::from(at) * width,
            HEIGHT - BOTTOM - height,
            width - 1.0
        );
    }
    marks.push_str(&text_left(TOP, &most.to_string()));
    marks.push_str(&bottom(&signed(x.least), &signed(x.most)));
    svg("Number of values by change", label, &marks)
}

/// A linear scale from values to pixels.
struct Axis {
    least: f64,
    most: f64,
    from: f64,
    to: f64,
}

impl Axis {
    fn new(values: impl Iterator<Item = f64>, from: f64, to: f64) -> Self {
        let (least, most) = values
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(least, most), value| {
                (least.min(value), most.max(value))
            });
        // A single value stands in the middle.
        let room = if least < most { 0.0 } else { least.abs().max(1.0) / 2.0 };
        let is_empty = least > most;
        let (least, most) = if is_empty { (0.0, 1.0) } else { (least - room, most + room) };
        Self { least, most, from, to }
    }

    fn at(&self, value: f64) -> f64 {
        self.from + (value - self.least) / (self.most - self.least) * (self.to - self.from)
    }
}

fn text_left(y: f64, text: &str) -> String {
    let (x, y) = (LEFT - 6.0, y + 4.0);
    format!("<text x=\"{x}\" y=\"{y}\" text-anchor=\"end\">{}</text>", escape::html(text))
}

fn bottom(least: &str, most: &str) -> String {
    let (right, y) = (WIDTH - 8.0, HEIGHT - 6.0);
    format!(
        "<text x=\"{LEFT}\" y=\"{y}\">{}</text><text x=\"{right}\" y=\"{y}\" text-anchor=\"end\">{}</text>",
        escape::html(least),
        escape::html(most)
    )
}

fn svg(what: &str, label: &str, marks: &str) -> String {
    let title = escape::html(&format!("{what}, {label}"));
    format!(
        "<svg class=\"plot\" role=\"img\" aria-label=\"{title}\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" \
         width=\"{WIDTH}\" height=\"{HEIGHT}\"><title>{title}</title>\
         <text x=\"{LEFT}\" y=\"12\">{what}</text>{marks}</svg>\n"
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
        for text in [">+9<", ">100<", ">300<", "/x &lt;b&gt;"] {
            assert!(plot.contains(text), "{text}: {plot}");
        }
        let bars = histogram(&points, "/x");
        assert_eq!(bars.matches("<rect").count(), 3);
        assert!(bars.contains(">+3<") && bars.contains(">+9<"), "{bars}");
    }

    #[test]
    fn numbers_that_are_all_the_same_or_not_finite_are_drawn() {
        for points in [vec![(1.0, 2.0); 3], vec![(0.0, f64::INFINITY)], Vec::new()] {
            for plot in [scatter(&points, "a"), histogram(&points, "a")] {
                assert!(!plot.contains("NaN") && !plot.contains("inf"), "{plot}");
            }
        }
    }
}
