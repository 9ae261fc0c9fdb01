//! How long connections may take, how long they live, and how many there may be.

use crate::support;

use std::time::{Duration, Instant};

use connectum_native::server::{ConnectionLimits, LogLevel, ServerOptions};
use support::answer::text;
use support::call::{Call, Http, PROTOCOLS, Protocol, everywhere};
use support::envelopes::envelope;
use support::frames::{
    ACK, DATA, END_HEADERS, END_STREAM, Frames, GOAWAY, HEADERS, PING, PREFACE, SETTINGS, WINDOW_UPDATE, frame,
    grpc_block, header_block,
};
use support::http1::Http1;
use support::http2::{Http2, next_data};
use support::log_lines::LogLines;
use support::rpcs::{COLLECT, ECHO, FLOOD, GATED, GATED_COUNT, NEVER};
use support::server::{Setup, TestServer};
use support::{run, soon};

const MS: Duration = Duration::from_millis(1);

fn server(limits: ConnectionLimits) -> TestServer {
    logging(limits, &LogLines::default())
}

fn logging(limits: ConnectionLimits, log: &LogLines) -> TestServer {
    let server = ServerOptions { limits, ..ServerOptions::default() };
    TestServer::with(Setup { server, observer: log.observer(), ..Setup::default() })
}

fn limits() -> ConnectionLimits {
    ConnectionLimits::default()
}

#[test]
fn a_client_that_stops_in_the_midst_of_a_request_is_told() {
    run(async {
        let server = server(ConnectionLimits { request: Some(200 * MS), ..limits() });
        for protocol in PROTOCOLS {
            let call = Call::new(protocol, ECHO).message("mmmm");
            let half = call.bytes().slice(..call.bytes().len() / 2);
            let client = Http2::connect(server.address()).await;
            let mut exchange = client.open(call.http2()).await;
            exchange.body.send_data(half.clone(), false).expect("sends");
            let mut http1 = Http1::connect(server.address()).await;
            http1.send(call.http1_head(&format!("content-length: {}\r\n", call.bytes().len()))).await;
            http1.send(half).await;
            for answer in [exchange.answer().await.expect("an answer"), http1.answer().await] {
                let outcome = call.outcome(answer);
                let expected = ("deadline_exceeded", "the client sent nothing for requestTimeout (200 ms)");
                assert_eq!(outcome.error(), expected, "{protocol:?}");
            }
        }
        server.holds_nothing().await;
    });
}

#[test]
fn a_client_that_sends_slowly_is_not_silent() {
    run(async {
        let server = server(ConnectionLimits { request: Some(300 * MS), ..limits() });
        let call = Call::new(Protocol::Grpc, ECHO).message("mmmmmmmm");
        let client = Http2::connect(server.address()).await;
        let mut exchange = client.open(call.http2()).await;
        for byte in call.bytes() {
            exchange.body.send_data(vec![byte].into(), false).expect("sends");
            tokio::time::sleep(100 * MS).await;
        }
        exchange.body.send_data(Vec::new().into(), true).expect("ends");
        assert_eq!(call.outcome(exchange.answer().await.expect("an answer")).joined(), "mmmmmmmm");
    });
}

#[test]
fn a_stream_may_pause_between_its_messages_and_not_within_one() {
    run(async {
        let server = server(ConnectionLimits { request: Some(150 * MS), ..limits() });
        let call = Call::new(Protocol::Grpc, COLLECT).message("mm");
        let client = Http2::connect(server.address()).await;
        let mut exchange = client.open(call.http2()).await;
        for _ in 0..3 {
            tokio::time::sleep(400 * MS).await;
            exchange.body.send_data(call.bytes(), false).expect("sends");
        }
        exchange.body.send_data(Vec::new().into(), true).expect("ends");
        assert_eq!(call.outcome(exchange.answer().await.expect("an answer")).joined(), "mm,mm,mm");
        for sent in [3, call.bytes().len() - 1] {
            let mut exchange = client.open(call.http2()).await;
            exchange.body.send_data(call.bytes(), false).expect("sends");
            exchange.body.send_data(call.bytes().slice(..sent), false).expect("sends");
            let outcome = call.outcome(exchange.answer().await.expect("an answer"));
            assert_eq!(outcome.code, "deadline_exceeded", "{sent} bytes of a message");
        }
    });
}

