//! `cargo athena review`, in a terminal of 80 columns and 24 lines.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::fs::File;
use std::io::{Read as _, Write};
use std::num::NonZero;
use std::process::Command;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, PtyPair, PtySize, native_pty_system};

use crate::support::{NOT_INHERITED, Project};

/// A program in a terminal.
struct Terminal {
    pty: PtyPair,
    child: Box<dyn Child + Send + Sync>,
    keys: Box<dyn Write + Send>,
    output: Receiver<Vec<u8>>,
    screen: vt100::Parser,
    /// How lines were read before.
    settings: String,
    /// Projects share what is built.
    _lock: File,
}

impl Terminal {
    fn review(project: &Project, arguments: &[&str], name: &str) -> Self {
        let lock = project.lock_target();
        let window = PtySize { rows: 24, cols: 80, pixel_width: 0, pixel_height: 0 };
        let pty = native_pty_system().openpty(window).unwrap();
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_cargo-athena"));
        command.args(["athena", "review"]);
        command.args(arguments);
        for variable in NOT_INHERITED {
            command.env_remove(variable);
        }
        command.env("CARGO_TARGET_DIR", project.target());
        command.env("CARGO_INCREMENTAL", "0");
        command.env("CARGO_PROFILE_DEV_DEBUG", "0");
        command.env("TERM", name);
        command.cwd(project.path(""));
        let settings = settings(&pty);
        let child = pty.slave.spawn_command(command).unwrap();
        let mut reader = pty.master.try_clone_reader().unwrap();
        let keys = pty.master.take_writer().unwrap();
        let (send, output) = channel();
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(count @ 1..) = reader.read(&mut buffer) {
                if send.send(buffer[..count].to_vec()).is_err() {
                    break;
                }
            }
        });
        let screen = vt100::Parser::new(size(24), size(80), 1000);
        Self { pty, child, keys, output, screen, settings, _lock: lock }
    }

    /// Waits until the screen shows a text.
    #[track_caller]
    fn shows(&mut self, text: &str) -> &mut Self {
        let until = Instant::now() + Duration::from_mins(3);
        while !self.screen.screen().contents().contains(text) {
            assert!(Instant::now() < until, "no {text:?} in\n{}", self.screen.screen().contents());
            if let Ok(bytes) = self.output.recv_timeout(Duration::from_millis(50)) {
                self.screen.process(&bytes);
            }
        }
        self
    }

    fn press(&mut self, keys: &str) -> &mut Self {
        self.keys.write_all(keys.as_bytes()).unwrap();
        self.keys.flush().unwrap();
        self
    }

    /// Waits for the end; the terminal must be as it was.
    #[track_caller]
    fn ends(&mut self) -> portable_pty::ExitStatus {
        let until = Instant::now() + Duration::from_mins(1);
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(Instant::now() < until, "it runs on\n{}", self.screen.screen().contents());
            if let Ok(bytes) = self.output.recv_timeout(Duration::from_millis(50)) {
                self.screen.process(&bytes);
            }
        };
        while let Ok(bytes) = self.output.recv_timeout(Duration::from_millis(200)) {
            self.screen.process(&bytes);
        }
        assert_eq!(settings(&self.pty), self.settings, "lines are read otherwise than before");
        let screen = self.screen.screen();
        assert!(!screen.alternate_screen() && !screen.hide_cursor(), "{}", screen.contents());
        status
    }
}

fn size(number: u16) -> NonZero<u16> {
    NonZero::new(number).unwrap()
}

fn settings(pty: &PtyPair) -> String {
    format!("{:?}", pty.master.get_termios().unwrap())
}

fn failing(name: &str) -> Project {
    let project = Project::library(name);
    for (case, message) in [("three", "{\"value\":3}"), ("four", "{\"value\":4}")] {
        project.athena(&["record", "double", "--case", case, "-m", message]).exits(0);
    }
    project.edit("src/lib.rs", "*= 2", "*= 3");
    project.athena(&["test"]).exits(1);
    project
}

