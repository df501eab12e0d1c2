#[structure(crate = renamed::rt)]
struct Id(u64);

#[environment(crate = renamed::rt)]
struct Settings {
    seed: i64,
}

#[model(crate = renamed::rt)]
fn compute(state: State<Sample>) -> State<Sample> {
    state
}
