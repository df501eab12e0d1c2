//! TLS, with one certificate that is trusted.

use std::sync::Arc;

use athena_bench_service::CERTIFICATE;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// Secures a connection.
pub(crate) async fn secured(stream: TcpStream) -> TlsStream<TcpStream> {
    let mut roots = RootCertStore::empty();
    let path = std::env::var_os(CERTIFICATE).expect(CERTIFICATE);
    roots.add(CertificateDer::from_pem_file(path).unwrap()).unwrap();
    let config = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    let name = ServerName::try_from("localhost").unwrap();
    TlsConnector::from(Arc::new(config)).connect(name, stream).await.unwrap()
}
