//! The state of a call, shared by the thread of its connection and the JavaScript thread.
//!
//! Everything is behind one lock, which is never held while JavaScript runs. The state reports to nobody: methods
//! return whether the other side has to hear of it, and their callers push the event.

use std::collections::VecDeque;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use http::StatusCode;
use parking_lot::{Mutex, MutexGuard};

use crate::call::{
    ConnectionBudget, Deadline, Error, Failure, Metadata, Peer, Reservation, ReservedBytes, ResponseEvent,
};
use crate::server::WakeQueue;

/// `write` returns false once this many bytes are unsent.
const HIGH_WATER_BYTES: usize = 64 * 1024;
/// And once this many messages are unsent.
const HIGH_WATER_MESSAGES: usize = 32;

/// A call, from its queueing to its end.
pub struct CallState {
    /// Its number in JavaScript, never used twice.
    pub id: u64,
    /// The fixed facts, which JavaScript gets with the call.
    pub head: CallHead,
    /// The instant by which it has to be over.
    pub deadline: Deadline,
    /// The memory of the connection.
    pub budget: Arc<ConnectionBudget>,
    /// That of the connection's thread; `None` if the thread is no worker's.
    wake_queue: Option<Arc<WakeQueue>>,
    inner: Mutex<Inner>,
}

/// The fixed facts of a call.
pub struct CallHead {
    /// Index of the method; `None` for a plain HTTP request.
    pub method: Option<u32>,
    /// Codec, protocol and verb: the `FLAG_` and `PROTOCOL_` constants of the layout.
    pub flags: u32,
    /// Whether JavaScript writes response messages one by one.
    pub streams_responses: bool,
    /// Whether nothing of the request may be read before JavaScript asks for it.
    pub reads_on_demand: bool,
    /// The other end of its connection.
    pub peer: Arc<Peer>,
}

/// What JavaScript gets with a call, once.
pub struct Opening {
    /// The request head, see [`request_head`](crate::js::crossing::request_head).
    pub head: Vec<u8>,
    /// The message of a call that has exactly one.
    pub message: Option<ReservedBytes>,
}

/// The phase of a call; `docs/states.md` has the transitions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// It waits for JavaScript.
    Queued,
    /// JavaScript has it.
    Running,
    /// JavaScript has responded; what it wrote may not be sent yet.
    Responded,
    /// Nobody waits for it any more.
    Abandoned,
}

impl Phase {
    /// Whether it is too late for JavaScript to change anything.
    fn is_finished(self) -> bool {
        matches!(self, Self::Responded | Self::Abandoned)
    }
}

struct Inner {
    phase: Phase,
    /// Until JavaScript takes it.
    opening: Option<Opening>,
    /// The memory of the message that JavaScript has taken, until it has responded.
    taken: Option<Reservation>,
    requests: Requests,
    responses: Responses,
}

/// Request messages on their way from the connection to JavaScript.
struct Requests {
    arrived: VecDeque<ReservedBytes>,
    end: Option<Result<(), Error>>,
    /// JavaScript has asked for more: the pump may read on. Set at first, so that the first messages arrive while the
    /// call is queued, unless the client waits for somebody to read.
    demand: bool,
    /// JavaScript will read no more.
    is_discarded: bool,
    /// JavaScript found nothing, and waits for [`Event::Readable`](super::inbox::Event::Readable).
    reader_parked: bool,
    /// The pump, while it waits.
    pump: Option<Waker>,
}

/// Response messages on their way from JavaScript to the connection.
struct Responses {
    /// Of a plain HTTP request.
    status: Option<StatusCode>,
    header: Option<Metadata>,
    unsent: VecDeque<ReservedBytes>,
    unsent_bytes: usize,
    end: Option<(Metadata, Option<Error>)>,
    /// JavaScript was told that the stream is full, and waits for
    /// [`Event::Writable`](super::inbox::Event::Writable).
    writer_parked: bool,
    /// The connection's task, while it waits.
    sender: Option<Waker>,
}

