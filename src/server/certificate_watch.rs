//! The thread that watches files of certificates, and reads them again when they change.
//!
//! It looks at the files whenever the system tells of a change in their directories, and from time to time. Files that
//! stay as they are for [`QUIET`] are read; what they have is taken, or reported as an error, while the server goes on
//! with what it has. It is a thread and no task: a file system that does not respond must not hold connections up.

use std::collections::BTreeSet;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};
use tracing::Dispatch;
use tracing::dispatcher::set_default;

use super::certificate_files::{Look, add_directories};
use super::directory_watch::DirectoryWatch;
use super::observer::Observer;
use super::pem::TlsFault;
use super::reloadable_tls::{Outcome, ReloadableTls, Reread};

/// Files are read when they have been the same for so long: whoever writes a pair is not done with it before.
const QUIET: Duration = Duration::from_millis(200);
/// The pause between two looks where the system tells of changes. Some file systems of other machines do not tell.
const SLOW: Duration = Duration::from_secs(5);
/// The pause between two looks where it does not.
const POLL: Duration = Duration::from_millis(500);
/// The pause before files that cannot be read are read again, as the reason may be gone: too many open files, a file
/// system that did not respond.
const RETRY: Duration = Duration::from_secs(1);
/// The least pause between two looks, as other files of a directory may change all the time.
const LEAST: Duration = Duration::from_millis(50);
/// The longest that dropping waits for the thread, which a file system may hold up.
const JOIN_TIME: Duration = Duration::from_secs(5);

/// The watch over the certificates of all listeners of a server. Dropping it ends it.
pub struct CertificateWatch {
    signal: Arc<Signal>,
    thread: Option<JoinHandle<()>>,
    /// Disconnects when the thread has ended.
    ended: Receiver<()>,
}

impl CertificateWatch {
    /// Starts the thread, with `log` as its subscriber. `observer` hears what comes of changes, with the position of
    /// the listener in `listeners`.
    ///
    /// # Errors
    ///
    /// If the operating system refuses a thread.
    pub fn start(
        listeners: &[Option<Arc<ReloadableTls>>],
        observer: Arc<dyn Observer>,
        log: Dispatch,
    ) -> io::Result<Self> {
        let watched = listeners
            .iter()
            .enumerate()
            .filter_map(|(listener, tls)| tls.as_ref().map(|tls| Watched::new(listener, Arc::clone(tls))));
        let watched: Vec<_> = watched.collect();
        let signal = Arc::<Signal>::default();
        let (alive, ended) = channel();
        let told = Arc::clone(&signal);
        let thread = std::thread::Builder::new().name("connectum-certs".into()).spawn(move || {
            let _log = set_default(&log);
            run(watched, &*observer, &told);
            drop::<Sender<()>>(alive);
        })?;
        Ok(Self { signal, thread: Some(thread), ended })
    }

    /// Looks at the files soon: there are others now.
    pub fn look(&self) {
        self.signal.notify();
    }

    /// Ends the watch without waiting for its thread.
    pub fn stop(&self) {
        self.signal.stop();
    }
}

impl Drop for CertificateWatch {
    fn drop(&mut self) {
        self.stop();
        // Nothing is ever sent: the channel disconnects when the thread has ended.
        if self.ended.recv_timeout(JOIN_TIME) == Err(RecvTimeoutError::Disconnected)
            && let Some(thread) = self.thread.take()
        {
            // The panic hook has reported a panic of the thread.
            let _ = thread.join();
        }
    }
}

/// Wakes the thread.
#[derive(Default)]
struct Signal {
    state: Mutex<State>,
    woken: Condvar,
}

#[derive(Default)]
struct State {
    has_changed: bool,
    is_stopped: bool,
}

impl Signal {
    fn notify(&self) {
        self.state.lock().has_changed = true;
        self.woken.notify_all();
    }

    fn stop(&self) {
        self.state.lock().is_stopped = true;
        self.woken.notify_all();
    }

    /// Waits for `least`, then for a change, but no longer than for `most` in all. Returns false when it is stopped.
    fn wait(&self, least: Duration, most: Duration) -> bool {
        let begin = Instant::now();
        let mut state = self.state.lock();
        loop {
            let end = begin + if state.has_changed { least } else { most.max(least) };
            if state.is_stopped {
                return false;
            }
            if Instant::now() >= end {
                state.has_changed = false;
                return true;
            }
            self.woken.wait_until(&mut state, end);
        }
    }
}

