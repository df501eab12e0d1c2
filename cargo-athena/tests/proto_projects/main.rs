//! `.proto` files of five public projects: imported, built, and their bytes compared with prost's.
//!
//! The files are in packages of the crate registry, which cargo fetches: the test is ignored, and
//! `.ci/test` runs it with `--ignored`.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

#[path = "../fetched/mod.rs"]
mod fetched;

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use self::fetched::FetchedPackage;

/// A project: its module, the package with its files, the folder there that imports start from, the
/// files, and folders of files that these import.
struct Project {
    name: &'static str,
    package: &'static str,
    root: &'static str,
    files: &'static [&'static str],
    folders: &'static [&'static str],
}

const PROJECTS: [Project; 5] = [
    Project {
        name: "pubsub",
        package: "google-cloud-googleapis",
        root: "googleapis",
        files: &["google/pubsub/v1/pubsub.proto", "google/pubsub/v1/schema.proto"],
        folders: &["google/pubsub/v1", "google/api"],
    },
    Project {
        name: "status",
        package: "google-cloud-googleapis",
        root: "googleapis",
        files: &["google/rpc/status.proto"],
        folders: &["google/rpc"],
    },
    Project {
        name: "opentelemetry",
        package: "opentelemetry-proto",
        root: "src/proto/opentelemetry-proto",
        files: &[
            "opentelemetry/proto/trace/v1/trace.proto",
            "opentelemetry/proto/metrics/v1/metrics.proto",
            "opentelemetry/proto/logs/v1/logs.proto",
        ],
        folders: &["opentelemetry/proto"],
    },
    Project {
        name: "etcd",
        package: "etcd-client",
        root: "proto",
        files: &[
            "etcd/api/etcdserverpb/rpc.proto",
            "etcd/api/mvccpb/kv.proto",
            "etcd/api/authpb/auth.proto",
        ],
        folders: &["etcd/api", "google/api", "protoc-gen-openapiv2"],
    },
    Project {
        name: "grpc",
        package: "tonic-reflection",
        root: "proto",
        files: &["reflection_v1.proto"],
        folders: &[""],
    },
];

#[test]
#[ignore = "fetches packages; `cargo test -p cargo-athena --test proto_projects -- --ignored`"]
fn the_bytes_of_imported_messages_are_those_of_prost() {
    let lines = PROJECTS.map(|project| format!("{} {}\n", project.name, project.files.join(" ")));
    let files = [
        ("build.rs", include_str!("package/build.txt")),
        ("src/main.rs", include_str!("package/main.txt")),
        ("projects.txt", &lines.concat()),
    ];
    let package = FetchedPackage::new("proto-projects", include_str!("package/Cargo.txt"), &files);
    let folder = &package.folder;
    fs::create_dir_all(folder.join("src/imported")).unwrap();
    let folder_of = package.fetch();
    for project in &PROJECTS {
        let files = folder_of(project.package).join(project.root);
        let protos = folder.join("proto").join(project.name);
        for part in project.folders {
            copy(&files.join(part), &protos.join(part));
        }
        let out = folder.join(format!("src/imported/{}.rs", project.name));
        let mut import = Command::new(env!("CARGO_BIN_EXE_cargo-athena"));
        import.args(["athena", "schema", "import", "--include"]).arg(&protos).arg("--out").arg(out);
        import.args(project.files.iter().map(|file| protos.join(file)));
        success(&mut import);
    }
    let run = success(package.command(env!("CARGO")).args(["run", "--quiet"]));
    let checked = String::from_utf8(run.stdout).unwrap();
    print!("{checked}");
    assert_eq!(checked.lines().count(), 22, "{checked}");
}

fn success(command: &mut Command) -> Output {
    let output = command.output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {}\n{errors}", output.status);
    output
}

/// Copies the `.proto` files of a folder.
fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else if path.extension().is_some_and(|extension| extension == "proto") {
            fs::create_dir_all(to).unwrap();
            fs::copy(&path, target).unwrap();
        }
    }
}
