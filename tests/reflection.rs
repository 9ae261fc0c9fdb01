//! Reflection over real sockets: both versions in every protocol, both codecs, and the memory of its streams.

use crate::support;

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use connectum_native::call::Encoding;
use connectum_native::call::{Cardinality, MethodOptions};
use connectum_native::schema::Schema;
use connectum_native::server::ServerOptions;
use connectum_native::services::reflection::messages::{
    ErrorResponse, ExtensionRequest, MessageRequest, MessageResponse, ServerReflectionRequest, ServerReflectionResponse,
};
use connectum_native::services::reflection::{FILES, PATHS, ReflectionService};
use connectum_native::services::{JsonOptions, MessageCodec};
use prost::Message as _;
use prost_types::{
    DescriptorProto, FieldDescriptorProto, FileDescriptorProto, MethodDescriptorProto, ServiceDescriptorProto,
};
use serde_json::{Value, json};
use support::call::{Call, HTTPS, Http, Protocol, everywhere};
use support::envelopes::{envelope, split};
use support::http1::Http1;
use support::http2::{Http2, next_data};
use support::outcome::Outcome;
use support::rpcs::Rpc;
use support::server::{Setup, TestServer};
use support::{eventually, run, soon};

const KIB: usize = 1024;

/// The flow control window of an HTTP/2 stream.
const WINDOW: usize = 256 * KIB;

const fn info(path: &'static str) -> Rpc {
    Rpc {
        path,
        request: Cardinality::Stream,
        response: Cardinality::Stream,
        side_effect_free: false,
        serve: |_, _| unreachable!("reflection serves it"),
    }
}

/// `ServerReflectionInfo` of both versions.
const INFO: [Rpc; 2] = [info(PATHS[0]), info(PATHS[1])];

/// `base.proto` with a message and an extension of it, and `service.proto` that imports it.
fn files() -> [FileDescriptorProto; 2] {
    let base = FileDescriptorProto {
        name: Some("base.proto".into()),
        package: Some("test".into()),
        message_type: vec![DescriptorProto { name: Some("Base".into()), ..Default::default() }],
        extension: vec![FieldDescriptorProto {
            name: Some("extra".into()),
            extendee: Some(".test.Base".into()),
            number: Some(100),
            ..Default::default()
        }],
        ..Default::default()
    };
    let service = FileDescriptorProto {
        name: Some("service.proto".into()),
        package: Some("test".into()),
        dependency: vec!["base.proto".into()],
        service: vec![ServiceDescriptorProto {
            name: Some("Service".into()),
            method: vec![MethodDescriptorProto { name: Some("Call".into()), ..Default::default() }],
            ..Default::default()
        }],
        ..Default::default()
    };
    [service, base]
}

/// A file of at least this size.
fn large_file(bytes: usize) -> FileDescriptorProto {
    let message = DescriptorProto { name: Some("M".repeat(bytes)), ..Default::default() };
    FileDescriptorProto { name: Some("large.proto".into()), message_type: vec![message], ..Default::default() }
}

fn serve(files: &[FileDescriptorProto], setup: Setup) -> TestServer {
    serve_with_service(files, setup).0
}

fn serve_with_service(files: &[FileDescriptorProto], setup: Setup) -> (TestServer, Arc<ReflectionService>) {
    let mut service = None;
    let files = files.iter().map(|file| file.encode_to_vec().into()).collect();
    let schema = Arc::new(Schema::new(files, vec!["test.Service".into(), "test.Other".into()]).expect("a schema"));
    let server = TestServer::serving(&INFO, setup, |_| {
        let messages = Arc::new(MessageCodec::new(FILES, JsonOptions::default()));
        let made = Arc::new(ReflectionService::new(schema, messages));
        service = Some(Arc::clone(&made));
        made
    });
    (server, service.expect("it is made for the server"))
}

fn ask(what: MessageRequest) -> Bytes {
    ServerReflectionRequest { host: "h".into(), message_request: Some(what) }.encode_to_vec().into()
}

fn file_named(name: &str) -> Bytes {
    ask(MessageRequest::FileByFilename(name.into()))
}

