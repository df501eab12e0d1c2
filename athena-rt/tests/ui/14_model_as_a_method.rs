use athena_rt::prelude::*;

#[structure]
struct Sample {
    test: i64,
}

impl Sample {
    #[model]
    fn compute(self) -> State<Sample> {
        State::new(self, ())
    }
}

fn main() {}
