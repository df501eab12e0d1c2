//! What `RabbitMQ` refuses: the error says what to do, and no password.

use athena_queue::{ConsumerOptions, queues};
use lapin::options::QueueDeclareOptions;
use lapin::types::FieldTable;
use lapin::{Connection, ConnectionProperties};
use libtest_mimic::Failed;
use std::time::Duration;

use super::servers::Broker;

/// What is put in the place of what in the URL, and what the error says.
const REFUSED: &[(&str, &str, &str)] = &[
    ("guest:guest", "guest:secret", "check user and password"),
    ("%2f", "nowhere", "rabbitmqctl add_vhost"),
    ("queue=tasks", "queue=classic", "name another one, or delete it"),
    ("queue=tasks", "queue=tasks&heartbeat=soon", "heartbeat"),
    ("queue=tasks", "queue=tasks&lease=1", "lease"),
    ("?queue=tasks", "", "queue=NAME"),
];

/// Opens a queue by each of the wrong URLs.
pub(crate) fn refused(server: &Broker) -> Result<(), Failed> {
    let sound = server.url("tasks");
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(async {
        let url = sound.split('?').next().unwrap_or_default();
        let connection = Connection::connect(url, ConnectionProperties::default()).await?;
        let channel = connection.create_channel().await?;
        let durable = QueueDeclareOptions::durable();
        channel.queue_declare("classic".into(), durable, FieldTable::default()).await?;
        for (old, new, said) in REFUSED {
            let wrong = sound.replace(old, new);
            let opened = match queues::address(&wrong) {
                Ok(address) => {
                    let options = ConsumerOptions::new(Duration::from_secs(3));
                    queues::consumer(&address, options).await.map(|_| ())
                }
                Err(error) => Err(error),
            };
            let Err(error) = opened else { return Err(format!("{wrong} was opened").into()) };
            let text = error.to_string();
            if error.exit() != athena_protocol::Exit::Usage
                || !text.contains(said)
                || text.contains("secret")
            {
                return Err(format!("{wrong}: {text}").into());
            }
        }
        // This port knows no TLS. A client without a crypto provider would panic.
        let address = queues::address(&sound.replace("amqp:", "amqps:"))?;
        match queues::browser(&address).await {
            Err(error) if error.exit() == athena_protocol::Exit::Failure => Ok(()),
            Err(error) => Err(format!("amqps: {error}").into()),
            Ok(_) => Err("amqps was opened".into()),
        }
    })
}
