//! The program of [`rows`](crate::rows), built with this working tree and with another commit.

use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{ChildStdin, ChildStdout, Command, Stdio};

use athena_bench_support::{Ended, in_order};

const MAIN: &str = "//! Measures rows.\n\n#[global_allocator]\nstatic ALLOCATOR: mimalloc::MiMalloc = \
    mimalloc::MiMalloc;\n\nmod ours;\n#[allow(dead_code)]\nmod rows;\n\nfn main() {\n    rows::answer();\n}\n";

/// The packages of the programs: of the working tree, and of the other commit.
pub(crate) struct Programs {
    packages: [PathBuf; 2],
    target: PathBuf,
    _tree: Worktree,
}

impl Programs {
    /// Checks the commit out into a temporary folder, and writes both packages.
    pub(crate) fn prepare(revision: &str) -> Result<Self, String> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("before");
        std::fs::create_dir_all(&folder)
            .map_err(|error| format!("{}: {error}", folder.display()))?;
        let tree = Worktree { root: root.clone(), folder: folder.join("tree") };
        tree.remove();
        tree.add(revision)?;
        let packages = [folder.join("now"), folder.join("before")];
        write(&packages[0], &root, &root)?;
        write(&packages[1], &tree.folder, &root)?;
        Ok(Self { packages, target: folder.join("target"), _tree: tree })
    }

    /// Starts both programs, with their functions in an order that depends on `launch`.
    pub(crate) fn launch(&self, launch: usize) -> Result<[Running; 2], String> {
        let [now, before] = &self.packages;
        Ok([
            Running::start(&build(now, &self.target, launch)?)?,
            Running::start(&build(before, &self.target, launch)?)?,
        ])
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

/// Writes the package of a program that uses a checkout, with the dependencies that `root` has.
fn write(package: &Path, checkout: &Path, root: &Path) -> Result<(), String> {
    let source = package.join("src");
    let bench = root.join("benches/wire");
    std::fs::create_dir_all(&source)
        .and_then(|()| std::fs::write(package.join("Cargo.toml"), manifest(package, checkout)))
        .and_then(|()| std::fs::write(source.join("main.rs"), MAIN))
        .and_then(|()| std::fs::copy(root.join("Cargo.lock"), package.join("Cargo.lock")))
        .and_then(|_| std::fs::copy(bench.join("src/ours.rs"), source.join("ours.rs")))
        .and_then(|_| std::fs::copy(bench.join("benches/before/rows.rs"), source.join("rows.rs")))
        .map(|_| ())
        .map_err(|error| format!("{}: {error}", package.display()))
}

/// Builds the program of a package. Only its own crate is built again for another order.
fn build(package: &Path, target: &Path, order: usize) -> Result<PathBuf, String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["rustc", "--quiet", "--release", "--target-dir"]).arg(target);
    run(in_order(&mut command, order).current_dir(package))?;
    Ok(target.join("release").join(format!("{}{}", name(package), std::env::consts::EXE_SUFFIX)))
}

/// The name of the program of a package.
fn name(package: &Path) -> String {
    format!("rows-{}", package.file_name().unwrap_or_default().display())
}

fn manifest(package: &Path, checkout: &Path) -> String {
    let name = name(package);
    // Quoted as TOML has it.
    let runtime = checkout.join("athena-rt").display().to_string();
    format!(
        "[package]\nname = \"{name}\"\nedition = \"2024\"\n\n[workspace]\n\n[dependencies]\n\
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
