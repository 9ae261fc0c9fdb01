//! The rules of health: what is reported, what the event loop adds, what watchers see.

use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::Semaphore;

use super::Status::{NotServing, ServiceUnknown, Serving, Unknown};
use super::{EventLoopLimits, Health, Status, Watch};

const LIMITS: EventLoopLimits = EventLoopLimits { ready: Duration::from_millis(20), live: Duration::from_millis(40) };

fn report(health: &Health, entries: &[(&str, Option<Status>)]) {
    health.report(entries.iter().map(|(name, status)| ((*name).to_owned(), *status)));
}

fn watch(health: &Arc<Health>, service: &str) -> Watch {
    health.watch(service).expect("there is room for a watcher")
}

fn next(watch: &mut Watch) -> Poll<Option<Status>> {
    watch.poll_next(&Context::from_waker(Waker::noop()))
}

#[test]
fn a_server_serves_when_all_its_entries_do() {
    let health = Health::new(LIMITS);
    assert_eq!(health.check(""), Some(NotServing), "nothing is reported");
    assert_eq!(health.check("a"), None);
    report(&health, &[("a", Some(Serving)), ("b", Some(Unknown))]);
    assert_eq!(
        (health.check("a"), health.check("b"), health.check("")),
        (Some(Serving), Some(Unknown), Some(NotServing))
    );
    assert!(!health.has_been_ready());
    report(&health, &[("b", Some(Serving))]);
    assert_eq!(health.check(""), Some(Serving));
    assert!(health.has_been_ready());
    report(&health, &[("a", None), ("b", Some(ServiceUnknown))]);
    assert_eq!(
        (health.check("a"), health.check("b"), health.check("")),
        (None, Some(ServiceUnknown), Some(NotServing))
    );
    assert!(health.has_been_ready(), "it has been");
}

#[test]
fn a_list_has_the_server_first_then_the_entries_as_they_came() {
    let health = Health::new(LIMITS);
    report(&health, &[("b", Some(Serving)), ("a", Some(Serving)), ("c", Some(Serving))]);
    report(&health, &[("b", None), ("c", Some(NotServing))]);
    let list: Vec<_> = health.list();
    let list: Vec<_> = list.iter().map(|(name, status)| (&**name, *status)).collect();
    assert_eq!(list, [("", NotServing), ("a", Serving), ("c", NotServing)]);
}

#[test]
fn a_watcher_sees_every_status_and_none_twice() {
    let health = Health::new(LIMITS);
    let mut service = watch(&health, "a");
    let mut server = watch(&health, "");
    assert_eq!(next(&mut service), Poll::Ready(Some(ServiceUnknown)), "at once");
    report(&health, &[("a", Some(Serving))]);
    report(&health, &[("a", Some(Serving))]);
    report(&health, &[("a", Some(NotServing))]);
    report(&health, &[("b", Some(Serving))]);
    report(&health, &[("a", None)]);
    for status in [Serving, NotServing, ServiceUnknown] {
        assert_eq!(next(&mut service), Poll::Ready(Some(status)));
    }
    assert_eq!(next(&mut service), Poll::Pending);
    for status in [NotServing, Serving, NotServing, Serving] {
        assert_eq!(next(&mut server), Poll::Ready(Some(status)));
    }
    assert_eq!(next(&mut server), Poll::Pending);
}

#[test]
fn several_entries_reported_together_change_together() {
    let health = Health::new(LIMITS);
    let mut server = watch(&health, "");
    report(&health, &[("a", Some(Serving)), ("b", Some(NotServing))]);
    report(&health, &[("a", Some(NotServing)), ("b", Some(Serving))]);
    assert_eq!(next(&mut server), Poll::Ready(Some(NotServing)));
    assert_eq!(next(&mut server), Poll::Pending, "both were never serving at once");
}

#[test]
fn a_slow_watcher_gets_the_latest_status() {
    let health = Health::new(LIMITS);
    let mut watch = watch(&health, "a");
    for _ in 0..500 {
        report(&health, &[("a", Some(Serving))]);
        report(&health, &[("a", Some(NotServing))]);
    }
    let mut seen = Vec::new();
    while let Poll::Ready(Some(status)) = next(&mut watch) {
        seen.push(status);
    }
    assert!(seen.len() <= 16, "{} statuses were kept", seen.len());
    assert!(seen.windows(2).all(|pair| pair[0] != pair[1]), "none twice: {seen:?}");
    assert_eq!(seen.last(), Some(&NotServing));
}

