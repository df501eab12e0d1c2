//! Several hosts: network namespaces with addresses and host names of their own, launched over ssh
//! as the MPI Operator does it, and by an agent that enters the namespace.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use crate::Tests;
use crate::job::{Job, ended, kill, needs, runner, size, tasks, until};

pub(crate) const TESTS: Tests = &[
    ("three_hosts_over_ssh_give_the_bytes_of_the_local_engine", over_ssh),
    ("a_rank_killed_on_one_host_ends_the_job_which_then_goes_on", rank_killed),
    ("a_link_cut_ends_the_job_in_bounded_time_and_it_then_goes_on", link_cut),
];

/// How many hosts there are.
const HOSTS: usize = 3;

/// Set for every rank, so that they are found wherever they run.
const MARK: &str = "ATHENA_MPI_TEST_MARK";

/// Namespaces that are hosts, on one more that is the switch between them.
struct Hosts {
    prefix: String,
    servers: Vec<Child>,
}

fn sh(script: &str) -> String {
    let Output { status, stdout, stderr } =
        Command::new("sh").args(["-ec", script]).output().unwrap();
    let said = String::from_utf8_lossy(&stderr);
    assert!(
        status.success(),
        "this test needs to make network namespaces (root, or CAP_SYS_ADMIN and CAP_NET_ADMIN): {script}: {said}"
    );
    String::from_utf8(stdout).unwrap()
}

fn address(host: usize) -> String {
    format!("10.177.0.{}", host + 1)
}

impl Hosts {
    fn new() -> Self {
        needs("ip", "iproute2");
        let prefix = format!("ath{}", std::process::id());
        let hosts = Self { prefix, servers: Vec::new() };
        let switch = hosts.name(HOSTS);
        sh(&format!(
            "ip netns add {switch}; ip -n {switch} link add br0 type bridge; ip -n {switch} link set br0 up"
        ));
        for host in 0..HOSTS {
            let (name, address) = (hosts.name(host), address(host));
            sh(&format!(
                "ip netns add {name}
                 ip -n {name} link set lo up
                 ip -n {name} link add eth0 type veth peer name port{host} netns {switch}
                 ip -n {switch} link set port{host} master br0 up
                 ip -n {name} addr add {address}/24 dev eth0
                 ip -n {name} link set eth0 up"
            ));
        }
        hosts
    }

    fn name(&self, host: usize) -> String {
        format!("{}n{host}", self.prefix)
    }

    /// A program on a host, under a host name of its own: Open MPI tells hosts by their names.
    fn on(&self, host: usize) -> Command {
        let mut command = Command::new("ip");
        let name = format!("hostname athena-{host} && exec \"$@\"");
        command.args([
            "netns",
            "exec",
            &self.name(host),
            "unshare",
            "--uts",
            "sh",
            "-c",
            &name,
            "sh",
        ]);
        command
    }

    /// An agent for mpirun that starts a program on the host with an address.
    fn agent(&self, path: &Path) {
        let script = format!(
            "#!/bin/sh\nhost=$((${{1##*.}} - 1)); shift\n\
             exec ip netns exec {}n$host unshare --uts sh -c \"hostname athena-$host && $*\"\n",
            self.prefix
        );
        // Written by another process: a file that is open for writing, even in a fork, can't start.
        let mut write = Command::new("sh");
        write.args(["-c", "printf %s \"$1\" > \"$0\"; chmod 755 \"$0\""]).arg(path).arg(script);
        assert!(write.status().unwrap().success());
    }

    /// An ssh server on each host, for keys made in this folder; the words for mpirun.
    fn serve_ssh(&mut self, folder: &Path) -> String {
        needs("/usr/sbin/sshd", "openssh-server");
        needs("ssh", "openssh-client");
        let key = |name: &str| {
            let path = folder.join(name);
            let mut make = Command::new("ssh-keygen");
            make.args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(&path);
            assert!(make.status().unwrap().success());
            path
        };
        let (client, server) = (key("client"), key("server"));
        let _ = fs::create_dir_all("/run/sshd");
        let config = folder.join("sshd_config");
        let client_public = client.with_extension("pub");
        fs::write(
            &config,
            format!(
                "Port 2222\nHostKey {}\nAuthorizedKeysFile {}\nStrictModes no\nUsePAM no\nPidFile none\nPermitRootLogin yes\n",
                server.display(),
                client_public.display()
            ),
        )
        .unwrap();
        for host in 1..HOSTS {
            let mut sshd = self.on(host);
            sshd.args(["/usr/sbin/sshd", "-D", "-f"]).arg(&config).stderr(Stdio::null());
            self.servers.push(sshd.spawn().unwrap());
        }
        let words = format!(
            "-p 2222 -i {} -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR",
            client.display()
        );
        for host in 1..HOSTS {
            until("sshd", || {
                let mut ssh = self.on(0);
                ssh.arg("ssh").args(words.split(' ')).args([&address(host), "true"]);
                ended(&mut ssh).code == Some(0)
            });
        }
        words
    }

    /// mpirun on the first host, a rank on each.
    fn job(&self, job: &Job, mca: &[&str], more: &[&str]) -> Command {
        let mut command = self.on(0);
        let hosts: Vec<String> = (0..HOSTS).map(|host| address(host) + ":1").collect();
        command
            .args(["mpirun", "-n", &HOSTS.to_string(), "--host", &hosts.join(",")])
            .args(["-x", crate::RUNNER, "-x", MARK])
            .args(["--mca", "mpi_yield_when_idle", "1", "--mca", "btl", "self,tcp"])
            .args(["--mca", "btl_tcp_if_include", "10.177.0.0/24"])
            .args(["--mca", "oob_tcp_if_include", "10.177.0.0/24"])
            .args(mca)
            .arg(runner())
            .args(job.mpi())
            .args(more)
            .env(crate::RUNNER, "1")
            .env(MARK, &self.prefix)
            .env("OMPI_ALLOW_RUN_AS_ROOT", "1")
            .env("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1")
            .stdin(Stdio::null());
        command
    }

