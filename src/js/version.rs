//! The version of the addon.

use napi_derive::napi;

/// The version of the addon. The loader compares it with that of `@connectum/native`: the two cross data in a layout
/// that both have to know.
#[napi]
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
