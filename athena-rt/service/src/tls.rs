//! TLS with certificates and a key from files.

use std::path::Path;
use std::sync::Arc;

use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::{self, PemObject as _};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use athena_core::error::{Error, Result};

/// HTTP/2 in ALPN; [`H1`] is HTTP/1.
pub(super) const H2: &[u8] = b"h2";
const H1: &[u8] = b"http/1.1";

/// Reads the certificates and the key, if there are any.
pub(super) fn read(cert: Option<&Path>, key: Option<&Path>) -> Result<Option<TlsAcceptor>> {
    let (cert, key) = match (cert, key) {
        (Some(cert), Some(key)) => (cert, key),
        (None, None) => return Ok(None),
        _ => return Err(Error::usage("--tls-cert and --tls-key must be used together")),
    };
    let wrong = |path: &Path, error: &dyn std::fmt::Display| {
        Error::usage(format!("{}: {error}", path.display()))
    };
    let certificates = CertificateDer::pem_file_iter(cert)
        .and_then(Iterator::collect::<std::result::Result<Vec<_>, pem::Error>>)
        .map_err(|error| wrong(cert, &error))?;
    if certificates.is_empty() {
        return Err(wrong(cert, &"the file has no certificate"));
    }
    let key_der = PrivateKeyDer::from_pem_file(key).map_err(|error| wrong(key, &error))?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| Error::failure(error.to_string()))?
        .with_no_client_auth()
        .with_single_cert(certificates, key_der)
        .map_err(|error| wrong(key, &error))?;
    config.alpn_protocols = vec![H2.to_vec(), H1.to_vec()];
    Ok(Some(TlsAcceptor::from(Arc::new(config))))
}
