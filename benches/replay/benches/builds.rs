//! `cargo bench -p athena-bench-replay --bench builds`: how long a person waits for cargo. A package with one
//! model and one case, one with a snapshot of insta, and one with a harness written by hand on libtest-mimic and
//! `serde_json`: the first build, and the loop of editing the function and testing it again. Athena's package is also
//! tested by plain `cargo test`, which has the same code to build.
//!
//! `ATHENA_BENCH_ROUNDS=3` sets the rounds. `--check` fails if a target is missed.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a benchmark may panic")]
#![allow(clippy::cast_precision_loss, reason = "counts are far below 2^52")]

mod harness;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Instant;

use athena_bench_support::{median, ratio};
use harness::cases;

/// The most crates of a first build, and the most seconds of a core.
const CRATES: f64 = 45.0;
const SECONDS: f64 = 30.0;

/// How many times as long as with the harness by hand, and as with `cargo test`, an edit and a test may take.
const LOOP: f64 = 1.0;

/// The edits of the loop in a round.
const EDITS: usize = 5;

/// What is edited, in each package.
const FACTOR: &str = "FACTOR: i64 = ";

/// Its values in turn. With three, one command never finds what it built last.
const FACTORS: [&str; 3] = ["3", "1 + 2", "4 - 1"];

fn main() {
    let rounds: usize =
        cases::setting("ATHENA_BENCH_ROUNDS", "3").parse().expect("a number of rounds");
    let root = tempfile::tempdir().unwrap();
    let packages = [
        Package::new(root.path(), "athena", ATHENA),
        Package::new(root.path(), "insta", INSTA),
        Package::new(root.path(), "by-hand", BY_HAND),
    ];
    let mut waits: Vec<Waits> = packages.iter().map(|_| Waits::default()).collect();
    let mut plain = Vec::new();
    for _ in 0..rounds {
        for (package, waits) in packages.iter().zip(&mut waits) {
            package.first_build(waits);
        }
        for _ in 0..EDITS {
            for (package, waits) in packages.iter().zip(&mut waits) {
                waits.edit.push(package.edit(&package.test));
            }
            plain.push(packages[0].edit(&cargo(&CARGO_TEST)));
        }
    }
    println!("| | crates | first build | of a core | edit and test |");
    println!("|---|---:|---:|---:|---:|");
    for (package, waits) in packages.iter().zip(&waits) {
        println!(
            "| {} | {:.0} | {:.1} s | {:.1} s | {:.2} s |",
            package.name,
            median(waits.crates.clone()),
            median(waits.elapsed.clone()),
            median(waits.core.clone()),
            median(waits.edit.clone())
        );
    }
    println!("| athena, by `cargo test` | | | | {:.2} s |", median(plain.clone()));
    let [athena, _, by_hand] = &waits[..] else { unreachable!("three packages") };
    let edit = ratio(&athena.edit, &by_hand.edit);
    let edit_plain = ratio(&athena.edit, &plain);
    let figures = [
        ("crates", median(athena.crates.clone()), CRATES),
        ("seconds of a core", median(athena.core.clone()), SECONDS),
        ("edit and test, as a multiple of the harness by hand", edit, LOOP),
        ("edit and test, as a multiple of `cargo test` of the same package", edit_plain, LOOP),
    ];
    let mut missed = false;
    for (what, figure, target) in figures {
        let verdict = if figure <= target { "met" } else { "missed" };
        println!("{what}: {figure:.2}, target {target}: {verdict}");
        missed |= figure > target;
    }
    assert!(!missed || std::env::args().all(|it| it != "--check"), "targets are missed");
}

/// What was waited for, each in every round.
#[derive(Default)]
struct Waits {
    crates: Vec<f64>,
    elapsed: Vec<f64>,
    core: Vec<f64>,
    edit: Vec<f64>,
}

/// Tests a package without Athena's command.
const CARGO_TEST: [&str; 3] = ["test", "--offline", "-q"];

fn cargo(arguments: &[&str]) -> Vec<String> {
    [env!("CARGO")].iter().chain(arguments).map(|it| (*it).to_owned()).collect()
}

struct Package {
    name: &'static str,
    folder: PathBuf,
    /// The command that tests it.
    test: Vec<String>,
}

impl Package {
    /// Writes a package, downloads its dependencies, and records what it has to record.
    fn new(root: &Path, name: &'static str, files: &[(&str, &str)]) -> Self {
        let folder = root.join(name);
        let runtime = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../athena-rt");
        for (path, text) in files {
            let path = folder.join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            // Quoted as TOML has it.
            let text = text.replace("RUNTIME", &format!("{:?}", runtime.display().to_string()));
            std::fs::write(path, text).unwrap();
        }
        let mut package = Self { name, folder, test: cargo(&CARGO_TEST) };
        package.run(&cargo(&["fetch", "-q"]));
        if name == "athena" {
            let athena = cases::cargo_athena().display().to_string();
            let words = |words: &[&str]| {
                [&athena[..], "athena"].iter().chain(words).map(|it| (*it).to_owned()).collect()
            };
            let record: Vec<String> = words(&["record", "scale", "--case", "one", "--offline"]);
            package.run(&record);
            package.test = words(&["test", "--offline", "-q"]);
        }
        package
    }

