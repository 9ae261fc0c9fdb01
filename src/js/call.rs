//! A call that JavaScript serves: what both threads know of it.
//!
//! The connection's side waits for the answer and sends it; JavaScript's side reads, writes and ends by number. They meet
//! in one small state behind a lock that is never held across a call into JavaScript.

use std::collections::VecDeque;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use http::StatusCode;
use parking_lot::Mutex;

use super::inbox::{Event, Inbox};
use crate::rpc::{Deadline, Error, Failure, Metadata, ReservedBytes, ResponseEvent};
use crate::server::WakeQueue;

/// `write` answers false from this many unsent bytes on.
const HIGH_WATER_BYTES: usize = 64 * 1024;
/// And from this many unsent messages on.
const HIGH_WATER_MESSAGES: usize = 32;

/// A call, from its queueing to its end.
pub struct Call {
    /// Its number for JavaScript, never used twice.
    pub id: u64,
    /// What JavaScript is told of it at first.
    pub opening: CallHead,
    /// When it must be over.
    pub deadline: Deadline,
    inbox: Arc<Inbox>,
    /// Of the thread that its connection runs on.
    wake_queue: Option<Arc<WakeQueue>>,
    state: Mutex<State>,
}

/// The fixed facts of a call.
pub struct CallHead {
    /// Index of the method; `None` for a request that is no RPC.
    pub method: Option<u32>,
    /// Codec, protocol and verb, as in `docs/boundary.md`.
    pub flags: u32,
    /// What it is and its headers, a line each.
    pub head: Vec<u8>,
    /// Whether response messages are written one by one.
    pub streams_responses: bool,
}

/// How far a call has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// It waits for JavaScript.
    Waiting,
    /// JavaScript has it.
    Running,
    /// JavaScript has answered; what it wrote may still be on its way.
    Answered,
    /// Nobody waits for it any more.
    Over,
}

struct State {
    phase: Phase,
    /// The message of a call that has one.
    message: Option<ReservedBytes>,
    requests: Requests,
    responses: Responses,
}

/// Request messages between the connection and JavaScript.
struct Requests {
    arrived: VecDeque<ReservedBytes>,
    end: Option<Result<(), Error>>,
    /// JavaScript would take more: the pump may read on.
    wanted: bool,
    /// JavaScript found nothing and waits to be told.
    awaited: bool,
    pump: Option<Waker>,
}

/// How a request stream stands after a read.
pub enum ReadOutcome {
    /// Nothing has arrived, and [`Event::Readable`] will follow.
    Nothing,
    /// What has arrived was handed over; there may be more.
    Open,
    /// And there will be no more.
    Over(Result<(), Error>),
}

/// Response messages between JavaScript and the connection.
struct Responses {
    /// Of a request that is no RPC.
    status: Option<StatusCode>,
    header: Option<Metadata>,
    unsent: VecDeque<ReservedBytes>,
    unsent_bytes: usize,
    end: Option<(Metadata, Option<Error>)>,
    /// JavaScript was told to wait, and waits to be told to go on.
    awaited: bool,
    sender: Option<Waker>,
}

impl Call {
    /// A call that is about to be queued, by the thread that its connection runs on.
    pub fn new(
        id: u64,
        opening: CallHead,
        deadline: Deadline,
        message: Option<ReservedBytes>,
        inbox: Arc<Inbox>,
    ) -> Arc<Self> {
        let requests = Requests { arrived: VecDeque::new(), end: None, wanted: true, awaited: false, pump: None };
        let responses = Responses {
            status: None,
            header: None,
            unsent: VecDeque::new(),
            unsent_bytes: 0,
            end: None,
            awaited: false,
            sender: None,
        };
        let state = Mutex::new(State { phase: Phase::Waiting, message, requests, responses });
        Arc::new(Self { id, opening, deadline, inbox, wake_queue: WakeQueue::current(), state })
    }

    /// What is held for calls.
    pub fn budget(&self) -> &Arc<crate::rpc::Budget> {
        self.inbox.budget()
    }

    // JavaScript's side.

    /// JavaScript takes the call; false when it ended before.
    pub fn begin(&self) -> bool {
        let mut state = self.state.lock();
        let alive = state.phase == Phase::Waiting;
        if alive {
            state.phase = Phase::Running;
        }
        alive
    }

    /// Bytes of all that JavaScript is told of the call at first.
    pub fn opening_bytes(&self) -> usize {
        self.opening.head.len() + self.state.lock().message.as_ref().map_or(0, |message| message.len())
    }