    /// The process of a rank, on whatever host.
    fn rank(&self, rank: usize) -> Option<u32> {
        let has = |environ: &str, what: String| environ.contains(&what);
        fs::read_dir("/proc").unwrap().flatten().find_map(|entry| {
            let id: u32 = entry.file_name().to_str()?.parse().ok()?;
            let environ = fs::read(entry.path().join("environ")).ok()?;
            let environ = String::from_utf8_lossy(&environ).into_owned();
            let is_it = has(&environ, format!("{MARK}={}\0", self.prefix))
                && has(&environ, format!("OMPI_COMM_WORLD_RANK={rank}\0"))
                && !environ.contains("ATHENA_MODEL_PROCESS=");
            is_it.then_some(id)
        })
    }

    fn link(&self, host: usize, state: &str) {
        sh(&format!("ip -n {} link set eth0 {state}", self.name(host)));
    }
}

impl Drop for Hosts {
    fn drop(&mut self) {
        for server in &mut self.servers {
            let _ = server.kill();
            let _ = server.wait();
        }
        for host in 0..=HOSTS {
            let name = self.name(host);
            let script = format!("ip netns pids {name} | xargs -r kill -9; ip netns del {name}");
            let _ = Command::new("sh").args(["-c", &script]).stderr(Stdio::null()).status();
        }
    }
}

/// A job long enough to do something to it, whose messages say where they ran.
fn job() -> Job {
    let lines: Vec<String> = tasks(3000, 1000).lines().map(str::to_owned).collect();
    let asks = "{\"id\":1,\"then\":\"host\"}\n";
    let input = lines.chunks(15).map(|lines| lines.join("\n") + "\n" + asks).collect::<Vec<_>>();
    Job::new(&input.concat()).with(&["--batch-size", "4KB", "--jobs", "1"])
}

/// Asserts that the outcomes are those of the local engine, but for the hosts they name.
fn assert_local(job: Job, said: &str) {
    let out = job.text("out");
    let rejects = job.read("rejects");
    job.assert_clean();
    let job = job.plain();
    let here = fs::read_to_string("/proc/sys/kernel/hostname").unwrap();
    let (wanted, wanted_rejects) = job.local();
    let mut out = out;
    for host in 0..HOSTS {
        out = out.replace(&format!("athena-{host}"), here.trim());
    }
    assert!(out.into_bytes() == wanted, "{said}");
    assert!(rejects == wanted_rejects, "{said}");
}

fn over_ssh() {
    let mut hosts = Hosts::new();
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let ssh = hosts.serve_ssh(folder.path());
    let job = job();
    let ended =
        ended(&mut hosts.job(&job, &["--mca", "plm_rsh_args", &ssh], &["--expect-ranks", "3"]));
    assert_eq!(ended.code, Some(1), "{}", ended.said);
    for host in 1..HOSTS {
        let name = format!("\"athena-{host}\"");
        assert!(job.text("out").contains(&name), "nothing ran on host {host}: {}", ended.said);
    }
    assert_local(job, &ended.said);
}

/// Starts the job by the agent and waits until something is done.
fn begun(hosts: &Hosts, job: &Job, agent: &str, more: &[&str]) -> Child {
    let mut command = hosts.job(job, &["--mca", "plm_rsh_agent", agent], more);
    let log = fs::File::create(job.path("log")).unwrap();
    let child = command.stdout(Stdio::null()).stderr(log).spawn().unwrap();
    until("the journal to grow", || size(&job.path("out.journal")) > 8_000);
    child
}

/// Waits for the end of what was begun; what it has said.
fn wait(child: &mut Child, job: &Job, most: Duration) -> String {
    let began = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if began.elapsed() > most {
            let _ = child.kill();
            panic!("it has not ended after {most:?}: {}", job.text("log"));
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    println!("ended after {:.1} s", began.elapsed().as_secs_f64());
    job.text("log")
}

fn resumed(hosts: &Hosts, job: Job, agent: &str) {
    let ended = ended(&mut hosts.job(&job, &["--mca", "plm_rsh_agent", agent], &["--resume"]));
    assert_eq!(ended.code, Some(1), "{}", ended.said);
    assert!(ended.said.contains("going on: "), "{}", ended.said);
    assert_local(job, &ended.said);
}

fn rank_killed() {
    let hosts = Hosts::new();
    let job = job();
    let agent = job.path("agent");
    hosts.agent(&agent);
    let agent = agent.display().to_string();
    let mut child = begun(&hosts, &job, &agent, &[]);
    kill(hosts.rank(2).expect("rank 2 is not there"));
    let said = wait(&mut child, &job, Duration::from_mins(1));
    assert!(!job.path("out").exists(), "{said}");
    resumed(&hosts, job, &agent);
}

fn link_cut() {
    let hosts = Hosts::new();
    let job = job();
    let agent = job.path("agent");
    hosts.agent(&agent);
    let agent = agent.display().to_string();
    let mut child = begun(&hosts, &job, &agent, &["--heartbeat-timeout", "3s"]);
    hosts.link(2, "down");
    let said = wait(&mut child, &job, Duration::from_mins(1));
    assert!(said.contains("has said nothing for 3s"), "{said}");
    assert!(!job.path("out").exists(), "{said}");
    hosts.link(2, "up");
    resumed(&hosts, job, &agent);
}
