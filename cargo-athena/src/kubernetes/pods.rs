//! The pods of a job: containers, users and volumes.

use serde_json::{Map, Value, json};

use super::MpiJob;

/// The user id of all containers.
pub(crate) const USER: u32 = 1000;

/// The operator mounts the keys here.
pub(crate) const SSH_FOLDER: &str = "/home/mpiuser/.ssh";

/// The configuration of sshd, in the same place as in the operator's own images.
pub(crate) const SSHD_CONFIG: &str = "/home/mpiuser/.sshd_config";

/// The port of sshd. Unprivileged users can't bind port 22.
pub(crate) const SSH_PORT: u16 = 2222;

/// The mount point of the volume.
pub(crate) const VOLUME: &str = "/data";

/// Written by the operator.
const HOSTFILE: &str = "/etc/mpi/hostfile";

/// Starts its arguments unless their output ($0) is complete. A complete job has removed its
/// journal. A job that rejected messages is complete too and must not start again.
const LAUNCH: &str =
    r#"is_done() { test -e "$0" && ! test -e "$0.journal"; }; is_done || "$@" || is_done"#;

impl MpiJob {
    pub(super) fn launcher(&self) -> Value {
        let ranks = self.ranks.to_string();
        let mut arguments = vec!["mpirun", "--hostfile", HOSTFILE, "-n", &ranks];
        // Rank 0 on the first host. A rank may use all cores of its pod.
        arguments.extend(["--map-by", "slot", "--bind-to", "none", &self.runner]);
        arguments.extend(self.arguments.iter().map(String::as_str));
        let container = self.container(
            "launcher",
            json!({
                "command": ["sh", "-c", LAUNCH, self.out],
                "args": arguments,
                // The operator sets OMPI_MCA_plm_rsh_args for Open MPI 4; this is its name in Open
                // MPI 5.
                "env": [{"name": "PRTE_MCA_plm_ssh_args", "value": "-o ConnectionAttempts=10"}],
                "volumeMounts": [{"name": "data", "mountPath": VOLUME}],
            }),
        );
        let volume = json!({"name": "data", "persistentVolumeClaim": {"claimName": self.claim}});
        pod(&container, &[volume])
    }

    pub(super) fn worker(&self) -> Value {
        let container = self.container(
            "worker",
            json!({
                "command": ["/usr/sbin/sshd"],
                "args": ["-De", "-f", SSHD_CONFIG],
                "ports": [{"name": "ssh", "containerPort": SSH_PORT}],
                // The launcher is created once all workers are ready.
                "readinessProbe": {"tcpSocket": {"port": "ssh"}, "periodSeconds": 2},
            }),
        );
        pod(&container, &[])
    }

    fn container(&self, name: &str, mut with: Value) -> Value {
        with["name"] = name.into();
        with["image"] = self.image.as_str().into();
        with["securityContext"] = json!({
            "allowPrivilegeEscalation": false,
            "readOnlyRootFilesystem": true,
            "capabilities": {"drop": ["ALL"]},
        });
        let given = [("cpu", &self.cpu), ("memory", &self.memory)];
        let amounts: Map<String, Value> = given
            .into_iter()
            .filter_map(|(key, amount)| Some((key.to_owned(), amount.clone()?.into())))
            .collect();
        if !amounts.is_empty() {
            with["resources"] = json!({"requests": amounts, "limits": amounts});
        }
        let mut mounts = vec![json!({"name": "tmp", "mountPath": "/tmp"})];
        if let Some(more) = with["volumeMounts"].as_array() {
            mounts.extend(more.iter().cloned());
        }
        with["volumeMounts"] = mounts.into();
        with
    }
}

fn pod(container: &Value, volumes: &[Value]) -> Value {
    // Open MPI keeps its session here.
    let tmp = json!({"name": "tmp", "emptyDir": {}});
    let volumes: Vec<Value> = std::iter::once(tmp).chain(volumes.iter().cloned()).collect();
    json!({
        "metadata": {"labels": {"app.kubernetes.io/name": "athena"}},
        "spec": {
            "automountServiceAccountToken": false,
            "enableServiceLinks": false,
            // Finished work is in the journal, so there is nothing to wait for.
            "terminationGracePeriodSeconds": 5,
            "securityContext": {
                "runAsNonRoot": true,
                "runAsUser": USER,
                "runAsGroup": USER,
                // The group that may write to the volume.
                "fsGroup": USER,
                "seccompProfile": {"type": "RuntimeDefault"},
            },
            "containers": [container],
            "volumes": volumes,
        },
    })
}

#[cfg(all(test, unix))]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn a_job_that_is_done_begins_no_more_and_one_that_is_not_goes_on() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("out");
        let launch = |then: &str| {
            let _ = std::fs::remove_file(folder.path().join("ran"));
            let mut command = Command::new("sh");
            command.current_dir(&folder).args(["-c", LAUNCH]).arg(&out);
            let status = command.args(["sh", "-c", &format!("touch ran; {then}")]).status();
            (status.unwrap().success(), folder.path().join("ran").exists())
        };
        // A rank died: the journal stays, and the launcher starts again.
        assert_eq!(launch("touch out.journal; exit 137"), (false, true));
        assert_eq!(launch("touch out; exit 137"), (false, true));
        // Some messages were rejected.
        assert_eq!(launch("rm out.journal; exit 1"), (true, true));
        // The pod was deleted after the end and started again.
        assert_eq!(launch("exit 1"), (true, false));
        // Wrong usage never gets this far.
        std::fs::remove_file(&out).unwrap();
        assert_eq!(launch("exit 2"), (false, true));
        assert_eq!(launch("touch out"), (true, true));
    }
}
