//! How cargo would start a program: every program that this command starts is started like that.
//!
//! `cargo run` and `cargo test` set variables of the package, those of its build script and of the
//! configuration's `[env]`, extend the library path, and start the program through
//! `target.*.runner`. [`config`] reads the configuration.
//!
//! The differences that are left: the working directory is the user's for every verb, and variables
//! that cargo sets for a single kind of target (`CARGO_BIN_EXE_*`) are set at compile time only.

mod config;

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::str::FromStr as _;

use athena_protocol::PROCESS_RUNNER_VARIABLE;
use cargo_metadata::BuildScript;
use cargo_metadata::camino::{Utf8Path, Utf8PathBuf};
use cargo_metadata::cargo_platform::Cfg;

use self::config::CargoConfig;
pub(crate) use self::config::config_files;
use crate::cargo;
use crate::error::{Error, Result};
use crate::options::BuildOptions;

/// The variable with the folders of shared libraries.
const LIBRARY_PATH: &str = if cfg!(windows) {
    "PATH"
} else if cfg!(target_vendor = "apple") {
    "DYLD_FALLBACK_LIBRARY_PATH"
} else if cfg!(target_os = "aix") {
    "LIBPATH"
} else {
    "LD_LIBRARY_PATH"
};

/// How one program is started.
#[derive(Clone, Debug, Default)]
pub(crate) struct Launch {
    /// The program that starts it, with arguments: `target.*.runner`.
    through: Vec<OsString>,
    variables: Vec<(OsString, OsString)>,
}

impl Launch {
    /// The command that starts a program.
    pub(crate) fn command(&self, program: &Path) -> Command {
        let words = self.argv(program);
        let (first, arguments) = words
            .split_first()
            .map_or((program.as_os_str(), &[][..]), |it| (it.0.as_os_str(), it.1));
        let mut command = Command::new(first);
        command.args(arguments);
        self.set_variables(&mut command);
        command
    }

    /// The words that start a program.
    pub(crate) fn argv(&self, program: &Path) -> Vec<OsString> {
        self.through.iter().cloned().chain([program.into()]).collect()
    }

    /// Sets the variables of the program, for a command that starts it indirectly.
    pub(crate) fn set_variables(&self, command: &mut Command) {
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        if !self.through.is_empty() {
            let words: Vec<_> = self.through.iter().map(|word| word.to_string_lossy()).collect();
            command.env(PROCESS_RUNNER_VARIABLE, serde_json::json!(words).to_string());
        }
    }

    /// The sentence that names what starts the program, if something else does.
    pub(crate) fn note(&self) -> Option<String> {
        let words: Vec<_> = self.through.iter().map(|word| word.to_string_lossy()).collect();
        let note = format!("it was started through `{}` (`target.*.runner`)", words.join(" "));
        (!words.is_empty()).then_some(note)
    }
}

/// What the configuration and the compiler say, for all programs of a build.
#[derive(Debug)]
pub(crate) struct Launcher {
    config: CargoConfig,
    target: Option<String>,
    /// The compiler, which prints the target's `cfg` and library folder while cargo builds.
    rustc: Child,
}

/// The user's wrappers of the compiler: the one for all packages, and the one for packages of the
/// workspace, which cargo calls through the first.
///
/// # Errors
///
/// The configuration can't be read.
pub(crate) fn compiler_wrappers(
    directory: &Path,
    given: &[String],
) -> Result<(Option<PathBuf>, Option<PathBuf>)> {
    let config = CargoConfig::load(directory, given)?;
    let wrapper = |variable: &str, name: &str| {
        config.wrapper(name, env::var_os(variable).as_deref(), directory)
    };
    let all = wrapper("RUSTC_WRAPPER", "rustc-wrapper");
    Ok((all, wrapper("RUSTC_WORKSPACE_WRAPPER", "rustc-workspace-wrapper")))
}

/// A program that was built, for its [`Launch`].
pub(crate) struct LaunchedProgram<'a> {
    pub(crate) path: &'a Path,
    pub(crate) package_id: &'a str,
    /// The variables of its package, see [`package_variables`].
    pub(crate) variables: &'a [(String, String)],
}

