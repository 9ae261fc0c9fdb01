//! The descriptors of all listeners of this process, so that none is taken twice.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;

/// The listener of each descriptor, by a number of its own.
static CLAIMED: Mutex<BTreeMap<i32, u64>> = Mutex::new(BTreeMap::new());
static NEXT: AtomicU64 = AtomicU64::new(0);

/// A descriptor that belongs to a listener until this is dropped, which must be after the descriptor was closed.
#[derive(Debug)]
pub struct DescriptorClaim {
    fd: i32,
    listener: u64,
}

impl DescriptorClaim {
    /// Claims a descriptor that the operating system has just given out.
    pub fn of_new(fd: i32) -> Self {
        let claim = Self::new(fd);
        // Whoever had it has closed it, even if its claim is not dropped yet.
        CLAIMED.lock().insert(fd, claim.listener);
        claim
    }

    /// Claims a descriptor that others opened. `None` if it belongs to a listener already.
    pub fn of_inherited(fd: i32) -> Option<Self> {
        let mut claimed = CLAIMED.lock();
        if claimed.contains_key(&fd) {
            return None;
        }
        let claim = Self::new(fd);
        claimed.insert(fd, claim.listener);
        Some(claim)
    }

    fn new(fd: i32) -> Self {
        Self { fd, listener: NEXT.fetch_add(1, Ordering::Relaxed) }
    }
}

impl Drop for DescriptorClaim {
    fn drop(&mut self) {
        let mut claimed = CLAIMED.lock();
        if claimed.get(&self.fd) == Some(&self.listener) {
            claimed.remove(&self.fd);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// No process has so many descriptors.
    const FD: i32 = i32::MAX;

    #[test]
    fn a_descriptor_belongs_to_one_listener_at_a_time() {
        let first = DescriptorClaim::of_inherited(FD).expect("free");
        assert!(DescriptorClaim::of_inherited(FD).is_none(), "taken");
        // The first one was closed, and the system has given out its number again.
        let second = DescriptorClaim::of_new(FD);
        drop(first);
        assert!(DescriptorClaim::of_inherited(FD).is_none(), "the second one's");
        drop(second);
        assert!(DescriptorClaim::of_inherited(FD).is_some(), "free again");
    }
}
