//! What runs a service.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::value::{bytes, time, timeout};
use super::{Build, CaptureArgs, Environment};

/// `cargo athena serve`
#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// The models' ids, or as much of their ends as tells them from the others; by default all.
    #[arg(value_name = "MODEL")]
    pub(crate) models: Vec<String>,
    /// Where to listen; by default 127.0.0.1:8080.
    #[arg(long, value_name = "HOST:PORT")]
    pub(crate) listen: Option<String>,
    /// A message may set variables: {"environment": {"K": "V"}} beside its fields. Secrets never.
    #[arg(long)]
    pub(crate) allow_env_override: bool,
    /// Certificates for TLS, in PEM.
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub(crate) tls_cert: Option<PathBuf>,
    /// Their private key, in PEM.
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub(crate) tls_key: Option<PathBuf>,
    /// Clients must bear the token in this file; by default that in `ATHENA_TOKEN`.
    #[arg(long, value_name = "FILE")]
    pub(crate) token_file: Option<PathBuf>,
    /// Listen where others reach it without a token.
    #[arg(long)]
    pub(crate) allow_anonymous: bool,
    /// How large a message may be; by default 10MB.
    #[arg(long, value_name = "SIZE", value_parser = bytes)]
    pub(crate) body_limit: Option<u64>,
    /// How many messages run at once; by default a core each.
    #[arg(short, long, value_name = "N")]
    pub(crate) jobs: Option<NonZeroUsize>,
    /// How many messages may wait; more are answered 503. By default 64.
    #[arg(long, value_name = "N")]
    pub(crate) queue: Option<usize>,
    /// How long a message may take, and a client that has begun one; by default 60s.
    #[arg(long, value_name = "TIME", value_parser = timeout)]
    pub(crate) timeout: Option<Duration>,
    /// How long requests are still taken after a signal to end; by default 5s.
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub(crate) grace: Option<Duration>,
    /// Tell clients the words of a panic, as on loopback.
    #[arg(long)]
    pub(crate) expose_panics: bool,
    #[command(flatten)]
    pub(crate) capture: CaptureArgs,
    #[command(flatten)]
    pub(crate) environment: Environment,
    #[command(flatten)]
    pub(crate) build: Build,
}