impl Launcher {
    /// Reads the configuration, and starts to ask the compiler.
    pub(crate) fn start(build: &BuildOptions) -> Result<Self> {
        let directory = match &build.manifest.directory {
            Some(directory) => directory.clone(),
            None => env::current_dir()
                .map_err(|error| Error::usage("the working directory is gone").cause(error))?,
        };
        let config = CargoConfig::load(&directory, &build.manifest.config)?;
        let target = build.target.clone().or_else(|| config.target());
        // The host is cargo's default.
        let target = target.filter(|target| target != "host-tuple");
        let mut rustc = cargo::rustc(&build.manifest, config.rustc());
        rustc.args(["--print", "target-libdir", "--print", "cfg"]);
        if let Some(target) = &target {
            rustc.args(["--target", target]);
        }
        let failed = format!("{} can't be started", rustc.get_program().to_string_lossy());
        let rustc = rustc
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| Error::build(failed).cause(error))?;
        Ok(Self { config, target, rustc })
    }

    /// How each program is started, in the same order.
    pub(crate) fn launches(
        self,
        programs: &[LaunchedProgram<'_>],
        scripts: &[BuildScript],
    ) -> Result<Vec<Launch>> {
        let failed = || Error::build("rustc can't tell the target's `cfg` and library folder");
        let output = self.rustc.wait_with_output().map_err(|error| failed().cause(error))?;
        if !output.status.success() {
            let stderr = String::from_utf8_lossy(&output.stderr).trim().to_owned();
            return Err(failed().cause(stderr));
        }
        let text = String::from_utf8_lossy(&output.stdout);
        let mut lines = text.lines();
        let libraries = PathBuf::from(lines.next().unwrap_or_default());
        let cfg: Vec<Cfg> = lines.filter_map(|line| Cfg::from_str(line).ok()).collect();
        let target = self.target.unwrap_or_else(|| {
            // lib/rustlib/x86_64-unknown-linux-gnu/lib
            let triple = libraries.parent().and_then(Path::file_name).unwrap_or_default();
            triple.to_string_lossy().into_owned()
        });
        // A target may be the path of a file that describes it.
        let target = target
            .strip_suffix(".json")
            .map_or(target.as_str(), |path| path.rsplit(['/', '\\']).next().unwrap_or(path));
        let through = self.config.runner(target, &cfg)?.unwrap_or_default();
        let configured = self.config.variables();
        let launch = |program: &LaunchedProgram<'_>| -> Result<Launch> {
            let mut variables: Vec<(OsString, OsString)> =
                program.variables.iter().map(|(name, value)| (name.into(), value.into())).collect();
            let own = scripts.iter().filter(|it| it.package_id.repr == program.package_id);
            for script in own {
                variables
                    .extend(script.env.iter().map(|(name, value)| (name.into(), value.into())));
                variables.push(("OUT_DIR".into(), script.out_dir.clone().into_os_string()));
            }
            variables.push((LIBRARY_PATH.into(), library_path(program.path, scripts, &libraries)?));
            for variable in &configured {
                let is_set = variables.iter().any(|(name, _)| *name == *variable.name);
                if !is_set && (variable.force || env::var_os(&variable.name).is_none()) {
                    variables.push((variable.name.clone().into(), variable.value.clone()));
                }
            }
            Ok(Launch { through: through.clone(), variables })
        };
        programs.iter().map(launch).collect()
    }
}

