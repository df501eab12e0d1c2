//! The body of a request, within limits.

use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody as _};
use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode, header};
use http_body_util::BodyExt as _;

use super::body_memory::HeldMemory;
use super::headers;
use super::limits::Limits;
use super::problem::Problem;
use super::timers::Timers;

/// How many bytes of a body that is too large are still read, and for how long: a client that is
/// sending may miss a response that comes together with the end of its connection.
const LINGER: (usize, Duration) = (100 << 20, Duration::from_secs(2));

/// The largest body of a refused request that is read, in bytes, and for how long.
const REFUSED: (u64, Duration) = (64 << 10, Duration::from_millis(500));

/// Reads the small body of a request that is refused whatever it says: over HTTP/2 a client that is still
/// sending may lose a response that comes first.
pub(super) async fn drain(request: &mut Request) {
    let (most, time) = REFUSED;
    let has_expect = headers::has(request.headers(), &header::EXPECT);
    let body = request.body_mut();
    if has_expect || body.size_hint().lower() > most {
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

/// Reads a whole body, which is held in memory as long as `held` is.
///
/// # Errors
///
/// 413 if it is too large, 408 if it is slow, 400 if it is incomplete, 503 if other requests hold too much
/// memory.
pub(super) async fn read(
    headers: &HeaderMap,
    body: &mut Body,
    limits: &Limits,
    timers: &Timers,
    held: &HeldMemory,
) -> Result<Bytes, Problem> {
    // The client waits for permission to send.
    let expects_continue = headers::has(headers, &header::EXPECT);
    if body.size_hint().lower() > limits.body as u64 {
        if !expects_continue {
            Box::pin(linger(body)).await;
        }
        return Err(Problem::too_large(limits.body));
    }
    let collected = timers.limit(limits.timeout, collect(body, limits.body, held)).await;
    let collected = collected.unwrap_or_else(|| Err(Problem::slow(limits.timeout)));
    let is_unread = |problem: &Problem| {
        matches!(problem.status(), StatusCode::PAYLOAD_TOO_LARGE | StatusCode::SERVICE_UNAVAILABLE)
    };
    if collected.as_ref().is_err_and(is_unread) {
        Box::pin(linger(body)).await;
    }
    collected
}

async fn collect(body: &mut Body, limit: usize, held: &HeldMemory) -> Result<Bytes, Problem> {
    let mut first = Bytes::new();
    let mut all: Vec<u8> = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame = frame
            .map_err(|error| Problem::malformed(format!("the body is incomplete: {error}")))?;
        let Ok(data) = frame.into_data() else { continue };
        let arrived = first.len() + all.len() + data.len();
        if arrived > limit {
            return Err(Problem::too_large(limit));
        }
        held.set(arrived)?;
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
    Ok(if all.is_empty() { first } else { all.into() })
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
