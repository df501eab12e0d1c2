use athena_rt::prelude::*;

#[structure(open)]
#[serde(deny_unknown_fields, rename_all = "camel")]
struct Sample {
    #[serde(rename(serialize = "a", deserialize = "b"))]
    directions: i64,
    #[serde(rename = "total")]
    sum: i64,
    total: i64,
    #[serde(getter = "x")]
    skipped: i64,
    #[serde(renmae = "x")]
    misspelt: i64,
    #[default(2)]
    #[serde(default)]
    twice: i64,
    #[serde(default = one)]
    path: i64,
    #[serde]
    bare: i64,
}

#[structure]
#[serde(rename_all = "lowercase")]
enum Kind {
    Retail,
    #[serde(default)]
    Trade,
    #[serde(alias = "retail")]
    Shop,
}

#[structure]
enum Side {
    Buy,
    #[serde(rename = "Buy")]
    Sell,
}

#[structure]
struct Pair(#[serde(default)] i64, i64);

#[structure]
struct Keys {
    a: i64,
    #[serde(alias = "a")]
    b: i64,
}

#[structure]
#[serde(default, transparent)]
enum Ways {
    #[serde(untagged)]
    Other(String),
    #[serde(skip)]
    Cache(u8),
}

#[structure]
#[serde(rename_all_fields = "camelCase", tag = "type")]
struct Read {
    #[serde(skip_serializing)]
    once: u8,
}

#[structure]
#[serde(default)]
struct Point(u8, u8);

#[structure]
#[serde(remote = "std::time::Duration")]
struct Remote {
    secs: u64,
}

#[structure]
#[cfg_attr(test, serde(rename_all = "lowercase"))]
#[cfg_attr(not(test), serde(rename_all = "lower"))]
struct Conditional {
    #[cfg_attr(not(test), serde(renmae = "x"))]
    one: u8,
}

fn main() {}