/// The variables that cargo sets for every program of a package.
pub(crate) fn package_variables(package: &cargo_metadata::Package) -> Vec<(String, String)> {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let path =
        |value: &Option<Utf8PathBuf>| value.as_ref().map(ToString::to_string).unwrap_or_default();
    let version = &package.version;
    let root = package.manifest_path.parent().map(ToString::to_string).unwrap_or_default();
    let rust_version = package.rust_version.as_ref().map(|version| match version.patch {
        0 => format!("{}.{}", version.major, version.minor),
        _ => version.to_string(),
    });
    [
        ("CARGO_MANIFEST_DIR", root),
        ("CARGO_MANIFEST_PATH", package.manifest_path.to_string()),
        ("CARGO_PKG_NAME", package.name.to_string()),
        ("CARGO_PKG_VERSION", version.to_string()),
        ("CARGO_PKG_VERSION_MAJOR", version.major.to_string()),
        ("CARGO_PKG_VERSION_MINOR", version.minor.to_string()),
        ("CARGO_PKG_VERSION_PATCH", version.patch.to_string()),
        ("CARGO_PKG_VERSION_PRE", version.pre.to_string()),
        ("CARGO_PKG_AUTHORS", package.authors.join(":")),
        ("CARGO_PKG_DESCRIPTION", text(&package.description)),
        ("CARGO_PKG_HOMEPAGE", text(&package.homepage)),
        ("CARGO_PKG_REPOSITORY", text(&package.repository)),
        ("CARGO_PKG_LICENSE", text(&package.license)),
        ("CARGO_PKG_LICENSE_FILE", path(&package.license_file)),
        ("CARGO_PKG_README", path(&package.readme)),
        ("CARGO_PKG_RUST_VERSION", rust_version.unwrap_or_default()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .to_vec()
}

/// The library path that cargo would set: the build scripts' folders inside the target folder, those
/// of the build, the one of the standard library, and what the variable has.
fn library_path(program: &Path, scripts: &[BuildScript], libraries: &Path) -> Result<OsString> {
    let folder = program.parent().unwrap_or(program);
    let is_inner = folder.file_name().is_some_and(|name| name == "deps" || name == "examples");
    let profile = if is_inner { folder.parent().unwrap_or(folder) } else { folder };
    let mut folders: Vec<PathBuf> = Vec::new();
    for script in scripts {
        // debug/build/PACKAGE/out
        let built = script.out_dir.ancestors().nth(3).map(Utf8Path::as_std_path);
        for path in &script.linked_paths {
            let path = match path.as_str().split_once('=') {
                Some(("native" | "crate" | "dependency" | "framework" | "all", path)) => path,
                _ => path.as_str(),
            };
            let path = Path::new(path);
            let is_built =
                path.starts_with(profile) || built.is_some_and(|it| path.starts_with(it));
            if is_built && !folders.iter().any(|known| known == path) {
                folders.push(path.to_owned());
            }
        }
    }
    folders.extend([profile.join("deps"), profile.to_owned(), libraries.to_owned()]);
    let set = env::var_os(LIBRARY_PATH).unwrap_or_default();
    let before: Vec<PathBuf> =
        env::split_paths(&set).filter(|path| !path.as_os_str().is_empty()).collect();
    if before.starts_with(&folders) {
        return Ok(set);
    }
    let is_empty = before.is_empty();
    folders.extend(before);
    if cfg!(target_vendor = "apple") && is_empty {
        // What the loader does without the variable.
        folders.extend(env::home_dir().map(|home| home.join("lib")));
        folders.extend(["/usr/local/lib", "/usr/lib"].map(PathBuf::from));
    }
    env::join_paths(&folders).map_err(|error| {
        Error::build(format!("{LIBRARY_PATH} can't be set for {}", program.display())).cause(error)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_started_through_the_runner_of_the_configuration() {
        let launch = Launch {
            through: vec!["qemu".into(), "-L".into(), "/root".into()],
            variables: vec![("A".into(), "1".into())],
        };
        let command = launch.command(Path::new("/t/p"));
        assert_eq!(command.get_program(), "qemu");
        assert_eq!(command.get_args().collect::<Vec<_>>(), ["-L", "/root", "/t/p"]);
        let variables: Vec<_> = command.get_envs().map(|(name, _)| name).collect();
        assert_eq!(variables, ["A", PROCESS_RUNNER_VARIABLE]);
        assert!(launch.note().unwrap().contains("`qemu -L /root`"));
        let plain = Launch::default().command(Path::new("/t/p"));
        assert_eq!((plain.get_program(), plain.get_args().len()), ("/t/p".as_ref(), 0));
    }

    #[test]
    fn the_library_path_has_what_build_scripts_made_and_nothing_of_the_system() {
        let script: BuildScript = serde_json::from_value(serde_json::json!({
            "package_id": "a", "linked_libs": [], "cfgs": [], "env": [],
            "linked_paths": ["native=/t/debug/build/a-1/out/lib", "/usr/lib/x", "/t/debug/build/a-1/out"],
            "out_dir": "/t/debug/build/a-1/out",
        }))
        .unwrap();
        let path = library_path(Path::new("/t/debug/deps/p-1"), &[script], Path::new("/std/lib"));
        let path: Vec<_> = env::split_paths(&path.unwrap()).take(5).collect();
        let expected = [
            "/t/debug/build/a-1/out/lib",
            "/t/debug/build/a-1/out",
            "/t/debug/deps",
            "/t/debug",
            "/std/lib",
        ];
        assert_eq!(path, expected.map(PathBuf::from));
    }
}
