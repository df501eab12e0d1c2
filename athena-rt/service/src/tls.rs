//! TLS with certificates and a key from files.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::{self, PemObject as _};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use athena_core::error::{Error, Result};

/// HTTP/2 in ALPN; [`H1`] is HTTP/1.
pub(super) const H2: &[u8] = b"h2";
const H1: &[u8] = b"http/1.1";

/// Certificates and a key, which may be replaced while the service runs.
pub(super) struct Tls {
    acceptor: RwLock<TlsAcceptor>,
    cert: PathBuf,
    key: PathBuf,
}

impl Tls {
    /// Accepts connections with the certificates that were read last.
    pub(super) fn acceptor(&self) -> TlsAcceptor {
        self.acceptor.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Reads the files again.
    ///
    /// # Errors
    ///
    /// They can't be used; then the earlier ones stay in use.
    pub(super) fn reload(&self) -> Result<PathBuf> {
        let acceptor = read_files(&self.cert, &self.key)?;
        *self.acceptor.write().unwrap_or_else(PoisonError::into_inner) = acceptor;
        Ok(self.cert.clone())
    }
}

/// Reads the certificates and the key, if there are any.
pub(super) fn read(cert: Option<&Path>, key: Option<&Path>) -> Result<Option<Tls>> {
    let (cert, key) = match (cert, key) {
        (Some(cert), Some(key)) => (cert, key),
        (None, None) => return Ok(None),
        _ => return Err(Error::usage("--tls-cert and --tls-key must be used together")),
    };
    let acceptor = RwLock::new(read_files(cert, key)?);
    Ok(Some(Tls { acceptor, cert: cert.to_owned(), key: key.to_owned() }))
}

fn key_error(key: &Path, error: &pem::Error) -> Error {
    let name = key.display();
    if !matches!(error, pem::Error::NoItemsFound) {
        return Error::usage(format!("{name}: {error}"));
    }
    let is_encrypted = std::fs::read_to_string(key).is_ok_and(|text| text.contains("ENCRYPTED"));
    if is_encrypted {
        return Error::usage(format!("{name}: the key is encrypted"))
            .help(format!("decrypt it: openssl pkey -in {name} -out key.pem"));
    }
    Error::usage(format!("{name}: the file has no private key"))
        .help("a key begins with -----BEGIN PRIVATE KEY-----")
}

fn read_files(cert: &Path, key: &Path) -> Result<TlsAcceptor> {
    let wrong = |path: &Path, error: &dyn std::fmt::Display| {
        Error::usage(format!("{}: {error}", path.display()))
    };
    let certificates = CertificateDer::pem_file_iter(cert)
        .and_then(Iterator::collect::<std::result::Result<Vec<_>, pem::Error>>)
        .map_err(|error| wrong(cert, &error))?;
    if certificates.is_empty() {
        return Err(wrong(cert, &"the file has no certificate"));
    }
    let key_der = PrivateKeyDer::from_pem_file(key).map_err(|error| key_error(key, &error))?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| Error::failure(error.to_string()))?
        .with_no_client_auth()
        .with_single_cert(certificates, key_der)
        .map_err(|error| wrong(key, &error))?;
    config.alpn_protocols = vec![H2.to_vec(), H1.to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}
