//! One call at a time per connection.

use athena_bench_service::{Bill, METHOD, Order};
use athena_bench_support::MESSAGE;
use axum::body::Bytes;
use axum::http::{HeaderMap, Method, Request};
use prost::Message as _;
use serde_json::Value;
use tokio::net::TcpStream;

use crate::{Count, PATIENCE};

/// Calls forever.
pub(crate) async fn ask(stream: TcpStream, count: &Count) {
    let (mut client, connection) = h2::client::handshake(stream).await.unwrap();
    tokio::task::spawn_local(connection);
    let request = framed(&order());
    let mut expected = None;
    loop {
        client = client.ready().await.unwrap();
        let call = Request::builder()
            .method(Method::POST)
            .uri(format!("http://localhost{METHOD}"))
            .header("content-type", "application/grpc")
            .header("te", "trailers")
            .body(())
            .unwrap();
        let (answer, mut body) = client.send_request(call, false).unwrap();
        body.send_data(request.clone(), true).unwrap();
        let answer = tokio::time::timeout(PATIENCE, answer).await.expect("late").unwrap();
        let (head, mut body) = answer.into_parts();
        let mut bytes = Vec::new();
        while let Some(data) = body.data().await {
            let data = data.unwrap();
            body.flow_control().release_capacity(data.len()).unwrap();
            bytes.extend_from_slice(&data);
        }
        let trailers = body.trailers().await.unwrap();
        assert!(is_success(trailers.as_ref()), "{head:?} {trailers:?}");
        if expected.is_none() {
            let bill = Bill::decode(&bytes[5..]).unwrap();
            assert!((bill.net, bill.gross) == (66.0, 82.5) && bill.id == 4711, "{bill:?}");
        }
        assert_eq!(*expected.get_or_insert_with(|| bytes.clone()), bytes);
        count.set(count.get() + 1);
    }
}

/// The message of the benchmarks as prost has it.
fn order() -> Order {
    let message: Value = serde_json::from_str(MESSAGE).unwrap();
    Order {
        id: message["id"].as_u64().unwrap(),
        customer: message["customer"].as_str().unwrap().to_owned(),
        quantity: u32::try_from(message["quantity"].as_u64().unwrap()).unwrap(),
        price: message["price"].as_f64().unwrap(),
        urgent: message["urgent"].as_bool().unwrap(),
    }
}

/// A message with its frame.
fn framed(order: &Order) -> Bytes {
    let message = order.encode_to_vec();
    let mut frame = vec![0];
    frame.extend(u32::try_from(message.len()).unwrap().to_be_bytes());
    frame.extend(message);
    frame.into()
}

fn is_success(trailers: Option<&HeaderMap>) -> bool {
    trailers.and_then(|trailers| trailers.get("grpc-status")).is_some_and(|status| status == "0")
}
