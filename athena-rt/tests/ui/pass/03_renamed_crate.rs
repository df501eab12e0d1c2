//! `crate = path` for a renamed runtime.
mod renamed {
    pub mod rt {
        pub use ::athena_rt::*;
    }
}

use renamed::rt::State;

#[renamed::rt::structure(crate = renamed::rt)]
struct Sample {
    #[default(2)]
    test: i64,
}

#[renamed::rt::structure(crate = crate::renamed::rt, open)]
enum Choice {
    One { test: i64 },
    Two(Sample),
}

#[renamed::rt::environment(prefix = "APP_", crate = renamed::rt)]
struct Settings {
    seed: Option<i64>,
}

#[renamed::rt::model(crate = renamed::rt)]
fn compute(state: State<Sample, Settings>) -> State<Choice, Settings> {
    let data = match state.env.seed {
        Some(test) => Choice::One { test },
        None => Choice::Two(state.data.clone()),
    };
    state.with(data)
}

macro_rules! declare {
    ($name:ident) => {
        #[renamed::rt::structure(crate = $crate::renamed::rt)]
        struct $name {
            test: i64,
        }
    };
}

declare!(Other);

fn main() {
    assert_eq!(serde_json::from_str::<Sample>("{}").unwrap(), Sample { test: 2 });
    assert_eq!(serde_json::from_str::<Other>(r#"{"test":1}"#).unwrap(), Other { test: 1 });
    let state = State::new(Sample { test: 1 }, Settings { seed: None });
    assert_eq!(compute(state).data, Choice::Two(Sample { test: 1 }));
}
