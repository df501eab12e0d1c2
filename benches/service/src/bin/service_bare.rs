//! A bare axum service: the simplest handler with the same parsing and serialising.

use athena_bench_support::bill_without_athena;
use axum::Router;
use axum::body::Bytes;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    eprintln!("serving on http://{}", listener.local_addr()?);
    axum::serve(listener, Router::new().route("/models/bill", post(bill))).await
}

async fn bill(message: Bytes) -> Response {
    match bill_without_athena(&message) {
        Ok(bill) => ([(header::CONTENT_TYPE, "application/json")], bill).into_response(),
        Err(error) => (StatusCode::BAD_REQUEST, error.to_string()).into_response(),
    }
}
