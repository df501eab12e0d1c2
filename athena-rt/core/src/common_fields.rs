//! The code of the types that most fields have, compiled here for the crates of users.
//!
//! A build without optimisation takes what a crate below has instantiated of a generic function. Without this module every
//! crate with structures would compile the reading and writing of its numbers, texts and lists itself, and again after an
//! edit: two thirds of all that it compiles.

use crate::model::{Function, Model, Source};
use crate::outcome::Emit;
use crate::state::State;

/// Never read or written.
#[athena_rt_macros::structure(crate = crate)]
struct CommonFields {
    flag: bool,
    count: i64,
    number: f64,
    text: String,
    some_text: Option<String>,
    texts: Vec<String>,
    numbers: Vec<f64>,
}

struct Unchanged;

impl Function for Unchanged {
    type Input = CommonFields;
    type Environment = ();
    type Output = CommonFields;

    fn call(state: State<CommonFields>, emit: &mut Emit<'_, CommonFields>) {
        emit.state(state);
    }
}

/// A model outside of the registry: it needs all of the code.
#[doc(hidden)]
pub static MODEL: Model = Model::for_function::<Unchanged>(Source {
    function: "unchanged",
    module: module_path!(),
    package: env!("CARGO_PKG_NAME"),
    version: env!("CARGO_PKG_VERSION"),
    pinned: None,
    file: file!(),
    line: line!(),
    docs: "",
    many: false,
    error: None,
});
