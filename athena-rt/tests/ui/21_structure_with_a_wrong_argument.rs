use athena_rt::prelude::*;

#[structure(opne)]
struct Mistyped {
    test: i64,
}

#[structure(open = true)]
struct Valued {
    test: i64,
}

#[structure(crate = "athena_rt")]
struct Quoted {
    test: i64,
}

#[structure(reserved)]
struct Nothing {
    test: i64,
}

#[structure(open, open)]
struct Twice {
    test: i64,
}

#[structure(label = "idd")]
struct Labelled {
    id: i64,
}

#[structure(label = "key")]
struct Hidden {
    #[secret]
    key: String,
}

#[structure(label = "id")]
enum Kind {
    Retail,
}

fn main() {}
