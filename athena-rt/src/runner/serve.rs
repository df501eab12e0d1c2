//! What can be typed after `serve`.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use athena_protocol::Serve;
use clap::Args;

use super::by_hand::{duration, millis};
use super::capture::CaptureArgs;
use super::variables::TypedVariables;
use athena_core::environment::Setting as _;

#[derive(Debug, Args)]
pub(super) struct TypedServe {
    /// The models' ids, or their ends [default: all].
    #[arg(value_name = "MODEL")]
    models: Vec<String>,
    /// Where to listen [default: 127.0.0.1:8080].
    #[arg(long, value_name = "HOST:PORT")]
    listen: Option<String>,
    #[command(flatten)]
    variables: TypedVariables,
    /// A message may set variables: {"environment": {"K": "V"}} beside its fields. Secrets never.
    #[arg(long)]
    allow_env_override: bool,
    /// Certificates for TLS, in PEM.
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// Their private key, in PEM.
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// Clients must bear the token in this file [default: that in `ATHENA_TOKEN`].
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// Listen where others reach it without a token.
    #[arg(long)]
    allow_anonymous: bool,
    /// How large a message may be, such as 64MB [default: 10MB].
    #[arg(long, value_name = "SIZE", value_parser = size)]
    body_limit: Option<u64>,
    /// How many messages run at once [default: a core each].
    #[arg(short, long)]
    jobs: Option<NonZeroUsize>,
    /// How many messages may wait; more are answered 503 [default: 64].
    #[arg(long, value_name = "N")]
    queue: Option<usize>,
    /// How long a message may take, and a client that has begun one [default: 60s].
    #[arg(long, value_name = "TIME", value_parser = duration)]
    timeout: Option<Duration>,
    /// How long requests are still taken after a signal to end [default: 5s].
    #[arg(long, value_name = "TIME", value_parser = Duration::parse)]
    grace: Option<Duration>,
    /// Tell clients the words of a panic, as on loopback.
    #[arg(long)]
    expose_panics: bool,
    #[command(flatten)]
    capture: CaptureArgs,
}

impl From<TypedServe> for Serve {
    fn from(typed: TypedServe) -> Self {
        Self {
            models: typed.models,
            listen: typed.listen,
            environments: typed.variables.into(),
            allow_env_override: typed.allow_env_override,
            tls_cert: typed.tls_cert,
            tls_key: typed.tls_key,
            token_file: typed.token_file,
            allow_anonymous: typed.allow_anonymous,
            body_limit: typed.body_limit,
            jobs: typed.jobs.map(Into::into),
            queue: typed.queue,
            timeout_ms: typed.timeout.map(millis),
            grace_ms: typed.grace.map(millis),
            expose_panics: typed.expose_panics,
            capture: typed.capture.asked(),
        }
    }
}

pub(super) fn size(text: &str) -> Result<u64, String> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let scale = match unit {
        "" | "B" => 1,
        "KB" => 1_000,
        "MB" => 1_000_000,
        "GB" => 1_000_000_000,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        _ => 0,
    };
    let size = number.parse::<u64>().ok().and_then(|number| number.checked_mul(scale));
    size.filter(|&size| size > 0).ok_or_else(|| "a size is such as 500KB, 64MB, 2GB".to_owned())
}