/// The outcome of [`CallState::read`].
pub enum ReadOutcome {
    /// Nothing has arrived. The reader is parked until something does.
    Nothing,
    /// Messages were handed over; there may be more.
    Open,
    /// The last messages were handed over, and how the stream ended.
    Ended(Result<(), Error>),
}

/// The start of a successful response.
pub struct ResponseStart {
    /// 200, unless the call is a plain HTTP request.
    pub status: StatusCode,
    /// Response headers.
    pub header: Metadata,
    /// The only message and the trailers; `None` when a stream starts.
    pub only: Option<(ReservedBytes, Metadata)>,
}

impl CallState {
    /// A call that is about to be queued. Must be made on the thread of its connection.
    pub fn new(
        id: u64,
        head: CallHead,
        deadline: Deadline,
        opening: Opening,
        budget: Arc<ConnectionBudget>,
    ) -> Arc<Self> {
        let requests = Requests {
            arrived: VecDeque::new(),
            end: None,
            demand: !head.reads_on_demand,
            is_discarded: false,
            reader_parked: false,
            pump: None,
        };
        let responses = Responses {
            status: None,
            header: None,
            unsent: VecDeque::new(),
            unsent_bytes: 0,
            end: None,
            writer_parked: false,
            sender: None,
        };
        let inner =
            Mutex::new(Inner { phase: Phase::Queued, opening: Some(opening), taken: None, requests, responses });
        Arc::new(Self { id, head, deadline, budget, wake_queue: WakeQueue::current(), inner })
    }

    /// A call without message and deadline.
    #[cfg(test)]
    pub fn of_test(id: u64, streams_responses: bool, budget: &Arc<ConnectionBudget>) -> Arc<Self> {
        let peer = Arc::new(Peer::of_test());
        let head = CallHead { method: Some(0), flags: 0, streams_responses, reads_on_demand: false, peer };
        Self::new(id, head, Deadline::none(), Opening { head: vec![0; 100], message: None }, Arc::clone(budget))
    }

    /// Wakes a task of the connection, at JavaScript's next flush.
    fn wake(&self, task: Option<Waker>) {
        match (task, &self.wake_queue) {
            (Some(task), Some(wake_queue)) => wake_queue.push(task),
            (Some(task), None) => task.wake(),
            (None, _) => {}
        }
    }
}

/// The half of the JavaScript thread.
impl CallState {
    /// Hands the call to JavaScript; false when it ended before.
    pub fn start(&self) -> bool {
        let mut inner = self.inner.lock();
        let is_queued = inner.phase == Phase::Queued;
        if is_queued {
            inner.phase = Phase::Running;
        }
        is_queued
    }

    /// Bytes of the request head and the message, until they are taken.
    pub fn opening_bytes(&self) -> usize {
        let inner = self.inner.lock();
        let bytes = |opening: &Opening| opening.head.len() + opening.message.as_ref().map_or(0, |bytes| bytes.len());
        inner.opening.as_ref().map_or(0, bytes)
    }

    /// The request head and the message; the first time only. The message stays reserved until JavaScript responds.
    pub fn take_opening(&self) -> (Vec<u8>, Option<Bytes>) {
        let mut inner = self.inner.lock();
        let Some(Opening { head, message }) = inner.opening.take() else {
            return (Vec::new(), None);
        };
        let message = message.map(|message| {
            let (message, reservation) = message.into_parts();
            inner.taken = Some(reservation);
            message
        });
        (head, message)
    }

    /// Reserves a response message. If there is no room beside the request's message, it takes the place of that.
    ///
    /// # Errors
    ///
    /// Those of [`ConnectionBudget::reserve`].
    pub fn reserve_response(&self, bytes: usize) -> Result<Reservation, Error> {
        self.budget.reserve(bytes).or_else(|refusal| {
            let taken = self.inner.lock().taken.take();
            let has_made_room = taken.is_some();
            drop(taken);
            // The first refusal has the text for the log.
            if has_made_room { self.budget.reserve(bytes).map_err(|_| refusal) } else { Err(refusal) }
        })
    }

