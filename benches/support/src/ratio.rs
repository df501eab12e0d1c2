//! Ratios of what was measured in turn.

/// The value in the middle; zero of none.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}

/// The median of the ratios round by round: what slows a round down slows both down.
pub fn ratio(ours: &[f64], theirs: &[f64]) -> f64 {
    median(ours.iter().zip(theirs).map(|(ours, theirs)| ours / theirs).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ratio_is_that_of_the_middle_round() {
        assert!((ratio(&[1.0, 30.0, 4.0], &[2.0, 10.0, 4.0]) - 1.0).abs() < 1e-9);
        assert!(median(Vec::new()).abs() < 1e-9);
    }
}
