//! The handlers of the methods of [`super::rpcs`].

#![expect(clippy::needless_pass_by_value, reason = "all methods have the signature of `Rpc::serve`")]

use std::sync::Arc;
use std::task::Poll;

use bytes::Bytes;
use connectum_native::call::{
    Code, Detail, Error, Failure, HandlerFuture, Metadata, Request, RequestMessages, ReservedBytes, Response,
    ResponseMessages, Source,
};
use http::HeaderName;

use super::probe::Probe;
use super::response_streams::{Channel, Each, Flood, Numbers};

/// The error of the failing methods.
pub fn failure() -> Error {
    let mut error = Error::new(Code::NotFound, "50% of \u{e9}\u{1f600}\r\n");
    error.details.push(Detail {
        type_name: "test.v1.Reason".into(),
        value: Bytes::from_static(b"\x01\xff"),
        debug: None,
    });
    error.metadata.push((HeaderName::from_static("x-error"), "e".parse().expect("a value")));
    error
}

/// The values of `x-meta`, under another name.
fn meta(request: &Request, name: &'static str) -> Metadata {
    let values = request.headers.get_all("x-meta").iter();
    values.map(|value| (HeaderName::from_static(name), value.clone())).collect()
}

fn only(request: Request) -> ReservedBytes {
    match request.messages {
        RequestMessages::One(message) => message,
        RequestMessages::Stream(_) => unreachable!("the method has one request message"),
    }
}

fn stream(request: Request) -> Box<dyn Source> {
    match request.messages {
        RequestMessages::Stream(reader) => reader,
        RequestMessages::One(_) => unreachable!("the method has a stream of request messages"),
    }
}

fn number_in(message: &ReservedBytes) -> usize {
    std::str::from_utf8(message).ok().and_then(|text| text.parse().ok()).expect("the message is a number")
}

fn answer(header: Metadata, message: ReservedBytes, trailer: Metadata) -> Response {
    Response { header, messages: ResponseMessages::One(message, trailer) }
}

pub fn echo(request: Request, probe: Arc<Probe>) -> HandlerFuture {
    Box::pin(async move {
        let _guard = probe.guard();
        let (mut header, trailer) = (meta(&request, "x-header"), meta(&request, "x-trailer"));
        let forged = request.headers.get_all("connectum-internal-transport").iter().count();
        header.push((HeaderName::from_static("x-forged"), forged.into()));
        Ok(answer(header, only(request), trailer))
    })
}

pub fn echo_each(request: Request, probe: Arc<Probe>) -> HandlerFuture {
    let guard = probe.guard();
    let (header, trailer) = (meta(&request, "x-header"), meta(&request, "x-trailer"));
    let each = Each { reader: stream(request), trailer, probe, _guard: guard };
    Box::pin(async move { Ok(Response { header, messages: ResponseMessages::Stream(Box::new(each)) }) })
}

pub fn collect(request: Request, probe: Arc<Probe>) -> HandlerFuture {
    Box::pin(async move {
        let _guard = probe.guard();
        let (header, trailer) = (meta(&request, "x-header"), meta(&request, "x-trailer"));
        let mut reader = stream(request);
        let mut all: Vec<ReservedBytes> = Vec::new();
        while let Some(message) = reader.next().await {
            if let Err(error) = &message {
                probe.input_error.send_replace(Some(error.code.name().into()));
            }
            all.push(message?);
            probe.read.add();
        }
        probe.input_ended.add();
        Ok(answer(
            header,
            probe.reserved(all.iter().map(|message| Bytes::clone(message)).collect::<Vec<_>>().join(&b',')),
            trailer,
        ))
    })
}

fn numbers(request: &Request, probe: Arc<Probe>, until: usize, end: fn() -> Poll<Option<Error>>) -> HandlerFuture {
    let (header, trailer) = (meta(request, "x-header"), meta(request, "x-trailer"));
    let numbers = Numbers { next: 0, until, end, trailer, _guard: probe.guard(), probe };
    Box::pin(async move { Ok(Response { header, messages: ResponseMessages::Stream(Box::new(numbers)) }) })
}

