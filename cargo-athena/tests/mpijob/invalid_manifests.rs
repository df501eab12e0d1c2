//! Manifests with one error.

use serde_json::{Value, json};

use crate::RIGHT;
use crate::output::manifest;

/// A right manifest, made wrong at one place.
#[derive(Clone, Copy)]
pub(super) struct Wrong {
    pub(super) name: &'static str,
    /// Where: a JSON pointer; what is not there is added.
    at: &'static str,
    /// JSON; nothing takes away what is there.
    put: &'static str,
    /// The expected message.
    pub(super) says: &'static str,
}

impl Wrong {
    pub(super) fn manifest(&self) -> Value {
        let mut manifest = manifest(RIGHT[1]);
        let (parent, key) = self.at.rsplit_once('/').unwrap();
        let parent = manifest.pointer_mut(parent).unwrap_or_else(|| panic!("{parent}"));
        let parent = parent.as_object_mut().unwrap();
        if self.put.is_empty() {
            assert!(parent.remove(key).is_some(), "{}", self.at);
        } else {
            let put = serde_json::from_str(self.put).unwrap_or_else(|_| json!(self.put));
            assert_ne!(parent.insert(key.to_owned(), put.clone()), Some(put));
        }
        manifest
    }
}

/// What the schema refuses.
pub(super) fn to_the_schema() -> Vec<Wrong> {
    let wrong = |name, at, put, says| Wrong { name, at, put, says };
    vec![
        wrong("a_typo_in_a_field", "/spec/slotPerWorker", "1", "/spec: Additional properties"),
        wrong(
            "a_typo_in_a_container",
            "/spec/mpiReplicaSpecs/Launcher/template/spec/containers/0/comand",
            "[]",
            "/containers/0: Additional properties",
        ),
        wrong(
            "a_field_of_the_old_version",
            "/spec/cleanPodPolicy",
            "Running",
            "/spec: Additional properties",
        ),
        wrong("another_mpi", "/spec/mpiImplementation", "OpenMPI 5", "/spec/mpiImplementation: "),
        wrong(
            "a_job_without_replicas",
            "/spec/mpiReplicaSpecs",
            "",
            "\"mpiReplicaSpecs\" is a required property",
        ),
        wrong(
            "a_container_without_a_name",
            "/spec/mpiReplicaSpecs/Worker/template/spec/containers/0/name",
            "",
            "\"name\" is a required property",
        ),
        wrong(
            "a_number_as_text",
            "/spec/mpiReplicaSpecs/Worker/replicas",
            "\"4\"",
            "/Worker/replicas: ",
        ),
        wrong(
            "a_list_that_is_none",
            "/spec/mpiReplicaSpecs/Worker/template/spec/containers/0/args",
            "-De",
            "/args: ",
        ),
        wrong(
            "memory_in_a_unit_of_ours",
            "/spec/mpiReplicaSpecs/Worker/template/spec/containers/0/resources/limits/memory",
            "4GB",
            "/limits/memory: ",
        ),
        wrong(
            "a_port_that_is_neither_number_nor_name",
            "/spec/mpiReplicaSpecs/Worker/template/spec/containers/0/readinessProbe/tcpSocket/port",
            "true",
            "/tcpSocket/port: ",
        ),
        wrong("a_null_where_none_may_be", "/spec/slotsPerWorker", "null", "/spec/slotsPerWorker: "),
    ]
}

/// Manifests that the schema accepts and the rules don't.
pub(super) fn to_the_rules() -> Vec<Wrong> {
    let wrong = |name, at, put, says| Wrong { name, at, put, says };
    vec![
        wrong(
            "a_name_that_is_no_host",
            "/metadata/name",
            "Night_ly",
            "Night_ly-launcher is the name of a host",
        ),
        wrong(
            "a_name_too_long_for_a_host",
            "/metadata/name",
            "a-name-of-fifty-five-letters-is-too-long-with-a-launcher",
            "-launcher is the name of a host",
        ),
        wrong("a_name_that_is_no_service", "/metadata/name", "2nd", "2nd is the name of a service"),
        wrong(
            "two_launchers",
            "/spec/mpiReplicaSpecs/Launcher/replicas",
            "2",
            "there is one launcher",
        ),
        wrong("no_workers", "/spec/mpiReplicaSpecs/Worker/replicas", "0", "there are workers"),
        wrong(
            "a_launcher_restarted_always",
            "/spec/mpiReplicaSpecs/Launcher/restartPolicy",
            "Always",
            "Launcher is restarted Never or OnFailure",
        ),
        wrong(
            "a_worker_restarted_by_exit_code",
            "/spec/mpiReplicaSpecs/Worker/restartPolicy",
            "ExitCode",
            "Worker is restarted Never or OnFailure",
        ),
        wrong(
            "pods_cleaned_otherwise",
            "/spec/runPolicy/cleanPodPolicy",
            "Always",
            "pods are cleaned",
        ),
        wrong(
            "less_than_no_attempts",
            "/spec/runPolicy/backoffLimit",
            "-1",
            "backoffLimit is 0 or more",
        ),
    ]
}
