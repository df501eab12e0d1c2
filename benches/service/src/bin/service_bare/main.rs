//! The simplest services with the same parsing and serialising: `service_bare http|stream|grpc` or
//! `service_bare tls CERTIFICATE KEY`.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a benchmark may panic")]

mod grpc;
mod stream;
mod tls;

use athena_bench_support::bill_without_athena;
use axum::Router;
use axum::body::Bytes;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let mut argument = || arguments.next().expect("http, stream, grpc, or tls CERTIFICATE KEY");
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let unary = Router::new().route("/models/bill", post(bill));
    match &argument()[..] {
        "http" => {
            eprintln!("serving on http://{address}");
            axum::serve(listener, unary).await
        }
        "stream" => {
            eprintln!("serving on http://{address}");
            axum::serve(listener, Router::new().route("/models/bill", post(stream::bills))).await
        }
        "tls" => {
            let listener = tls::TlsListener::new(listener, &argument(), &argument());
            eprintln!("serving on https://{address}");
            axum::serve(listener, unary).await
        }
        "grpc" => {
            eprintln!("serving on http://{address}");
            grpc::serve(listener).await;
            Ok(())
        }
        other => panic!("{other} is unknown"),
    }
}

async fn bill(message: Bytes) -> Response {
    match bill_without_athena(&message) {
        Ok(bill) => ([(header::CONTENT_TYPE, "application/json")], bill).into_response(),
        Err(error) => (StatusCode::BAD_REQUEST, error.to_string()).into_response(),
    }
}
