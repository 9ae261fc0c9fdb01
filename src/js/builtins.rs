//! What a server answers without JavaScript, set up as its options say.

use std::sync::Arc;

use super::handler::JsHandler;
use super::health::NativeHealthOptions;
use super::options::NativeServerOptions;
use crate::rpc::{Budget, Handler, HttpHandler};
use crate::schema::Schema;
use crate::services::MessageCodec;
use crate::services::health::{self, Health, HealthEndpoints, HealthService};
use crate::services::reflection::{self, ReflectionService};

/// The handlers that are not JavaScript's.
pub struct BuiltIns {
    /// The health of the server, when it is answered here.
    pub health: Option<Arc<Health>>,
    health_service: Option<Arc<dyn Handler>>,
    health_paths: Vec<String>,
    /// Reflection, when it is answered here.
    pub reflection: Option<Arc<ReflectionService>>,
}

impl BuiltIns {
    /// Sets up what `options` ask for, and reflection of `schema`.
    pub fn new(options: &NativeServerOptions, schema: Option<Arc<Schema>>, budget: &Arc<Budget>) -> Self {
        let health = options.health.as_ref().map(|health| Health::new(health.patience()));
        let health_service = health.as_ref().map(|health| {
            let messages = Arc::new(MessageCodec::new(health::FILES, options.json.into()));
            Arc::new(HealthService::new(Arc::clone(health), messages, Arc::clone(budget))) as _
        });
        let health_paths = options.health.as_ref().map(NativeHealthOptions::http_paths).unwrap_or_default();
        let reflection = schema.map(|schema| {
            let messages = Arc::new(MessageCodec::new(reflection::FILES, options.json.into()));
            Arc::new(ReflectionService::new(schema, messages, Arc::clone(budget)))
        });
        Self { health, health_service, health_paths, reflection }
    }

    /// Who answers a method that names `answered_by`.
    ///
    /// # Errors
    ///
    /// A name of something that was not set up.
    pub fn handler(&self, answered_by: Option<&str>, javascript: &Arc<JsHandler>) -> Result<Arc<dyn Handler>, String> {
        let native = match answered_by {
            None => return Ok(Arc::clone(javascript) as _),
            Some("health") => self.health_service.clone(),
            Some("reflection") => self.reflection.clone().map(|reflection| reflection as _),
            Some(_) => None,
        };
        native.ok_or_else(|| format!("there is nothing that could answer as \"{}\"", answered_by.unwrap_or_default()))
    }

    /// Who answers requests that are no RPCs: `javascript` is asked last.
    pub fn fallback(&self, javascript: Option<Arc<dyn HttpHandler>>) -> Option<Arc<dyn HttpHandler>> {
        match &self.health {
            Some(health) if !self.health_paths.is_empty() => {
                let paths = self.health_paths.clone();
                Some(Arc::new(HealthEndpoints::new(Arc::clone(health), paths, javascript)))
            }
            _ => javascript,
        }
    }
}
