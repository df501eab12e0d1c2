//! On `RabbitMQ`.

use athena_bench_support::bill_without_athena;
use futures_util::StreamExt as _;
use lapin::message::Delivery;
use lapin::options::{
    BasicAckOptions, BasicConsumeOptions, BasicPublishOptions, BasicQosOptions,
    ConfirmSelectOptions,
};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{BasicProperties, Connection, ConnectionProperties};

use super::Ended;

/// Publishes a batch of outcomes, waits until the server has confirmed them, then acknowledges.
pub(crate) async fn run(server: &str, name: &str, batch: usize) -> Ended {
    let connection = Connection::connect(server, ConnectionProperties::default()).await?;
    let publisher = connection.create_channel().await?;
    publisher.confirm_select(ConfirmSelectOptions::default()).await?;
    let channel = connection.create_channel().await?;
    channel.basic_qos(u16::try_from(batch)?, BasicQosOptions::default()).await?;
    let options = BasicConsumeOptions::default();
    let mut messages =
        channel.basic_consume(name.into(), "".into(), options, FieldTable::default()).await?;
    let outcomes = format!("{name}:outcomes");
    loop {
        let mut read: Vec<Delivery> = Vec::with_capacity(batch);
        read.push(messages.next().await.ok_or("the server sends no more")??);
        while read.len() < batch
            && let Some(next) = futures_util::FutureExt::now_or_never(messages.next())
        {
            read.push(next.ok_or("the server sends no more")??);
        }
        let mut confirms = Vec::with_capacity(read.len());
        for message in &read {
            let headers = message.properties.headers().as_ref().ok_or("no headers")?;
            let Some(AMQPValue::LongString(id)) = headers.inner().get("athena-id") else {
                return Err("no id".into());
            };
            let mut headers = FieldTable::default();
            headers.insert("athena-id".into(), AMQPValue::LongString(format!("{id}:bill").into()));
            let properties = BasicProperties::default().with_delivery_mode(2).with_headers(headers);
            let bill = bill_without_athena(&message.data)?;
            let options = BasicPublishOptions { mandatory: true, ..BasicPublishOptions::default() };
            let sent = publisher.basic_publish(
                "".into(),
                outcomes.as_str().into(),
                options,
                &bill,
                properties,
            );
            confirms.push(sent.await?);
        }
        for confirm in confirms {
            confirm.await?;
        }
        if let Some(last) = read.last() {
            last.ack(BasicAckOptions { multiple: true }).await?;
        }
    }
}
