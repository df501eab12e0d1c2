//! A server of `PostgreSQL` with a folder of its own.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Starts the server in a folder, which it makes a cluster of at first.
pub(crate) fn start(folder: &Path, port: u16) {
    create(folder);
    start_with(folder, port, "");
}

/// Makes a cluster in a folder, if it is missing.
pub(crate) fn create(folder: &Path) {
    let data = folder.join("data");
    if data.exists() {
        return;
    }
    if is_root() {
        run(Command::new("chown").arg("postgres").arg(folder));
    }
    let options = ["-A", "trust", "-U", "postgres", "-E", "UTF8", "--no-sync"];
    run(program("initdb").arg("-D").arg(&data).args(options));
}

/// Starts the server, with more options.
pub(crate) fn start_with(folder: &Path, port: u16, more: &str) {
    let data = folder.join("data");
    let options = format!(
        "-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c max_connections=300 {more}"
    );
    run(program("pg_ctl")
        .arg("-D")
        .arg(&data)
        .arg("-l")
        .arg(folder.join("log"))
        .args(["-w", "-t", "60", "-o", &options, "start"]));
}

/// Ends the server at once, as a crash does: it recovers when it is started.
pub(crate) fn stop(folder: &Path) {
    let mut command = program("pg_ctl");
    command.arg("-D").arg(folder.join("data")).args(["-m", "immediate", "stop"]);
    run(&mut command);
}

/// Executes a statement at the server of a URL.
pub(crate) fn execute(url: &str, statement: &str) {
    run(program("psql").args([url, "-v", "ON_ERROR_STOP=1", "-c", statement]));
}

/// Writes a key that the server accepts: nobody but its owner reads it.
pub(crate) fn write_key(path: &Path, key: &str) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::write(path, key).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
    if is_root() {
        run(Command::new("chown").arg("postgres").arg(path));
    }
}

/// The server does not run as root.
fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output().unwrap();
    id.stdout == b"0\n"
}

/// A program of the server, as the user that it runs as.
fn program(name: &str) -> Command {
    let path = installed(name)
        .unwrap_or_else(|| panic!("{name} is missing; install it: apt-get install -y postgresql"));
    if !is_root() {
        return Command::new(path);
    }
    let mut command = Command::new("runuser");
    command.args(["-u", "postgres", "--"]).arg(path).current_dir("/");
    command
}

/// The path of a program: Debian has them outside of `PATH`.
fn installed(name: &str) -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let debian = versions.map(|version| version.path().join("bin"));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders: Vec<_> = debian.chain(std::env::split_paths(&path)).collect();
    folders.into_iter().map(|folder| folder.join(name)).find(|path| path.exists())
}

fn run(command: &mut Command) {
    let output = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
    let status = output.unwrap();
    assert!(status.success(), "{command:?}: {status}");
}
