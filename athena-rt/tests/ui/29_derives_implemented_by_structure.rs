use athena_rt::prelude::*;

#[structure]
#[derive(Default, serde::Serialize, Deserialize)]
struct Sample {
    test: i64,
}

#[structure]
#[derive(Debug)]
struct Login {
    #[secret]
    password: String,
}

fn main() {}
