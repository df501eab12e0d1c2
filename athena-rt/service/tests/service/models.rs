//! The models that are served.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::process::ExitCode;
use std::time::Duration;

use athena_rt::__private::{MARKER_LENGTH, Start, marker, start};
use athena_rt::prelude::*;

#[environment]
struct Settings {
    /// The number that is added.
    #[default(1)]
    add: i64,
    /// Never shown.
    #[secret]
    key: Option<String>,
}

/// A task.
#[structure]
struct Task {
    /// 500 is refused, 999 panics, 998 in two lines. 990 to
    /// 994 abort, exit, hang, take all memory and overflow the stack. Negative ids return the thread's name; -2 blocks it, -4 does so in
    /// `block_in_place`. -3 appends a byte to the file `note`, and panics as Tokio does.
    id: i64,
    #[default(0)]
    value: i64,
    /// How long it takes.
    #[default(0)]
    wait_ms: u64,
    note: Option<String>,
}

/// Adds a setting to the id.
#[model(name = "service::work")]
fn work(mut state: State<Task, Settings>) -> Result<State<Task, Settings>, String> {
    wait(state.data.wait_ms);
    match state.data.id {
        990 => std::process::abort(),
        991 => std::process::exit(0),
        992 => loop {
            std::thread::sleep(Duration::from_secs(1));
        },
        993 => {
            let mut taken: Vec<Vec<u8>> = Vec::new();
            loop {
                taken.push(vec![1; 10 << 20]);
                std::thread::sleep(Duration::from_millis(1));
            }
        }
        994 => {
            state.data.value = overflow(1).try_into().unwrap_or(0);
            Ok(state)
        }
        999 => panic!("poison"),
        998 => panic!("no\nmore"),
        500 => Err("refused".to_owned()),
        id => {
            let block = || drop(tokio::sync::Mutex::new(()).blocking_lock());
            match id {
                -2 => block(),
                -3 => panic_like_tokio(state.data.note.as_deref()),
                -4 => tokio::task::block_in_place(block),
                _ => {}
            }
            if id < 0 {
                state.data.note = std::thread::current().name().map(str::to_owned);
            }
            state.data.value = id + state.env.add;
            if state.env.key.as_deref() == Some("shown") {
                state.data.note.clone_from(&state.env.key);
            }
            Ok(state)
        }
    }
}

#[allow(unconditional_recursion, reason = "that is the point")]
fn overflow(depth: usize) -> usize {
    let frame = std::hint::black_box([depth; 1000]);
    overflow(depth + 1) + frame[depth % 1000]
}

fn panic_like_tokio(counter: Option<&str>) {
    let file = std::fs::OpenOptions::new().create(true).append(true).open(counter.unwrap_or(""));
    file.and_then(|mut file| file.write_all(b"x")).unwrap();
    panic!("Cannot start a runtime from within a runtime.");
}

#[structure]
struct Count {
    to: i64,
}

#[structure]
struct Number {
    n: i64,
}

/// Counts.
#[model(name = "service::count")]
fn count(state: State<Count>) -> impl Iterator<Item = State<Number>> {
    (1..=state.data.to).map(move |n| state.with(Number { n }))
}

/// A division, whose result may not be writable as JSON.
#[structure]
struct Ratio {
    of: f64,
    to: f64,
    #[default(0.0)]
    ratio: f64,
}

#[model(name = "service::divide")]
fn divide(mut state: State<Ratio>) -> State<Ratio> {
    state.data.ratio = state.data.of / state.data.to;
    state
}

/// Waits, and reports when it ends. 2 starts a blocking task.
#[model(name = "service::idle")]
async fn idle(mut state: State<Task, Settings>) -> Result<State<Task, Settings>, String> {
    let ended = Ended(state.data.id);
    tokio::time::sleep(Duration::from_millis(state.data.wait_ms)).await;
    match ended.0 {
        2 => {
            let looked_up = tokio::task::spawn_blocking(|| 2 + 2).await;
            state.data.value = looked_up.map_err(|error| error.to_string())?;
        }
        999 => panic!("poison"),
        500 => return Err("refused".to_owned()),
        id => state.data.value = id + state.env.add,
    }
    Ok(state)
}

