//! Variables are read by name; errors name the variable; secrets are not printed.
use athena_rt::Environment as _;
use athena_rt::prelude::*;

#[structure]
enum Kind {
    Retail,
    Trade,
}

#[environment(prefix = "APP_")]
#[derive(PartialEq)]
struct Settings {
    /// Added to every value.
    #[default(1)]
    seed: i64,
}

#[environment]
struct Plain {
    #[default(1)]
    seed: i64,
    #[default("here")]
    place: String,
    kind: Kind,
    names: Vec<String>,
    #[secret]
    token: Option<String>,
    #[secret]
    #[default("guest")]
    password: String,
}

fn variables(set: &[(&str, &str)]) -> Vec<(String, String)> {
    set.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn main() {
    let plain = Plain::read(variables(&[("KIND", "Trade"), ("NAMES", "a,b"), ("TOKEN", "t0k3n")])).unwrap();
    assert_eq!((plain.seed, plain.place.as_str()), (1, "here"));
    assert_eq!((&plain.kind, plain.names.len()), (&Kind::Trade, 2));
    assert_eq!((plain.token.as_deref(), plain.password.as_str()), (Some("t0k3n"), "guest"));
    let shown = format!("{plain:?}");
    assert!(!shown.contains("t0k3n") && !shown.contains("guest") && shown.contains("***"), "{shown}");

    let declared: Vec<_> = Plain::variables()
        .into_iter()
        .map(|v| (v.name, v.kind, v.default, v.required, v.secret))
        .collect();
    assert_eq!(declared, [
        ("SEED", "i64", Some("1".to_owned()), false, false),
        ("PLACE", "String", Some("here".to_owned()), false, false),
        ("KIND", "Kind", None, true, false),
        ("NAMES", "Vec<String>", None, false, false),
        ("TOKEN", "Option<String>", None, false, true),
        ("PASSWORD", "String", None, false, true),
    ]);

    let prefixed = Settings::read(variables(&[("APP_SEED", "3"), ("SEED", "4")])).unwrap();
    assert!(prefixed == Settings { seed: 3 });
    let variable = Settings::variables().remove(0);
    assert_eq!((variable.name, variable.docs), ("APP_SEED", "Added to every value."));

    let missing = Plain::read(vec![]).unwrap_err().to_string();
    assert!(missing.contains("KIND"), "{missing}");
    let wrong = Plain::read(variables(&[("KIND", "trade")])).unwrap_err().to_string();
    assert!(wrong.contains("KIND") && wrong.contains("Trade"), "{wrong}");
}
