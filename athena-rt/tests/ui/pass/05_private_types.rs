//! Private types in private modules, in functions, and with the same name as others.
#![deny(warnings)]
use athena_rt::prelude::*;

mod outer {
    mod inner {
        use athena_rt::prelude::*;

        #[structure]
        struct Sample {
            #[default(limit())]
            test: i64,
        }

        #[environment]
        struct Settings {
            #[default(LIMIT)]
            seed: i64,
        }

        const LIMIT: i64 = 3;

        fn limit() -> i64 {
            LIMIT
        }

        #[model]
        fn compute(mut state: State<Sample, Settings>) -> State<Sample, Settings> {
            state.data.test += state.env.seed;
            state
        }

        pub(super) fn run() -> i64 {
            let data: Sample = serde_json::from_str("{}").unwrap();
            compute(State::new(data, Settings { seed: 1 })).data.test
        }
    }

    pub(super) fn run() -> i64 {
        inner::run()
    }
}

#[structure]
struct Sample {
    test: Vec<Sample>,
}

fn main() {
    #[structure]
    struct Local {
        test: i64,
    }

    #[model]
    fn local(state: State<Local>) -> State<Local> {
        state
    }

    assert_eq!(outer::run(), 4);
    assert_eq!(local(State::new(Local { test: 1 }, ())).data, Local { test: 1 });
    assert_eq!(serde_json::to_string(&Sample { test: vec![] }).unwrap(), r#"{"test":[]}"#);
}
