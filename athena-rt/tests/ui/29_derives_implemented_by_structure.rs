use athena_rt::prelude::*;

// Taken over, above and below.
#[derive(Default, serde::Serialize)]
#[structure]
#[derive(Eq, serde::Deserialize)]
struct Sample {
    test: i64,
}

#[structure]
#[derive(Debug)]
struct Login {
    #[secret]
    password: String,
}

#[derive(Debug)]
#[structure]
struct Account {
    #[secret]
    password: String,
}

fn main() {}
