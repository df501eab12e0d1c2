//! The program that is built at both commits: it measures a row each time that it is asked for one.
//!
//! A line of its standard input is the number of a row; the line that answers it has the nanoseconds of
//! one call. It uses only what both commits have.

use std::hint::black_box;
use std::io::BufRead as _;
use std::time::Instant;

use athena_rt::structure::{Structure, json, wire};

use crate::ours;

/// What is measured.
pub(crate) struct Row {
    /// The row's name, as it is printed.
    pub(crate) name: &'static str,
    /// The number of calls per measurement.
    pub(crate) calls: u32,
    /// One call.
    pub(crate) call: Box<dyn Fn()>,
}

/// Returns the rows.
pub(crate) fn rows() -> Vec<Row> {
    let mut rows = Vec::new();
    add(
        &mut rows,
        ["16 fields, JSON write", "16 fields, JSON read"],
        1000,
        ours::Order::numbered(6),
    );
    add(&mut rows, ["depth 32, JSON write", "depth 32, JSON read"], 300, ours::Node::nested(32));
    add_wire(
        &mut rows,
        ["16 fields, wire write", "16 fields, wire read"],
        5000,
        ours::Order::numbered(6),
    );
    add_wire(&mut rows, ["140 KB, wire write", "140 KB, wire read"], 6, ours::Book::large());
    add_wire(
        &mut rows,
        ["depth 32, wire write", "depth 32, wire read"],
        1000,
        ours::Node::nested(32),
    );
    rows
}

fn add<T: Structure>(rows: &mut Vec<Row>, [write, read]: [&'static str; 2], calls: u32, value: T) {
    let Ok(text) = json::encode(&value) else { return };
    let write_call = move || drop(black_box(json::encode(black_box(&value))));
    let read_call = move || drop(black_box(json::decode::<T>(black_box(&text))));
    rows.push(Row { name: write, calls, call: Box::new(write_call) });
    rows.push(Row { name: read, calls, call: Box::new(read_call) });
}

fn add_wire<T: Structure>(
    rows: &mut Vec<Row>,
    [write, read]: [&'static str; 2],
    calls: u32,
    value: T,
) {
    let bytes = wire::encode(&value);
    let write_call = move || drop(black_box(wire::encode(black_box(&value))));
    let read_call = move || drop(black_box(wire::decode::<T>(black_box(&bytes))));
    rows.push(Row { name: write, calls, call: Box::new(write_call) });
    rows.push(Row { name: read, calls, call: Box::new(read_call) });
}

/// Answers until the input ends.
pub(crate) fn answer() {
    let rows = rows();
    for line in std::io::stdin().lock().lines().map_while(Result::ok) {
        let Some(row) = line.parse().ok().and_then(|index: usize| rows.get(index)) else { return };
        let (start, started) = (processor_time(), Instant::now());
        for _ in 0..row.calls {
            (row.call)();
        }
        let taken = match (start, processor_time()) {
            (Some(start), Some(end)) if end > start => end - start,
            _ => started.elapsed().as_secs_f64() * 1e9,
        };
        println!("{}", taken / f64::from(row.calls));
    }
}

/// The nanoseconds that this thread has run, if the system says so: other programs don't add to them.
fn processor_time() -> Option<f64> {
    let line = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    line.split_whitespace().next()?.parse().ok()
}
