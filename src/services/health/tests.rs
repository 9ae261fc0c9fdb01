//! The rules of health: what is reported, what the event loop adds, what watchers see.

use std::task::{Context, Poll, Waker};
use std::time::Duration;

use super::Status::{NotServing, ServiceUnknown, Serving, Unknown};
use super::{EventLoopLimits, Health, Status, Watch};

const LIMITS: EventLoopLimits = EventLoopLimits { ready: Duration::from_millis(20), live: Duration::from_millis(40) };

fn report(health: &Health, entries: &[(&str, Option<Status>)]) {
    health.report(entries.iter().map(|(name, status)| ((*name).to_owned(), *status)));
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
    let list: Vec<_> = list.iter().map(|(name, status)| (name.as_str(), *status)).collect();
    assert_eq!(list, [("", NotServing), ("a", Serving), ("c", NotServing)]);
}

#[test]
fn a_watcher_sees_every_status_and_none_twice() {
    let health = Health::new(LIMITS);
    let mut service = health.watch("a".into());
    let mut server = health.watch(String::new());
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
    let mut server = health.watch(String::new());
    report(&health, &[("a", Some(Serving)), ("b", Some(NotServing))]);
    report(&health, &[("a", Some(NotServing)), ("b", Some(Serving))]);
    assert_eq!(next(&mut server), Poll::Ready(Some(NotServing)));
    assert_eq!(next(&mut server), Poll::Pending, "both were never serving at once");
}

#[test]
fn a_slow_watcher_gets_the_latest_status() {
    let health = Health::new(LIMITS);
    let mut watch = health.watch("a".into());
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
    let mut watch = health.watch("a".into());
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
    let mut watches = [health.watch("a".into()), health.watch(String::new()), health.watch("unknown".into())];
    health.drain();
    report(&health, &[("a", Some(Serving))]);
    assert_eq!(
        (health.check("a"), health.check(""), health.check("unknown")),
        (Some(NotServing), Some(NotServing), None)
    );
    assert_eq!(health.list(), [(String::new(), NotServing), ("a".into(), NotServing)]);
    for (watch, states) in
        watches.iter_mut().zip([&[Serving, NotServing][..], &[Serving, NotServing], &[ServiceUnknown]])
    {
        for status in states {
            assert_eq!(next(watch), Poll::Ready(Some(*status)));
        }
        assert_eq!(next(watch), Poll::Ready(None), "the end");
    }
    let mut late = health.watch("a".into());
    assert_eq!((next(&mut late), next(&mut late)), (Poll::Ready(Some(NotServing)), Poll::Ready(None)));
    assert!(health.is_alive(), "it is still alive");
}

#[test]
fn a_silent_event_loop_is_not_ready_then_not_alive_and_recovers() {
    let health = Health::new(LIMITS);
    report(&health, &[("a", Some(Serving))]);
    let mut watch = health.watch(String::new());
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

#[test]
fn a_watch_that_is_dropped_is_forgotten() {
    let health = Health::new(LIMITS);
    let watches: Vec<_> = (0..100).map(|_| health.watch("a".into())).collect();
    assert_eq!(health.state.lock().watchers.len(), 100);
    drop(watches);
    assert_eq!(health.state.lock().watchers.len(), 0);
}
