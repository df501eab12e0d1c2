// `#[field(json)]` and `#[field(text)]` look into a list that is written out, and not into an alias of it.
use athena_rt::prelude::*;

#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
struct Foreign {
    a: i32,
}

#[derive(Clone, Debug, PartialEq)]
struct Version;

impl std::fmt::Display for Version {
    fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        Ok(())
    }
}

impl std::str::FromStr for Version {
    type Err = String;
    fn from_str(_: &str) -> Result<Self, String> {
        Ok(Self)
    }
}

type Rows = Vec<Foreign>;
type Maybe = Option<Version>;

#[structure]
struct Json {
    #[field(json)]
    rows: Rows,
    #[field(json)]
    fine: Vec<Foreign>,
}

#[structure]
struct Text {
    #[field(text)]
    version: Maybe,
    #[field(text)]
    fine: Option<Version>,
}

fn main() {}
