//! Enums are read and written in serde's default form, strictly.
use athena_rt::prelude::*;

#[structure]
enum Payment {
    Cash,
    Card {
        #[default("0000")]
        last4: String,
        holder: Option<String>,
    },
    Invoice(u32),
    Pair(i64, Vec<f64>),
    Nested(Box<Payment>),
    Empty {},
}

#[structure]
#[derive(Default, Copy, Eq)]
enum Kind {
    #[default]
    Retail,
    Trade,
}

fn error<T: serde::de::DeserializeOwned + std::fmt::Debug>(text: &str) -> String {
    serde_json::from_str::<T>(text).unwrap_err().to_string()
}

fn main() {
    let all = [
        (Payment::Cash, r#""Cash""#),
        (Payment::Card { last4: "1234".into(), holder: None }, r#"{"Card":{"last4":"1234"}}"#),
        (
            Payment::Card { last4: "1".into(), holder: Some("A".into()) },
            r#"{"Card":{"last4":"1","holder":"A"}}"#,
        ),
        (Payment::Invoice(5), r#"{"Invoice":5}"#),
        (Payment::Pair(1, vec![0.5]), r#"{"Pair":[1,[0.5]]}"#),
        (Payment::Nested(Box::new(Payment::Cash)), r#"{"Nested":"Cash"}"#),
        (Payment::Empty {}, r#"{"Empty":{}}"#),
    ];
    for (value, text) in all {
        assert_eq!(serde_json::to_string(&value).unwrap(), text);
        assert_eq!(serde_json::from_str::<Payment>(text).unwrap(), value);
    }
    let filled: Payment = serde_json::from_str(r#"{"Card":{}}"#).unwrap();
    assert_eq!(filled, Payment::Card { last4: "0000".into(), holder: None });

    let unknown = error::<Payment>(r#"{"Card":{"last":"1234"}}"#);
    assert!(unknown.contains("unknown field `last`"), "{unknown}");
    let unknown = error::<Payment>(r#""Kash""#);
    assert!(unknown.contains("Kash") && unknown.contains("`Cash`"), "{unknown}");

    assert_eq!(Kind::default(), Kind::Retail);
    assert_eq!(serde_json::to_string(&Kind::Trade).unwrap(), r#""Trade""#);
    let unknown = error::<Kind>(r#""trade""#);
    assert!(unknown.contains("`Trade`"), "{unknown}");
}
