//! Raw identifiers are used without `r#` in messages and variables.
use athena_rt::prelude::*;

#[structure]
struct r#Struct {
    #[default(2)]
    r#type: i64,
    r#match: Option<String>,
}

#[structure]
#[allow(non_camel_case_types)]
enum Word {
    r#fn,
    r#loop,
}

#[structure]
#[allow(non_camel_case_types)]
enum Data {
    r#box { r#in: i64 },
    r#do(Word),
}

#[environment]
struct Settings {
    #[default(1)]
    r#mod: i64,
}

#[model]
fn r#use(r#ref: State<r#Struct, Settings>) -> State<r#Struct, Settings> {
    r#ref
}

fn main() {
    let read: r#Struct = serde_json::from_str(r#"{"type": 3}"#).unwrap();
    assert_eq!(read, r#Struct { r#type: 3, r#match: None });
    assert_eq!(serde_json::to_string(&read).unwrap(), r#"{"type":3}"#);
    assert_eq!(serde_json::to_string(&Word::r#fn).unwrap(), r#""fn""#);
    let data = vec![Data::r#box { r#in: 1 }, Data::r#do(Word::r#loop)];
    let text = r#"[{"box":{"in":1}},{"do":"loop"}]"#;
    assert_eq!(serde_json::to_string(&data).unwrap(), text);
    assert_eq!(serde_json::from_str::<Vec<Data>>(text).unwrap(), data);
    let variables = <Settings as athena_rt::Environment>::variables();
    assert_eq!(variables[0].name, "MOD");
}
