//! TLS to brokers: which implementation is used, and why a certificate was refused.

use athena_core::error::Error;

/// The names that the TLS library has for what is wrong, and what to do.
const CAUSES: [(&str, &str); 7] = [
    (
        "UnknownIssuer",
        "the broker's certificate is of an authority that this machine does not know: add it to the system's, or name its file in SSL_CERT_FILE",
    ),
    (
        "CaUsedAsEndEntity",
        "the broker shows the certificate of an authority as its own: give it one that the authority has signed, with basicConstraints CA:FALSE",
    ),
    ("NotValidForName", "the broker's certificate is for another host: use the name that it has"),
    ("Expired", "the broker's certificate has expired: renew it"),
    (
        "InvalidContentType",
        "what answers at this port does not speak TLS: use the port for TLS, or the scheme without it",
    ),
    (
        "server does not support TLS",
        "turn on `ssl` in postgresql.conf, or leave out sslmode=require",
    ),
    // Any other cause.
    (
        "invalid peer certificate",
        "trusted are the system's certificates, or those in the file that SSL_CERT_FILE names",
    ),
];

/// Has rustls use `ring`. Another crate may have built it with a second implementation, and then it would not
/// choose one; an implementation that is chosen already stays.
#[cfg(any(feature = "postgres", feature = "redis"))]
pub(crate) fn choose_implementation() {
    let _ = tokio_rustls::rustls::crypto::ring::default_provider().install_default();
}

/// The error of connecting, with help if its text names a cause that is known.
pub(crate) fn explain(error: Error) -> Error {
    let text = error.to_string();
    match CAUSES.into_iter().find(|(name, _)| text.contains(name)) {
        Some((_, help)) => error.help(help),
        None => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_certificate_has_a_next_step() {
        let explained = |text: &str| explain(Error::failure(text)).to_string();
        let ca = explained("invalid peer certificate: Other(OtherError(CaUsedAsEndEntity))");
        assert!(ca.contains("CA:FALSE"), "{ca}");
        assert!(explained("invalid peer certificate: UnknownIssuer").contains("SSL_CERT_FILE"));
        assert!(explained("invalid peer certificate: Revoked").contains("SSL_CERT_FILE"));
        assert_eq!(explained("connection refused"), "connection refused");
    }
}
