//! The printed manifest, checked without a schema.

use std::process::Command;

use serde_json::{Value, json};

use crate::{RIGHT, at, yaml};

const LAUNCHER: &str = "/spec/mpiReplicaSpecs/Launcher/template/spec";
const WORKER: &str = "/spec/mpiReplicaSpecs/Worker/template/spec";

/// The manifest for these arguments, parsed.
pub(super) fn manifest(words: &str) -> Value {
    let (code, out, err) = print(words);
    assert_eq!(code, 0, "{words}: {err}");
    let mut documents = yaml::documents(&out).unwrap();
    assert_eq!(documents.len(), 1);
    documents.remove(0)
}

pub(super) fn ranks_add_up() {
    for (words, ranks, slots) in [(RIGHT[0], "5", 1), (RIGHT[1], "16", 8), (RIGHT[2], "1001", 1)] {
        let manifest = manifest(words);
        assert_eq!(at(&manifest, "/spec/slotsPerWorker"), slots);
        assert_eq!(at(&manifest, "/spec/runLauncherAsWorker"), true);
        let arguments = arguments(&manifest);
        let start = ["mpirun", "--hostfile", "/etc/mpi/hostfile", "-n", ranks];
        assert_eq!(arguments[..start.len()], start);
        assert_eq!(behind(&arguments, "--expect-ranks"), ranks);
    }
}

pub(super) fn files_are_on_the_volume() {
    let manifest = manifest(RIGHT[2]);
    let arguments = arguments(&manifest);
    let runner = arguments.iter().position(|word| word == "/bin/m").unwrap();
    let typed = "mpi score --messages /data/in/1.jsonl --out /data/o --rejects /data/r \
                 --journal /data/o.journal --expect-ranks 1001 --resume";
    assert_eq!(arguments[runner + 1..].join(" "), typed);
    // The shell that starts it looks at the same file.
    let container = at(&manifest, &format!("{LAUNCHER}/containers/0"));
    assert_eq!(container["command"][3], "/data/o");
    let mounts = json!([
        {"name": "tmp", "mountPath": "/tmp"},
        {"name": "data", "mountPath": "/data"},
    ]);
    assert_eq!(container["volumeMounts"], mounts);
    let volumes = json!([
        {"name": "tmp", "emptyDir": {}},
        {"name": "data", "persistentVolumeClaim": {"claimName": "a.b"}},
    ]);
    assert_eq!(at(&manifest, &format!("{LAUNCHER}/volumes")), &volumes);
    assert_eq!(at(&manifest, "/spec/runPolicy/backoffLimit"), 0);
}

pub(super) fn nobody_is_root() {
    let manifest = manifest(RIGHT[1]);
    assert_eq!(at(&manifest, "/spec/sshAuthMountPath"), "/home/mpiuser/.ssh");
    for pod in [LAUNCHER, WORKER] {
        let rights = at(&manifest, &format!("{pod}/securityContext"));
        assert_eq!((&rights["runAsNonRoot"], &rights["runAsUser"]), (&json!(true), &json!(1000)));
        let container = at(&manifest, &format!("{pod}/containers/0"));
        assert_eq!(container["securityContext"]["readOnlyRootFilesystem"], true);
        let amounts = json!({"cpu": "500m", "memory": "1.5Gi"});
        assert_eq!(container["resources"], json!({"limits": amounts, "requests": amounts}));
    }
    let worker = at(&manifest, &format!("{WORKER}/containers/0"));
    assert_eq!(worker["command"], json!(["/usr/sbin/sshd"]));
    // Who is not root listens above 1023.
    assert!(worker["ports"][0]["containerPort"].as_u64().unwrap() > 1023);
    assert_eq!(worker["readinessProbe"]["tcpSocket"]["port"], worker["ports"][0]["name"]);
}

pub(super) fn wrong_words_are_told() {
    let long = "a".repeat(53);
    for (words, says) in [
        ("--workers 4 score", "--image <IMAGE>"),
        ("--image m:1 score", "--workers <N>"),
        ("--image m:1 --workers 4", "<MODEL>"),
        ("--image m:1 --workers 0 score", "--workers <N>"),
        ("--image m:1 --workers 3000000000 score", "--workers: 3000000000 is too large"),
        ("--image m:1 --workers 4 --slots 0 score", "--slots <N>"),
        ("--image m:1 --workers 4 --cpu 0 score", "must be greater than zero"),
        ("--image m:1 --workers 4 --memory 512m score", "write it as 512Mi, 4Gi or 4G"),
        ("--image m:1 --workers 4 --name Night score", "--name: \"Night\" is not a host name"),
        (&format!("--image m:1 --workers 101 --name {long} score"), "1 too long for a host name"),
        (
            "--image m:1 --workers 4 --claim a/b score",
            "--claim: \"a/b\" is not the name of a volume claim",
        ),
        (
            "--image m:1 --workers 4 --out /tmp/o score",
            "--out: \"/tmp/o\" is not a file on the volume",
        ),
        (
            "--image m:1 --workers 4 --messages ../m score",
            "--messages: \"../m\" is not a file on the volume",
        ),
        (
            "--image m:1 --workers 4 --out messages.jsonl score",
            "--messages and --out are the same file: messages.jsonl",
        ),
        (
            "--image m:1 --workers 4 --out a --rejects a.journal score",
            "--rejects and the journal are the same file: a.journal",
        ),
        ("--image m:1 --workers 4 sc/ore", "\"sc/ore\" is not a model's id"),
        ("--image m:1 --workers 4 score -- --out=x", "--out: the manifest already sets it"),
        ("--image m:1 --workers 4 __", "set another name: --name NAME"),
    ] {
        let (code, out, err) = print(words);
        assert_eq!((code, out.as_str()), (2, ""), "{words}: {err}");
        assert!(err.contains(says), "{words}: {err}");
    }
}

fn arguments(manifest: &Value) -> Vec<String> {
    let arguments = at(manifest, &format!("{LAUNCHER}/containers/0/args")).as_array().unwrap();
    arguments.iter().map(|word| word.as_str().unwrap().to_owned()).collect()
}

fn behind<'a>(arguments: &'a [String], flag: &str) -> &'a str {
    &arguments[arguments.iter().position(|word| word == flag).unwrap() + 1]
}

fn print(words: &str) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-athena"));
    // No package is needed.
    command.current_dir(std::env::temp_dir()).args(["manifest", "mpijob"]);
    let output = command.args(words.split_whitespace()).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}
