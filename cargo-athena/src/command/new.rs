//! `cargo athena new`

use athena_protocol::Exit;

use super::init;
use crate::cargo;
use crate::cli;
use crate::error::{Error, Result};
use crate::options::{ManifestOptions, OutputOptions};

/// Runs `cargo new`, then `init`.
pub(crate) fn run(verb: &cli::New, output: &OutputOptions) -> Result<Exit> {
    let status = cargo::command(cargo::new(&verb.folder, verb.name.as_deref(), verb.lib, output))
        .status()
        .map_err(|error| Error::usage("cargo can't be started").cause(error))?;
    if !status.success() {
        return Err(Error::usage(format!(
            "`cargo new` did not create a package at {}",
            verb.folder.display()
        )));
    }
    let init = cli::Init {
        package: None,
        dev: false,
        source: verb.source.clone(),
        manifest: ManifestOptions {
            manifest_path: Some(verb.folder.join("Cargo.toml")),
            ..ManifestOptions::default()
        },
    };
    init::run(&init, output)
}
