//! `cargo bench -p athena-bench-wire --bench json`: the time that structures take to write and read
//! JSON, as a multiple of what serde's own derive takes for the same type in the same run. `--check` exits
//! with 1 if a row misses the target.

#![allow(clippy::unwrap_used, missing_docs)]

use std::hint::black_box;
use std::process::ExitCode;
use std::time::Instant;

use athena_bench_support::{median, ratio};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const ROUNDS: usize = 101;
const TIMES: u32 = 400;
const TARGET: f64 = 1.10;

/// The same types under each attribute.
macro_rules! types {
    ($module:ident: $(#[$attribute:meta])*) => {
        mod $module {
            use std::collections::BTreeMap;

            use serde_json::Value;

            $(#[$attribute])*
            pub(super) struct Plain {
                pub id: u64,
                pub account: String,
                pub quantity: i64,
                pub price: f64,
                pub open: bool,
                pub levels: Vec<f64>,
                pub note: Option<String>,
            }

            $(#[$attribute])*
            #[serde(rename_all = "camelCase")]
            pub(super) struct Renamed {
                pub order_id: u64,
                #[serde(rename = "$account", alias = "account")]
                pub account_name: String,
                pub total_quantity: i64,
                pub unit_price: f64,
                pub is_open: bool,
                pub price_levels: Vec<f64>,
                pub short_note: Option<String>,
            }

            $(#[$attribute])*
            #[serde(tag = "op", rename_all = "lowercase")]
            pub(super) enum Operation {
                Add { path: String, value: i64 },
                Remove { path: String },
                Move { from: String, path: String },
            }

            $(#[$attribute])*
            pub(super) struct Patch {
                pub operations: Vec<Operation>,
            }

            $(#[$attribute])*
            pub(super) struct Source {
                pub host: String,
                pub service: String,
            }

            $(#[$attribute])*
            pub(super) struct Flattened {
                pub id: u64,
                pub name: String,
                #[serde(flatten)]
                pub source: Source,
                #[serde(flatten)]
                pub rest: BTreeMap<String, Value>,
            }

            $(#[$attribute])*
            pub(super) struct AnyJson {
                pub id: u64,
                pub data: Value,
            }
        }
    };
}

types!(ours: #[athena_rt::structure]);
types!(theirs: #[derive(serde::Serialize, serde::Deserialize)]);

fn main() -> ExitCode {
    // `cargo test --benches` only checks that it runs.
    let rounds = if std::env::args().any(|argument| argument == "--bench") { ROUNDS } else { 1 };
    println!("median of {rounds} rounds; serde's derive = 1.00, larger is slower than it\n");
    println!("                     write     read   (serde's derive: ns, ns)");
    let operations = r#"{"op":"add","path":"/a/b/c","value":12},{"op":"remove","path":"/a/b"},{"op":"move","from":"/a","path":"/b"}"#;
    let patch = format!(r#"{{"operations":[{}]}}"#, [operations; 4].join(","));
    macro_rules! row {
        ($title:literal, $name:ident, $text:expr) => {
            compare::<ours::$name, theirs::$name>($title, $text, rounds)
        };
    }
    let rows = [
        row!(
            "plain",
            Plain,
            r#"{"id":1000000,"account":"ACC-00000001","quantity":-200,"price":101.25,"open":true,"levels":[1.0,2.5,3.75],"note":"partial fills"}"#
        ),
        row!(
            "renamed",
            Renamed,
            r#"{"orderId":1000000,"$account":"ACC-00000001","totalQuantity":-200,"unitPrice":101.25,"isOpen":true,"priceLevels":[1.0,2.5,3.75],"shortNote":"partial fills"}"#
        ),
        row!("tagged enum", Patch, &patch),
        row!(
            "flattened",
            Flattened,
            r#"{"id":7,"name":"started","host":"host-1.example","service":"billing","zone":"eu-1","replica":3,"labels":{"a":"b"}}"#
        ),
        row!(
            "any JSON",
            AnyJson,
            r#"{"id":7,"data":{"a":[1,2,3,{"b":"text","c":null}],"d":{"e":1.5,"f":true},"g":"more text"}}"#
        ),
    ];
    let worst = rows.iter().fold(0.0_f64, |worst, (write, read)| worst.max(*write).max(*read));
    println!("\nworst: {worst:.2} (target {TARGET:.2})");
    let is_checked = std::env::args().any(|argument| argument == "--check");
    if is_checked && worst > TARGET { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// The ratios of writing and of reading.
fn compare<O, T>(title: &str, text: &str, rounds: usize) -> (f64, f64)
where
    O: serde::Serialize + serde::de::DeserializeOwned,
    T: serde::Serialize + serde::de::DeserializeOwned,
{
    let ours: O = serde_json::from_str(text).unwrap();
    let theirs: T = serde_json::from_str(text).unwrap();
    let written = serde_json::to_string(&ours).unwrap();
    assert_eq!(written, serde_json::to_string(&theirs).unwrap(), "{title}: the same text");
    let (write, write_nanos) = measure(
        rounds,
        || drop(black_box(serde_json::to_vec(black_box(&ours)).unwrap())),
        || drop(black_box(serde_json::to_vec(black_box(&theirs)).unwrap())),
    );
    let (read, read_nanos) = measure(
        rounds,
        || drop(black_box(serde_json::from_str::<O>(black_box(text)).unwrap())),
        || drop(black_box(serde_json::from_str::<T>(black_box(text)).unwrap())),
    );
    println!("{title:16} {write:9.2} {read:8.2}   ({write_nanos:.0}, {read_nanos:.0})");
    (write, read)
}

/// The ratio of two bodies, and the time of the second in nanoseconds.
fn measure(rounds: usize, ours: impl Fn(), theirs: impl Fn()) -> (f64, f64) {
    let (mut our_times, mut their_times) = (Vec::new(), Vec::new());
    // The first round is a warm-up; who is first alternates.
    for round in 0..=rounds {
        let mut times = [0.0; 2];
        for turn in 0..2 {
            let index = (round + turn) % 2;
            let start = Instant::now();
            for _ in 0..TIMES {
                if index == 0 { ours() } else { theirs() }
            }
            times[index] = start.elapsed().as_secs_f64() * 1e9 / f64::from(TIMES);
        }
        if round > 0 {
            our_times.push(times[0]);
            their_times.push(times[1]);
        }
    }
    (ratio(&our_times, &their_times), median(their_times))
}