#[test]
fn cases_are_accepted_and_rejected_by_keys_once_it_is_confirmed() {
    let project = failing("by_keys");
    let (three, four) = ("fixtures/by_keys/double/three.json", "fixtures/by_keys/double/four.json");
    let before = project.read(four);
    let mut terminal = Terminal::review(&project, &[], "xterm-256color");
    terminal.shows("cluster 1 of 1").shows("+50 %").shows("a accept all 2").shows("0 of 2 decided");
    terminal.press("i").shows("no variables").shows("\"value\": 4").press("i");
    // The last line is drawn last. A key too early would reach the program together with the Escape,
    // and the two are another key.
    terminal.press("?").shows("this help").shows("Esc back  Q quit").press("\u{1b}");
    terminal.shows("a accept all 2").press("c").shows("case 1 of 2").shows("by_keys::double::four");
    terminal
        .press("r")
        .shows("case 2 of 2")
        .shows("rejected 1 case")
        .shows("by_keys::double::three");
    terminal.press("u").shows("undone").press("r").shows("case 2 of 2");
    terminal.press("a").shows("This will happen").shows("accept 1 case").shows("reject 1 case");
    assert!(project.read(three).contains("\"value\": 6"), "it was written before the end");
    terminal.press("y").shows("accepted by_keys::double::three");
    assert_eq!(terminal.ends().exit_code(), 0);
    drop(terminal);
    assert!(project.read(three).contains("\"value\": 9"));
    assert_eq!(project.read(four), before);
    project.athena(&["pending"]).exits(0);
    project.athena(&["test"]).exits(1).says("2 cases: 1 passed, 1 failed");
}

/// A model whose output differs in several places, among them some that are no difference.
const JUDGE: &str = "use athena_rt::prelude::*;

#[structure(label = \"value\")]
pub struct Reading {
    #[default(1)]
    pub value: i64,
}

#[structure]
pub struct Judged {
    /// Another one in each run.
    #[volatile]
    pub stamp: String,
    pub zone: String,
    pub amount: f64,
    #[tolerance(abs = 0.1)]
    pub near: f64,
}

#[model]
pub fn judge(state: State<Reading>) -> State<Judged> {
    let value = state.data.value;
    let stamp = format!(\"{:?}\", std::time::SystemTime::now());
    let zone = if value > 5 { HIGH } else { \"low\" }.to_owned();
    let amount = value as f64 * FACTOR;
    state.with(Judged { stamp, zone, amount, near: FACTOR / 100.0 })
}

const HIGH: &str = \"high\";
const FACTOR: f64 = 1.0;
";

/// The name of a case without its model.
fn name_in(name: &serde_json::Value) -> &str {
    name.as_str().unwrap().trim_start_matches("agree::judge::")
}

/// The lines that have a text.
fn lines_with<'t>(text: &'t str, part: &str) -> Vec<&'t str> {
    text.lines().filter(|line| line.contains(part)).collect()
}