/// A response as text: names of files, of services, numbers, or the error.
fn said(message: &Bytes) -> String {
    let response = ServerReflectionResponse::decode(message.clone()).expect("a response");
    match response.message_response.expect("an answer") {
        MessageResponse::FileDescriptorResponse(files) => {
            let name = |file: &Bytes| FileDescriptorProto::decode(file.clone()).expect("a file").name().to_owned();
            files.file_descriptor_proto.iter().map(name).collect::<Vec<_>>().join(" ")
        }
        MessageResponse::AllExtensionNumbersResponse(numbers) => {
            format!("{} {:?}", numbers.base_type_name, numbers.extension_number)
        }
        MessageResponse::ListServicesResponse(list) => {
            list.service.into_iter().map(|service| service.name).collect::<Vec<_>>().join(" ")
        }
        MessageResponse::ErrorResponse(ErrorResponse { error_code, error_message }) => {
            format!("{error_code} {error_message}")
        }
    }
}

fn all_said(outcome: &Outcome) -> Vec<String> {
    outcome.messages.iter().map(said).collect()
}

/// The value of `read` once it stays the same.
async fn settled(read: impl Fn() -> usize) -> usize {
    loop {
        let before = read();
        // There is no event for nothing happening. On loopback, this long without a change means that it has stopped.
        tokio::time::sleep(Duration::from_millis(300)).await;
        if read() == before {
            return before;
        }
    }
}

// contract: RF-15, RF-16, RF-18, RF-21, RF-22
#[test]
fn requests_are_answered_in_order_in_every_protocol() {
    run(async {
        let server = serve(&files(), Setup::default());
        let extension = |containing_type: &str, extension_number| {
            let containing_type = containing_type.into();
            ask(MessageRequest::FileContainingExtension(ExtensionRequest { containing_type, extension_number }))
        };
        let symbol = |name: &str| ask(MessageRequest::FileContainingSymbol(name.into()));
        let numbers = |name: &str| ask(MessageRequest::AllExtensionNumbersOfType(name.into()));
        let list = |text: &str| ask(MessageRequest::ListServices(text.into()));
        let conversation = [
            (list("*"), "test.Service test.Other"),
            (list(""), "test.Service test.Other"),
            (file_named("gone.proto"), "5 File not found: gone.proto"),
            (symbol("test.Service.Call"), "service.proto base.proto"),
            (symbol("test.Service.Gone"), "5 Symbol not found: test.Service.Gone"),
            (symbol("test.Base"), "base.proto"),
            (file_named("service.proto"), "service.proto"),
            (extension("test.Base", 100), "base.proto"),
            (extension("test.Base", 101), "5 Extension not found: test.Base 101"),
            (numbers("test.Base"), "test.Base [100]"),
            (numbers("test.Gone"), "5 Type not found: test.Gone"),
        ];
        for (protocol, http) in everywhere() {
            for rpc in INFO {
                let call = Call::new(protocol, rpc);
                let call = conversation.iter().fold(call, |call, (question, _)| call.message(question.clone()));
                let outcome = call.send(http, server.address()).await;
                assert_eq!(outcome.code, "ok", "{protocol:?} {http:?} {}", rpc.path);
                let expected: Vec<_> = conversation.iter().map(|(_, answer)| *answer).collect();
                assert_eq!(all_said(&outcome), expected, "{protocol:?} {http:?} {}", rpc.path);
            }
        }
        server.holds_nothing().await;
    });
}

// contract: RF-19
#[test]
fn a_response_contains_its_request() {
    run(async {
        let server = serve(&files(), Setup::default());
        let question = ServerReflectionRequest {
            host: "some.host".into(),
            message_request: Some(MessageRequest::FileByFilename("gone.proto".into())),
        };
        let call = Call::new(Protocol::Grpc, INFO[0]).message(question.encode_to_vec());
        let outcome = call.send(Http::Two, server.address()).await;
        let response = ServerReflectionResponse::decode(outcome.messages[0].clone()).expect("a response");
        assert_eq!(response.valid_host, "some.host");
        assert_eq!(response.original_request, Some(question));
    });
}

