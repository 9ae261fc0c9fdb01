//! The time at which the client of a connection is asked to leave, and what happens if it does not.

use std::future::pending;
use std::time::Duration;

use super::limits::ConnectionLimits;
use super::socket::SocketHandle;
use crate::call::Activity;

/// The part of an age by which it may differ, so that connections that began together do not end together.
const JITTER: f64 = 0.1;
/// Idleness is looked at so many times in its limit.
const IDLE_LOOKS: u32 = 10;
/// Progress of a response is looked at so many times in its limit.
const STALL_LOOKS: u32 = 8;

/// The reason for which a client is asked to leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leave {
    /// The server drains.
    Draining,
    /// The connection is old.
    Age,
    /// It has had no call for long.
    Idle,
    /// It has had many calls.
    Requests,
}

/// Ends when the client of a connection has to be asked to leave, whatever the server does. Its `age` has an end of its
/// own, as [`jittered`] gives it.
pub async fn time_to_leave(limits: &ConnectionLimits, age: Option<Duration>, activity: &Activity) -> Leave {
    tokio::select! {
        () = after(age) => Leave::Age,
        () = idle(activity, limits.max_idle) => Leave::Idle,
        () = many_requests(activity, limits.max_requests) => Leave::Requests,
    }
}

/// Ends after a time; never without one.
pub async fn after(time: Option<Duration>) {
    match time {
        Some(time) => tokio::time::sleep(time).await,
        None => pending().await,
    }
}

/// Ends when bytes have waited for so long for a client that has neither read nor sent any.
pub async fn stalled(socket: &SocketHandle, activity: &Activity, limit: Option<Duration>) {
    let Some(limit) = limit else {
        return pending().await;
    };
    let mut looks = 0;
    let mut before = socket.progress();
    loop {
        tokio::time::sleep(limit / STALL_LOOKS).await;
        let now = socket.progress();
        let is_waiting = activity.has_unwritten() || socket.is_full() || now.unacknowledged > 0;
        looks = if is_waiting && now == before { looks + 1 } else { 0 };
        before = now;
        if looks >= STALL_LOOKS {
            return;
        }
    }
}

async fn idle(activity: &Activity, limit: Option<Duration>) {
    let Some(limit) = limit else {
        return pending().await;
    };
    let (mut looks, mut begun) = (0, activity.begun());
    while looks < IDLE_LOOKS {
        activity.idle().await;
        tokio::time::sleep(limit / IDLE_LOOKS).await;
        let now = activity.begun();
        looks = if activity.is_idle() && now == begun { looks + 1 } else { 0 };
        begun = now;
    }
}

async fn many_requests(activity: &Activity, limit: Option<usize>) {
    match limit {
        Some(limit) => activity.has_begun(limit).await,
        None => pending().await,
    }
}

/// The age, up to 10 % more or less.
pub fn jittered(age: Duration) -> Duration {
    age.mul_f64(1.0 - JITTER + 2.0 * JITTER * fastrand::f64())
}

#[cfg(test)]
mod tests {
    use std::pin::{Pin, pin};

    use super::*;

    #[test]
    fn ages_differ_by_a_tenth_at_most() {
        let ages: Vec<_> = (0..1000).map(|_| jittered(Duration::from_secs(100)).as_secs()).collect();
        let (least, most) = (ages.iter().min().copied(), ages.iter().max().copied());
        assert!(least >= Some(90) && most <= Some(110), "{least:?} to {most:?}");
        assert!(least < Some(93) && most > Some(107), "{least:?} to {most:?}");
    }

    /// Whether it is time to leave within so many milliseconds.
    async fn leaves_within(milliseconds: u64, leaving: Pin<&mut impl Future<Output = Leave>>) -> Option<Leave> {
        tokio::time::timeout(Duration::from_millis(milliseconds), leaving).await.ok()
    }

    #[tokio::test]
    async fn idleness_begins_when_the_last_call_ends() {
        let activity = Activity::default();
        let limits = ConnectionLimits { max_idle: Some(Duration::from_millis(300)), ..ConnectionLimits::default() };
        let call = activity.begin();
        let mut leaving = pin!(time_to_leave(&limits, None, &activity));
        assert_eq!(leaves_within(900, leaving.as_mut()).await, None, "a call is in flight");
        drop(call);
        assert_eq!(leaves_within(200, leaving.as_mut()).await, None, "not for long enough");
        drop(activity.begin());
        assert_eq!(leaves_within(200, leaving.as_mut()).await, None, "there was another one");
        assert_eq!(leaves_within(900, leaving).await, Some(Leave::Idle));
    }

    #[tokio::test]
    async fn a_client_leaves_after_as_many_requests_as_it_may_have() {
        let activity = Activity::default();
        let limits = ConnectionLimits { max_requests: Some(2), ..ConnectionLimits::default() };
        let mut leaving = pin!(time_to_leave(&limits, None, &activity));
        drop(activity.begin());
        assert_eq!(leaves_within(100, leaving.as_mut()).await, None, "one of two");
        drop(activity.begin());
        assert_eq!(leaves_within(100, leaving).await, Some(Leave::Requests));
    }
}
