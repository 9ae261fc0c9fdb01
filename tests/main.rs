//! The core over real sockets, without Node: a file for each behaviour. All are one program, because linking takes
//! longer than running.

mod boundary;
mod cancel;
mod compression;
mod connect_get;
mod connections;
mod cors;
mod deadline;
mod drain;
mod early_responses;
mod envelopes;
mod flow;
mod head;
mod http;
mod http1;
mod layers;
mod limits;
mod listeners;
mod log;
mod memory;
mod metered;
mod panic;
mod plain_http;
mod reflection;
mod routing;
mod shares;
mod support;
mod tonic_client;
mod trailers;
