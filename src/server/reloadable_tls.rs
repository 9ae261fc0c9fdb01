//! The TLS of one listener, which can be replaced while it accepts: each handshake takes what is current.

use std::sync::Arc;

use parking_lot::RwLock;

use super::pem::TlsError;
use super::tls::{Tls, TlsOptions};

/// The TLS of one listener.
#[derive(Debug)]
pub struct ReloadableTls(RwLock<Arc<Tls>>);

/// What came of reading the files of a listener again.
#[derive(Debug)]
pub struct Reread {
    /// What handshakes use from now on.
    pub outcome: Outcome,
    /// Why some files were not taken. What was read of them before stays in use.
    pub errors: Vec<TlsError>,
}

/// What handshakes use after files were read again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// What they did before.
    Unchanged,
    /// What the files have now that can be used.
    Replaced,
    /// Other options were given meanwhile, and perhaps other files: nothing was done.
    Overtaken,
}

impl ReloadableTls {
    /// Begins with this.
    pub fn new(tls: Tls) -> Arc<Self> {
        Arc::new(Self(RwLock::new(Arc::new(tls))))
    }

    /// What the next handshake uses.
    pub fn current(&self) -> Arc<Tls> {
        Arc::clone(&self.0.read())
    }

    /// Replaces everything by these options. Connections that are open keep what they have.
    ///
    /// # Errors
    ///
    /// As for [`Tls::new`]; then nothing is replaced.
    pub fn replace(&self, options: TlsOptions) -> Result<(), TlsError> {
        let next = Arc::new(self.current().with_options(options)?);
        *self.0.write() = next;
        Ok(())
    }

    /// Reads the files again, and replaces what has changed and can be used. It may wait for the file system.
    pub fn reread(&self) -> Reread {
        let before = self.current();
        let (next, errors) = before.reread();
        let Some(next) = next.map(Arc::new) else {
            return Reread { outcome: Outcome::Unchanged, errors };
        };
        let mut current = self.0.write();
        if !Arc::ptr_eq(&current, &before) {
            return Reread { outcome: Outcome::Overtaken, errors };
        }
        *current = next;
        Reread { outcome: Outcome::Replaced, errors }
    }
}
