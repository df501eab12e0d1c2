//! Encrypted connections.

use tokio_postgres_rustls::MakeRustlsConnect;
use tokio_rustls::rustls;

use crate::tls;
use athena_core::error::{Error, Result};

/// A client of TLS that checks the server's certificate and name.
///
/// # Errors
///
/// No certificates are installed.
pub(super) fn client(redacted: &str) -> Result<MakeRustlsConnect> {
    tls::choose_implementation();
    MakeRustlsConnect::with_native_certs().map(|(client, _)| client).map_err(|errors| {
        let reasons: Vec<String> = errors.iter().map(ToString::to_string).collect();
        Error::usage(format!("{redacted}: no certificates to trust: {}", reasons.join("; ")))
            .help("install the system's certificates, or name a file of them in SSL_CERT_FILE")
    })
}

/// Whether the server can't be trusted, or takes no encrypted connections.
pub(super) fn is_refused(error: &tokio_postgres::Error) -> bool {
    let Some(cause) = std::error::Error::source(error) else { return false };
    let inner = cause.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
    let of_tls = inner.and_then(|inner| inner.downcast_ref::<rustls::Error>());
    cause.to_string().contains("does not support TLS")
        || matches!(of_tls, Some(rustls::Error::InvalidCertificate(_)))
}
