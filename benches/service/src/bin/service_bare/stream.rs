//! A line of JSON per message.

use athena_bench_support::bill_without_athena;
use axum::body::Body;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use tokio_stream::StreamExt as _;

/// Answers each line when it is there.
pub(crate) async fn bills(body: Body) -> Response {
    let mut rest = Vec::new();
    let bills = body.into_data_stream().map(move |chunk| {
        rest.extend_from_slice(&chunk?);
        let mut bills = Vec::new();
        let mut done = 0;
        while let Some(length) = rest[done..].iter().position(|byte| *byte == b'\n') {
            bills
                .extend(bill_without_athena(&rest[done..done + length]).map_err(axum::Error::new)?);
            bills.push(b'\n');
            done += length + 1;
        }
        rest.drain(..done);
        Ok::<_, axum::Error>(bills)
    });
    ([(header::CONTENT_TYPE, "application/x-ndjson")], Body::from_stream(bills)).into_response()
}
