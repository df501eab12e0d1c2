//! Models that misbehave on request.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::time::Duration;

use athena_rt::prelude::*;

#[structure]
pub enum Choice {
    Left,
    Right,
}

/// One field of each sort.
#[structure]
pub struct Plain {
    #[default("")]
    pub text: String,
    #[default(0)]
    pub number: i64,
    #[default(0)]
    pub small: u8,
    #[default(0.0)]
    pub float: f64,
    #[default(false)]
    pub flag: bool,
    pub list: Vec<i64>,
    pub map: BTreeMap<String, i64>,
    pub choice: Option<Choice>,
}

/// Gives back what it is given.
#[model]
pub fn echo(state: State<Plain>) -> State<Plain> {
    state
}

/// Fails with the text it is given.
#[model]
pub fn refuse(state: State<Plain>) -> Result<State<Plain>, String> {
    Err(state.data.text)
}

#[structure(open)]
pub struct Open {
    #[default(0)]
    pub value: i64,
}

/// Takes what it does not know.
#[model]
pub fn lax(state: State<Open>) -> State<Open> {
    state
}

#[structure]
pub struct Nest {
    pub inner: Option<Box<Nest>>,
    #[default(0)]
    pub leaf: i64,
}

fn nest(levels: i64) -> Nest {
    let mut nest = Nest { inner: None, leaf: levels };
    for _ in 0..levels {
        nest = Nest { inner: Some(Box::new(nest)), leaf: 0 };
    }
    nest
}

/// Nests the given number of objects.
#[model]
pub fn deep(state: State<Plain>) -> State<Nest> {
    state.with(nest(state.data.number))
}

/// The same, as one of many.
#[model]
pub fn deeps(state: State<Plain>) -> impl Iterator<Item = State<Nest>> {
    std::iter::once(state.with(nest(state.data.number)))
}

/// Never ends.
#[model]
pub fn endless(state: State<Plain>) -> impl Iterator<Item = State<Plain>> {
    std::iter::repeat(state)
}

#[environment]
pub struct Keys {
    #[secret]
    pub token: Option<String>,
    #[secret]
    #[default(7)]
    pub pin: u32,
    #[secret]
    pub side: Option<Choice>,
    #[default("nobody")]
    pub user: String,
}

#[structure]
pub struct Login {
    #[secret]
    #[default("")]
    pub password: String,
    #[default("")]
    pub shown: String,
}

/// Shows all it knows of the environment.
#[model]
pub fn reveal(mut state: State<Login, Keys>) -> State<Login, Keys> {
    state.data.shown = format!("{:?} {:?}", state.env.token, *state.env);
    state
}

#[environment]
pub struct Ports {
    #[default(6379)]
    pub redis_port: u16,
}

/// Reads a variable that Kubernetes sets, too.
#[model]
pub fn served(state: State<Open, Ports>) -> State<Open, Ports> {
    state
}

/// An error that can't be displayed.
pub struct Mute;

impl std::fmt::Display for Mute {
    fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        Err(std::fmt::Error)
    }
}

/// Fails without a text.
#[model]
pub fn mute(_: State<Open>) -> Result<State<Open>, Mute> {
    Err(Mute)
}

#[structure]
pub struct Ratio {
    pub value: f64,
}

/// Divides zero by zero.
#[model]
pub fn ratio(state: State<Open>) -> State<Ratio> {
    state.with(Ratio { value: 0.0 / f64::from(u8::from(state.data.value > 0)) })
}

/// Panics with a secret, as it finds it and as the process has it.
#[model]
pub fn leak(state: State<Login, Keys>) -> State<Login, Keys> {
    let token = state.env.token.clone().unwrap_or_default();
    panic!("the token is {token}, {:?}", std::env::var("TOKEN"));
}

#[structure]
pub struct Act {
    pub what: String,
    #[default(0)]
    pub ms: u64,
}

struct PanicsWhenDropped;

impl Drop for PanicsWhenDropped {
    fn drop(&mut self) {
        panic!("dropped");
    }
}

#[allow(unconditional_recursion)]
fn overflow(depth: u64) -> u64 {
    let block = std::hint::black_box([depth; 64]);
    1 + overflow(depth + 1) + block[0]
}

#[allow(unsafe_code)]
fn close(fd: i32) {
    use std::os::fd::{FromRawFd as _, OwnedFd};
    drop(unsafe { OwnedFd::from_raw_fd(fd) });
}

#[allow(unsafe_code)]
fn fork() -> i32 {
    unsafe extern "C" {
        fn fork() -> i32;
    }
    unsafe { fork() }
}

fn signal(signal: &str, process: u32) {
    let _ = std::process::Command::new("kill").args([signal, &process.to_string()]).status();
}

