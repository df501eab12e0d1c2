//! A server of `RabbitMQ` with a folder, a name and ports of its own.

use std::net::{TcpListener, TcpStream};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const SERVER: &str = "/usr/lib/rabbitmq/bin/rabbitmq-server";

/// Starts the server in a folder, in a process group of its own: it is a script that starts others.
pub(crate) fn start(folder: &Path, port: u16) -> Child {
    let plugins = folder.join("plugins");
    std::fs::write(&plugins, "[].").unwrap();
    let distribution = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut command = Command::new(SERVER);
    command
        .env("HOME", folder)
        .env("RABBITMQ_NODENAME", format!("athena-{port}@localhost"))
        .env("RABBITMQ_NODE_IP_ADDRESS", "127.0.0.1")
        .env("RABBITMQ_NODE_PORT", port.to_string())
        .env("RABBITMQ_DIST_PORT", distribution.to_string())
        .env("RABBITMQ_MNESIA_BASE", folder.join("data"))
        .env("RABBITMQ_LOG_BASE", folder.join("log"))
        .env("RABBITMQ_ENABLED_PLUGINS_FILE", plugins)
        // Its threads do not spin while they wait.
        .env("RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS", "+sbwt none +sbwtdcpu none +sbwtdio none");
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
    let child = command.spawn().unwrap_or_else(|error| {
        panic!("{SERVER}: {error}; install it: apt-get install -y rabbitmq-server")
    });
    let began = Instant::now();
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(began.elapsed() < Duration::from_secs(90), "rabbitmq-server does not answer");
        std::thread::sleep(Duration::from_millis(50));
    }
    child
}

/// Kills all of its processes with -9.
pub(crate) fn kill(child: &Child, port: u16) {
    let group = rustix::process::Pid::from_child(child);
    let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
    // Only the script is our child: its server may take a moment longer.
    while TcpStream::connect(("127.0.0.1", port)).is_ok() {
        std::thread::sleep(Duration::from_millis(20));
    }
}
