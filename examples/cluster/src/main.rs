//! Many messages over many hosts: each message is a row of the Mandelbrot set.

use athena_rt::prelude::*;

/// The resolution.
#[environment]
struct Settings {
    /// The number of points of a row.
    #[default(600)]
    width: u32,
    /// The number of steps after which a point counts as inside.
    #[default(2000)]
    steps: u32,
}

/// A row, given by its imaginary part.
#[structure]
struct Row {
    y: f64,
}

/// The result for a row.
#[structure]
struct Counted {
    y: f64,
    /// The number of its points that are inside.
    inside: u32,
}

/// Counts the points of a row that are inside.
#[model]
fn count(state: State<Row, Settings>) -> Result<State<Counted, Settings>, String> {
    let (y, width) = (state.data.y, state.env.width);
    if !(-2.0..=2.0).contains(&y) {
        return Err(format!("{y} is outside of the set's circle"));
    }
    let inside = |at: &u32| {
        let x = f64::from(*at) * 3.0 / f64::from(width) - 2.0;
        let (mut re, mut im) = (0.0, 0.0);
        (0..state.env.steps).all(|_| {
            (re, im) = (re * re - im * im + x, 2.0 * re * im + y);
            re * re + im * im <= 4.0
        })
    };
    let inside = u32::try_from((0..width).filter(inside).count()).unwrap_or(u32::MAX);
    Ok(state.with(Counted { y, inside }))
}

athena_rt::main!();
