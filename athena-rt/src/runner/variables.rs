//! Under which variables what is deployed runs, as typed.

use std::path::PathBuf;

use athena_protocol::Environments;
use clap::Args;

use super::by_hand::pair;

#[derive(Debug, Args)]
pub(super) struct TypedVariables {
    /// Set a variable.
    #[arg(short = 'e', long = "env", value_name = "K=V", value_parser = pair)]
    set: Vec<(String, String)>,
    /// Set variables from a file.
    #[arg(long, value_name = "FILE")]
    env_file: Vec<PathBuf>,
    /// Use a named environment, `fixtures/environments/NAME.env`, in place of the process's.
    #[arg(long, value_name = "NAME")]
    environment: Option<String>,
}

impl From<TypedVariables> for Environments {
    fn from(typed: TypedVariables) -> Self {
        Self {
            named: typed.environment.into_iter().collect(),
            files: typed.env_file,
            set: typed.set,
        }
    }
}
