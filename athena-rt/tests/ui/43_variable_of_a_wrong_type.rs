use athena_rt::prelude::*;

#[structure]
struct Point {
    x: f64,
}

#[environment]
struct Settings {
    home: Point,
}

fn main() {}
