//! Finds the method of a path.

use std::collections::HashMap;
use std::sync::Arc;

use crate::call::Method;

/// The registered methods by path.
#[derive(Debug, Default)]
pub struct Router {
    methods: HashMap<String, Arc<Method>>,
}

impl Router {
    /// A router for `methods`. Of two with the same path the later one is served.
    #[must_use]
    pub fn new(methods: impl IntoIterator<Item = Method>) -> Self {
        let methods = methods.into_iter().map(|method| (method.path.clone(), Arc::new(method))).collect();
        Self { methods }
    }

    /// The method at `path`, which is matched exactly.
    #[must_use]
    pub fn find(&self, path: &str) -> Option<&Arc<Method>> {
        self.methods.get(path)
    }
}
