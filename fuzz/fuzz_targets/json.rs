//! Any text is a message or an error. A message that is written and read again is the same.

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
    let written = serde_json::to_string(&value).expect("a message can be written");
    let back: T = serde_json::from_str(&written).expect("a written message can be read");
    assert_eq!(serde_json::to_string(&back).expect("and written again"), written);
}