#[test]
fn every_output_has_the_same_clusters_and_only_what_changed() {
    let project = Project::library("agree").file("src/lib.rs", JUDGE);
    let lines: Vec<_> = (1..=9).map(|value| format!("{{\"value\":{value}}}")).collect();
    project.write("many.jsonl", &lines.join("\n"));
    project.athena(&["record", "judge", "--messages", "many.jsonl", "--suite", "s"]).exits(0);
    project.edit("src/lib.rs", "HIGH: &str = \"high\"", "HIGH: &str = \"upper\"");
    project.edit("src/lib.rs", "FACTOR: f64 = 1.0", "FACTOR: f64 = 1.5");
    let replay = project.athena(&["test", "--report", "json=r.json,html=r.html,markdown=r.md"]);
    let report: serde_json::Value = serde_json::from_str(&project.read("r.json")).unwrap();
    let (whole, page, markdown) =
        (&replay.exits(1).out, project.read("r.html"), project.read("r.md"));
    let clusters = report["clusters"].as_array().unwrap();
    // Five cases differ in the amount, four in the zone as well. Nine fail.
    let sizes: Vec<_> = clusters.iter().map(|one| one["cases"].as_u64().unwrap()).collect();
    assert_eq!(sizes, [5, 4]);
    let overview = page.split("<script").next().unwrap();
    for (cluster, title) in clusters.iter().zip(["/amount", "/zone, /amount"]) {
        let (id, cases) = (cluster["id"].as_str().unwrap(), &cluster["cases"]);
        let command = format!("cargo athena accept --cluster {id}");
        let line = format!("agree::judge  {title}  {cases} cases");
        let (_, rest) = whole.split_once(&line).unwrap_or_else(|| panic!("{line}: {whole}"));
        let accept = lines_with(rest, "accept all").first().copied().unwrap();
        assert_eq!(accept.trim(), format!("accept all {cases}: {command}"));
        assert_eq!(overview.matches(&command).count(), 1, "the page: {command}");
        assert!(overview.contains(&format!("accept all {cases}: <code>{command}")));
        assert!(markdown.contains(&command), "{markdown}");
        let row = format!("| {cases} | <code>agree::judge</code> | <code>{title}</code> |");
        assert!(markdown.contains(&row), "{markdown}");
    }
    let now = r#"\"zone\":\"upper\",\"amount\":9.0"#;
    assert!(page.contains(now), "the page has fields in another order");
    // What is volatile or within its tolerance is recorded anew in each run, and shown nowhere.
    let shown = project.athena(&["report", "show"]).exits(0).out.clone();
    for (text, where_from) in [(whole, "test"), (&shown, "show"), (&markdown, "md")] {
        let is_changed = |line: &&str| line.trim_start().starts_with(['-', '+']);
        for field in ["\"stamp\"", "\"near\""] {
            let lines: Vec<_> = lines_with(text, field).into_iter().filter(is_changed).collect();
            assert!(lines.is_empty(), "{where_from}: {lines:?}");
        }
        // Fields are in the order in which they are declared.
        let (zone, amount) = ("\"zone\": \"upper\"", "\"amount\": 9.0");
        assert!(text.find(zone).unwrap() < text.find(amount).unwrap(), "{where_from}: {text}");
    }
    let mut terminal = Terminal::review(&project, &[], "xterm-256color");
    terminal.shows("cluster 1 of 2").shows("5 cases").shows("/amount  +50 %").press("n");
    terminal
        .shows("cluster 2 of 2")
        .shows("4 cases")
        .shows("/zone")
        .shows("-   \"zone\": \"high\"");
    // The search leaves the clusters with a text; a wide screen has both sides of the diff.
    terminal.press("/zone\r").shows("cluster 1 of 1 with `zone`").shows("a accept all 4");
    let window = PtySize { rows: 24, cols: 140, pixel_width: 0, pixel_height: 0 };
    terminal.screen.screen_mut().set_size(size(24), size(140));
    terminal.pty.master.resize(window).unwrap();
    terminal.shows("recorded").shows("\u{2502} +   \"zone\": \"upper\"");
    // The label of the case is beside its name.
    terminal.press("c").shows("case 1 of 4").shows("(6)").press("/\r").shows("review: clusters");
    terminal.press("Q").shows("nothing was changed").ends();
    drop(terminal);
    let hashed = &clusters[0]["example"];
    let example = format!("e.g. {} ({})", name_in(hashed), &clusters[0]["label"]);
    assert!(whole.contains(&example.replace('"', "")), "{example}: {whole}");
    assert!(overview.contains("(6)</code></h3>"), "the page has no label: {overview}");
    // One of them is accepted by its name, and not the other.
    let id = clusters[0]["id"].as_str().unwrap();
    project.athena(&["pending", "--cluster", "00000000"]).exits(4).says("no cluster").says(id);
    project.athena(&["accept", "--cluster", id]).exits(0).says("accepted 5 cases");
    project.athena(&["test"]).exits(1).says("9 cases: 5 passed, 4 failed");
}

#[test]
fn whoever_leaves_changes_nothing_and_gets_the_terminal_back() {
    let project = failing("leaves");
    let files = ["three", "four"].map(|case| format!("fixtures/leaves/double/{case}.json"));
    let before = files.each_ref().map(|file| project.read(file));
    let end = |keys: &str| {
        let mut terminal = Terminal::review(&project, &[], "xterm");
        terminal.shows("cluster 1 of 1").press("a").shows("This will happen").press(keys);
        terminal.shows("nothing was changed");
        assert_eq!(terminal.ends().exit_code(), 1);
    };
    end("\u{3}");
    end("Q");
    for signal in ["INT", "TERM", "HUP"] {
        let mut terminal = Terminal::review(&project, &[], "xterm");
        terminal.shows("cluster 1 of 1").press("a").shows("This will happen");
        let id = terminal.child.process_id().unwrap().to_string();
        assert!(Command::new("kill").args(["-s", signal, &id]).status().unwrap().success());
        assert!(terminal.ends().signal().is_some(), "it ends as the signal ends a program");
    }
    assert_eq!(files.each_ref().map(|file| project.read(file)), before);
    project.athena(&["pending"]).exits(1);

    // It fits when the window becomes smaller.
    let mut terminal = Terminal::review(&project, &[], "xterm");
    terminal.shows("? help");
    let window = PtySize { rows: 10, cols: 40, pixel_width: 0, pixel_height: 0 };
    terminal.screen.screen_mut().set_size(size(10), size(40));
    terminal.pty.master.resize(window).unwrap();
    terminal.shows("lines 1-").press("Q").ends();
}

