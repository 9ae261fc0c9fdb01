//! The number of connections, in all and for each address.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::limits::ConnectionLimits;

/// The log says at most once in this time that connections were refused.
const LOG_INTERVAL: Duration = Duration::from_secs(1);

/// Counts the open connections of a server.
#[derive(Debug)]
pub struct Admission {
    max: Option<usize>,
    max_per_address: Option<usize>,
    open: Mutex<Open>,
}

#[derive(Debug, Default)]
struct Open {
    /// When the log last had a refusal, and how many there were since.
    logged: Option<Instant>,
    refused: usize,
    all: usize,
    /// Only if it is limited.
    by_address: HashMap<IpAddr, usize>,
}

/// A connection that may be served; counted until dropped.
#[derive(Debug)]
pub struct Admitted {
    admission: Arc<Admission>,
    address: Option<IpAddr>,
}

/// The option that a connection would exceed, and its value.
pub type Refused = (&'static str, usize);

impl Admission {
    /// No connection yet.
    #[must_use]
    pub fn new(limits: &ConnectionLimits) -> Arc<Self> {
        let (max, max_per_address) = (limits.max_connections, limits.max_connections_per_address);
        Arc::new(Self { max, max_per_address, open: Mutex::default() })
    }

    /// Counts a connection of `address`; without one only in all.
    ///
    /// # Errors
    ///
    /// The limit that is reached.
    pub fn admit(self: &Arc<Self>, address: Option<IpAddr>) -> Result<Admitted, Refused> {
        let mut open = self.open.lock();
        if let Some(max) = self.max.filter(|max| open.all >= *max) {
            return Err(("maxConnections", max));
        }
        let address = open.count(address, self.max_per_address)?;
        open.all += 1;
        Ok(Admitted { admission: Arc::clone(self), address })
    }
}

impl Open {
    /// Counts a connection of `address`, which is returned as it is counted.
    fn count(&mut self, address: Option<IpAddr>, max: Option<usize>) -> Result<Option<IpAddr>, Refused> {
        // The same client may come over IPv4 and as ::ffff:1.2.3.4.
        let address = address.map(|address| address.to_canonical());
        if let (Some(max), Some(address)) = (max, address) {
            let count = self.by_address.entry(address).or_default();
            if *count >= max {
                return Err(("maxConnectionsPerAddress", max));
            }
            *count += 1;
        }
        Ok(address)
    }
}

impl Admitted {
    /// Counts the address of a connection that was admitted without one.
    ///
    /// # Errors
    ///
    /// The limit that is reached.
    pub fn count_address(&mut self, address: Option<IpAddr>) -> Result<(), Refused> {
        debug_assert!(self.address.is_none(), "it would be counted twice");
        self.address = self.admission.open.lock().count(address, self.admission.max_per_address)?;
        Ok(())
    }
}

impl Admission {
    /// The text for the log, at most once a second.
    pub fn text_for_log(&self, (option, max): Refused) -> Option<String> {
        let mut open = self.open.lock();
        open.refused += 1;
        if open.logged.is_some_and(|at| at.elapsed() < LOG_INTERVAL) {
            return None;
        }
        open.logged = Some(Instant::now());
        let count = std::mem::take(&mut open.refused);
        Some(format!("connections were refused, {count} of them since this was last said: {option} ({max}) are open"))
    }
}

impl Drop for Admitted {
    fn drop(&mut self) {
        let mut open = self.admission.open.lock();
        open.all -= 1;
        let Some(address) = self.address else {
            return;
        };
        if let Entry::Occupied(mut entry) = open.by_address.entry(address) {
            *entry.get_mut() -= 1;
            if *entry.get() == 0 {
                entry.remove();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_are_counted_in_all_and_by_address() {
        let limits = ConnectionLimits {
            max_connections: Some(3),
            max_connections_per_address: Some(2),
            ..ConnectionLimits::default()
        };
        let admission = Admission::new(&limits);
        let address = |text: &str| text.parse().expect("an address");
        let admit = |text| admission.admit(Some(address(text)));
        let refused = |text| admit(text).map(drop).expect_err("a limit");
        let first = [admit("10.0.0.1").expect("the first"), admit("::ffff:10.0.0.1").expect("the second")];
        assert_eq!(refused("10.0.0.1"), ("maxConnectionsPerAddress", 2));
        let other = admit("10.0.0.2").expect("another");
        assert_eq!(refused("10.0.0.3"), ("maxConnections", 3));
        drop(first);
        drop((admit("10.0.0.1").expect("again"), other));
        let local = [(); 3].map(|()| admission.admit(None).expect("no address, so only the limit of all counts"));
        assert_eq!(admission.admit(None).map(drop).expect_err("a limit"), ("maxConnections", 3));
        drop(local);
        // As behind a proxy that tells the address later.
        let mut told = [(); 3].map(|()| admission.admit(None).expect("no address yet"));
        let count = told.each_mut().map(|admitted| admitted.count_address(Some(address("10.0.0.1"))));
        assert_eq!(count, [Ok(()), Ok(()), Err(("maxConnectionsPerAddress", 2))]);
        drop(told);
        let open = admission.open.lock();
        assert_eq!((open.all, open.by_address.len()), (0, 0));
    }
}
