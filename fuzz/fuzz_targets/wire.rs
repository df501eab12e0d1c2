//! Any bytes are a message or an error. A message that is written and read again is the same.

#![no_main]

#[path = "../../athena-rt/tests/wire/types.rs"]
#[allow(dead_code)]
mod types;

use athena_rt::structure::wire::{Message, decode, encode};
use libfuzzer_sys::fuzz_target;
use types::{Basket, Item, Node, Numbers, Open, Order, Payment};

fuzz_target!(|bytes: &[u8]| {
    read::<Order>(bytes);
    read::<Basket>(bytes);
    read::<Item>(bytes);
    read::<Node>(bytes);
    read::<Numbers>(bytes);
    read::<Open>(bytes);
    read::<Payment>(bytes);
});

fn read<T: Message>(bytes: &[u8]) {
    match decode::<T>(bytes) {
        Ok(value) => {
            let written = encode(&value);
            let back: T = decode(&written).expect("a written message can be read");
            assert_eq!(encode(&back), written);
        }
        Err(error) => assert!(error.offset() <= bytes.len() && !error.path().is_empty()),
    }
}
