//! What every gRPC service is expected to answer beside its own methods: `grpc.health.v1`, and
//! reflection in the version of today and in the one that most clients still ask for.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
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

use super::super::app::{App, Stage};
use athena_core::error::{Error, Result};

/// What can be asked without a token, as the health of HTTP can.
pub(in super::super) const HEALTH_CHECK: &str = "/grpc.health.v1.Health/Check";
pub(in super::super) const HEALTH_WATCH: &str = "/grpc.health.v1.Health/Watch";

const HEALTH: &str = "/grpc.health.v1.Health/";
const REFLECTION: [&str; 2] =
    ["/grpc.reflection.v1.ServerReflection/", "/grpc.reflection.v1alpha.ServerReflection/"];

/// Whether a path is one of these.
pub(super) fn is_its(path: &str) -> bool {
    path.starts_with(HEALTH) || REFLECTION.iter().any(|known| path.starts_with(known))
}

/// Answers at these paths.
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

/// Answers for as long as the service takes requests: clients keep these streams open.
pub(super) async fn answer(app: &Arc<App>, request: Request) -> Response {
    let request = request.map(|body| until_closing(app, body, Side::Request));
    let mut router = app.grpc.standing.clone();
    match router.call(request).await {
        Ok(response) => {
            let mut last = HeaderMap::new();
            // Of words in ASCII: they can be written.
            let _ = Status::unavailable("the service ends").add_header(&mut last);
            response.map(|body| until_closing(app, body, Side::Answer { last }))
        }
        Err(never) => match never {},
    }
}

/// Whose body it is.
enum Side {
    /// A client's, which has to go on with it.
    Request,
    /// Ours, and its trailers where it is cut.
    Answer { last: HeaderMap },
}

/// The same body, cut when the service closes.
fn until_closing(app: &Arc<App>, mut body: Body, side: Side) -> Body {
    let (mut sender, channel) = Channel::<Bytes, axum::Error>::new(1);
    let (mut stage, limit) = (app.stage.subscribe(), app.limits.timeout);
    tokio::spawn(async move {
        loop {
            let frame = tokio::select! {
                // What is there already is not cut.
                biased;
                frame = body.frame() => frame,
                () = is_closing(&mut stage) => {
                    if let Side::Answer { last } = side {
                        let _ = timeout(limit, sender.send_trailers(last)).await;
                    }
                    return;
                }
                () = sleep(limit), if matches!(side, Side::Request) => return,
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
