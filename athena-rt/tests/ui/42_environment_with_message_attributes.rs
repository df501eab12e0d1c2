use athena_rt::prelude::*;

#[environment]
#[allow(non_snake_case)]
struct Settings {
    #[field(1)]
    numbered: i64,
    #[volatile]
    changing: i64,
    #[tolerance(abs = 0.1)]
    near: f64,
    same: i64,
    SAME: i64,
    seed: i64 = 1,
}

#[environment]
#[derive(Debug)]
struct Shown {
    seed: i64,
}

fn main() {}