#[test]
fn a_client_that_takes_nothing_is_left() {
    run(async {
        let log = LogLines::default();
        let server = logging(ConnectionLimits { response: Some(400 * MS), ..limits() }, &log);
        let call = Call::new(Protocol::Grpc, FLOOD).message(vec![7; 1000]);
        // It reads nothing, so that first h2 holds what it has no window for.
        let mut frames = Frames::handshake(server.address()).await;
        frames.send(frame(HEADERS, END_HEADERS, 1, &grpc_block(FLOOD.path))).await;
        frames.send(frame(DATA, END_STREAM, 1, &envelope(0, &[7; 1000]))).await;
        // The kernel holds what this one does not read.
        let mut http1 = Http1::connect(server.address()).await;
        http1.send(call.http1()).await;
        let begun = Instant::now();
        soon("the release of both", server.probe.released.reaches(2)).await;
        let took = begun.elapsed();
        assert!(took > 350 * MS && took < 2000 * MS, "{took:?}");
        server.holds_nothing().await;
        let line = "a connection was closed, as its client took nothing for 400 ms".to_owned();
        assert_eq!(log.all(), [(LogLevel::Warn, line.clone()), (LogLevel::Warn, line)]);
    });
}

#[test]
fn calls_and_streams_with_nothing_to_send_may_wait() {
    run(async {
        let server = server(ConnectionLimits { response: Some(100 * MS), request: Some(100 * MS), ..limits() });
        for (protocol, http) in everywhere() {
            let call = Call::new(protocol, GATED).message("m");
            let (sent, address) = (call.clone(), server.address());
            let outcome = tokio::spawn(async move { sent.send(http, address).await });
            tokio::time::sleep(400 * MS).await;
            server.probe.gate.add_permits(1);
            let outcome = soon("the response", outcome).await.expect("no panic");
            assert_eq!(outcome.joined(), "m", "{protocol:?} {http:?}");
        }
    });
}

#[test]
fn an_old_connection_is_left_when_its_calls_have_ended() {
    run(async {
        let server = server(ConnectionLimits { max_age: Some(300 * MS), ..limits() });
        let client = Http2::connect(server.address()).await;
        let call = Call::new(Protocol::Grpc, GATED_COUNT).message("1");
        let mut exchange = client.open(call.http2()).await;
        exchange.body.send_data(call.bytes(), true).expect("sends");
        let mut http1 = Http1::connect(server.address()).await;
        http1.send(Call::new(Protocol::Connect, GATED).message("m").http1()).await;
        soon("the handlers", server.probe.begun.reaches(2)).await;
        tokio::time::sleep(1000 * MS).await;
        server.probe.gate.add_permits(3);
        assert_eq!(call.outcome(exchange.answer().await.expect("an answer")).joined(), "0");
        let answer = http1.answer().await;
        assert_eq!((answer.status, text(&answer.headers, "connection")), (200, "close"));
        assert!(http1.closes().await);
        // Others have connections of their own age.
        let mut idle = Frames::handshake(server.address()).await;
        let connected = Instant::now();
        idle.until(|frame| frame.kind == GOAWAY).await;
        let age = connected.elapsed();
        assert!(age > 250 * MS && age < 1500 * MS, "{age:?}");
    });
}

#[test]
fn calls_of_an_old_connection_are_aborted_after_the_grace() {
    run(async {
        let log = LogLines::default();
        let limits = ConnectionLimits { max_age: Some(100 * MS), max_age_grace: Some(200 * MS), ..limits() };
        let server = logging(limits, &log);
        let call = Call::new(Protocol::Grpc, NEVER).message("m");
        for http in [Http::One, Http::Two] {
            let outcome = soon("the end", call.send(http, server.address())).await;
            assert_eq!(outcome.error(), ("unavailable", "the connection has reached maxConnectionAge"), "{http:?}");
        }
        let line = format!("calls were aborted, as maxConnectionAgeGrace has passed: 1 of {}", NEVER.path);
        assert_eq!(log.all(), [(LogLevel::Warn, line.clone()), (LogLevel::Warn, line)]);
        server.holds_nothing().await;
    });
}

#[test]
fn an_idle_connection_is_left_and_a_busy_one_is_not() {
    run(async {
        let server = server(ConnectionLimits { max_idle: Some(300 * MS), ..limits() });
        let call = Call::new(Protocol::Grpc, ECHO).message("m");
        let mut idle = Frames::handshake(server.address()).await;
        let mut idle_http1 = Http1::connect(server.address()).await;
        idle_http1.send(call.http1()).await;
        idle_http1.answer().await;
        let busy = Http2::connect(server.address()).await;
        let until = Instant::now() + 1000 * MS;
        while Instant::now() < until {
            assert_eq!(call.send_on(&busy).await.code, "ok");
            tokio::time::sleep(50 * MS).await;
        }
        let goaway = idle.until(|frame| frame.kind == GOAWAY).await;
        assert_eq!(goaway.payload[4..8], [0, 0, 0, 0], "NO_ERROR");
        assert!(idle_http1.closes().await);
    });
}

