//! Ratios of alternating measurements.

/// Returns the median; zero if there are no values.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}

/// Returns the median of the ratios of the rounds. A disturbance of a round slows both down.
pub fn ratio(ours: &[f64], theirs: &[f64]) -> f64 {
    median(ours.iter().zip(theirs).map(|(ours, theirs)| ours / theirs).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ratio_is_the_median_of_the_rounds() {
        assert!((ratio(&[1.0, 30.0, 4.0], &[2.0, 10.0, 4.0]) - 1.0).abs() < 1e-9);
        assert!(median(Vec::new()).abs() < 1e-9);
    }
}