pub fn count(request: Request, probe: Arc<Probe>) -> HandlerFuture {
    let RequestMessages::One(message) = &request.messages else { unreachable!("the method has one request message") };
    numbers(&request, probe, number_in(message), || Poll::Ready(None))
}

pub fn fail(request: Request, probe: Arc<Probe>) -> HandlerFuture {
    Box::pin(async move {
        let _guard = probe.guard();
        let code = request.headers.get("x-code").and_then(|code| code.to_str().ok()?.parse().ok());
        let error = code.map_or_else(failure, |number| Error::new(Code::from_number(number), ""));
        Err(error.into())
    })
}

pub fn fail_late(request: Request, probe: Arc<Probe>) -> HandlerFuture {
    Box::pin(async move {
        let _guard = probe.guard();
        let (header, trailer) = (meta(&request, "x-header"), meta(&request, "x-trailer"));
        Err(Failure { error: failure(), header, trailer })
    })
}

pub fn fail_stream(request: Request, probe: Arc<Probe>) -> HandlerFuture {
    numbers(&request, probe, 2, || Poll::Ready(Some(failure())))
}

pub fn panic_later(_: Request, probe: Arc<Probe>) -> HandlerFuture {
    Box::pin(async move {
        let _guard = probe.guard();
        tokio::task::yield_now().await;
        panic!("a test's panic")
    })
}

pub fn panic_in_stream(request: Request, probe: Arc<Probe>) -> HandlerFuture {
    numbers(&request, probe, 1, || panic!("a test's panic"))
}

pub fn panic_reading(request: Request, probe: Arc<Probe>) -> HandlerFuture {
    Box::pin(async move {
        let _guard = probe.guard();
        let first = stream(request).next().await;
        panic!("a test's panic, on {first:?}")
    })
}

pub fn never(request: Request, probe: Arc<Probe>) -> HandlerFuture {
    Box::pin(async move {
        // The request lives as long, and with it the stream that could be read.
        let (_request, _guard) = (request, probe.guard());
        std::future::pending().await
    })
}

pub fn never_ending(request: Request, probe: Arc<Probe>) -> HandlerFuture {
    numbers(&request, probe, 1, || Poll::Pending)
}

pub fn gated(request: Request, probe: Arc<Probe>) -> HandlerFuture {
    Box::pin(async move {
        let _guard = probe.guard();
        probe.gate.acquire().await.expect("the gate is never closed").forget();
        Ok(answer(Metadata::new(), only(request), Metadata::new()))
    })
}

pub fn gated_count(request: Request, probe: Arc<Probe>) -> HandlerFuture {
    Box::pin(async move {
        let header = meta(&request, "x-header");
        let (sender, receiver) = tokio::sync::mpsc::channel(1);
        let guard = probe.guard();
        let until = number_in(&only(request));
        let of_task = Arc::clone(&probe);
        tokio::spawn(async move {
            for number in 0..=until {
                of_task.gate.acquire().await.expect("the gate is never closed").forget();
                // An error means that the call is over: nobody receives any more.
                if number < until && sender.send(of_task.reserved(number.to_string())).await.is_err() {
                    return;
                }
            }
        });
        Ok(Response { header, messages: ResponseMessages::Stream(Box::new(Channel { receiver, _guard: guard })) })
    })
}

pub fn flood(request: Request, probe: Arc<Probe>) -> HandlerFuture {
    let guard = probe.guard();
    let flood = Flood { message: Bytes::clone(&only(request)), probe, _guard: guard };
    Box::pin(
        async move { Ok(Response { header: Metadata::new(), messages: ResponseMessages::Stream(Box::new(flood)) }) },
    )
}
