//! tonic with prost's messages, as tonic's code generator writes it.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use athena_bench_service::{Bill, METHOD, Order};
use athena_bench_support::cost;
use tokio::net::TcpListener;
use tonic::body::Body;
use tonic::codegen::http::{Request, Response};
use tonic::codegen::{BoxFuture, Service};
use tonic::server::{Grpc, NamedService, UnaryService};
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;
use tonic::{Code, Status};
use tonic_prost::ProstCodec;

/// Serves until the process ends.
pub(crate) async fn serve(listener: TcpListener) {
    let incoming = TcpIncoming::from(listener).with_nodelay(Some(true));
    Server::builder().add_service(Bills).serve_with_incoming(incoming).await.unwrap();
}

#[derive(Clone)]
struct Bills;

impl NamedService for Bills {
    const NAME: &'static str = "athena_bench_support.OrderModelBillService";
}

impl Service<Request<Body>> for Bills {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        Box::pin(async move {
            if request.uri().path() != METHOD {
                return Ok(Status::new(Code::Unimplemented, "unknown method").into_http());
            }
            let codec = ProstCodec::<Bill, Order>::default();
            Ok(Grpc::new(codec).unary(Run, request).await)
        })
    }
}

struct Run;

impl UnaryService<Order> for Run {
    type Response = Bill;
    type Future = BoxFuture<tonic::Response<Bill>, Status>;

    fn call(&mut self, request: tonic::Request<Order>) -> Self::Future {
        Box::pin(async move {
            let Order { id, customer, quantity, price, urgent } = request.into_inner();
            let (net, gross) = cost(quantity, price, urgent);
            Ok(tonic::Response::new(Bill { id, customer, net, gross }))
        })
    }
}