struct Ended(i64);

impl Drop for Ended {
    fn drop(&mut self) {
        if self.0 > 1_000_000 {
            eprintln!("{} has ended", self.0);
        }
    }
}

/// Counts as an `async fn`.
#[model(name = "service::count_idly")]
async fn count_idly(state: State<Count>) -> impl Iterator<Item = State<Number>> {
    tokio::task::yield_now().await;
    (1..=state.data.to).map(move |n| state.with(Number { n }))
}

#[structure]
#[derive(Copy)]
enum Ending {
    Calm,
    Loud,
}

/// A message with many types.
#[structure]
struct Voyage {
    #[default(Duration::from_millis(1500))]
    pause: Duration,
    ports: BTreeMap<String, i64>,
    ending: Option<Ending>,
}

#[structure]
struct Port {
    name: String,
    cargo: i64,
    pause: Duration,
}

/// Returns one port after another, and finally an error if the ending is loud.
#[model(name = "service::wreck")]
fn wreck(state: State<Voyage>) -> impl Iterator<Item = Result<State<Port>, String>> {
    let Voyage { pause, ports, ending } = state.data.clone();
    let is_loud = matches!(ending, Some(Ending::Loud));
    let ports = ports.into_iter().map(move |(name, cargo)| Ok(Port { name, cargo, pause }));
    let end = is_loud.then(|| Err("on the rocks: \u{2693}".to_owned()));
    ports.chain(end).map(move |given| given.map(|port| state.with(port)))
}

/// Types of other crates: those of the features, and any by its text, its JSON or its digits.
#[structure]
#[serde(rename_all = "camelCase")]
struct Release {
    version: semver::Version,
    home_page: url::Url,
    on: jiff::civil::Date,
    at: jiff::Timestamp,
    price: rust_decimal::Decimal,
    #[field(number)]
    tax: Option<rust_decimal::Decimal>,
    #[field(text)]
    #[example("^1.2")]
    needs: semver::VersionReq,
    #[field(text)]
    #[default(BTreeMap::new())]
    also: BTreeMap<String, Vec<semver::VersionReq>>,
    #[field(json)]
    #[example("MIT")]
    license: License,
    #[field(json)]
    #[default(Vec::new())]
    others: Vec<License>,
    builds: BTreeMap<semver::Version, Build>,
    #[serde(flatten)]
    rest: BTreeMap<String, url::Url>,
}

#[structure]
#[serde(tag = "is", rename_all = "lowercase")]
enum Build {
    Local,
    Remote { url: url::Url },
}

/// Not declared by `#[structure]`.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(from = "LicenseText", into = "LicenseText")]
struct License {
    name: String,
}

#[derive(serde::Serialize, serde::Deserialize)]
#[serde(untagged)]
enum LicenseText {
    Name(String),
    Object { name: String },
}

impl From<LicenseText> for License {
    fn from(text: LicenseText) -> Self {
        let (LicenseText::Name(name) | LicenseText::Object { name }) = text;
        Self { name }
    }
}

impl From<License> for LicenseText {
    fn from(License { name }: License) -> Self {
        if name.contains(' ') { Self::Object { name } } else { Self::Name(name) }
    }
}

/// Returns a release as it is.
#[model(name = "service::release")]
fn release(state: State<Release>) -> State<Release> {
    state
}

fn wait(millis: u64) {
    if millis > 0 {
        std::thread::sleep(Duration::from_millis(millis));
    }
}

/// The expansion of `athena_rt::main!`.
pub(crate) fn runner() -> ExitCode {
    static MARKER: [u8; MARKER_LENGTH] = marker();
    start(&Start {
        marker: &MARKER,
        package: "service",
        version: "1.0.0",
        module: "service",
        manifest_dir: option_env!("CARGO_MANIFEST_DIR"),
        workspace_root: "../..",
        is_test: false,
        is_test_target: false,
    })
}
