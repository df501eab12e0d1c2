//! `cargo bench -p athena-bench-wire`: prints the time of each codec as a multiple of Athena's, for
//! writing a value to a new vector, and for reading (and dropping) one from a slice. All contestants
//! take turns within a round; a figure is the median of the ratios of the rounds.

#![allow(clippy::unwrap_used, missing_docs)]

use std::fmt::Debug;
use std::hint::black_box;
use std::time::Instant;

use athena_bench_wire::{buffa_schema, ours, prost_schema, serde_schema};
use athena_rt::structure::wire;
use serde::Serialize;
use serde::de::DeserializeOwned;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const ROUNDS: usize = 101;

/// One way to write and read a message.
struct Contestant<'a> {
    name: &'static str,
    bytes: usize,
    encode: Box<dyn Fn() + 'a>,
    decode: Box<dyn Fn() + 'a>,
}

fn main() {
    // `cargo test --benches` only checks that it runs.
    let rounds = if std::env::args().any(|argument| argument == "--bench") { ROUNDS } else { 1 };
    println!("median of {rounds} rounds; ours = 1.00, larger is slower than ours\n");
    let order = ours::Order::numbered(6);
    let book = ours::Book::large();
    let node = ours::Node::nested(32);
    let results = [
        compare::<_, prost_schema::Order, buffa_schema::Order, serde_schema::Order>(
            "16 fields",
            &order,
            bitcode_native,
            rounds,
            2000,
        ),
        compare::<_, prost_schema::Book, buffa_schema::Book, serde_schema::Book>(
            "140 KB",
            &book,
            bitcode_native,
            rounds,
            4,
        ),
        compare::<_, prost_schema::Node, buffa_schema::Node, serde_schema::Node>(
            "depth 32",
            &node,
            bitcode_serde,
            rounds,
            400,
        ),
    ];
    let worst = |name: &str| {
        let ratios = results.iter().flatten().filter(|(found, ..)| *found == name);
        ratios.fold(f64::MAX, |worst, (_, encode, decode)| worst.min(*encode).min(*decode))
    };
    println!(
        "least: prost {:.2} (target 1.30), buffa {:.2} (target 1.00)",
        worst("prost"),
        worst("buffa")
    );
}

type Ratios = Vec<(&'static str, f64, f64)>;

fn compare<'a, O, P, B, S>(
    title: &str,
    value: &'a O,
    bitcode: fn(&S) -> Contestant<'a>,
    rounds: usize,
    times: u32,
) -> Ratios
where
    O: wire::Message + DeserializeOwned + Serialize + Debug + PartialEq + From<P>,
    P: prost::Message + Default + PartialEq + for<'b> From<&'b O> + 'a,
    B: buffa::Message + Default + PartialEq + 'a,
    S: Serialize + DeserializeOwned + Clone + Debug + PartialEq + 'a,
{
    let bytes = wire::encode(value);
    assert_eq!(&wire::decode::<O>(&bytes).unwrap(), value);
    let prost = P::from(value);
    assert_eq!(prost.encode_to_vec(), bytes, "prost writes the same bytes");
    let buffa = B::decode_from_slice(&bytes).unwrap();
    assert_eq!(buffa.encode_to_vec(), bytes, "buffa writes the same bytes");
    let json = serde_json::to_vec(value).unwrap();
    let message: S = serde_json::from_slice(&json).unwrap();

    let contestants = [
        contestant(
            "ours",
            bytes.clone(),
            || wire::encode(black_box(value)),
            |bytes| wire::decode::<O>(bytes).unwrap(),
        ),
        contestant(
            "prost",
            bytes.clone(),
            move || black_box(&prost).encode_to_vec(),
            |bytes| P::decode(bytes).unwrap(),
        ),
        contestant(
            "prost, converted",
            bytes.clone(),
            || P::from(black_box(value)).encode_to_vec(),
            |bytes| O::from(P::decode(bytes).unwrap()),
        ),
        contestant(
            "buffa",
            bytes,
            move || black_box(&buffa).encode_to_vec(),
            |bytes| B::decode_from_slice(bytes).unwrap(),
        ),
        through(
            "rmp-serde",
            &message,
            |value| rmp_serde::to_vec(value).unwrap(),
            |bytes| rmp_serde::from_slice(bytes).unwrap(),
        ),
        through(
            "postcard",
            &message,
            |value| postcard::to_allocvec(value).unwrap(),
            |bytes| postcard::from_bytes(bytes).unwrap(),
        ),
        bitcode(&message),
        through(
            "serde_json",
            &message,
            |value| serde_json::to_vec(value).unwrap(),
            |bytes| serde_json::from_slice(bytes).unwrap(),
        ),
        through(
            "sonic-rs",
            &message,
            |value| sonic_rs::to_vec(value).unwrap(),
            |bytes| sonic_rs::from_slice(bytes).unwrap(),
        ),
    ];
    let encode = measure(&contestants, rounds, times, |contestant| &contestant.encode);
    let decode = measure(&contestants, rounds, times, |contestant| &contestant.decode);
    println!(
        "{title:16}    bytes   encode   decode     (ours: {:.0} ns, {:.0} ns)",
        encode[0].0, decode[0].0,
    );
    for (index, Contestant { name, bytes, .. }) in contestants.iter().enumerate() {
        println!("{name:16} {bytes:8} {:8.2} {:8.2}", encode[index].1, decode[index].1);
    }
    println!();
    (0..contestants.len())
        .map(|index| (contestants[index].name, encode[index].1, decode[index].1))
        .collect()
}

