#[structure(opne)]
#[derive(Serialize, Eq)]
struct Sample {
    #[field(1)]
    a: i64,
    #[field(1)]
    b: i64,
    #[default]
    c: i64,
}

#[structure]
union Bits {
    a: u8,
}

#[environment]
struct Settings(u8);

#[model]
async fn compute<T>(state: &State<T>) -> T {
    state
}

#[structure]
#[serde(tag = "type", content = "type")]
enum Same {
    A,
    B(u8),
}

#[structure]
struct Flat {
    #[serde(flatten)]
    number: u8,
    #[serde(flatten)]
    list: Vec<u16>,
}
