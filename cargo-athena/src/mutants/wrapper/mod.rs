//! `cargo-athena` as the compiler's wrapper, `RUSTC_WORKSPACE_WRAPPER`: it rewrites the crates of the
//! workspace on their way to rustc.
//!
//! | file | its job |
//! |---|---|
//! | `arguments` | the command line of rustc |
//! | `sources` | the files of a crate with their mutants |
//! | `ids` | the numbers of sites and mutants |
//! | `tree` | where rewritten files stand |
//! | `rounds` | drops what does not compile |
//! | `switch_crate` | the crate that rewritten code is linked with; compiled by the user's compiler |

mod arguments;
mod ids;
mod rounds;
mod sources;
mod tree;

use std::env;
use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, ExitStatus, Stdio};
use std::str::FromStr as _;

use athena_protocol::{MAX_SITES, RewrittenCrate};
use cargo_metadata::cargo_platform::Cfg;
use sha2::{Digest as _, Sha256};

use self::arguments::RustcArguments;
use self::rounds::{find_viable, mutant_flags};
use self::sources::CrateSources;
use super::rewrite::DiscoverOptions;
use super::settings::{
    RewriteFailure, SETTINGS_VARIABLE, SingleMutant, WRAPPER_NAME, WrapperSettings,
};

/// Whether this process is a wrapper; then it does that and ends.
pub(crate) fn run_as_wrapper() -> Option<ExitCode> {
    let mut words = env::args_os();
    let this = words.next()?;
    let settings = env::var_os(SETTINGS_VARIABLE).filter(|_| is_wrapper(&this))?;
    let done = Wrapper::new(Path::new(&settings), words).and_then(|(wrapper, words)| {
        if wrapper.is_member { wrapper.run(words) } else { wrapper.command(words).status() }
    });
    Some(match done {
        Ok(status) => exit_code(status),
        Err(error) => {
            eprintln!("error: cargo athena can't rewrite a crate: {error}");
            ExitCode::FAILURE
        }
    })
}

/// Whether this program is called under a name of a wrapper.
fn is_wrapper(program: &OsStr) -> bool {
    let name = Path::new(program).file_name().and_then(OsStr::to_str);
    name.is_some_and(|name| name.starts_with(WRAPPER_NAME))
}

fn exit_code(status: ExitStatus) -> ExitCode {
    u8::try_from(status.code().unwrap_or(1)).map_or(ExitCode::FAILURE, ExitCode::from)
}

struct Wrapper {
    settings: WrapperSettings,
    rustc: OsString,
    /// Whether a package of the workspace is compiled.
    is_member: bool,
}

impl Wrapper {
    /// The wrapper, and the arguments of rustc. In place of the user's `RUSTC_WRAPPER`, cargo calls it for
    /// every package; for members of the workspace the first argument is this program once more.
    fn new(
        settings: &Path,
        mut words: impl Iterator<Item = OsString>,
    ) -> io::Result<(Self, Vec<OsString>)> {
        let settings: WrapperSettings = serde_json::from_slice(&fs::read(settings)?)?;
        let mut rustc = words.next();
        let is_twice = rustc.as_deref().is_some_and(is_wrapper);
        if is_twice {
            rustc = words.next();
        }
        let rustc = rustc.ok_or_else(|| io::Error::other("cargo has named no compiler"))?;
        let is_member = is_twice || settings.outer.is_none();
        Ok((Self { settings, rustc, is_member }, words.collect()))
    }

    /// A call of the compiler, through the wrappers of the user.
    fn command(&self, words: impl IntoIterator<Item = OsString>) -> Command {
        let inner = self.settings.inner.as_deref().filter(|_| self.is_member);
        let wrappers = [self.settings.outer.as_deref(), inner];
        let mut programs = wrappers.into_iter().flatten().chain([Path::new(&self.rustc)]);
        let mut command = Command::new(programs.next().unwrap_or(Path::new("rustc")));
        command.args(programs).args(words);
        command
    }

