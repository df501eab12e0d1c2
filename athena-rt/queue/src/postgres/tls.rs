//! Encrypted connections.

use athena_core::error::{Error, Result};
use tokio_postgres_rustls::MakeRustlsConnect;
use tokio_rustls::rustls;

/// Where the certificates come from, for messages.
const TRUSTED: &str =
    "trusted are the system's certificates, or those in the file that SSL_CERT_FILE names";

/// A client of TLS that checks the server's certificate and name.
///
/// # Errors
///
/// No certificates are installed.
pub(super) fn client(redacted: &str) -> Result<MakeRustlsConnect> {
    // Another crate may have built rustls with a second provider, and then it would not choose one. An
    // error means that one is chosen already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    MakeRustlsConnect::with_native_certs().map(|(client, _)| client).map_err(|errors| {
        let reasons: Vec<String> = errors.iter().map(ToString::to_string).collect();
        let reason = format!("{redacted}: no certificates to trust: {}", reasons.join("; "));
        Error::usage(reason).help(TRUSTED)
    })
}

/// What the user has to do about an encrypted connection that can't be made; `None` for another error.
pub(super) fn help(error: &tokio_postgres::Error) -> Option<&'static str> {
    let cause = std::error::Error::source(error)?;
    if cause.to_string().contains("does not support TLS") {
        return Some("turn on `ssl` in postgresql.conf, or leave out sslmode=require");
    }
    let cause = cause.downcast_ref::<std::io::Error>()?.get_ref()?;
    let is_refused = matches!(
        cause.downcast_ref::<rustls::Error>()?,
        rustls::Error::InvalidCertificate(_) | rustls::Error::InvalidCertRevocationList(_)
    );
    is_refused.then_some(TRUSTED)
}
