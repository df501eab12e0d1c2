use athena_rt::prelude::*;

#[derive(Clone, Debug, PartialEq)]
struct Sample {
    test: i64,
}

struct Settings;

#[structure]
struct Id(u64);

#[model]
fn undeclared(state: State<Sample>) -> State<Sample> {
    state
}

#[model]
fn unset(state: State<Order, Settings>) -> State<Order, Settings> {
    state
}

#[model]
fn no_message(state: State<Id>) -> State<Id> {
    state
}

#[structure]
struct Order {
    id: Id,
}

fn main() {}