    /// Hands over the messages that have arrived, for as long as `put` accepts them.
    pub fn read(&self, mut put: impl FnMut(&ReservedBytes) -> bool) -> ReadOutcome {
        let mut inner = self.inner.lock();
        let requests = &mut inner.requests;
        if requests.arrived.is_empty() && requests.end.is_none() {
            requests.reader_parked = true;
            self.demand_more(requests);
            return ReadOutcome::Nothing;
        }
        while let Some(message) = requests.arrived.front() {
            if !put(message) {
                return ReadOutcome::Open;
            }
            requests.arrived.pop_front();
        }
        self.demand_more(requests);
        requests.end.take().map_or(ReadOutcome::Open, ReadOutcome::Ended)
    }

    /// The next message that has arrived.
    pub fn read_one(&self) -> Option<ReservedBytes> {
        self.inner.lock().requests.arrived.pop_front()
    }

    /// Drops what has arrived, and has the pump end: JavaScript will read no more.
    pub fn discard(&self) {
        let mut inner = self.inner.lock();
        let requests = &mut inner.requests;
        requests.is_discarded = true;
        let arrived = std::mem::take(&mut requests.arrived);
        self.wake(requests.pump.take());
        drop(inner);
        drop(arrived);
    }

    fn demand_more(&self, requests: &mut Requests) {
        requests.demand = true;
        self.wake(requests.pump.take());
    }

    /// Starts the response to a plain HTTP request. Later calls are ignored.
    pub fn respond(&self, status: StatusCode, header: Metadata) {
        let mut inner = self.inner.lock();
        if inner.phase != Phase::Running {
            return;
        }
        if self.head.reads_on_demand && !inner.requests.is_discarded {
            // Now or never: once the head of a response has left, its client is not told to continue.
            self.demand_more(&mut inner.requests);
        }
        let responses = &mut inner.responses;
        responses.status.get_or_insert(status);
        responses.set_header(Some(header));
        self.wake(responses.sender.take());
    }

    /// Queues a response message; false when the stream is full, or the call is over.
    pub fn write(&self, message: ReservedBytes, header: Option<Metadata>) -> bool {
        let mut inner = self.inner.lock();
        if inner.phase != Phase::Running {
            return false;
        }
        let responses = &mut inner.responses;
        responses.set_header(header);
        responses.unsent_bytes += message.len();
        responses.unsent.push_back(message);
        self.wake(responses.sender.take());
        // A parked writer stays parked until `poll_response` says otherwise. JavaScript hears late that the stream is
        // full, as it submits messages in batches: some of what it wrote may have left again.
        responses.writer_parked |= responses.is_full();
        !responses.writer_parked
    }

    /// Ends the call with its only message, the end of its stream, or an error. Later calls are ignored.
    pub fn finish(
        &self,
        message: Option<ReservedBytes>,
        header: Option<Metadata>,
        trailer: Metadata,
        error: Option<Error>,
    ) {
        let mut inner = self.inner.lock();
        if inner.phase != Phase::Running {
            return;
        }
        inner.phase = Phase::Responded;
        let responses = &mut inner.responses;
        responses.set_header(header);
        responses.unsent.extend(message);
        responses.end = Some((trailer, error));
        self.wake(responses.sender.take());
        // Nobody will read any more, so the pump ends.
        self.wake(inner.requests.pump.take());
        inner.requests.arrived.clear();
        inner.taken = None;
    }
}

/// The half of the connection's thread.
impl CallState {
    /// Whether nobody waits for the response any more.
    pub fn is_abandoned(&self) -> bool {
        self.inner.lock().phase == Phase::Abandoned
    }

    /// Ends the call for the connection: it was sent, reset, or aborted. Returns the phase that it was in.
    pub fn abandon(&self) -> Phase {
        Self::leave(self.inner.lock())
    }

