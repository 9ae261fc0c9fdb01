//! The door bell: the one function by which Rust tells JavaScript that something waits.

use napi::Env;
use napi::bindgen_prelude::*;
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode};
use parking_lot::Mutex;

/// Weak: it does not keep the process alive by itself.
type Function = ThreadsafeFunction<(), Unknown<'static>, (), Status, false, true>;

/// Rings from any thread; silent once taken down.
pub struct Bell(Mutex<Option<Function>>);

impl Bell {
    /// A bell that calls `function` on the thread of its environment.
    pub fn new(function: &napi::bindgen_prelude::Function<'_, (), Unknown<'static>>) -> Result<Self> {
        let function = function.build_threadsafe_function::<()>().callee_handled::<false>().weak::<true>().build()?;
        Ok(Self(Mutex::new(Some(function))))
    }

    /// Calls the function soon. A bell whose environment is closing is silent: nobody is there to hear it.
    pub fn ring(&self) {
        if let Some(function) = &*self.0.lock() {
            function.call((), ThreadsafeFunctionCallMode::NonBlocking);
        }
    }

    /// Whether the bell keeps the process alive: while the server listens, not before and after.
    #[allow(deprecated, reason = "napi-rs prefers clones, which cannot make a weak function strong for a while")]
    pub fn keep_alive(&self, env: &Env, alive: bool) -> Result<()> {
        match &mut *self.0.lock() {
            Some(function) if alive => function.refer(env),
            Some(function) => function.unref(env),
            None => Ok(()),
        }
    }

    /// Takes the bell down.
    pub fn remove(&self) {
        let function = self.0.lock().take();
        drop(function);
    }
}
