//! The services that every gRPC server is expected to have: health (`grpc.health.v1`), and reflection in
//! the current version and in v1alpha, which most clients still use.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes, HttpBody as _};
use axum::extract::Request;
use axum::http::HeaderMap;
use axum::response::Response;
use http_body_util::BodyExt as _;
use http_body_util::channel::Channel;
use prost_types::FileDescriptorSet;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};
use tonic::Status;
use tonic::codegen::Service as _;
use tonic_health::pb::health_server::HealthServer;
use tonic_health::server::{HealthReporter, HealthService};
use tonic_reflection::server::Builder;

use crate::app::{App, Stage};
use athena_core::error::{Error, Result};

/// Need no token, like the health checks of HTTP.
pub(crate) const HEALTH_CHECK: &str = "/grpc.health.v1.Health/Check";
pub(crate) const HEALTH_WATCH: &str = "/grpc.health.v1.Health/Watch";

const HEALTH: &str = "/grpc.health.v1.Health/";
const REFLECTION: [&str; 2] =
    ["/grpc.reflection.v1.ServerReflection/", "/grpc.reflection.v1alpha.ServerReflection/"];

/// The methods of these services, for a router.
pub(super) const PATHS: [&str; 3] = [
    "/grpc.health.v1.Health/{method}",
    "/grpc.reflection.v1.ServerReflection/{method}",
    "/grpc.reflection.v1alpha.ServerReflection/{method}",
];

/// Whether a path belongs to one of these services.
pub(super) fn is_builtin(path: &str) -> bool {
    path.starts_with(HEALTH) || REFLECTION.iter().any(|known| path.starts_with(known))
}

/// The routes of these services.
pub(super) fn router(files: &FileDescriptorSet, health: &HealthReporter) -> Result<Router> {
    let wrong = |error: tonic_reflection::server::Error| {
        Error::failure(format!("the models can't be described to gRPC: {error}"))
    };
    let builder = || {
        Builder::configure()
            .register_file_descriptor_set(files.clone())
            .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
    };
    let [current, earlier] = REFLECTION.map(|path| format!("{path}{{method}}"));
    let health = HealthService::from_health_reporter(health.clone());
    Ok(Router::new()
        .route_service(&format!("{HEALTH}{{method}}"), HealthServer::new(health))
        .route_service(&current, builder().build_v1().map_err(wrong)?)
        .route_service(&earlier, builder().build_v1alpha().map_err(wrong)?))
}

/// Answers until the service shuts down: clients keep these streams open.
pub(super) async fn answer(mut router: Router, app: &Arc<App>, request: Request) -> Response {
    let request = request.map(|body| cut_on_shutdown(app, body, BodySide::Request));
    match router.call(request).await {
        // An error is a head alone: clients read the status there.
        Ok(response) if response.body().is_end_stream() => response,
        Ok(response) => {
            let mut trailers = HeaderMap::new();
            // Succeeds, since the text is ASCII.
            let _ = Status::unavailable("the service is shutting down").add_header(&mut trailers);
            response.map(|body| cut_on_shutdown(app, body, BodySide::Response { trailers }))
        }
        Err(never) => match never {},
    }
}

/// Which side a body comes from.
enum BodySide {
    /// The client, which must not pause for longer than the limit.
    Request,
    /// The service, with the trailers for a body that is cut.
    Response { trailers: HeaderMap },
}

/// The same body, cut when the service shuts down.
fn cut_on_shutdown(app: &Arc<App>, mut body: Body, side: BodySide) -> Body {
    let (mut sender, channel) = Channel::<Bytes, axum::Error>::new(1);
    let (mut stage, limit) = (app.stage.subscribe(), app.limits.timeout);
    tokio::spawn(async move {
        loop {
            let frame = tokio::select! {
                // Frames that are there already are still sent.
                biased;
                frame = body.frame() => frame,
                () = is_closing(&mut stage) => {
                    if let BodySide::Response { trailers } = side {
                        let _ = timeout(limit, sender.send_trailers(trailers)).await;
                    }
                    return;
                }
                () = sleep(limit), if matches!(side, BodySide::Request) => return,
            };
            match frame {
                Some(Ok(frame)) => {
                    if !matches!(timeout(limit, sender.send(frame)).await, Ok(Ok(()))) {
                        return;
                    }
                }
                Some(Err(error)) => return sender.abort(error),
                None => return,
            }
        }
    });
    Body::new(channel)
}

async fn is_closing(stage: &mut watch::Receiver<Stage>) {
    let _ = stage.wait_for(|&stage| stage > Stage::Open).await;
}
