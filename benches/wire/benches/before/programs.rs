//! The program of [`rows`](crate::rows), built with this working tree and with another commit.

use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{ChildStdin, ChildStdout, Command, Stdio};

use athena_bench_support::Ended;

const MAIN: &str = "//! Measures rows.\n\n#[global_allocator]\nstatic ALLOCATOR: mimalloc::MiMalloc = \
    mimalloc::MiMalloc;\n\nmod ours;\n#[allow(dead_code)]\nmod rows;\n\nfn main() {\n    rows::answer();\n}\n";

/// Programs that are built: that of the working tree, and that of the other commit.
pub(crate) struct Programs([PathBuf; 2]);

impl Programs {
    /// Checks the commit out into a temporary folder, and builds both programs.
    pub(crate) fn build(revision: &str) -> Result<Self, String> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("before");
        std::fs::create_dir_all(&folder)
            .map_err(|error| format!("{}: {error}", folder.display()))?;
        let tree = Worktree { root: root.clone(), folder: folder.join("tree") };
        tree.remove();
        tree.add(revision)?;
        let now = build(&folder, "now", &root, &root)?;
        let before = build(&folder, "before", &tree.folder, &root)?;
        Ok(Self([now, before]))
    }

    /// Starts both programs.
    pub(crate) fn launch(&self) -> Result<[Running; 2], String> {
        let [now, before] = &self.0;
        Ok([Running::start(now)?, Running::start(before)?])
    }
}

/// A checkout of a commit, which is removed when it is dropped.
struct Worktree {
    root: PathBuf,
    folder: PathBuf,
}

impl Worktree {
    fn add(&self, revision: &str) -> Result<(), String> {
        let (add, folder) = (["worktree", "add", "--quiet", "--detach"], self.folder.as_os_str());
        let arguments = add.iter().map(OsStr::new).chain([folder, OsStr::new(revision)]);
        run(Command::new("git").args(arguments).current_dir(&self.root))
    }

    fn remove(&self) {
        let mut command = Command::new("git");
        command.args(["worktree", "remove", "--force"]).arg(&self.folder);
        // Mostly it is not there.
        let _ = command.current_dir(&self.root).stderr(Stdio::null()).status();
    }
}

impl Drop for Worktree {
    fn drop(&mut self) {
        self.remove();
    }
}

/// Builds the program of a checkout, with the dependencies that `root` has.
fn build(folder: &Path, name: &str, checkout: &Path, root: &Path) -> Result<PathBuf, String> {
    let package = folder.join(name);
    let source = package.join("src");
    let bench = root.join("benches/wire");
    let written = std::fs::create_dir_all(&source)
        .and_then(|()| std::fs::write(package.join("Cargo.toml"), manifest(name, checkout)))
        .and_then(|()| std::fs::write(source.join("main.rs"), MAIN))
        .and_then(|()| std::fs::copy(root.join("Cargo.lock"), package.join("Cargo.lock")))
        .and_then(|_| std::fs::copy(bench.join("src/ours.rs"), source.join("ours.rs")))
        .and_then(|_| std::fs::copy(bench.join("benches/before/rows.rs"), source.join("rows.rs")));
    written.map_err(|error| format!("{}: {error}", package.display()))?;
    let target = folder.join("target");
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["build", "--release", "--target-dir"]).arg(&target).current_dir(&package);
    run(&mut command)?;
    Ok(target.join("release").join(format!("rows-{name}{}", std::env::consts::EXE_SUFFIX)))
}

fn manifest(name: &str, checkout: &Path) -> String {
    // Quoted as TOML has it.
    let runtime = checkout.join("athena-rt").display().to_string();
    format!(
        "[package]\nname = \"rows-{name}\"\nedition = \"2024\"\n\n[workspace]\n\n[dependencies]\n\
         athena-rt = {{ path = {runtime:?}, default-features = false }}\n\
         mimalloc = {{ version = \"0.1\", default-features = false }}\n"
    )
}

fn run(command: &mut Command) -> Result<(), String> {
    let status = command.status();
    match status.map_err(|error| format!("{}: {error}", command.get_program().display()))? {
        status if status.success() => Ok(()),
        status => Err(format!("{command:?}: {status}")),
    }
}

/// A program that waits for the number of a row.
pub(crate) struct Running {
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    _process: Ended,
}

impl Running {
    fn start(program: &Path) -> Result<Self, String> {
        let mut command = Command::new(program);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child =
            command.spawn().map_err(|error| format!("{}: {error}", program.display()))?;
        let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            return Err("no pipes".to_owned());
        };
        Ok(Self { input, output: BufReader::new(output), _process: Ended(child) })
    }

    /// Returns the nanoseconds of one call of a row.
    pub(crate) fn measure(&mut self, row: usize) -> Result<f64, String> {
        let mut line = String::new();
        writeln!(self.input, "{row}")
            .and_then(|()| self.output.read_line(&mut line))
            .map_err(|error| format!("row {row}: {error}"))?;
        line.trim().parse().map_err(|error| format!("row {row}: {line:?}: {error}"))
    }
}