    /// The message of a call that has one; the first time only.
    pub fn take_message(&self) -> Option<ReservedBytes> {
        self.state.lock().message.take()
    }

    /// Hands over what has arrived, while `put` takes it.
    pub fn read(&self, mut put: impl FnMut(&ReservedBytes) -> bool) -> ReadOutcome {
        let mut state = self.state.lock();
        let requests = &mut state.requests;
        if requests.arrived.is_empty() && requests.end.is_none() {
            requests.awaited = true;
            self.want_more(requests);
            return ReadOutcome::Nothing;
        }
        while let Some(message) = requests.arrived.front() {
            if !put(message) {
                return ReadOutcome::Open;
            }
            requests.arrived.pop_front();
        }
        self.want_more(requests);
        requests.end.take().map_or(ReadOutcome::Open, ReadOutcome::Over)
    }

    /// The next message that has arrived.
    pub fn read_one(&self) -> Option<ReservedBytes> {
        self.state.lock().requests.arrived.pop_front()
    }

    /// Has the pump read on.
    fn want_more(&self, requests: &mut Requests) {
        requests.wanted = true;
        self.wake(requests.pump.take());
    }

    /// Begins the answer to a request that is no RPC.
    pub fn respond(&self, status: StatusCode, header: Metadata) {
        let mut state = self.state.lock();
        if state.phase != Phase::Running {
            return;
        }
        let responses = &mut state.responses;
        responses.status.get_or_insert(status);
        responses.set_header(Some(header));
        self.wake(responses.sender.take());
    }

    /// Queues a response message; false when it is time to wait for [`Event::Writable`].
    pub fn write(&self, message: ReservedBytes, header: Option<Metadata>) -> bool {
        let mut state = self.state.lock();
        if state.phase != Phase::Running {
            return false;
        }
        let responses = &mut state.responses;
        responses.set_header(header);
        responses.unsent_bytes += message.len();
        responses.unsent.push_back(message);
        self.wake(responses.sender.take());
        // Once told to wait, JavaScript waits, also if it had written more before it heard.
        responses.awaited |= responses.is_full();
        !responses.awaited
    }

    /// Ends the call.
    pub fn end(
        &self,
        message: Option<ReservedBytes>,
        header: Option<Metadata>,
        trailer: Metadata,
        error: Option<Error>,
    ) {
        let mut state = self.state.lock();
        if state.phase != Phase::Running {
            return;
        }
        state.phase = Phase::Answered;
        let responses = &mut state.responses;
        responses.set_header(header);
        responses.unsent.extend(message);
        responses.end = Some((trailer, error));
        self.wake(responses.sender.take());
        // The pump stops: nobody will read.
        self.wake(state.requests.pump.take());
        state.requests.arrived.clear();
    }

    /// Wakes a task of the connection, at the next flush.
    fn wake(&self, task: Option<Waker>) {
        match (task, &self.wake_queue) {
            (Some(task), Some(wake_queue)) => wake_queue.push(task),
            (Some(task), None) => task.wake(),
            (None, _) => {}
        }
    }

    // The connection's side.

    /// Whether nobody waits for the call any more.
    pub fn has_ended(&self) -> bool {
        self.state.lock().phase == Phase::Over
    }

    /// Whether JavaScript has ended the call, or nobody waits for it.
    fn is_finished(state: &State) -> bool {
        matches!(state.phase, Phase::Answered | Phase::Over)
    }

    /// The call is over for the connection: sent, reset, expired, or cut.
    pub fn leave(self: &Arc<Self>, why: impl FnOnce() -> Error) {
        let mut state = self.state.lock();
        let before = std::mem::replace(&mut state.phase, Phase::Over);
        let message = state.message.take();
        let arrived = std::mem::take(&mut state.requests.arrived);
        let unsent = std::mem::take(&mut state.responses.unsent);
        let pump = state.requests.pump.take();
        drop(state);
        drop((message, arrived, unsent));
        if let Some(pump) = pump {
            pump.wake();
        }
        match before {
            Phase::Waiting => self.inbox.forget_waiting(),
            Phase::Running => {
                self.inbox.push(Event::Aborted(Arc::clone(self), why()));
            }
            Phase::Answered | Phase::Over => {}
        }
    }

    /// The deadline has come. A stream that JavaScript has ended keeps its messages: only the client is slow.
    pub fn expire(self: &Arc<Self>) {
        if self.state.lock().phase == Phase::Running {
            self.leave(Error::deadline_exceeded);
        }
    }