#[test]
fn a_connection_is_left_after_as_many_requests_as_it_may_have() {
    run(async {
        let server = server(ConnectionLimits { max_requests: Some(3), ..limits() });
        let call = Call::new(Protocol::Connect, ECHO).message("m");
        let mut http1 = Http1::connect(server.address()).await;
        for expected in ["", "", "close"] {
            http1.send(call.http1()).await;
            assert_eq!(text(&http1.answer().await.headers, "connection"), expected);
        }
        assert!(http1.closes().await);
        let mut frames = Frames::handshake(server.address()).await;
        for stream in [1, 3, 5] {
            let fields = [(":method", "POST"), (":scheme", "http"), (":authority", "test"), (":path", ECHO.path)];
            let head = header_block(&[&fields[..], &[("content-type", "application/proto")]].concat());
            frames.send(frame(HEADERS, END_HEADERS | END_STREAM, stream, &head)).await;
            frames.until(|frame| frame.stream == stream && frame.flags & END_STREAM != 0).await;
        }
        frames.until(|frame| frame.kind == GOAWAY).await;
    });
}

#[test]
fn a_client_that_does_not_answer_pings_is_left() {
    run(async {
        let server = server(ConnectionLimits { ping_interval: Some(200 * MS), ping_timeout: 200 * MS, ..limits() });
        let mut silent = Frames::handshake(server.address()).await;
        let alive = Http2::connect(server.address()).await;
        assert_eq!(silent.until(|frame| frame.kind == PING && frame.flags & ACK == 0).await.payload.len(), 8);
        while silent.next().await.is_some() {}
        tokio::time::sleep(500 * MS).await;
        assert_eq!(Call::new(Protocol::Grpc, ECHO).message("m").send_on(&alive).await.code, "ok");
    });
}

#[test]
fn a_flood_of_pings_ends_the_connection_and_pings_beside_calls_do_not() {
    const ENHANCE_YOUR_CALM: u8 = 11;
    let pings = || frame(PING, 0, 0, &[7; 8]).repeat(90);
    run(async {
        let log = LogLines::default();
        let server = logging(limits(), &log);
        let mut busy = Frames::handshake(server.address()).await;
        for stream in [1, 3, 5] {
            busy.send(pings()).await;
            busy.send(frame(HEADERS, END_HEADERS, stream, &grpc_block(ECHO.path))).await;
            busy.send(frame(DATA, END_STREAM, stream, &envelope(0, b"m"))).await;
            busy.until(|frame| frame.stream == stream && frame.flags & END_STREAM != 0).await;
        }
        busy.send(frame(HEADERS, END_HEADERS, 7, &grpc_block(NEVER.path))).await;
        for round in 0..4 {
            let last = [round; 8];
            busy.send(frame(PING, 0, 0, &last)).await;
            busy.until(|frame| frame.kind == PING && *frame.payload == last).await;
            busy.send(pings()).await;
        }

        let mut flooding = Frames::handshake(server.address()).await;
        flooding.send(pings()).await;
        flooding.send(pings()).await;
        let goaway = flooding.until(|frame| frame.kind == GOAWAY).await;
        assert_eq!(goaway.payload[7], ENHANCE_YOUR_CALM);
        assert!(flooding.next().await.is_none(), "the connection is closed");
        let expected = "a connection was closed, as its client sent more than 100 PINGs in 10s without a call";
        assert_eq!(log.all(), [(LogLevel::Warn, expected.to_owned())]);
    });
}

#[test]
fn no_more_connections_are_served_than_there_may_be() {
    run(async {
        let log = LogLines::default();
        let server = logging(ConnectionLimits { max_connections: Some(2), ..limits() }, &log);
        let call = Call::new(Protocol::Grpc, ECHO).message("m");
        let first = Http2::connect(server.address()).await;
        let second = Http2::connect(server.address()).await;
        assert_eq!(call.send_on(&first).await.code, "ok");
        assert_eq!(call.send_on(&second).await.code, "ok");
        let mut third = Http1::connect(server.address()).await;
        assert!(third.closes().await);
        let line = "connections were refused, 1 of them since this was last said: maxConnections (2) are open";
        assert_eq!(log.all(), [(LogLevel::Warn, line.to_owned())]);
        first.close().await;
        // Its place is free when the server has noticed.
        let another = async {
            loop {
                let mut again = Http1::connect(server.address()).await;
                if again.try_send(call.http1()).await && again.discard_some().await {
                    return;
                }
                tokio::time::sleep(20 * MS).await;
            }
        };
        soon("a connection that is served", another).await;
    });
}

