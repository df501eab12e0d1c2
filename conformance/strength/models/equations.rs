//! roots: where polynomials are zero.

use athena_rt::prelude::*;

/// `a * x^3 + b * x^2 + c * x + d`
#[structure]
pub struct Cubic {
    /// Of the third power.
    pub a: f64,
    /// Of the second.
    pub b: f64,
    /// Of the first.
    pub c: f64,
    /// The constant.
    pub d: f64,
}

/// `a * x^2 + b * x + c`
#[structure]
pub struct Quadratic {
    /// Of the second power.
    pub a: f64,
    /// Of the first.
    pub b: f64,
    /// The constant.
    pub c: f64,
}

/// Where it is zero.
#[structure]
pub struct Zeros {
    /// In ascending order.
    pub values: Vec<f64>,
}

fn finite(roots: &[f64]) -> Zeros {
    Zeros { values: roots.iter().copied().filter(|it| it.is_finite()).collect() }
}

/// The function `find_roots_quadratic`.
#[model]
pub fn quadratic(state: State<Quadratic>) -> State<Zeros> {
    let Quadratic { a, b, c } = state.data;
    let zeros = finite(roots::find_roots_quadratic(a, b, c).as_ref());
    state.with(zeros)
}

/// The function `find_roots_cubic`.
#[model]
pub fn cubic(state: State<Cubic>) -> State<Zeros> {
    let Cubic { a, b, c, d } = state.data;
    let zeros = finite(roots::find_roots_cubic(a, b, c, d).as_ref());
    state.with(zeros)
}
