//! One model over flights, and the same function without Athena.

use athena_rt::prelude::*;
use serde::{Deserialize, Serialize};

/// A flight.
#[structure]
pub struct Flight {
    /// The delay in minutes.
    pub delay: i64,
    /// The distance in miles.
    pub distance: u32,
    /// The departure in hours after midnight.
    pub time: f64,
}

/// A rated flight.
#[structure]
pub struct Rated {
    /// The delay in minutes.
    pub delay: i64,
    /// The distance in miles.
    pub distance: u32,
    /// The score; higher is worse.
    pub score: f64,
}

/// The amount of work.
#[environment]
pub struct Settings {
    /// The number of roots computed per flight.
    #[default(0)]
    pub roots: u32,
}

/// Rates a flight.
#[model]
fn rate(state: State<Flight, Settings>) -> State<Rated, Settings> {
    let Flight { delay, distance, time } = state.data;
    let score = score(delay, distance, time, state.env.roots);
    State { data: Rated { delay, distance, score }, env: state.env }
}

/// A flight in plain serde.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PlainFlight {
    delay: i64,
    distance: u32,
    time: f64,
}

/// A rated flight in plain serde.
#[derive(Serialize)]
struct PlainRated {
    delay: i64,
    distance: u32,
    score: f64,
}

/// Rates lines of flights without Athena, and appends the results as lines.
///
/// # Errors
///
/// A line is not a flight.
pub fn rate_without_athena(lines: &[u8], roots: u32, out: &mut Vec<u8>) -> serde_json::Result<()> {
    for line in lines.split_inclusive(|&byte| byte == b'\n') {
        let PlainFlight { delay, distance, time } = serde_json::from_slice(line)?;
        let score = score(delay, distance, time, roots);
        serde_json::to_writer(&mut *out, &PlainRated { delay, distance, score })?;
        out.push(b'\n');
    }
    Ok(())
}

#[allow(clippy::cast_precision_loss, reason = "delays are small numbers")]
fn score(delay: i64, distance: u32, time: f64, roots: u32) -> f64 {
    let mut score = delay as f64 / f64::from(distance + 1) + time;
    for _ in 0..roots {
        score = std::hint::black_box((score * score + 1.0).sqrt());
    }
    score
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_flight_by_hand_is_rated_as_expected() {
        let mut out = Vec::new();
        let line = b"{\"delay\":9,\"distance\":2,\"time\":1.0}\n";
        assert!(super::rate_without_athena(line, 0, &mut out).is_ok());
        assert_eq!(out, b"{\"delay\":9,\"distance\":2,\"score\":4.0}\n");
    }
}
