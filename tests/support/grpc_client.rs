//! tonic's client over a connection of `h2`: an independent gRPC client.

use std::future::{Future, poll_fn};
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use h2::RecvStream;
use http::HeaderMap;
use http_body::{Body, Frame};
use tonic::client::{Grpc, GrpcService};

use super::http2::Http2;
pub use super::raw_codec::Raw;

/// A client for messages of bytes.
pub async fn connect(address: SocketAddr) -> Grpc<Channel> {
    let client = Http2::connect(address).await;
    let mut grpc = Grpc::with_origin(Channel(client), "http://test".parse().expect("an origin"));
    grpc.ready().await.expect("ready");
    grpc
}

pub struct Channel(Http2);

type Answer = Result<http::Response<Incoming>, h2::Error>;

impl GrpcService<tonic::body::Body> for Channel {
    type ResponseBody = Incoming;
    type Error = h2::Error;
    type Future = Pin<Box<dyn Future<Output = Answer> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), h2::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<tonic::body::Body>) -> Self::Future {
        let sender = self.0.sender();
        Box::pin(async move {
            let (parts, mut body) = request.into_parts();
            let mut sender = sender.ready().await?;
            let (response, mut sending) = sender.send_request(http::Request::from_parts(parts, ()), false)?;
            tokio::spawn(async move {
                // An error means that the call is over; the response has the reason.
                while let Some(Ok(frame)) = poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
                    if let Ok(data) = frame.into_data()
                        && sending.send_data(data, false).is_err()
                    {
                        return;
                    }
                }
                let _ = sending.send_data(Bytes::new(), true);
            });
            Ok(response.await?.map(Incoming))
        })
    }
}

/// The body of a response.
pub struct Incoming(RecvStream);

impl Body for Incoming {
    type Data = Bytes;
    type Error = h2::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, h2::Error>>> {
        match ready!(self.0.poll_data(cx)) {
            Some(Ok(data)) => {
                self.0.flow_control().release_capacity(data.len())?;
                Poll::Ready(Some(Ok(Frame::data(data))))
            }
            Some(Err(error)) => Poll::Ready(Some(Err(error))),
            None => {
                let trailers: Option<HeaderMap> = ready!(self.0.poll_trailers(cx))?;
                Poll::Ready(trailers.map(|trailers| Ok(Frame::trailers(trailers))))
            }
        }
    }
}