#[test]
fn a_terminal_that_only_prints_gets_questions() {
    let project = failing("printing");
    let mut terminal = Terminal::review(&project, &["three"], "dumb");
    terminal.shows("[a accept, r reject").press("x\n").shows("one letter");
    terminal.press("i\n").shows("no variables").press("i\n").press("a\n").shows("This will happen");
    terminal.press("y\n").shows("accepted printing::double::three");
    assert_eq!(terminal.ends().exit_code(), 0);
    drop(terminal);
    project.athena(&["test"]).exits(1).says("2 cases: 1 passed, 1 failed");
    let mut terminal = Terminal::review(&project, &[], "dumb");
    terminal.shows("[a accept").press("\u{4}");
    terminal.shows("nothing was changed");
    assert_eq!(terminal.ends().exit_code(), 1);
}

#[test]
fn without_a_terminal_it_names_the_verbs_that_need_none() {
    let project = Project::library("piped");
    let review = project.athena(&["review"]);
    review
        .exits(2)
        .says("needs a terminal")
        .says("cargo athena accept")
        .says("cargo athena pending");
}

#[test]
fn generated_cases_are_read_before_they_are_committed() {
    let project = Project::library("generated_review");
    let suite = "fixtures/generated_review/double/generated.jsonl";
    let line = |case: &str, n: u8| {
        format!(
            "{{\"model\":\"generated_review::double\",\"case\":\"{case}\",\"format\":1,\"generated\":\"catches += for *= in \
             double\",\"env\":{{}},\"input\":{{\"value\":{n}}},\"output\":{{\"value\":{}}}}}\n",
            2 * n
        )
    };
    project.write(suite, &(line("value-3", 3) + &line("value-4", 4)));
    let mut terminal = Terminal::review(&project, &[], "xterm");
    terminal.shows("2 cases").shows("double::generated/value-3").shows("{\"value\":6}");
    terminal.shows("catches += for *=").shows("k keep").press("k\n").shows("(2 of 2)");
    terminal.shows("{\"value\":8}").press("r\n").shows("kept 1 case, rejected 1");
    assert_eq!(terminal.ends().exit_code(), 0);
    drop(terminal);
    let mut again = Terminal::review(&project, &[], "xterm");
    again.shows("nothing to review");
    assert_eq!(again.ends().exit_code(), 0);
    drop(again);
    assert_eq!(project.read(suite), line("value-3", 3));
    assert_eq!(project.read(&suite.replace("jsonl", "rejected")).lines().count(), 1);
}

/// Opens a terminal, waits for the review in it, and hangs up.
const HANG_UP: &str = "
import os, pty, sys, time
pid, terminal = pty.fork()
if pid == 0:
    os.execv(sys.argv[1], [sys.argv[1], 'athena', 'review'])
seen = b''
while b'accept all' not in seen:
    seen += os.read(terminal, 4096)
os.close(terminal)
for _ in range(200):
    if os.waitpid(pid, os.WNOHANG)[0] == pid:
        sys.exit(0)
    time.sleep(0.05)
os.kill(pid, 9)
sys.exit('it outlived its terminal')
";

#[test]
fn it_ends_with_its_terminal_as_when_a_connection_is_lost() {
    let project = failing("hung_up");
    let before = project.read("fixtures/hung_up/double/three.json");
    let mut python = Command::new("python3");
    python.args(["-c", HANG_UP, env!("CARGO_BIN_EXE_cargo-athena")]).env("TERM", "xterm");
    project.call("", python).exits(0);
    assert_eq!(project.read("fixtures/hung_up/double/three.json"), before);
}
