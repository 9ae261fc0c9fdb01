//! The directories in which the operating system tells of changes, by the crate `notify`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use notify::event::{AccessKind, AccessMode};
use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};

use super::certificate_files::directory_id;

/// The longest that dropping waits for the thread of `notify`, which only has to leave its loop.
const END_TIME: Duration = Duration::from_secs(1);

/// Calls a function whenever something happens to an entry of one of its directories.
pub struct DirectoryWatch {
    /// `None` if the system has none, or no more of them.
    watcher: Option<RecommendedWatcher>,
    watched: BTreeMap<PathBuf, Option<(u64, u64)>>,
    is_complete: bool,
    /// Disconnects when the thread of `notify` has ended.
    ended: Receiver<()>,
}

impl DirectoryWatch {
    /// Watches nothing yet. Later it calls `changed` on a thread of its own.
    pub fn new(changed: impl Fn() + Send + 'static) -> Self {
        let (alive, ended) = channel::<()>();
        let watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
            // Held until the thread ends.
            let _alive = &alive;
            // An error, such as too many events, may hide a change.
            if event.is_ok_and(|event| is_reading(event.kind)) {
                return;
            }
            changed();
        });
        let watcher = watcher
            .map_err(|error| tracing::warn!(%error, "the system cannot watch files of certificates: they are polled"))
            .ok();
        Self { watcher, watched: BTreeMap::new(), is_complete: false, ended }
    }

    /// Watches these directories, and no others.
    pub fn set(&mut self, wanted: &BTreeSet<PathBuf>) {
        let Some(watcher) = &mut self.watcher else {
            return;
        };
        self.watched.retain(|path, id| {
            // One that was replaced is another directory.
            let stays = wanted.contains(path) && *id == directory_id(path);
            if !stays {
                // It may be gone, and its watch with it.
                let _ = watcher.unwatch(path);
            }
            stays
        });
        self.is_complete = true;
        for path in wanted {
            if self.watched.contains_key(path) {
                continue;
            }
            // Before it is watched: if another one takes its place in between, the two differ.
            let id = directory_id(path);
            match watcher.watch(path, RecursiveMode::NonRecursive) {
                Ok(()) => {
                    self.watched.insert(path.clone(), id);
                }
                Err(_) => self.is_complete = false,
            }
        }
    }

    /// Whether all directories are watched; otherwise they have to be polled.
    pub fn is_complete(&self) -> bool {
        self.is_complete
    }
}

impl Drop for DirectoryWatch {
    /// Waits for the thread of `notify`, which must not outlive the addon.
    fn drop(&mut self) {
        if self.watcher.take().is_some() {
            // Nothing is ever sent: it disconnects, or takes too long.
            let _ = self.ended.recv_timeout(END_TIME);
        }
    }
}

/// Whether an event changes nothing, as those of our own reading.
fn is_reading(kind: EventKind) -> bool {
    matches!(kind, EventKind::Access(access) if access != AccessKind::Close(AccessMode::Write))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_that_is_missing_has_to_be_polled() {
        let (there, missing) = (std::env::temp_dir(), std::env::temp_dir().join("connectum-is-not-there"));
        let mut directories = DirectoryWatch::new(|| {});
        directories.set(&BTreeSet::from([there.clone(), missing]));
        assert!(!directories.is_complete());
        directories.set(&BTreeSet::from([there]));
        assert!(directories.is_complete());
    }

    #[test]
    fn without_a_watcher_everything_has_to_be_polled() {
        let (_, ended) = channel();
        let mut directories = DirectoryWatch { watcher: None, watched: BTreeMap::new(), is_complete: false, ended };
        directories.set(&BTreeSet::from([std::env::temp_dir()]));
        assert!(!directories.is_complete());
    }
}
