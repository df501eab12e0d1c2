//! A job of the MPI Operator on Kubernetes: what `cargo athena manifest mpijob` prints.
//!
//! The launcher is a rank too, the first: the one that deals the messages and keeps the journal, on a
//! volume that is there again when the launcher is. What the [pods] run is theirs, what may be a name
//! is in [name], an amount in [quantity].

pub(crate) mod name;
mod pods;
pub(crate) mod quantity;
mod yaml;

use serde_json::{Value, json};

use crate::display::plural;

pub(crate) use self::pods::{SSH_FOLDER, VOLUME};
#[cfg(test)]
pub(crate) use self::pods::{SSH_PORT, SSHD_CONFIG, USER};

/// What a job is to be.
#[derive(Clone, Debug)]
pub(crate) struct MpiJob {
    /// Of the job, and the start of what its pods are called.
    pub(crate) name: String,
    pub(crate) image: String,
    pub(crate) workers: u32,
    /// How many ranks a pod has.
    pub(crate) slots: u32,
    /// How many ranks there are in all.
    pub(crate) ranks: u64,
    /// What a pod may take.
    pub(crate) cpu: Option<String>,
    pub(crate) memory: Option<String>,
    /// The volume claim that has the files.
    pub(crate) claim: String,
    /// The runner in the image, and what is typed after its name.
    pub(crate) runner: String,
    pub(crate) words: Vec<String>,
    /// The file that is there once the job is done, as the pods see it.
    pub(crate) out: String,
    /// How often the launcher is started at most.
    pub(crate) attempts: u32,
    /// How many seconds the job stays to be looked at once it has ended.
    pub(crate) keep: u32,
}

impl MpiJob {
    /// The manifest, with what must be there beside it as comments.
    pub(crate) fn text(&self) -> String {
        format!(
            "# {}: the launcher distributes the messages, {} {} them.\n\
             # The volume claim {} must be there, with the messages on it.\n{}",
            plural(self.ranks, "rank"),
            plural(self.workers, "worker"),
            if self.workers == 1 { "runs" } else { "run" },
            self.claim,
            yaml::text(&self.manifest())
        )
    }

    fn manifest(&self) -> Value {
        json!({
            "apiVersion": "kubeflow.org/v2beta1",
            "kind": "MPIJob",
            "metadata": {
                "name": self.name,
                "labels": {"app.kubernetes.io/name": "athena"},
            },
            "spec": {
                "mpiImplementation": "OpenMPI",
                "slotsPerWorker": self.slots,
                "sshAuthMountPath": SSH_FOLDER,
                // Its line is the first of the hostfile, so the first rank is at the journal.
                "runLauncherAsWorker": true,
                "launcherCreationPolicy": "WaitForWorkersReady",
                "runPolicy": {
                    // Workers that still run would run for ever.
                    "cleanPodPolicy": "Running",
                    "backoffLimit": self.attempts - 1,
                    "ttlSecondsAfterFinished": self.keep,
                },
                "mpiReplicaSpecs": {
                    "Launcher": {
                        "replicas": 1,
                        "restartPolicy": "OnFailure",
                        "template": self.launcher(),
                    },
                    "Worker": {
                        "replicas": self.workers,
                        "restartPolicy": "OnFailure",
                        "template": self.worker(),
                    },
                },
            },
        })
    }
}