#[test]
fn a_status_is_not_repeated_after_others_were_dropped() {
    let health = Health::new(LIMITS);
    report(&health, &[("a", Some(Serving))]);
    let mut watch = watch(&health, "a");
    assert_eq!(next(&mut watch), Poll::Ready(Some(Serving)));
    // As many as leave only the last in the mailbox.
    for _ in 0..8 {
        report(&health, &[("a", Some(NotServing))]);
        report(&health, &[("a", Some(Serving))]);
    }
    report(&health, &[("a", Some(NotServing))]);
    report(&health, &[("a", Some(Serving))]);
    let mut seen = vec![Serving];
    while let Poll::Ready(Some(status)) = next(&mut watch) {
        seen.push(status);
    }
    assert!(seen.windows(2).all(|pair| pair[0] != pair[1]), "{seen:?}");
}

#[test]
fn a_status_without_a_name_keeps_its_number() {
    for number in [0, 1, 2, 3, 4, 99, i32::MAX] {
        assert_eq!(Status::from_number(number).number(), number);
    }
    assert_eq!(Status::from_number(99).name(), "UNKNOWN");
}

#[test]
fn a_draining_server_is_not_serving_and_ends_its_watches() {
    let health = Health::new(LIMITS);
    report(&health, &[("a", Some(Serving))]);
    let mut watches = [watch(&health, "a"), watch(&health, ""), watch(&health, "unknown")];
    health.drain();
    report(&health, &[("a", Some(Serving))]);
    assert_eq!(
        (health.check("a"), health.check(""), health.check("unknown")),
        (Some(NotServing), Some(NotServing), None)
    );
    assert_eq!(health.list(), [("".into(), NotServing), ("a".into(), NotServing)]);
    for (watch, states) in
        watches.iter_mut().zip([&[Serving, NotServing][..], &[Serving, NotServing], &[ServiceUnknown]])
    {
        for status in states {
            assert_eq!(next(watch), Poll::Ready(Some(*status)));
        }
        assert_eq!(next(watch), Poll::Ready(None), "the end");
    }
    let mut late = watch(&health, "a");
    assert_eq!((next(&mut late), next(&mut late)), (Poll::Ready(Some(NotServing)), Poll::Ready(None)));
    assert!(health.is_alive(), "it is still alive");
}

#[test]
fn a_server_that_is_about_to_stop_is_not_serving_and_keeps_its_watches() {
    let health = Health::new(LIMITS);
    report(&health, &[("a", Some(Serving))]);
    let mut early = watch(&health, "a");
    health.stop_serving();
    report(&health, &[("a", Some(Serving))]);
    assert_eq!((health.check("a"), health.check("")), (Some(NotServing), Some(NotServing)));
    let mut late = watch(&health, "");
    assert_eq!((next(&mut early), next(&mut early)), (Poll::Ready(Some(Serving)), Poll::Ready(Some(NotServing))));
    assert_eq!((next(&mut late), next(&mut late)), (Poll::Ready(Some(NotServing)), Poll::Pending));
    assert!(next(&mut early).is_pending());
    health.drain();
    assert_eq!((next(&mut early), next(&mut late)), (Poll::Ready(None), Poll::Ready(None)));
}

#[test]
fn a_silent_event_loop_is_not_ready_then_not_alive_and_recovers() {
    let health = Health::new(LIMITS);
    report(&health, &[("a", Some(Serving))]);
    let mut watch = watch(&health, "");
    assert_eq!(next(&mut watch), Poll::Ready(Some(Serving)));
    assert!(health.event_loop().ping());
    assert!(health.is_ready() && health.is_alive(), "it still has time to answer");

    std::thread::sleep(LIMITS.ready);
    health.look();
    assert_eq!(
        (health.check(""), health.check("a")),
        (Some(NotServing), Some(Serving)),
        "the status of the service stays"
    );
    assert!(health.all_serve(), "the reported statuses stay");
    assert_eq!(next(&mut watch), Poll::Ready(Some(NotServing)));
    std::thread::sleep(LIMITS.live.saturating_sub(LIMITS.ready));
    assert!(!health.is_alive());

    health.event_loop().acknowledge();
    health.look();
    assert!(health.is_ready() && health.is_alive());
    assert_eq!(next(&mut watch), Poll::Ready(Some(Serving)));
}

/// Counts how often its task is woken.
#[derive(Default)]
struct Woken(AtomicUsize);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

