//! `cargo bench -p athena-bench-wire --bench json`: the time that structures take to write and read JSON, as a
//! multiple of what serde's own derive takes for the same type in the same run, in several orders of functions.
//! `--check` exits with 1 if a row misses the target.

#![allow(clippy::unwrap_used, missing_docs)]

use std::hint::black_box;
use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

use athena_bench_support::{in_order, median, ratio};
use serde_json::Value;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const ORDERS: usize = 9;
const ROUNDS: usize = 51;
const TIMES: u32 = 400;
const TARGET: f64 = 1.10;
/// Measures in the order that the program has.
const ONE_ORDER: &str = "--one-order";

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
types!(theirs: #[derive(Clone, serde::Serialize, serde::Deserialize)]);

fn main() -> ExitCode {
    let has = |wanted: &str| std::env::args().any(|argument| argument == wanted);
    // `cargo test --benches` only checks that it runs.
    if !has("--bench") || has(ONE_ORDER) {
        let rows = rows(if has(ONE_ORDER) { ROUNDS } else { 1 });
        println!("{}", serde_json::to_string(&rows).unwrap());
        return ExitCode::SUCCESS;
    }
    let orders: Vec<Vec<Row>> = (0..ORDERS).map(run_in_order).collect();
    println!(
        "median of {ORDERS} orders of functions, {ROUNDS} rounds each; serde's derive = 1.00, larger is slower than it\n"
    );
    println!("                     write     read   (serde's derive: ns, ns)");
    let mut worst = 0.0_f64;
    for (at, Row { title, .. }) in orders[0].iter().enumerate() {
        let of =
            |value: fn(&Row) -> f64| median(orders.iter().map(|rows| value(&rows[at])).collect());
        let (write, read) = (of(|row| row.write), of(|row| row.read));
        let (write_nanos, read_nanos) = (of(|row| row.write_nanos), of(|row| row.read_nanos));
        println!("{title:16} {write:9.2} {read:8.2}   ({write_nanos:.0}, {read_nanos:.0})");
        worst = worst.max(write).max(read);
    }
    println!("\nworst: {worst:.2} (target {TARGET:.2})");
    if has("--check") && worst > TARGET { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// Builds this benchmark with its functions in another order, and returns what it measures.
fn run_in_order(order: usize) -> Vec<Row> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["rustc", "--quiet", "--profile", "bench", "--bench", "json"]);
    command.args(["--message-format", "json"]).current_dir(env!("CARGO_MANIFEST_DIR"));
    let built = in_order(&mut command, order).stderr(Stdio::inherit()).output().unwrap();
    assert!(built.status.success(), "cargo rustc: {}", built.status);
    let messages = String::from_utf8(built.stdout).unwrap();
    let program = messages
        .lines()
        .filter_map(|line| {
            serde_json::from_str::<Value>(line).ok()?["executable"].as_str().map(PathBuf::from)
        })
        .next_back()
        .unwrap();
    let output = Command::new(program).arg(ONE_ORDER).stderr(Stdio::inherit()).output().unwrap();
    serde_json::from_slice(&output.stdout).unwrap()
}

/// What one type takes.
#[derive(serde::Serialize, serde::Deserialize)]
struct Row {
    title: String,
    /// The ratios.
    write: f64,
    read: f64,
    /// What serde's derive takes.
    write_nanos: f64,
    read_nanos: f64,
}

fn rows(rounds: usize) -> Vec<Row> {
    let operations = r#"{"op":"add","path":"/a/b/c","value":12},{"op":"remove","path":"/a/b"},{"op":"move","from":"/a","path":"/b"}"#;
    let patch = format!(r#"{{"operations":[{}]}}"#, [operations; 4].join(","));
    macro_rules! row {
        ($title:literal, $name:ident, $text:expr) => {
            compare::<ours::$name, theirs::$name>($title, $text, rounds)
        };
    }
    vec![
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
    ]
}

fn compare<O, T>(title: &str, text: &str, rounds: usize) -> Row
where
    O: Clone + serde::Serialize + serde::de::DeserializeOwned,
    T: Clone + serde::Serialize + serde::de::DeserializeOwned,
{
    let ours: O = serde_json::from_str(text).unwrap();
    let theirs: T = serde_json::from_str(text).unwrap();
    // Readers allocate in another order, which matters when the values are written.
    let (ours, theirs) = (ours.clone(), theirs.clone());
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
    Row { title: title.to_owned(), write, read, write_nanos, read_nanos }
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
