//! The doorbell: the one function by which Rust tells a JavaScript thread that something waits. In `@connectum/core` it
//! is `Dispatcher.#drain`, which calls `NativeCalls.take`.

use napi::Env;
use napi::bindgen_prelude::*;
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode};
use parking_lot::Mutex;

/// Weak: it does not keep the process alive by itself.
type Function = ThreadsafeFunction<(), Unknown<'static>, (), Status, false, true>;

/// Rings from any thread; silent once released.
pub struct Bell(Mutex<Option<Function>>);

impl Bell {
    /// A doorbell that calls `function` on the thread of its environment.
    ///
    /// # Errors
    ///
    /// The failure of Node-API to make a thread-safe function.
    pub fn new(function: &napi::bindgen_prelude::Function<'_, (), Unknown<'static>>) -> Result<Self> {
        let function = function.build_threadsafe_function::<()>().callee_handled::<false>().weak::<true>().build()?;
        Ok(Self(Mutex::new(Some(function))))
    }

    /// A doorbell that nobody hears, as after [`Self::release`].
    #[cfg(test)]
    pub fn silent() -> Self {
        Self(Mutex::new(None))
    }

    /// Calls the function soon. Does nothing while the environment closes, as no JavaScript runs any more.
    pub fn ring(&self) {
        if let Some(function) = &*self.0.lock() {
            function.call((), ThreadsafeFunctionCallMode::NonBlocking);
        }
    }

    /// Sets whether the doorbell keeps the process alive, which it should while the server listens.
    ///
    /// # Errors
    ///
    /// The failure of Node-API to change the reference.
    #[expect(deprecated, reason = "napi-rs prefers clones, which cannot make a weak function strong for a while")]
    pub fn keep_alive(&self, env: &Env, alive: bool) -> Result<()> {
        match &mut *self.0.lock() {
            Some(function) if alive => function.refer(env),
            Some(function) => function.unref(env),
            None => Ok(()),
        }
    }

    /// Releases the function, and with it all that JavaScript reaches from it.
    pub fn release(&self) {
        let function = self.0.lock().take();
        drop(function);
    }
}
