//! When large calls are over, the threads that allocated for them are told to give memory back.

use crate::support;

use std::sync::Arc;
use std::time::Duration;

use connectum_native::call::MethodOptions;
use connectum_native::server::{LogLevel, Observer};
use support::call::{Call, Http, Protocol};
use support::probe::Counter;
use support::rpcs::ECHO;
use support::server::{Setup, TestServer};
use support::{run, soon};

const MIB: usize = 1024 * 1024;

/// Counts how often it was told.
#[derive(Default)]
struct Told(Counter);

impl Observer for Told {
    fn log(&self, _: LogLevel, _: String) {}

    fn large_calls_are_over(&self) {
        self.0.add();
    }
}

#[test]
fn memory_is_given_back_when_large_calls_are_over_and_not_for_small_ones() {
    run(async {
        let told = Arc::new(Told::default());
        let method = MethodOptions { read_max_bytes: 16 * MIB, ..MethodOptions::default() };
        let own_bytes = 64 * 1024;
        let server =
            TestServer::with(Setup { method, own_bytes, observer: Arc::clone(&told) as _, ..Setup::default() });
        let echo = |size| Call::new(Protocol::Grpc, ECHO).message(vec![7; size]);
        for _ in 0..200 {
            assert_eq!(echo(30_000).send(Http::Two, server.address()).await.code, "ok");
        }
        // Longer than it would take.
        tokio::time::sleep(Duration::from_millis(1500)).await;
        assert_eq!(told.0.get(), 0, "6 MB, of which no connection has held much");
        for round in 1..3 {
            assert_eq!(echo(8 * MIB).send(Http::Two, server.address()).await.code, "ok");
            soon("the word", told.0.reaches(round)).await;
        }
    });
}
