//! Scales of plots, from values to pixels.

/// Numbers that span this factor are on a logarithmic scale.
const WIDE: f64 = 1000.0;

/// A scale between two pixels.
pub(super) struct Axis {
    pub(super) least: f64,
    pub(super) most: f64,
    from: f64,
    to: f64,
    is_log: bool,
}

impl Axis {
    /// A linear scale over some values.
    pub(super) fn linear(values: impl Iterator<Item = f64>, from: f64, to: f64) -> Self {
        let (least, most) = range(values);
        // A single value stands in the middle.
        let room = if least < most { 0.0 } else { least.abs().max(1.0) / 2.0 };
        let is_empty = least > most;
        let (least, most) = if is_empty { (0.0, 1.0) } else { (least - room, most + room) };
        Self { least, most, from, to, is_log: false }
    }

    /// A logarithmic scale over values above 0.
    pub(super) fn log(values: impl Iterator<Item = f64>, from: f64, to: f64) -> Self {
        let (least, most) = range(values);
        let (least, most) = if least < most { (least, most) } else { (least / 2.0, least * 2.0) };
        Self { least, most, from, to, is_log: true }
    }

    /// The pixel of a value.
    pub(super) fn at(&self, value: f64) -> f64 {
        let part = if self.is_log {
            (value / self.least).ln() / (self.most / self.least).ln()
        } else {
            (value - self.least) / (self.most - self.least)
        };
        self.from + part * (self.to - self.from)
    }
}

/// Whether numbers are of one sign and span powers of ten: on a linear scale most would be at one end.
pub(super) fn is_wide(values: impl Iterator<Item = f64> + Clone) -> bool {
    let (least, most) = range(values.clone());
    let (small, large) = range(values.map(f64::abs));
    (least > 0.0 || most < 0.0) && large / small >= WIDE && (large / small).is_finite()
}

fn range(values: impl Iterator<Item = f64>) -> (f64, f64) {
    values.fold((f64::INFINITY, f64::NEG_INFINITY), |(least, most), value| {
        (least.min(value), most.max(value))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_factor_is_a_straight_line_on_logarithmic_scales() {
        let values = [1e2, 1e4, 1e6];
        assert!(is_wide(values.into_iter()));
        assert!(is_wide(values.into_iter().map(|value| -value)));
        assert!(!is_wide([1.0, 999.0].into_iter()));
        assert!(!is_wide([-1e4, 1.0, 1e4].into_iter()));
        assert!(!is_wide([0.0, 1e9].into_iter()));
        assert!(!is_wide(std::iter::empty()));
        let axis = Axis::log(values.into_iter(), 0.0, 100.0);
        for (value, pixel) in values.into_iter().zip([0.0, 50.0, 100.0]) {
            assert!((axis.at(value) - pixel).abs() < 1e-9);
        }
    }

    #[test]
    fn one_value_is_in_the_middle() {
        for axis in
            [Axis::linear([4.0].into_iter(), 0.0, 10.0), Axis::log([4.0].into_iter(), 0.0, 10.0)]
        {
            assert!((axis.at(4.0) - 5.0).abs() < 1e-9);
        }
    }
}
