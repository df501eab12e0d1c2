use athena_rt::prelude::*;

#[environment(prefix = "app-")]
struct Lower {
    seed: i64,
}

#[environment(prefx = "APP_")]
struct Mistyped {
    seed: i64,
}

#[environment(prefix = APP_)]
struct Unquoted {
    seed: i64,
}

fn main() {}
