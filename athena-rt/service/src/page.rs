//! A page to try the models on. It loads nothing but the service's own description of itself.

use axum::http::header;
use axum::response::{Html, IntoResponse, Response};

/// Answers `/`.
pub(super) async fn page() -> Response {
    // Nothing from elsewhere, and in no frame of another page.
    let policy = "default-src 'none'; connect-src 'self'; style-src 'unsafe-inline'; \
                  script-src 'unsafe-inline'; frame-ancestors 'none'";
    let headers = [(header::CONTENT_SECURITY_POLICY, policy)];
    (headers, Html(include_str!("page.html"))).into_response()
}
