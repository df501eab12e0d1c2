//! The only caller of a model. Catches panics and reports their source location.

#[cfg(feature = "async")]
mod future;
#[cfg(unix)]
mod home;
#[cfg(feature = "async")]
mod runtime;

use std::any::Any;
use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::fmt;
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind};
use std::sync::Once;

#[cfg(feature = "async")]
pub use self::future::Invocation;
use crate::display::escape;
use crate::environment::ErasedEnv;
use crate::model::{Message, Model};
use crate::outcome::Outcome;
use crate::secrets::mask;
use crate::stdio::print_stderr;
use athena_structure::MessageError;

/// The reason that a call has no outcome.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The message can't be read as the model's input.
    Message(MessageError),
    /// The model panicked.
    Panic(String),
    /// The outcome can't be written.
    Outcome(MessageError),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Message(error) => write!(f, "{error}"),
            Self::Panic(message) => write!(f, "the model panicked: {message}"),
            Self::Outcome(error) => write!(f, "the outcome can't be written: {error}"),
        }
    }
}

impl std::error::Error for Failure {}

impl Failure {
    /// The kind of failure as one word, for rejects and logs.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Message(_) => "message",
            Self::Panic(_) => "panic",
            Self::Outcome(_) => "outcome",
        }
    }
}

/// Calls a model with one message. An `async fn` blocks the thread until it ends, so this must not
/// run on a thread of a runtime.
pub fn invoke(
    model: &Model,
    env: &ErasedEnv,
    message: Message<'_>,
    outcome: &mut Outcome,
) -> Result<(), Failure> {
    #[cfg(feature = "async")]
    if model.is_async() {
        let invocation = Invocation::begin(model, env, message, std::mem::take(outcome));
        let (given, ended) = runtime::run(invocation);
        *outcome = given;
        return ended;
    }
    match catch_panic(|| model.call(env, message, outcome)) {
        Err(message) => Err(Failure::Panic(message)),
        Ok(Err(error)) => Err(Failure::Message(error)),
        Ok(Ok(())) => check_writable(outcome),
    }
}

/// Calls a model with one message without blocking on an `async fn`. The message is read
/// immediately; a plain model runs immediately, an `async fn` while the future is polled.
#[cfg(feature = "async")]
pub fn invoke_async(
    model: &Model,
    env: &ErasedEnv,
    message: Message<'_>,
    mut outcome: Outcome,
) -> Invocation {
    if model.is_async() {
        return Invocation::begin(model, env, message, outcome);
    }
    let ended = invoke(model, env, message, &mut outcome);
    Invocation::ready(outcome, ended)
}

/// Returns an error if the outcome can't be written.
fn check_writable(outcome: &mut Outcome) -> Result<(), Failure> {
    match outcome.unwritable.take() {
        Some(error) => Err(Failure::Outcome(error)),
        None => Ok(()),
    }
}

/// Runs a part of a model; a panic becomes an error with its message.
fn catch_panic<T>(part: impl FnOnce() -> T) -> Result<T, String> {
    keep_panics();
    PANIC.with(RefCell::take);
    INSIDE.with(|inside| inside.set(true));
    let ran = catch_unwind(AssertUnwindSafe(part));
    INSIDE.with(|inside| inside.set(false));
    end_fork();
    ran.map_err(|payload| {
        // If the model has set its own panic hook, ours did not see the message.
        let message =
            PANIC.with(RefCell::take).unwrap_or_else(|| panic_message(&*payload).to_owned());
        let message = mask(&message).into_owned();
        // The drop of a payload may panic, so it is leaked.
        std::mem::forget(payload);
        message
    })
}

/// Ends this process if a model has forked it off: it has the answers, the pipes and the locks of
/// another one.
#[cfg(unix)]
fn end_fork() {
    if home::is_copy() {
        let _ =
            rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
    }
}

#[cfg(not(unix))]
fn end_fork() {}

thread_local! {
    static INSIDE: Cell<bool> = const { Cell::new(false) };
    static PANIC: RefCell<Option<String>> = const { RefCell::new(None) };
    static LINE: Cell<u64> = const { Cell::new(0) };
}

/// Sets the line of a stream whose message runs next on this thread: a panic that ends the process
/// names it.
pub fn set_line(line: u64) {
    LINE.with(|current| current.set(line));
}

/// Names the message that a program built with `panic = "abort"` ends with.
fn print_last_message() {
    let line = LINE.with(Cell::get);
    if line > 0 {
        print_stderr(&format!(
            "line {line}: panic: the program ends, as it is built with panic = \"abort\"; messages behind this line have no outcome"
        ));
    }
}

/// Keeps the message of a panic inside a model for its caller; other panics are printed as usual.
fn keep_panics() {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        #[cfg(unix)]
        home::remember();
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if !INSIDE.with(Cell::get) {
                return print_panic(info, &usual);
            }
            let earlier = PANIC.with(|panic| panic.replace(Some(describe(info))));
            // A panic during a panic ends the process, so nobody reads the message.
            if let Some(earlier) = &earlier {
                print_stderr(&format!("the model panicked: {}", escape(earlier)));
            }
            if cfg!(panic = "abort") {
                print_last_message();
            }
            if earlier.is_some() || cfg!(panic = "abort") {
                print_panic(info, &usual);
            }
        }));
    });
}

/// Prints a panic as usual, unless it has a secret.
fn print_panic(info: &PanicHookInfo<'_>, usual: &impl Fn(&PanicHookInfo<'_>)) {
    let text = describe(info);
    match mask(&text) {
        Cow::Borrowed(_) => usual(info),
        Cow::Owned(masked) => {
            let thread = std::thread::current();
            let name = thread.name().unwrap_or("<unnamed>");
            print_stderr(&format!("thread '{name}' panicked: {}", escape(&masked)));
        }
    }
}

fn panic_message(payload: &(dyn Any + Send)) -> &str {
    let text = payload.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| payload.downcast_ref::<&str>().copied()).unwrap_or("a panic without a message")
}

fn describe(info: &PanicHookInfo<'_>) -> String {
    let message = panic_message(info.payload());
    match info.location() {
        Some(place) => match in_standard_library(place.file()) {
            // The file is on no machine but that of the standard library's build.
            Some(file) => {
                format!("{message}, in {file}:{} of the standard library", place.line())
            }
            None => format!("{message}, at {}:{}", place.file(), place.line()),
        },
        None => message.to_owned(),
    }
}

/// The path of a file of the standard library below its sources: `alloc/src/fmt.rs`.
fn in_standard_library(file: &str) -> Option<&str> {
    let (before, below) = file.split_once("/library/")?;
    let is_source = ["std/", "core/", "alloc/"].iter().any(|name| below.starts_with(name));
    (is_source && (before.starts_with("/rustc/") || before.contains("rustlib"))).then_some(below)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_path_of_the_standard_library_is_shown() {
        let hash = "/rustc/0123456789abcdef0123456789abcdef01234567/library/alloc/src/fmt.rs";
        assert_eq!(in_standard_library(hash), Some("alloc/src/fmt.rs"));
        let component = "/home/me/toolchain/lib/rustlib/src/rust/library/core/src/fmt/mod.rs";
        assert_eq!(in_standard_library(component), Some("core/src/fmt/mod.rs"));
        for mine in ["src/library/core/src/a.rs", "src/main.rs", "/home/me/library/std/x.rs"] {
            assert_eq!(in_standard_library(mine), None, "{mine}");
        }
    }
}