fn run(mut watched: Vec<Watched>, observer: &dyn Observer, signal: &Arc<Signal>) {
    let told = Arc::clone(signal);
    let mut directories = DirectoryWatch::new(move || told.notify());
    loop {
        // Before the files are looked at: no change can be missed between the two.
        let mut wanted = BTreeSet::new();
        let mut are_there = true;
        for one in &watched {
            are_there &= one.add_directories(&mut wanted);
        }
        directories.set(&wanted);
        let now = Instant::now();
        for one in &mut watched {
            one.look(now, observer);
        }
        let usual = if are_there && directories.is_complete() { SLOW } else { POLL };
        let pause = watched.iter().filter_map(|one| one.due_in(now)).fold(usual, Duration::min);
        if !signal.wait(LEAST, pause) {
            return;
        }
    }
}

/// One listener.
struct Watched {
    listener: usize,
    tls: Arc<ReloadableTls>,
    /// How each file looked.
    seen: Vec<Option<Look>>,
    /// When that was new; later than now if they are to be read again after a while.
    since: Instant,
    /// Whether the files were read as they look.
    is_judged: bool,
    /// The errors that were reported since the files look as they do: each of them is reported once.
    reported: Vec<String>,
    /// Whether there was an error, and nothing good since.
    has_failed: bool,
}

impl Watched {
    /// Its files were read when the server started; they are read again, as they may have changed since.
    fn new(listener: usize, tls: Arc<ReloadableTls>) -> Self {
        Self {
            listener,
            tls,
            seen: Vec::new(),
            since: Instant::now(),
            is_judged: true,
            reported: Vec::new(),
            has_failed: false,
        }
    }

    /// Returns whether all files are there.
    fn add_directories(&self, directories: &mut BTreeSet<PathBuf>) -> bool {
        let tls = self.tls.current();
        let mut are_there = true;
        for file in tls.watched_files() {
            are_there &= add_directories(file, directories);
        }
        are_there
    }

    fn looks(&self) -> Vec<Option<Look>> {
        self.tls.current().watched_files().map(Look::at).collect()
    }

    /// Looks at the files, and reads them when they are due.
    fn look(&mut self, now: Instant, observer: &dyn Observer) {
        let looks = self.looks();
        self.notice(looks, now);
        if self.due_in(now) == Some(Duration::ZERO) {
            self.judge(observer);
        }
    }

    /// Returns whether the files look different.
    fn notice(&mut self, looks: Vec<Option<Look>>, now: Instant) -> bool {
        let is_new = looks != self.seen;
        if is_new {
            (self.seen, self.since, self.is_judged) = (looks, now, false);
            self.reported.clear();
        }
        is_new
    }

    /// How long the files have to stay as they are to be read; `None` if they were.
    fn due_in(&self, now: Instant) -> Option<Duration> {
        (!self.is_judged).then(|| (self.since + QUIET).saturating_duration_since(now))
    }

    fn judge(&mut self, observer: &dyn Observer) {
        self.is_judged = true;
        let Reread { outcome, errors } = self.tls.reread();
        if outcome == Outcome::Overtaken {
            (self.is_judged, self.since) = (false, Instant::now());
            return;
        }
        let is_good_again = errors.is_empty() && std::mem::take(&mut self.has_failed);
        if outcome == Outcome::Replaced || is_good_again {
            observer.tls_reloaded(self.listener, Ok(()));
        }
        // One that was caused by a change while they were read is no error: they are read again.
        let looks = self.looks();
        if errors.is_empty() || self.notice(looks, Instant::now()) {
            return;
        }
        self.has_failed = true;
        // Time alone may mend these.
        if errors.iter().any(|error| matches!(error.fault, TlsFault::File(_) | TlsFault::NotYetValid)) {
            (self.is_judged, self.since) = (false, Instant::now() + RETRY);
        }
        for error in errors {
            let text = error.to_string();
            if !self.reported.contains(&text) {
                observer.tls_reloaded(self.listener, Err(&error));
                self.reported.push(text);
            }
        }
    }
}