fn contestant<'a, T>(
    name: &'static str,
    bytes: Vec<u8>,
    encode: impl Fn() -> Vec<u8> + 'a,
    decode: impl Fn(&[u8]) -> T + 'a,
) -> Contestant<'a> {
    Contestant {
        name,
        bytes: bytes.len(),
        encode: Box::new(move || drop(black_box(encode()))),
        decode: Box::new(move || drop(black_box(decode(black_box(&bytes))))),
    }
}

fn through<'a, S: Clone + Debug + PartialEq + 'a>(
    name: &'static str,
    value: &S,
    encode: impl Fn(&S) -> Vec<u8> + 'a,
    decode: impl Fn(&[u8]) -> S + 'a,
) -> Contestant<'a> {
    let value = value.clone();
    let bytes = encode(&value);
    assert_eq!(decode(&bytes), value, "{name}");
    contestant(name, bytes, move || encode(black_box(&value)), decode)
}

fn bitcode_native<'a, S>(value: &S) -> Contestant<'a>
where
    S: bitcode::Encode + bitcode::DecodeOwned + Clone + Debug + PartialEq + 'a,
{
    through(
        "bitcode",
        value,
        |value| bitcode::encode(value),
        |bytes| bitcode::decode(bytes).unwrap(),
    )
}

fn bitcode_serde<'a, S>(value: &S) -> Contestant<'a>
where
    S: Serialize + DeserializeOwned + Clone + Debug + PartialEq + 'a,
{
    through(
        "bitcode (serde)",
        value,
        |value| bitcode::serialize(value).unwrap(),
        |bytes| bitcode::deserialize(bytes).unwrap(),
    )
}

/// Returns for each contestant the median time in nanoseconds, and the median ratio to the first.
fn measure<'a>(
    contestants: &'a [Contestant<'a>],
    rounds: usize,
    times: u32,
    body: impl Fn(&'a Contestant<'a>) -> &'a (dyn Fn() + 'a),
) -> Vec<(f64, f64)> {
    let mut taken = vec![Vec::new(); contestants.len()];
    // The first round is a warm-up.
    for round in 0..=rounds {
        // The first contestant rotates, so that none always follows the same one.
        for turn in 0..contestants.len() {
            let index = (round + turn) % contestants.len();
            let (body, taken) = (body(&contestants[index]), &mut taken[index]);
            let start = Instant::now();
            for _ in 0..times {
                body();
            }
            let nanos = start.elapsed().as_secs_f64() * 1e9 / f64::from(times);
            if round > 0 {
                taken.push(nanos);
            }
        }
    }
    let ours = taken[0].clone();
    let ratios =
        |theirs: &[f64]| theirs.iter().zip(&ours).map(|(theirs, ours)| theirs / ours).collect();
    taken.iter().map(|theirs| (median(theirs.clone()), median(ratios(theirs)))).collect()
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
