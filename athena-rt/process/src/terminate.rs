//! A signal for a whole service, and its model processes.

/// Ignores SIGTERM in this process. As systemd sends it to all processes of a service, it is for the
/// parent: it finishes messages in progress, and then ends this process.
#[cfg(unix)]
pub fn ignore_terminate() {
    use tokio::signal::unix::{SignalKind, signal};
    // Starting the runtime is enough: the signal handler stays.
    if let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() {
        let _inside = runtime.enter();
        let _caught = signal(SignalKind::terminate());
    }
}

/// Ignores nothing: this system has no such signal.
#[cfg(not(unix))]
pub fn ignore_terminate() {}