#[test]
fn only_watchers_whose_status_changes_are_woken() {
    let health = Health::new(EventLoopLimits { ready: Duration::from_millis(20), live: Duration::from_secs(60) });
    report(&health, &[("a", Some(Serving)), ("b", Some(Serving))]);
    let woken: [Arc<Woken>; 4] = Default::default();
    let mut watches: Vec<_> =
        ["", "a", "b", "unknown"].into_iter().zip(&woken).map(|(name, woken)| (watch(&health, name), woken)).collect();
    // Reads to the end, so that the next change wakes.
    let mut counts = || {
        for (watch, woken) in &mut watches {
            let waker = Waker::from(Arc::clone(woken));
            while watch.poll_next(&Context::from_waker(&waker)).is_ready() {}
        }
        woken.each_ref().map(|woken| woken.0.swap(0, Ordering::Relaxed))
    };
    assert_eq!(counts(), [0, 0, 0, 0]);
    report(&health, &[("a", Some(Serving)), ("b", Some(Serving))]);
    assert_eq!(counts(), [0, 0, 0, 0], "nothing has changed");
    report(&health, &[("a", Some(NotServing))]);
    assert_eq!(counts(), [1, 1, 0, 0]);
    report(&health, &[("b", Some(NotServing))]);
    assert_eq!(counts(), [0, 0, 1, 0], "the server was not serving before");
    assert!(health.event_loop().ping());
    std::thread::sleep(Duration::from_millis(20));
    health.look();
    assert_eq!(counts(), [0, 0, 0, 0], "a late event loop changes nothing of a server that does not serve");
    health.event_loop().acknowledge();
    health.look();
    report(&health, &[("a", Some(Serving)), ("b", Some(Serving))]);
    assert_eq!(counts(), [1, 1, 1, 0]);
    assert!(health.event_loop().ping());
    std::thread::sleep(Duration::from_millis(20));
    health.look();
    health.look();
    assert_eq!(counts(), [1, 0, 0, 0], "a late event loop is about the server alone");
}

#[tokio::test]
async fn a_change_reaches_every_watcher_of_many() {
    let health = Health::new(EventLoopLimits { ready: Duration::from_secs(60), live: Duration::from_secs(60) });
    let read = Arc::new(Semaphore::new(0));
    let tasks: Vec<_> = (0..1000)
        .map(|number| {
            let (mut watch, read) = (watch(&health, if number % 2 == 0 { "" } else { "a" }), Arc::clone(&read));
            tokio::spawn(async move {
                let mut seen = Vec::new();
                while let Some(status) = poll_fn(|cx| watch.poll_next(cx)).await {
                    seen.push(status);
                    read.add_permits(1);
                }
                seen
            })
        })
        .collect();
    let all_have_read = || async { read.acquire_many(1000).await.expect("it is never closed").forget() };
    all_have_read().await;
    report(&health, &[("a", Some(Serving))]);
    all_have_read().await;
    // From a thread of another kind, as JavaScript does.
    let reporting = Arc::clone(&health);
    std::thread::spawn(move || report(&reporting, &[("a", Some(Unknown))])).join().expect("no panic");
    all_have_read().await;
    health.drain();
    for (number, task) in tasks.into_iter().enumerate() {
        let expected: &[Status] = if number % 2 == 0 {
            &[NotServing, Serving, NotServing]
        } else {
            &[ServiceUnknown, Serving, Unknown, NotServing]
        };
        assert_eq!(task.await.expect("no panic"), expected);
    }
}

#[test]
fn a_watch_that_is_dropped_is_forgotten() {
    let health = Health::new(LIMITS);
    let watches: Vec<_> = (0..100).map(|number| watch(&health, if number % 2 == 0 { "a" } else { "b" })).collect();
    let kept = |health: &Health| {
        let state = health.state.lock();
        (state.watchers, state.topics.len())
    };
    assert_eq!(kept(&health), (100, 2));
    drop(watches);
    assert_eq!(kept(&health), (0, 0));
}

#[test]
fn a_task_that_ends_with_its_last_waker_may_watch_itself() {
    /// A task that owns a watch, and is dropped with its last waker.
    struct Task {
        _watch: Mutex<Watch>,
    }
    impl Wake for Task {
        fn wake(self: Arc<Self>) {}
    }
    let health = Health::new(LIMITS);
    let (mut first, second) = (watch(&health, "a"), watch(&health, "a"));
    let waker = Waker::from(Arc::new(Task { _watch: Mutex::new(second) }));
    assert!(first.poll_next(&Context::from_waker(&waker)).is_ready());
    assert!(first.poll_next(&Context::from_waker(&waker)).is_pending());
    drop(waker);
    // Its place has the last waker: with it goes the second watch, which takes the same locks.
    drop(first);
    assert_eq!(health.state.lock().watchers, 0);
}