    fn run(&self, words: Vec<OsString>) -> io::Result<ExitStatus> {
        let Some(arguments) = RustcArguments::parse(words.clone()).filter(|it| !it.is_tool())
        else {
            return self.command(words).status();
        };
        let manifest = env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from).unwrap_or_default();
        let package = self.settings.packages.get(&manifest);
        if let Some(single) = &self.settings.single {
            return self.compile_single(&arguments, single, package.is_some());
        }
        let runtime = arguments.runtime_name().filter(|_| arguments.is_program());
        let switch = self.switch(arguments.option("--target"))?;
        if package.is_none() && runtime.is_none() {
            let words = arguments.as_slice().iter().cloned();
            return self.command(words.chain(library_path(&switch))).status();
        }
        self.rewrite(&arguments, package.map(String::as_str), runtime.as_deref(), &switch)
    }

    /// Rewrites a crate and compiles it. One that can't be rewritten is compiled as it is.
    fn rewrite(
        &self,
        arguments: &RustcArguments,
        package: Option<&str>,
        runtime: Option<&str>,
        switch: &Path,
    ) -> io::Result<ExitStatus> {
        let settings = &self.settings;
        let unit = arguments.unit();
        let folder = settings.unit(&unit);
        fs::create_dir_all(&folder)?;
        if let Some(program) = arguments.program() {
            fs::write(settings.program_file(&unit), program.to_string_lossy().as_bytes())?;
        }
        let options =
            DiscoverOptions { cfg: self.cfg(arguments), mutate_effects: settings.mutate_effects };
        let root = settings.root.join(arguments.root());
        // A test program has no code of the models.
        let skip = package.is_none() || env::var_os("CARGO_TARGET_TMPDIR").is_some();
        let mut sources = CrateSources::read(&root, settings, &options, skip);
        let (sites, mutants) = sources.counts();
        let tree = folder.join("tree");
        let own_root = tree.join(root.strip_prefix(&settings.base).unwrap_or(&root));
        let first = ids::first_ids(&settings.home, &unit, sites, mutants)?;
        let mut failure = Some(format!("the program has more than {MAX_SITES} places to switch"));
        if let Some(first) = first {
            let edition = arguments.option("--edition").unwrap_or("2015");
            sources.prepare(first, runtime.map(|name| (name, edition)));
            let check_folder = folder.join("check");
            fs::create_dir_all(&check_folder)?;
            let check = || {
                let words = arguments.check(&own_root, &check_folder);
                let mut command = self.command(words);
                command.args(self.flags(switch, &tree)).stdin(Stdio::null());
                command
            };
            failure = find_viable(&mut sources, settings, &tree, check)?;
            let _ = fs::remove_dir_all(check_folder);
        }
        let name = package.unwrap_or(&arguments.crate_name);
        let _ = fs::remove_file(settings.failure_file(&unit));
        let Some(reason) = failure else {
            let words = arguments.with_root(&own_root).into_iter();
            let status = self.command(words.chain(self.flags(switch, &tree))).status()?;
            if status.success() {
                self.correct_dependencies(arguments, &tree, None)?;
                self.describe(&unit, &sources.describe(name, &arguments.crate_name))?;
            }
            return Ok(status);
        };
        // Nothing of it is switched.
        sources.leave_out_file(None, &reason);
        fs::write(settings.failure_file(&unit), serde_json::to_vec(&RewriteFailure { reason })?)?;
        self.describe(&unit, &sources.describe(name, &arguments.crate_name))?;
        let words = arguments.as_slice().iter().cloned();
        self.command(words.chain(library_path(switch))).status()
    }

    /// The flags for a crate that is linked with the switch.
    fn flags(&self, switch: &Path, tree: &Path) -> Vec<OsString> {
        let mut flags = mutant_flags();
        let mut link = OsString::from("athena_switch=");
        link.push(switch);
        flags.extend(["--extern".into(), link]);
        flags.extend(library_path(switch));
        // Panics and models name the user's files.
        let mut remap = OsString::from("--remap-path-prefix=");
        remap.push(tree);
        remap.push("=");
        if self.settings.base != self.settings.root {
            remap.push(&self.settings.base);
        }
        flags.push(remap);
        flags
    }

    fn describe(&self, unit: &str, rewritten: &RewrittenCrate) -> io::Result<()> {
        fs::write(self.settings.sites_file(unit), serde_json::to_vec(rewritten)?)
    }

    /// What `cfg` has for this crate.
    fn cfg(&self, arguments: &RustcArguments) -> Vec<Cfg> {
        let mut command = Command::new(&self.rustc);
        command.args(["--print", "cfg", "-Cdebug-assertions=on"]);
        for option in ["--target", "--cfg"] {
            for value in arguments.options(option) {
                command.args([option, value]);
            }
        }
        let output = command.stdin(Stdio::null()).output();
        let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
        let text = text.unwrap_or_default();
        text.lines().filter_map(|line| Cfg::from_str(line).ok()).collect()
    }

    /// Puts the user's files into the list of what the compiler has read, so that cargo sees edits.
    fn correct_dependencies(
        &self,
        arguments: &RustcArguments,
        tree: &Path,
        added: Option<&Path>,
    ) -> io::Result<()> {
        let Some(path) = arguments.dependency_list() else { return Ok(()) };
        let Ok(text) = fs::read_to_string(&path) else { return Ok(()) };
        let escaped = |path: &Path| path.to_string_lossy().replace(' ', "\\ ");
        let mut text = text.replace(&escaped(tree), &escaped(&self.settings.base));
        if let Some(added) = added {
            let added = escaped(added);
            text = text
                .lines()
                .map(|line| match line.split_once(": ") {
                    Some(_) if !line.starts_with('#') => format!("{line} {added}\n"),
                    _ => format!("{line}\n"),
                })
                .collect();
        }
        fs::write(path, text)
    }

    /// Compiles a crate with a single mutant, in the text of its file.
    fn compile_single(
        &self,
        arguments: &RustcArguments,
        single: &Path,
        is_rewritten: bool,
    ) -> io::Result<ExitStatus> {
        let words = arguments.as_slice().to_vec();
        if !is_rewritten {
            return self.command(words).status();
        }
        let settings = &self.settings;
        let mutant: SingleMutant = serde_json::from_slice(&fs::read(single)?)?;
        let root = settings.root.join(arguments.root());
        let options = DiscoverOptions { cfg: self.cfg(arguments), ..DiscoverOptions::default() };
        let sources = CrateSources::read(&root, settings, &options, false);
        let changed = sources.files.iter().find(|file| file.name == mutant.file);
        let tree = settings.unit(&arguments.unit()).join("single");
        let status = match changed {
            None => self.command(words).status()?,
            Some(file) => {
                let mut text = file.text.clone();
                if text.get(mutant.start..mutant.end).is_some() {
                    text.replace_range(mutant.start..mutant.end, &mutant.replacement);
                }
                let files = [(file.path.clone(), text)].into();
                tree::write_tree(&tree, &settings.base, &settings.hidden, &files)?;
                let own_root = tree.join(root.strip_prefix(&settings.base).unwrap_or(&root));
                let words = arguments.with_root(&own_root);
                self.command(words).arg("--cap-lints=allow").status()?
            }
        };
        if status.success() {
            self.correct_dependencies(arguments, &tree, Some(single))?;
        }
        Ok(status)
    }

    /// The switch, compiled for a target by the compiler that is used.
    fn switch(&self, target: Option<&str>) -> io::Result<PathBuf> {
        const SOURCE: &str = include_str!("switch_crate.rs");
        let version = Command::new(&self.rustc).arg("-vV").stdin(Stdio::null()).output()?.stdout;
        let mut hasher = Sha256::new();
        for part in [&version[..], target.unwrap_or_default().as_bytes(), SOURCE.as_bytes()] {
            hasher.update(part);
            hasher.update([0]);
        }
        let hash: Vec<_> =
            hasher.finalize()[..6].iter().map(|byte| format!("{byte:02x}")).collect();
        let folder = self.settings.home.join("switch").join(hash.concat());
        let library = folder.join("libathena_switch.rlib");
        fs::create_dir_all(&folder)?;
        let lock = File::create(folder.join("lock"))?;
        lock.lock()?;
        if library.is_file() {
            return Ok(library);
        }
        let source = folder.join("athena_switch.rs");
        fs::write(&source, SOURCE)?;
        let part = folder.join("part.rlib");
        let mut command = Command::new(&self.rustc);
        command.args(["--crate-type=rlib", "--crate-name=athena_switch", "--edition=2021", "-O"]);
        command.args(target.map(|target| format!("--target={target}")));
        let status = command.arg(&source).arg("-o").arg(&part).status()?;
        if !status.success() {
            return Err(io::Error::other("the switch of the mutants can't be compiled"));
        }
        fs::rename(part, &library)?;
        Ok(library)
    }
}

/// Where a crate that a dependency is linked with is found.
fn library_path(switch: &Path) -> [OsString; 2] {
    let mut value = OsString::from("dependency=");
    value.push(switch.parent().unwrap_or(switch));
    ["-L".into(), value]
}
