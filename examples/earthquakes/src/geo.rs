/// The mean radius of the Earth.
const RADIUS_KM: f64 = 6_371.008_8;

/// The distance over the surface between two places, each degrees north and degrees east.
pub(crate) fn distance_km(from: (f64, f64), to: (f64, f64)) -> f64 {
    let (north, south) = (from.0.to_radians(), to.0.to_radians());
    let half = |a: f64, b: f64| ((a - b).to_radians() / 2.0).sin().powi(2);
    let haversine = half(to.0, from.0) + north.cos() * south.cos() * half(to.1, from.1);
    2.0 * RADIUS_KM * haversine.sqrt().min(1.0).asin()
}

#[cfg(test)]
mod tests {
    use super::distance_km;

    #[test]
    fn a_degree_along_the_equator_is_111_km() {
        let distance = distance_km((0.0, 10.0), (0.0, 11.0));
        assert!((distance - 111.195).abs() < 0.001, "{distance}");
    }
}