#[test]
fn a_client_is_left_that_takes_too_long_for_its_first_bytes_or_its_head() {
    run(async {
        let server = server(ConnectionLimits { detection: 200 * MS, headers: 300 * MS, ..limits() });
        for start in [&b""[..], &PREFACE[..9], b"POST /a HTTP/1.1\r\nhost: te"] {
            let mut client = Http1::connect(server.address()).await;
            client.send(start).await;
            let begun = Instant::now();
            client.rest().await;
            let took = begun.elapsed();
            assert!(took > 150 * MS && took < 1500 * MS, "{took:?}");
        }
        let mut used = Http2::connect(server.address()).await.open(Call::new(Protocol::Grpc, FLOOD).http2()).await;
        used.body.send_data(envelope(0, b"m"), true).expect("sends");
        let mut body = soon("the head", used.response).await.expect("a head").into_body();
        tokio::time::sleep(500 * MS).await;
        next_data(&mut body).await.expect("more").expect("it is served");
    });
}

#[test]
fn the_settings_of_http2_and_the_size_of_a_head_are_those_of_the_options() {
    run(async {
        let limits = ConnectionLimits {
            max_header_bytes: 10_000,
            max_header_fields: 5,
            stream_window_bytes: 70_000,
            connection_window_bytes: 100_000,
            max_frame_bytes: 20_000,
            header_table_bytes: 8_000,
            ..limits()
        };
        let server = server(limits);
        let mut frames = Frames::connect(server.address()).await;
        frames.send([PREFACE, &frame(SETTINGS, 0, 0, &[])].concat()).await;
        let settings = frames.until(|frame| frame.kind == SETTINGS && frame.flags & ACK == 0).await.payload;
        let setting = |wanted: u16| {
            let found = settings.chunks(6).find(|entry| entry[..2] == wanted.to_be_bytes());
            found.map(|entry| u32::from_be_bytes([entry[2], entry[3], entry[4], entry[5]]))
        };
        // RFC 9113 section 6.5.2.
        assert_eq!(
            [1, 4, 5, 6].map(setting),
            [Some(8_000), Some(70_000), Some(20_000), Some(10_000)],
            "table, window, frame, head"
        );
        let update = frames.until(|frame| frame.kind == WINDOW_UPDATE && frame.stream == 0).await.payload;
        assert_eq!(u32::from_be_bytes([update[0], update[1], update[2], update[3]]), 100_000 - 65_535);

        let call = Call::new(Protocol::Connect, ECHO).message("m");
        for (name, value, status) in [("x-a", "v".repeat(9_000), 200), ("x-a", "v".repeat(11_000), 431)] {
            let call = call.clone().header(name, &value);
            assert_eq!(call.answer(Http::One, server.address()).await.status, status, "{} bytes", value.len());
        }
        let many = (0..6).fold(call, |call, n| call.header(&format!("x-{n}"), "v"));
        assert_eq!(many.answer(Http::One, server.address()).await.status, 431);
    });
}

#[test]
fn connections_of_one_address_are_counted() {
    run(async {
        let limits = ConnectionLimits { max_connections_per_address: Some(1), ..limits() };
        let server = server(limits);
        let call = Call::new(Protocol::Grpc, ECHO).message("m");
        let first = Http2::connect(server.address()).await;
        assert_eq!(call.send_on(&first).await.code, "ok");
        assert!(Http1::connect(server.address()).await.closes().await);
        assert_eq!(call.send_on(&first).await.code, "ok");
    });
}

#[cfg(target_os = "linux")]
#[test]
fn the_kernel_asks_whether_a_silent_client_is_still_there() {
    run(async {
        let server = TestServer::start();
        let call = Call::new(Protocol::Grpc, ECHO).message("m");
        let client = Http2::connect(server.address()).await;
        assert_eq!(call.send_on(&client).await.code, "ok");
        let port = format!("0100007F:{:04X}", server.address().port());
        // The timer of the accepted socket: 02 is that of keepalive, and then comes when it ends, in hundredths of a
        // second. Others, as that of a delayed acknowledgement, end soon.
        let keepalive = || {
            let sockets = std::fs::read_to_string("/proc/net/tcp").expect("Linux has it");
            let rows = sockets.lines().map(|row| row.split_whitespace().collect::<Vec<_>>());
            let timers = rows.filter(|row| row[1] == port && row[3] == "01").map(|row| row[5].to_owned());
            timers.filter_map(|timer| u64::from_str_radix(timer.strip_prefix("02:")?, 16).ok()).max()
        };
        support::eventually("the keepalive timer", || keepalive().is_some_and(|left| left <= 6_000)).await;
    });
}
