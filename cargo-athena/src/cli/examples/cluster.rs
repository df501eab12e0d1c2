//! `examples/cluster`: the image has what the manifest of a job asks for.

use clap::Parser as _;

use super::{bases, has_version, text};
use crate::cli::Cli;
use crate::kubernetes::{SSH_FOLDER, SSH_PORT, SSHD_CONFIG, USER};

#[test]
fn the_image_has_what_a_job_asks_for() {
    let image = text("cluster/Dockerfile");
    let command = image.lines().find_map(|line| line.strip_prefix("CMD ")).unwrap();
    let command: Vec<String> = serde_json::from_str(command).unwrap();
    assert_eq!(command, ["/usr/sbin/sshd", "-De", "-f", SSHD_CONFIG]);
    assert!(image.contains(&format!("useradd --create-home --uid {USER} mpiuser")));
    assert!(image.contains(&format!("\nUSER {USER}:{USER}\n")));
    assert!(SSH_FOLDER.starts_with("/home/mpiuser/"));
    for (from, to) in
        [("ssh_config", "/etc/ssh/ssh_config.d/mpi.conf"), ("sshd_config", SSHD_CONFIG)]
    {
        assert!(image.contains(&format!("\nCOPY examples/cluster/{from} {to}\n")), "{from}");
        let port = format!("Port {SSH_PORT}");
        let config = text(&format!("cluster/{from}"));
        assert!(config.lines().any(|line| line.trim() == port), "{from}");
    }
    let config = text("cluster/sshd_config");
    assert!(config.contains(&format!("\nHostKey {SSH_FOLDER}/id_rsa\n")));
    assert!(config.contains(&format!("\nAuthorizedKeysFile {SSH_FOLDER}/authorized_keys\n")));
}

#[test]
fn the_image_is_built_from_the_lockfile_and_has_no_keys() {
    let image = text("cluster/Dockerfile");
    assert!(image.contains("cargo build --locked --release"));
    let bases = bases(&image);
    assert!(bases.len() == 2 && bases.iter().all(|base| has_version(base)), "{bases:?}");
    // Debian's package makes them when it is installed, in the same layer.
    let install = image.split("\nRUN ").find(|run| run.contains("openssh-server")).unwrap();
    assert!(install.contains("rm -rf /var/lib/apt/lists/* /etc/ssh/ssh_host_*"));
}

#[test]
fn the_walk_through_types_what_can_be_typed() {
    let readme = text("cluster/README.md");
    let typed = readme.lines().filter_map(|line| line.strip_prefix("$ cargo athena "));
    let mut verbs = Vec::new();
    for line in typed {
        let line = line.split(['>', '|']).next().unwrap();
        let words = shlex::split(line).unwrap();
        verbs.push(words[0].clone());
        Cli::try_parse_from(["cargo athena"].into_iter().chain(words.iter().map(String::as_str)))
            .unwrap();
    }
    assert_eq!(verbs, ["mpi", "manifest"]);
}