    /// The beginning of the answer: the only message, the start of a stream, or the failure.
    pub fn poll_answer(&self, cx: &mut Context<'_>) -> Poll<Result<ResponseStart, Failure>> {
        let mut state = self.state.lock();
        let responses = &mut state.responses;
        let begun = if self.opening.streams_responses {
            // Set by the first message, the end, or `respond`.
            responses.header.is_some()
        } else {
            responses.end.is_some()
        };
        if !begun {
            responses.wait(cx);
            return Poll::Pending;
        }
        let header = responses.header.take().unwrap_or_default();
        if responses.unsent.is_empty()
            && let Some((trailer, Some(error))) = responses.end.take_if(|(_, error)| error.is_some())
        {
            return Poll::Ready(Err(Failure { error, header, trailer }));
        }
        if self.opening.streams_responses {
            let status = responses.status.unwrap_or_default();
            return Poll::Ready(Ok(ResponseStart { status, header, only: None }));
        }
        let trailer = responses.end.take().map(|(trailer, _)| trailer).unwrap_or_default();
        let only = responses.unsent.pop_front().map(|message| (message, trailer));
        Poll::Ready(Ok(ResponseStart { status: StatusCode::OK, header, only }))
    }

    /// The next message of a stream, or its end.
    pub fn poll_response(self: &Arc<Self>, cx: &mut Context<'_>) -> Poll<ResponseEvent> {
        let mut state = self.state.lock();
        let responses = &mut state.responses;
        let event = if let Some(message) = responses.unsent.pop_front() {
            responses.unsent_bytes -= message.len();
            ResponseEvent::Message(message)
        } else if let Some((trailer, error)) = responses.end.take() {
            ResponseEvent::End(trailer, error)
        } else {
            responses.wait(cx);
            return Poll::Pending;
        };
        // Told at half, so that JavaScript writes while the rest is sent.
        let room = responses.unsent_bytes <= HIGH_WATER_BYTES / 2 && responses.unsent.len() <= HIGH_WATER_MESSAGES / 2;
        let tell = responses.awaited && room && state.phase == Phase::Running;
        if tell {
            state.responses.awaited = false;
        }
        drop(state);
        if tell {
            self.inbox.push(Event::Writable(Arc::clone(self)));
        }
        Poll::Ready(event)
    }

    /// Trailers that JavaScript has set so far, which is all of them only if it has ended.
    pub fn known_trailers(&self) -> Metadata {
        self.state.lock().responses.end.as_ref().map(|(trailer, _)| trailer.clone()).unwrap_or_default()
    }

    /// Whether the pump may read on; waits to be woken when not. `None` once there is no use in reading.
    pub fn poll_wanted(&self, cx: &mut Context<'_>) -> Option<bool> {
        let mut state = self.state.lock();
        if Self::is_finished(&state) {
            return None;
        }
        // Also kept while reading, so that the end of the call ends the pump.
        state.requests.pump = Some(cx.waker().clone());
        Some(state.requests.wanted)
    }

    /// Hands arrived messages over.
    pub fn deliver(self: &Arc<Self>, messages: Vec<ReservedBytes>, end: Option<Result<(), Error>>) {
        let mut state = self.state.lock();
        if Self::is_finished(&state) {
            return;
        }
        let requests = &mut state.requests;
        requests.arrived.extend(messages);
        requests.end = end;
        requests.wanted = false;
        let tell = std::mem::take(&mut requests.awaited);
        drop(state);
        if tell {
            self.inbox.push(Event::Readable(Arc::clone(self)));
        }
    }
}

/// The beginning of a successful answer.
pub struct ResponseStart {
    /// 200, unless the request is no RPC.
    pub status: StatusCode,
    /// Response headers.
    pub header: Metadata,
    /// The only message and the trailers; `None` when a stream begins.
    pub only: Option<(ReservedBytes, Metadata)>,
}

impl Responses {
    /// Headers leave with the first message, the end or the error: what is set later comes too late.
    fn set_header(&mut self, header: Option<Metadata>) {
        self.header.get_or_insert_with(|| header.unwrap_or_default());
    }

    fn is_full(&self) -> bool {
        self.unsent_bytes >= HIGH_WATER_BYTES || self.unsent.len() >= HIGH_WATER_MESSAGES
    }

    fn wait(&mut self, cx: &Context<'_>) {
        match &mut self.sender {
            Some(sender) => sender.clone_from(cx.waker()),
            None => self.sender = Some(cx.waker().clone()),
        }
    }
}
