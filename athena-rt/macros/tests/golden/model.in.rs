/// Adds the seed.
#[model]
#[must_use]
pub fn compute(mut state: State<Sample, Settings>) -> State<Sample, Settings> {
    state.data.test += state.env.seed;
    state
}

#[model(name = "pricing::total")]
fn price(State { data, env }: athena_rt::State<Order>) -> Result<State<Price>, PriceError> {
    todo!()
}

#[model]
fn r#loop(state: State<Order>) -> anyhow::Result<State<Price>> {
    todo!()
}

#[cfg(feature = "many")]
#[model]
fn split(state: State<Order>) -> impl Iterator<Item = State<Line>> + use<> {
    std::iter::empty()
}

#[model]
fn check(state: State<Order>) -> impl Iterator<Item = Result<State<Line>, Box<dyn Error + Send>>> {
    std::iter::empty()
}

#[model(name = "pricing::quote")]
async fn quote(state: State<Order, Settings>) -> Result<State<Price, Settings>, PriceError> {
    todo!()
}