/// The number of the handle that answers are written to.
fn answers() -> i32 {
    let is_pipe = |number: &i32| {
        let target = std::fs::read_link(format!("/proc/self/fd/{number}")).unwrap_or_default();
        let info = std::fs::read_to_string(format!("/proc/self/fdinfo/{number}")).unwrap_or_default();
        let is_writable = info.lines().any(|line| line.starts_with("flags:") && line.ends_with('1'));
        is_writable && target.to_string_lossy().starts_with("pipe:")
    };
    (3..20).find(is_pipe).expect("a pipe")
}

fn nonce() -> String {
    let config = std::env::var("ATHENA_MODEL_PROCESS").unwrap_or_default();
    config.split('"').nth(3).unwrap_or_default().to_owned()
}

fn write_answer(bytes: &[u8]) {
    let path = format!("/proc/self/fd/{}", answers());
    let mut pipe = std::fs::OpenOptions::new().write(true).open(path).expect("a pipe");
    let _ = pipe.write_all(bytes);
}

/// Does what the message says.
#[model]
pub fn act(state: State<Act>) -> State<Act> {
    let pause = Duration::from_millis(state.data.ms);
    match state.data.what.as_str() {
        "fine" => {}
        "abort" => std::process::abort(),
        "overflow" => println!("{}", overflow(0)),
        "exit0" => std::process::exit(0),
        "exit7" => std::process::exit(7),
        "hang" => loop {
            std::thread::sleep(Duration::from_secs(1));
        },
        "spin" => loop {
            std::hint::black_box(0);
        },
        "sleep" => std::thread::sleep(pause),
        "panic" => panic!("in plain words"),
        "panic-any" => std::panic::panic_any(42),
        "panic-payload" => std::panic::panic_any(PanicsWhenDropped),
        "panic-drop" => drop(PanicsWhenDropped),
        "panic-twice" => {
            let _bomb = PanicsWhenDropped;
            panic!("the first");
        }
        "abort-later" => {
            std::thread::spawn(move || {
                std::thread::sleep(pause);
                std::process::abort();
            });
        }
        // A second process answers, and goes on with the other messages.
        "fork" => {
            fork();
        }
        "fork-hang" => {
            if fork() == 0 {
                loop {
                    std::thread::sleep(Duration::from_secs(1));
                }
            }
        }
        "stop" => signal("-STOP", std::process::id()),
        "kill-parent" => {
            signal("-KILL", std::os::unix::process::parent_id());
            std::thread::sleep(Duration::from_secs(1));
        }
        "close-answers" => {
            close(answers());
            std::thread::sleep(Duration::from_secs(60));
        }
        "rubbish" => write_answer(&[b'r'; 10_000]),
        "half-frame" => {
            write_answer(&[nonce().as_bytes(), &[0, 0, 0, 0, 1, 0, 0, 0], b"half"].concat());
            std::thread::sleep(Duration::from_secs(60));
        }
        // State that is left behind.
        "count" => {
            static COUNTER: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
            let ms = COUNTER.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            return state.with(Act { what: "count".to_owned(), ms });
        }
        "close-0" => close(0),
        "close-1" => close(1),
        "close-2" => close(2),
        "read-stdin" => {
            let mut line = String::new();
            let _ = std::io::stdin().read_line(&mut line);
        }
        "flood-out" => {
            let block = "o".repeat(1 << 20);
            for _ in 0..100 {
                println!("{block}");
            }
        }
        "flood-err" => {
            let block = "e".repeat(1 << 20);
            for _ in 0..100 {
                eprintln!("{block}");
            }
        }
        "notes" => {
            let nonce = nonce();
            let mut out = std::io::stdout();
            for id in 0..10_u64 {
                let body = b"{\"completed\":1000}";
                let head = [&b"D"[..], &id.to_le_bytes(), &1_u64.to_le_bytes(), &[0]].concat();
                let length = (head.len() + body.len()) as u64;
                let frame = [nonce.as_bytes(), &length.to_le_bytes(), &head, body].concat();
                let _ = out.write_all(&frame);
            }
            let _ = out.flush();
            std::process::exit(0);
        }
        "escape" => {
            eprintln!("\u{1b}]0;owned\u{7}\u{1b}[2J");
            std::process::abort();
        }
        "chdir" => std::env::set_current_dir("/").expect("a folder"),
        "hook" => {
            std::panic::set_hook(Box::new(|_| {}));
            panic!("hooked");
        }
        "hook-exit" => {
            std::panic::set_hook(Box::new(|_| std::process::exit(0)));
            panic!("hooked");
        }
        "child" => {
            std::process::Command::new("sleep").arg(state.data.ms.to_string()).spawn().expect("sleep");
            std::process::abort();
        }
        other => panic!("no act {other}"),
    }
    state
}
