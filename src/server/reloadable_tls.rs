//! The TLS of one listener, which can be replaced while it accepts: each handshake takes what is current.

use std::sync::Arc;

use parking_lot::RwLock;

use super::pem::TlsError;
use super::tls::{Tls, TlsOptions};

/// The TLS of one listener.
#[derive(Debug)]
pub struct ReloadableTls(RwLock<Arc<Tls>>);

/// What came of reading the files of a listener again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reread {
    /// They have what is in use.
    Unchanged,
    /// New handshakes use what they have now.
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

    /// Reads the files again, and replaces everything if one of them has changed. It may wait for the file system.
    ///
    /// # Errors
    ///
    /// If a file cannot be read, or has what [`Tls::new`] refuses; then nothing is replaced.
    pub fn reread(&self) -> Result<Reread, TlsError> {
        let before = self.current();
        let options = before.options.reread()?;
        if options.has_same_content(&before.options) {
            return Ok(Reread::Unchanged);
        }
        let next = Arc::new(before.with_options(options)?);
        let mut current = self.0.write();
        if !Arc::ptr_eq(&current, &before) {
            return Ok(Reread::Overtaken);
        }
        *current = next;
        Ok(Reread::Replaced)
    }
}
