//! The comparison of floats with a tolerance.

use crate::shape::Tolerance;

impl Tolerance {
    /// Whether two floats count as the same. Never if one is not a number.
    pub fn covers(&self, bits: u8, old: f64, new: f64) -> bool {
        let distance = (new - old).abs();
        if !distance.is_finite() {
            return false;
        }
        self.abs.is_some_and(|abs| distance <= abs)
            || self.rel.is_some_and(|rel| distance <= rel * old.abs().max(new.abs()))
            || self.ulps.is_some_and(|ulps| ulps_between(bits, old, new) <= ulps)
    }
}

impl std::fmt::Display for Tolerance {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut parts = Vec::new();
        parts.extend(self.abs.map(|abs| format!("abs = {abs:?}")));
        parts.extend(self.rel.map(|rel| format!("rel = {rel:?}")));
        parts.extend(self.ulps.map(|ulps| format!("ulps = {ulps}")));
        f.write_str(&parts.join(", "))
    }
}

/// The number of steps from float to float between two.
fn ulps_between(bits: u8, old: f64, new: f64) -> u64 {
    let (old, new) = if bits == 32 {
        #[allow(clippy::cast_possible_truncation, reason = "the values are of 32 bits")]
        (ordered32(old as f32), ordered32(new as f32))
    } else {
        (ordered64(old), ordered64(new))
    };
    u64::try_from((i128::from(old) - i128::from(new)).abs()).unwrap_or(u64::MAX)
}

/// Neighbouring floats as neighbouring integers.
fn ordered64(value: f64) -> i64 {
    let bits = value.to_bits().cast_signed();
    if bits < 0 { i64::MIN - bits } else { bits }
}

fn ordered32(value: f32) -> i64 {
    let bits = value.to_bits().cast_signed();
    i64::from(if bits < 0 { i32::MIN - bits } else { bits })
}