    /// Ends the call at its deadline if JavaScript has it and has not responded, and returns whether that was so. Of a
    /// stream that JavaScript has ended the unsent messages stay: only the client is slow.
    ///
    /// One step: if JavaScript could end the stream in between, the client would get the end without those messages.
    pub fn expire(&self) -> bool {
        let inner = self.inner.lock();
        let is_running = inner.phase == Phase::Running;
        if is_running {
            Self::leave(inner);
        }
        is_running
    }

    fn leave(mut inner: MutexGuard<'_, Inner>) -> Phase {
        let before = std::mem::replace(&mut inner.phase, Phase::Abandoned);
        let opening = (inner.opening.take(), inner.taken.take());
        let arrived = std::mem::take(&mut inner.requests.arrived);
        let unsent = std::mem::take(&mut inner.responses.unsent);
        let pump = inner.requests.pump.take();
        drop(inner);
        drop((opening, arrived, unsent));
        if let Some(pump) = pump {
            pump.wake();
        }
        before
    }

    /// The start of the response: the only message, the headers of a stream, or the failure.
    pub fn poll_response_start(&self, cx: &mut Context<'_>) -> Poll<Result<ResponseStart, Failure>> {
        let mut inner = self.inner.lock();
        let responses = &mut inner.responses;
        let has_started = if self.head.streams_responses {
            // Set by the first message, the end, or `respond`.
            responses.header.is_some()
        } else {
            responses.end.is_some()
        };
        if !has_started {
            responses.wait(cx);
            return Poll::Pending;
        }
        let header = responses.header.take().unwrap_or_default();
        if responses.unsent.is_empty()
            && let Some((trailer, Some(error))) = responses.end.take_if(|(_, error)| error.is_some())
        {
            return Poll::Ready(Err(Failure { error, header, trailer }));
        }
        if self.head.streams_responses {
            let status = responses.status.unwrap_or_default();
            return Poll::Ready(Ok(ResponseStart { status, header, only: None }));
        }
        let trailer = responses.end.take().map(|(trailer, _)| trailer).unwrap_or_default();
        let only = responses.unsent.pop_front().map(|message| (message, trailer));
        Poll::Ready(Ok(ResponseStart { status: StatusCode::OK, header, only }))
    }

    /// The next message of a response stream, or its end; and whether a parked writer has to hear that there is room.
    pub fn poll_response(&self, cx: &mut Context<'_>) -> Poll<(ResponseEvent, bool)> {
        let mut inner = self.inner.lock();
        let responses = &mut inner.responses;
        let event = if let Some(message) = responses.unsent.pop_front() {
            responses.unsent_bytes -= message.len();
            ResponseEvent::Message(message)
        } else if let Some((trailer, error)) = responses.end.take() {
            ResponseEvent::End(trailer, error)
        } else {
            responses.wait(cx);
            return Poll::Pending;
        };
        // At half full, so that JavaScript writes while the rest is sent.
        let room = responses.unsent_bytes <= HIGH_WATER_BYTES / 2 && responses.unsent.len() <= HIGH_WATER_MESSAGES / 2;
        let unpark = responses.writer_parked && room && inner.phase == Phase::Running;
        if unpark {
            inner.responses.writer_parked = false;
        }
        Poll::Ready((event, unpark))
    }

    /// The trailers set so far; complete once the call has finished.
    pub fn known_trailers(&self) -> Metadata {
        self.inner.lock().responses.end.as_ref().map(|(trailer, _)| trailer.clone()).unwrap_or_default()
    }

    /// Whether the pump may read on; its task is woken when that changes. `None` once nobody will read.
    pub fn poll_demand(&self, cx: &mut Context<'_>) -> Option<bool> {
        let mut inner = self.inner.lock();
        if inner.phase.is_finished() || inner.requests.is_discarded {
            return None;
        }
        // Registered while it reads, too, so that the end of the call ends the pump.
        inner.requests.pump = Some(cx.waker().clone());
        Some(inner.requests.demand)
    }

