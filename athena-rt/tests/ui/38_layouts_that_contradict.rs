use athena_rt::prelude::*;

#[structure]
#[serde(tag = "type")]
struct TaggedStruct {
    a: i64,
}

#[structure]
#[serde(untagged)]
struct UntaggedStruct {
    a: i64,
}

#[structure]
#[serde(content = "data")]
enum WithoutTag {
    Card { digits: String },
}

#[structure]
#[serde(tag = "type", untagged)]
enum Both {
    Card { digits: String },
}

#[structure]
#[serde(tag = "type")]
enum Tuple {
    Card(String, u8),
}

#[structure]
#[serde(tag = "type")]
enum TagTwice {
    Card { r#type: String },
}

#[structure]
enum Flattened {
    Card {
        #[serde(flatten)]
        rest: std::collections::BTreeMap<String, String>,
    },
}

#[structure]
enum CatchAll {
    Card,
    #[serde(other)]
    Other(String),
}

#[structure]
#[serde(transparent)]
struct TransparentPair {
    a: i64,
    b: i64,
}

#[structure]
#[serde(from = "String")]
struct OneWay {
    a: i64,
}

#[structure]
struct Fields {
    #[serde(skip)]
    #[field(3)]
    skipped: i64,
    #[serde(flatten)]
    #[field(text)]
    flat: std::net::IpAddr,
    #[field(text, json)]
    carried: std::net::IpAddr,
    #[serde(with = "hex")]
    #[field(json)]
    written: u32,
}

fn main() {}
