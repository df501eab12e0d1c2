//! The body of a request, within limits.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody as _};
use axum::extract::Request;
use axum::http::{HeaderMap, header};
use http_body_util::BodyExt as _;

use super::limits::Limits;
use super::problem::Problem;

/// How many bytes of a body that is too large are still read, and for how long: a client that is
/// sending may miss a response that comes together with the end of its connection.
const LINGER: (usize, Duration) = (100 << 20, Duration::from_secs(2));

/// The largest body of a refused request that is read, in bytes, and for how long.
const REFUSED: (u64, Duration) = (64 << 10, Duration::from_millis(500));

/// Reads the small body of a request that is refused whatever it says: over HTTP/2 a client that is still
/// sending may lose a response that comes first.
pub(super) async fn drain(request: Request) {
    let (most, time) = REFUSED;
    let (head, mut body) = request.into_parts();
    if head.headers.contains_key(header::EXPECT) || body.size_hint().lower() > most {
        return;
    }
    let mut rest = most;
    let reading = async {
        while let Some(Ok(frame)) = body.frame().await {
            let length = frame.data_ref().map_or(0, Bytes::len) as u64;
            match rest.checked_sub(length) {
                Some(left) => rest = left,
                None => return,
            }
        }
    };
    let _ = tokio::time::timeout(time, reading).await;
}

/// Reads a whole body.
///
/// # Errors
///
/// 413 if it is too large, 408 if it is slow, 400 if it is incomplete.
pub(super) async fn read(
    headers: &HeaderMap,
    mut body: Body,
    limits: &Limits,
) -> Result<Bytes, Problem> {
    // The client waits for permission to send.
    let expects_continue = headers.contains_key(header::EXPECT);
    if body.size_hint().lower() > limits.body as u64 {
        if !expects_continue {
            linger(&mut body).await;
        }
        return Err(Problem::too_large(limits.body));
    }
    let collected = {
        let mut collecting = pin!(collect(&mut body, limits.body));
        // Nearly every message arrives with its head, and needs no timer.
        match poll_fn(|context| Poll::Ready(collecting.as_mut().poll(context))).await {
            Poll::Ready(collected) => Ok(collected),
            Poll::Pending => tokio::time::timeout(limits.timeout, collecting).await,
        }
    };
    match collected {
        Err(_) => Err(Problem::slow(limits.timeout)),
        Ok(Ok(None)) => {
            linger(&mut body).await;
            Err(Problem::too_large(limits.body))
        }
        Ok(Ok(Some(bytes))) => Ok(bytes),
        Ok(Err(error)) => Err(Problem::malformed(format!("the body is incomplete: {error}"))),
    }
}

/// The whole body; `None` if it is too large.
async fn collect(body: &mut Body, limit: usize) -> Result<Option<Bytes>, axum::Error> {
    let mut first = Bytes::new();
    let mut all: Vec<u8> = Vec::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame?.into_data() else { continue };
        if first.len() + all.len() + data.len() > limit {
            return Ok(None);
        }
        // Nearly every message is one frame.
        if first.is_empty() && all.is_empty() {
            first = data;
            continue;
        }
        if all.is_empty() {
            all = std::mem::take(&mut first).to_vec();
        }
        all.extend_from_slice(&data);
    }
    Ok(Some(if all.is_empty() { first } else { all.into() }))
}

async fn linger(body: &mut Body) {
    let (most, time) = LINGER;
    let rest = async {
        let mut read = 0;
        while let Some(Ok(frame)) = body.frame().await {
            read += frame.data_ref().map_or(0, Bytes::len);
            if read > most {
                return;
            }
        }
    };
    let _ = tokio::time::timeout(time, rest).await;
}
