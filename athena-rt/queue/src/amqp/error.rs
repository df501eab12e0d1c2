//! The errors of requests.

use lapin::ErrorKind;
use lapin::protocol::{AMQPErrorKind, AMQPHardError, AMQPSoftError};

use crate::tls;
use athena_core::error::Error;

/// The error of a request. What the user has to fix is a usage error; what may pass is tried again.
pub(super) fn request_error(redacted: &str, error: &lapin::Error) -> Error {
    let ErrorKind::ProtocolError(answer) = error.kind() else {
        return tls::explain(Error::failure(format!("{redacted}: {error}")));
    };
    let message = format!("{redacted}: {}", answer.get_message());
    let usage = |help: &str| Error::usage(message.clone()).help(help);
    match answer.kind() {
        AMQPErrorKind::Soft(AMQPSoftError::ACCESSREFUSED) => usage(
            "check user and password of the URL; the user needs the permissions configure, write and read",
        ),
        AMQPErrorKind::Hard(AMQPHardError::NOTALLOWED) => {
            usage("create the virtual host, and let the user use it: rabbitmqctl add_vhost NAME")
        }
        AMQPErrorKind::Soft(AMQPSoftError::PRECONDITIONFAILED) => usage(
            "the queue exists and is not a durable quorum queue as athena declares it: name another one, or delete it",
        ),
        AMQPErrorKind::Soft(AMQPSoftError::RESOURCELOCKED) => {
            usage("another connection has the queue for itself: name another one")
        }
        _ => Error::failure(message),
    }
}

/// Whether the queue does not exist.
pub(super) fn is_missing(error: &lapin::Error) -> bool {
    matches!(error.kind(), ErrorKind::ProtocolError(answer)
        if matches!(answer.kind(), AMQPErrorKind::Soft(AMQPSoftError::NOTFOUND)))
}