    /// Builds the package and its tests, with everything that they depend on.
    fn first_build(&self, waits: &mut Waits) {
        std::fs::remove_dir_all(self.folder.join("target")).ok();
        let (start, core) = (Instant::now(), core_seconds());
        let cargo = [env!("CARGO"), "test", "--offline", "--no-run"].map(str::to_owned);
        let built = String::from_utf8(self.run(&cargo).stderr).unwrap();
        waits.elapsed.push(start.elapsed().as_secs_f64());
        waits.core.push(core_seconds() - core);
        waits.crates.push(built.matches("Compiling ").count() as f64);
        // The first test also builds what only the command needs.
        self.run(&self.test);
    }

    /// Changes the function so that its outcome stays, and tests it again: how long that takes.
    fn edit(&self, command: &[String]) -> f64 {
        let path = self.folder.join("src/lib.rs");
        let text = std::fs::read_to_string(&path).unwrap();
        let (before, after) = text.split_once(FACTOR).unwrap();
        let (factor, rest) = after.split_once(';').unwrap();
        let at = FACTORS.iter().position(|it| *it == factor).expect("one of the factors");
        let other = FACTORS[(at + 1) % FACTORS.len()];
        std::fs::write(&path, format!("{before}{FACTOR}{other};{rest}")).unwrap();
        let start = Instant::now();
        self.run(command);
        start.elapsed().as_secs_f64()
    }

    fn run(&self, command: &[String]) -> Output {
        let (program, arguments) = command.split_first().unwrap();
        let output = Command::new(program)
            .args(arguments)
            .current_dir(&self.folder)
            .env_remove("CI")
            .env("CARGO_TARGET_DIR", self.folder.join("target"))
            .env("CARGO_TERM_COLOR", "never")
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{command:?}: {}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        output
    }
}

/// The processor time of the programs that have run, in seconds. Linux only; elsewhere zero.
fn core_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The name before it may contain spaces. Times of awaited children are the 14th and 15th behind it.
    let fields: Vec<&str> =
        stat.rsplit_once(')').unwrap_or_default().1.split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|it| it.parse::<f64>().ok()).unwrap_or(0.0);
    // A tick is a hundredth of a second on every Linux that Rust supports.
    (ticks(13) + ticks(14)) / 100.0
}

/// The runtime is built as one from a registry or a repository is: cargo would compile a path incrementally, for
/// edits that a user does not make, which takes longer.
const ATHENA: &[(&str, &str)] = &[
    (
        "Cargo.toml",
        "[package]\nname = \"scaled\"\nedition = \"2024\"\n\n[workspace]\n\n[dependencies]\n\
         athena-rt = { path = RUNTIME }\n\n[[test]]\nname = \"athena\"\nharness = false\n\n\
         [profile.dev.package.\"*\"]\nincremental = false\n",
    ),
    ("tests/athena.rs", "athena_rt::main!(scaled);\n"),
    (
        "src/lib.rs",
        r"use athena_rt::prelude::*;

const FACTOR: i64 = 3;

#[structure]
pub struct Sample {
    #[default(7)]
    pub value: i64,
}

#[model]
pub fn scale(mut state: State<Sample>) -> State<Sample> {
    state.data.value *= FACTOR;
    state
}
",
    ),
];

/// The same function with serde's types.
macro_rules! scaled {
    () => {
        "use serde::{Deserialize, Serialize};\n\nconst FACTOR: i64 = 3;\n\n#[derive(Serialize, Deserialize)]\n\
         pub struct Sample {\n    pub value: i64,\n}\n\npub fn scale(mut sample: Sample) -> Sample {\n    \
         sample.value *= FACTOR;\n    sample\n}\n"
    };
}

const INSTA: &[(&str, &str)] = &[
    (
        "Cargo.toml",
        "[package]\nname = \"scaled\"\nedition = \"2024\"\n\n[workspace]\n\n[dependencies]\n\
         serde = { version = \"1\", features = [\"derive\"] }\nserde_json = \"1\"\n\n[dev-dependencies]\n\
         insta = { version = \"1\", features = [\"json\"] }\n",
    ),
    ("src/lib.rs", scaled!()),
    (
        "tests/snapshot.rs",
        r##"#[test]
fn one() {
    let sample = serde_json::from_str(r#"{"value":7}"#).unwrap();
    insta::assert_compact_json_snapshot!(scaled::scale(sample), @r#"{"value": 21}"#);
}
"##,
    ),
];

const BY_HAND: &[(&str, &str)] = &[
    (
        "Cargo.toml",
        "[package]\nname = \"scaled\"\nedition = \"2024\"\n\n[workspace]\n\n[dependencies]\n\
         serde = { version = \"1\", features = [\"derive\"] }\nserde_json = \"1\"\n\n[dev-dependencies]\n\
         libtest-mimic = \"0.8.2\"\n\n[[test]]\nname = \"cases\"\nharness = false\n",
    ),
    ("src/lib.rs", scaled!()),
    ("cases/one.json", "{\"input\":{\"value\":7},\"output\":{\"value\":21}}\n"),
    (
        "tests/cases.rs",
        r#"use libtest_mimic::{Arguments, Trial};
use serde_json::Value;

fn main() {
    let trials = std::fs::read_dir("cases").unwrap().map(|file| {
        let path = file.unwrap().path();
        Trial::test(path.display().to_string(), move || {
            let case: Value = serde_json::from_slice(&std::fs::read(&path)?)?;
            let sample = serde_json::from_value(case["input"].clone())?;
            let output = serde_json::to_value(scaled::scale(sample))?;
            if output == case["output"] { Ok(()) } else { Err(format!("{output}").into()) }
        })
    });
    libtest_mimic::run(&Arguments::from_args(), trials.collect()).exit();
}
"#,
    ),
];