// contract: RF-18, RF-20
#[test]
fn an_invalid_request_does_not_end_the_stream() {
    run(async {
        let server = serve(&files(), Setup::default());
        let call =
            Call::new(Protocol::Grpc, INFO[0]).message("\u{1}no request").message("").message(file_named("base.proto"));
        let outcome = call.send(Http::Two, server.address()).await;
        let said = all_said(&outcome);
        assert!(said[0].starts_with("3 parse binary: "), "{said:?}");
        assert!(said[1].starts_with("3 the request asks nothing: set file_by_filename"), "{said:?}");
        assert_eq!((said[2].as_str(), outcome.code.as_str()), ("base.proto", "ok"));
    });
}

// contract: RF-16
#[test]
fn json_works_in_every_protocol_that_has_it() {
    run(async {
        let server = serve(&files(), Setup::default());
        for rpc in INFO {
            for (protocol, content_type) in [
                (Protocol::Connect, "application/connect+json"),
                (Protocol::Grpc, "application/grpc+json"),
                (Protocol::GrpcWeb, "application/grpc-web+json"),
            ] {
                let call = Call::new(protocol, rpc)
                    .message(r#"{"host":"h","fileByFilename":"base.proto","unknown":1}"#)
                    .message(r#"{"listServices":""}"#)
                    .message("{");
                let mut request = call.http2();
                request.headers_mut().insert("content-type", content_type.parse().expect("a value"));
                let client = Http2::connect(server.address()).await;
                let outcome = call.outcome(client.exchange(request, call.bytes()).await.expect("an answer"));
                let said: Vec<Value> =
                    outcome.messages.iter().map(|message| serde_json::from_slice(message).expect("JSON")).collect();
                assert_eq!(said[0]["validHost"], "h", "{content_type}");
                assert_eq!(said[0]["originalRequest"], json!({ "host": "h", "fileByFilename": "base.proto" }));
                assert_eq!(said[0]["fileDescriptorResponse"]["fileDescriptorProto"].as_array().map(Vec::len), Some(1));
                let services = json!({ "service": [{ "name": "test.Service" }, { "name": "test.Other" }] });
                assert_eq!(said[1]["listServicesResponse"], services);
                assert_eq!(said[2]["errorResponse"]["errorCode"], 3, "{content_type}");
                let version = rpc.path.split('.').nth(2).expect("a version");
                let reason = said[2]["errorResponse"]["errorMessage"].as_str().expect("a reason");
                let begin =
                    format!("cannot decode message grpc.reflection.{version}.ServerReflectionRequest from JSON: ");
                assert!(reason.starts_with(&begin), "{reason}");
                assert_eq!(outcome.code, "ok");
            }
        }
    });
}

#[test]
fn responses_are_compressed_like_any_other() {
    run(async {
        let server = serve(&[large_file(8 * KIB)], Setup::default());
        for http in HTTPS {
            let call = Call::new(Protocol::Grpc, INFO[0])
                .message(file_named("large.proto"))
                .compressed(Encoding::Gzip)
                .accepting("gzip");
            let outcome = call.send(http, server.address()).await;
            assert_eq!((all_said(&outcome), outcome.compressed), (vec!["large.proto".into()], vec![true]), "{http:?}");
        }
    });
}

// contract: RF-15
#[test]
fn over_http1_a_client_may_send_a_request_after_a_response() {
    run(async {
        let server = serve(&files(), Setup::default());
        let call = Call::new(Protocol::Connect, INFO[0]);
        let mut client = Http1::connect(server.address()).await;
        client.send(call.http1_head("transfer-encoding: chunked\r\n")).await;
        client.send_chunk(&envelope(0, &file_named("service.proto"))).await;
        assert_eq!(client.head().await.status, 200);
        let answer = client.chunk().await.expect("an answer while the request is open");
        assert_eq!(said(&split(&answer)[0].1), "service.proto base.proto");
        client.send_chunk(&envelope(0, &file_named("base.proto"))).await;
        let answer = client.chunk().await.expect("a second answer");
        assert_eq!(said(&split(&answer)[0].1), "base.proto");
        client.send_chunk(b"").await;
        let end = client.chunk().await.expect("the end of the stream");
        assert_eq!(split(&end), [(2, Bytes::from_static(b"{}"))]);
    });
}

#[test]
fn an_http1_client_can_read_its_rejection_before_it_has_sent_everything() {
    run(async {
        let method = MethodOptions { read_max_bytes: KIB, ..MethodOptions::default() };
        let server = serve(&files(), Setup { method, ..Setup::default() });
        for protocol in [Protocol::Connect, Protocol::Grpc] {
            let call = Call::new(protocol, INFO[0]).message(vec![0; 8 << 20]);
            let outcome = call.send(Http::One, server.address()).await;
            assert_eq!(outcome.code, "resource_exhausted", "{protocol:?}: {}", outcome.text);
        }
    });
}

#[test]
fn a_client_that_does_not_read_gets_no_more_responses() {
    run(async {
        let size = 100 * KIB;
        let server = serve(&[large_file(size)], Setup::default());
        let client = Http2::connect(server.address()).await;
        let call = Call::new(Protocol::Grpc, INFO[0]);
        let mut exchange = client.open(call.http2()).await;
        let count = 1_000;
        for _ in 0..count {
            exchange.body.send_data(envelope(0, &file_named("large.proto")), false).expect("sends");
        }
        exchange.body.send_data(Bytes::new(), true).expect("ends");
        let mut body = soon("the head", &mut exchange.response).await.expect("a head").into_body();
        let before = next_data(&mut body).await.expect("an answer").expect("data").len();
        // The window of an unread stream, a response that is being sent, and one that is being made.
        let held = settled(|| server.probe.budget.used()).await;
        assert!((WINDOW..=WINDOW + 3 * size).contains(&held), "{held} bytes reserved");
        let mut read = before;
        while let Some(data) = next_data(&mut body).await {
            read += data.expect("data").len();
        }
        assert!(read > count * size, "all get a response once it is read: {read} bytes");
        drop((body, exchange));
        server.holds_nothing().await;
    });
}

/// A call in JSON.
fn in_json(call: &Call) -> http::Request<()> {
    let mut request = call.http2();
    request.headers_mut().insert("content-type", "application/grpc+json".parse().expect("a value"));
    request
}

#[test]
fn long_and_short_responses_come_in_the_order_of_their_requests() {
    run(async {
        // A schema of which every response may be long, and one of which a response is only if its request is.
        for size in [600 * KIB, KIB] {
            let server = serve(&[large_file(size)], Setup::default());
            let long_name = "n".repeat(8 * KIB);
            let questions = [
                file_named("large.proto"),
                ask(MessageRequest::ListServices(String::new())),
                file_named(&long_name),
                file_named("gone.proto"),
                file_named("large.proto"),
            ];
            let not_found = format!("5 File not found: {long_name}");
            let expected =
                ["large.proto", "test.Service test.Other", &not_found, "5 File not found: gone.proto", "large.proto"];
            for (protocol, http) in everywhere() {
                let call = Call::new(protocol, INFO[0]);
                let call = questions.iter().fold(call, |call, question| call.message(question.clone()));
                let outcome = call.send(http, server.address()).await;
                assert_eq!(outcome.code, "ok", "{protocol:?} {http:?} {}", outcome.text);
                assert_eq!(all_said(&outcome), expected, "{protocol:?} {http:?} {size}");
            }
            server.holds_nothing().await;
        }
    });
}

#[test]
fn other_calls_on_its_thread_do_not_wait_for_a_long_response() {
    run(async {
        let server = ServerOptions { threads: 1, ..ServerOptions::default() };
        let server = serve(&[large_file(16 << 20)], Setup { server, budget_bytes: 256 << 20, ..Setup::default() });
        let client = Http2::connect(server.address()).await;
        let mut bystander = Http1::connect(server.address()).await;
        let call = Call::new(Protocol::Grpc, INFO[0]).message(r#"{"fileByFilename":"large.proto"}"#);
        let mut exchange = client.open(in_json(&call)).await;
        exchange.body.send_data(call.bytes(), true).expect("sends");
        let begin = Instant::now();
        eventually("a request that is being answered", || server.probe.budget.used() >= WINDOW).await;
        let long = async {
            let mut body = soon("the head", &mut exchange.response).await.expect("a head").into_body();
            next_data(&mut body).await.expect("an answer").expect("data");
            begin.elapsed()
        };
        let short = async {
            bystander.send(b"GET /nothing HTTP/1.1\r\nhost: a\r\n\r\n").await;
            assert_eq!(bystander.answer().await.status, 404);
            begin.elapsed()
        };
        let (long, short) = tokio::join!(long, short);
        assert!(short * 2 < long, "served after {short:?}, the long response came after {long:?}");
    });
}

#[test]
fn a_client_that_goes_away_during_long_work_gives_everything_back() {
    run(async {
        let server = serve(&[large_file(2 << 20)], Setup::default());
        let client = Http2::connect(server.address()).await;
        let call = Call::new(Protocol::Grpc, INFO[0]).message(r#"{"fileByFilename":"large.proto"}"#);
        let mut exchanges = Vec::new();
        for _ in 0..50 {
            let mut exchange = client.open(in_json(&call)).await;
            exchange.body.send_data(call.bytes(), false).expect("sends");
            exchanges.push(exchange);
        }
        eventually("many that wait for their turn", || server.probe.budget.used() >= 40 * WINDOW).await;
        client.close().await;
        server.holds_nothing().await;
        let other = Call::new(Protocol::Grpc, INFO[0]).message(ask(MessageRequest::ListServices(String::new())));
        assert_eq!(other.send(Http::Two, server.address()).await.code, "ok");
    });
}

#[test]
fn a_response_beyond_the_budget_is_refused() {
    run(async {
        let server = serve(&[large_file(600 * KIB)], Setup { budget_bytes: 512 * KIB, ..Setup::default() });
        let call = Call::new(Protocol::Grpc, INFO[0]).message(file_named("large.proto"));
        let outcome = call.send(Http::Two, server.address()).await;
        assert_eq!(outcome.code, "unavailable", "{}", outcome.text);
        server.holds_nothing().await;
    });
}

#[test]
fn a_client_that_goes_away_gives_back_its_reservation() {
    run(async {
        // More responses than the client's window takes, and the client does not read: its stream is paused.
        let server = serve(&[large_file(100 * KIB)], Setup::default());
        let client = Http2::connect(server.address()).await;
        let call = Call::new(Protocol::Grpc, INFO[0]);
        let mut exchange = client.open(call.http2()).await;
        for _ in 0..10 {
            exchange.body.send_data(envelope(0, &file_named("large.proto")), false).expect("sends");
        }
        let body = soon("the head", &mut exchange.response).await.expect("a head").into_body();
        eventually("a paused stream", || server.probe.budget.used() >= WINDOW).await;
        client.close().await;
        server.holds_nothing().await;
        drop(body);
    });
}

#[test]
fn a_draining_server_ends_idle_streams_and_answers_pending_requests() {
    run(async {
        let (server, service) = serve_with_service(&files(), Setup::default());
        let client = Http2::connect(server.address()).await;
        let call = Call::new(Protocol::Grpc, INFO[0]);
        let mut exchange = client.open(call.http2()).await;
        exchange.body.send_data(envelope(0, &file_named("base.proto")), false).expect("sends");
        soon("the head", &mut exchange.response).await.expect("a head");
        service.end();
        let asked = call.clone().message(file_named("base.proto")).send_on(&client).await;
        assert_eq!((all_said(&asked), asked.code.as_str()), (vec!["base.proto".into()], "ok"));
        let idle = client.open(call.http2()).await;
        let outcome = call.outcome(idle.answer().await.expect("an answer"));
        assert_eq!(outcome.error(), ("unavailable", "the server is shutting down"));
    });
}
