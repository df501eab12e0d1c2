//! Rules of the operator beyond its schema.

use serde_json::Value;

/// Which rules a manifest breaks.
pub(super) fn broken(manifest: &Value) -> Vec<String> {
    let mut broken = Vec::new();
    let mut rule = |holds: bool, what: String| {
        if !holds {
            broken.push(what);
        }
    };
    let spec = &manifest["spec"];
    let replicas = &spec["mpiReplicaSpecs"];
    let kinds: Vec<&String> =
        replicas.as_object().map_or_else(Vec::new, |kinds| kinds.keys().collect());
    rule(
        kinds == ["Launcher", "Worker"],
        format!("the replicas are Launcher and Worker, not {kinds:?}"),
    );
    rule(replicas["Launcher"]["replicas"] == 1, "there is one launcher".to_owned());
    let workers = replicas["Worker"]["replicas"].as_i64().unwrap_or(0);
    rule(workers > 0, "there are workers".to_owned());
    for kind in ["Launcher", "Worker"] {
        let policy = &replicas[kind]["restartPolicy"];
        let is_known = policy == "Never" || policy == "OnFailure";
        rule(is_known, format!("{kind} is restarted Never or OnFailure, not {policy}"));
        let containers = replicas[kind]["template"]["spec"]["containers"].as_array();
        rule(containers.is_some_and(|all| !all.is_empty()), format!("{kind} has a container"));
    }
    let name = manifest["metadata"]["name"].as_str().unwrap_or_default();
    let hosts = [format!("{name}-worker-{}", workers - 1), format!("{name}-launcher")];
    for host in hosts {
        rule(is_label(&host), format!("{host} is the name of a host"));
    }
    // A service is called as the job.
    rule(
        is_label(name) && !name.starts_with(|c: char| c.is_ascii_digit()),
        format!("{name} is the name of a service"),
    );
    let policy = &spec["runPolicy"]["cleanPodPolicy"];
    let is_known = ["None", "Running", "All"].iter().any(|known| policy == known);
    rule(is_known, format!("pods are cleaned None, Running or All, not {policy}"));
    for (value, of) in [
        (&spec["slotsPerWorker"], "slotsPerWorker"),
        (&spec["runPolicy"]["backoffLimit"], "backoffLimit"),
        (&spec["runPolicy"]["ttlSecondsAfterFinished"], "ttlSecondsAfterFinished"),
    ] {
        rule(value.as_i64().is_some_and(|number| number >= 0), format!("{of} is 0 or more"));
    }
    let creation = &spec["launcherCreationPolicy"];
    let is_known = creation == "AtStartup" || creation == "WaitForWorkersReady";
    rule(
        is_known,
        format!("the launcher is created AtStartup or WaitForWorkersReady, not {creation}"),
    );
    let keys = spec["sshAuthMountPath"].as_str().unwrap_or_default();
    rule(keys.starts_with('/'), "keys are mounted somewhere".to_owned());
    broken
}

/// A part of a host's name, by RFC 1123.
fn is_label(name: &str) -> bool {
    let is_in = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=63).contains(&name.len())
        && name.bytes().all(is_in)
        && !name.starts_with('-')
        && !name.ends_with('-')
}
