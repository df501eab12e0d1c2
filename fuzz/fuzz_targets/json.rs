//! Any text is a message or an error, and a message comes back as itself from its own text.

#![no_main]

#[path = "../../athena-rt/tests/wire/types.rs"]
#[allow(dead_code)]
mod types;

use athena_rt::structure::Structure;
use libfuzzer_sys::fuzz_target;
use types::{Basket, Item, Numbers, Order, Payment};

fuzz_target!(|text: &[u8]| {
    read::<Order>(text);
    read::<Basket>(text);
    read::<Item>(text);
    read::<Numbers>(text);
    read::<Payment>(text);
});

fn read<T: Structure>(text: &[u8]) {
    let Ok(value) = serde_json::from_slice::<T>(text) else { return };
    let written = serde_json::to_string(&value).expect("what was read can be written");
    let back: T = serde_json::from_str(&written).expect("what was written can be read");
    assert_eq!(serde_json::to_string(&back).expect("and written again"), written);
}
