//! A job of the MPI Operator on Kubernetes, as `cargo athena manifest mpijob` prints it.
//!
//! The launcher is rank 0: it distributes the messages and keeps the journal, on a volume that
//! survives the launcher. [`pods`] has the pods' containers, [`name`] the rules for names,
//! [`quantity`] those for amounts.

pub(crate) mod name;
mod pods;
pub(crate) mod quantity;
mod yaml;

use serde_json::{Value, json};

use crate::display::plural;

pub(crate) use self::pods::{SSH_FOLDER, VOLUME};
#[cfg(test)]
pub(crate) use self::pods::{SSH_PORT, SSHD_CONFIG, USER};

/// The settings of a job.
#[derive(Clone, Debug)]
pub(crate) struct MpiJob {
    /// The job's name, with which the names of its pods start.
    pub(crate) name: String,
    pub(crate) image: String,
    pub(crate) workers: u32,
    /// The number of ranks per pod.
    pub(crate) slots: u32,
    /// The number of all ranks.
    pub(crate) ranks: u64,
    /// The resource limits of a pod.
    pub(crate) cpu: Option<String>,
    pub(crate) memory: Option<String>,
    /// The volume claim with the files.
    pub(crate) claim: String,
    /// The runner in the image, and its arguments.
    pub(crate) runner: String,
    pub(crate) arguments: Vec<String>,
    /// The file that exists once the job is done, as the pods see it.
    pub(crate) out: String,
    /// The most starts of the launcher.
    pub(crate) attempts: u32,
    /// The number of seconds to keep a finished job.
    pub(crate) keep: u32,
}

impl MpiJob {
    /// The manifest. Comments name its prerequisites.
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
                // The launcher is the first line of the hostfile, so rank 0 is at the journal.
                "runLauncherAsWorker": true,
                "launcherCreationPolicy": "WaitForWorkersReady",
                "runPolicy": {
                    // Workers that are still running would run forever.
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
