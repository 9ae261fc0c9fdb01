//! Opens TLS connections and closes them: prints `ready`, waits for a line, and then prints what it saw, as JSON.
//!
//! Arguments: the server's port on 127.0.0.1, `1.2` or `1.3`, `full` or `resumed`, and the number of handshakes.

mod connection;
mod tickets;

use std::env;
use std::error::Error;
use std::io::stdin;
use std::time::Instant;

use connection::{Client, Completed};
use rustls::HandshakeKind;
use serde_json::json;
use tokio::runtime::Builder;
use tokio::task::JoinSet;

type Failure = Box<dyn Error + Send + Sync>;

/// Connections open at a time.
const CONCURRENT: usize = 8;

fn main() -> Result<(), Failure> {
    Builder::new_current_thread().enable_all().build()?.block_on(measure())
}

async fn measure() -> Result<(), Failure> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [port, version, kind, count] = arguments.as_slice() else {
        return Err("arguments: port, 1.2 or 1.3, full or resumed, number of handshakes".into());
    };
    let (port, count): (u16, usize) = (port.parse()?, count.parse()?);
    let wanted = match kind.as_str() {
        "full" => HandshakeKind::Full,
        "resumed" => HandshakeKind::Resumed,
        other => return Err(format!("{other} is neither full nor resumed").into()),
    };
    let mut chains = JoinSet::new();
    for place in 0..CONCURRENT {
        let handshakes = (count + place) / CONCURRENT;
        let client = Client::new(port, version)?;
        chains.spawn(async move {
            if wanted == HandshakeKind::Resumed {
                client.collect_tickets(handshakes).await?;
            }
            Ok::<_, Failure>((client, handshakes))
        });
    }
    let clients = all(chains).await?;

    println!("ready");
    stdin().read_line(&mut String::new())?;
    let began = Instant::now();
    let mut chains = JoinSet::new();
    for (client, handshakes) in clients {
        chains.spawn(async move {
            let mut completed = Vec::with_capacity(handshakes);
            for _ in 0..handshakes {
                completed.push(client.open().await?);
            }
            Ok::<_, Failure>(completed)
        });
    }
    let completed: Vec<Completed> = all(chains).await?.into_iter().flatten().collect();
    report(&completed, count, wanted, began.elapsed().as_secs_f64())
}

/// What all of them return, or the first failure.
async fn all<T: 'static>(mut tasks: JoinSet<Result<T, Failure>>) -> Result<Vec<T>, Failure> {
    let mut results = Vec::new();
    while let Some(ended) = tasks.join_next().await {
        results.push(ended??);
    }
    Ok(results)
}

/// Prints the figures, if every handshake was one of the wanted kind.
fn report(completed: &[Completed], count: usize, wanted: HandshakeKind, seconds: f64) -> Result<(), Failure> {
    let [first, ..] = completed else { return Err("no handshake was wanted".into()) };
    if completed.len() != count {
        return Err(format!("{} of {count} handshakes were completed", completed.len()).into());
    }
    if let Some(other) = completed.iter().find(|one| one.kind != wanted) {
        return Err(format!("a handshake should be {wanted:?}, and was {:?}", other.kind).into());
    }
    if let Some(other) = completed.iter().find(|one| one.negotiated != first.negotiated) {
        return Err(format!("handshakes differ: {}; {}", first.negotiated, other.negotiated).into());
    }
    let mut times: Vec<f64> = completed.iter().map(|one| one.took.as_secs_f64() * 1e6).collect();
    times.sort_by(f64::total_cmp);
    #[expect(clippy::cast_precision_loss, reason = "a count of thousands")]
    let per_second = count as f64 / seconds;
    let (p50, p99) = (times[count / 2], times[count * 99 / 100]);
    let negotiated = &first.negotiated;
    println!("{}", json!({ "negotiated": negotiated, "callsPerSecond": per_second, "p50Us": p50, "p99Us": p99 }));
    Ok(())
}