    /// Adds messages that have arrived, and the end if it has. Returns whether a parked reader has to hear of it.
    pub fn deliver(&self, messages: Vec<ReservedBytes>, end: Option<Result<(), Error>>) -> bool {
        let mut inner = self.inner.lock();
        if inner.phase.is_finished() || inner.requests.is_discarded {
            return false;
        }
        let requests = &mut inner.requests;
        requests.arrived.extend(messages);
        requests.end = end;
        requests.demand = false;
        std::mem::take(&mut requests.reader_parked)
    }
}

impl Responses {
    /// Headers leave with the first message, the end or the error; what is set later is too late.
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

#[cfg(test)]
mod tests {
    use std::hint::spin_loop;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::thread;

    use bytes::Bytes;

    use super::*;

    /// A response stream that JavaScript has, with these messages unsent.
    fn stream(messages: &[&'static str]) -> Arc<CallState> {
        let budget = ConnectionBudget::unlimited();
        let call = CallState::of_test(1, true, &budget);
        assert!(call.start());
        for message in messages {
            call.write(ReservedBytes::unchecked(*message, &budget), None);
        }
        call
    }

    /// The messages that the connection would send, and whether the stream ends behind them without error.
    fn sent(call: &CallState) -> (Vec<Bytes>, bool) {
        let mut messages = Vec::new();
        loop {
            match call.poll_response(&mut Context::from_waker(Waker::noop())) {
                Poll::Ready((ResponseEvent::Message(message), _)) => messages.push(Bytes::clone(&message)),
                Poll::Ready((ResponseEvent::End(_, error), _)) => return (messages, error.is_none()),
                Poll::Pending => return (messages, false),
            }
        }
    }

    #[test]
    fn a_deadline_ends_a_call_that_runs_and_not_one_that_has_ended() {
        let running = stream(&["a", "b"]);
        assert!(running.expire());
        assert_eq!((sent(&running), running.is_abandoned()), ((vec![], false), true));
        running.finish(None, None, Metadata::new(), None);
        assert_eq!(sent(&running), (vec![], false), "a late end is none");
        assert!(!running.expire(), "once");

        let ended = stream(&["a", "b"]);
        ended.finish(None, None, Metadata::new(), None);
        assert!(!ended.expire());
        assert_eq!(sent(&ended), (vec!["a".into(), "b".into()], true));
    }

    #[test]
    fn a_stream_that_ends_at_its_deadline_keeps_all_messages_or_does_not_end() {
        const ROUNDS: usize = 20_000;
        let calls: Vec<_> = (0..ROUNDS).map(|_| stream(&["last"])).collect();
        // Two threads that begin each round together, to the instruction if they can, and then a few apart.
        let arrived = AtomicUsize::new(0);
        let begin = |round: usize, apart: usize| {
            arrived.fetch_add(1, Ordering::AcqRel);
            let mut waited = 0;
            while arrived.load(Ordering::Acquire) < 2 * (round + 1) {
                waited += 1;
                if waited % 1000 == 0 { thread::yield_now() } else { spin_loop() }
            }
            (0..apart).for_each(|_| spin_loop());
        };
        let mut wrong = 0;
        thread::scope(|scope| {
            scope.spawn(|| {
                for (round, call) in calls.iter().enumerate() {
                    begin(round, round % 16);
                    call.finish(None, None, Metadata::new(), None);
                }
            });
            for (round, call) in calls.iter().enumerate() {
                begin(round, round / 16 % 16);
                let expired = call.expire();
                while call.inner.lock().phase == Phase::Running {
                    thread::yield_now();
                }
                let expected = if expired { (vec![], false) } else { (vec!["last".into()], true) };
                wrong += usize::from(sent(call) != expected);
            }
        });
        assert_eq!(wrong, 0, "rounds in which messages were lost");
    }
}
