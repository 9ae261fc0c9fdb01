//! The built-in services of a server: health and reflection, which Rust serves without JavaScript.

use std::sync::Arc;

use super::call::handler::JsHandler;
use super::options::health::NativeHealthOptions;
use super::options::server::NativeServerOptions;
use crate::call::Handler;
use crate::rpc::HttpHandler;
use crate::schema::Schema;
use crate::services::MessageCodec;
use crate::services::health::{self, Health, HealthEndpoints, HealthService};
use crate::services::reflection::{self, ReflectionService};

/// The built-in services that a server was asked for.
pub struct BuiltIns {
    /// The health of the server.
    pub health: Option<Arc<Health>>,
    health_service: Option<Arc<dyn Handler>>,
    health_paths: Vec<String>,
    /// Reflection of the server.
    pub reflection: Option<Arc<ReflectionService>>,
}

impl BuiltIns {
    /// Sets up health as `options` say, and reflection of `schema`.
    pub fn new(options: &NativeServerOptions, schema: Option<Arc<Schema>>) -> Self {
        let health = options.health.as_ref().map(|health| Health::new(health.limits()));
        let health_service = health.as_ref().map(|health| {
            let messages = Arc::new(MessageCodec::new(health::FILES, options.json.into()));
            Arc::new(HealthService::new(Arc::clone(health), messages)) as _
        });
        let health_paths = options.health.as_ref().map(NativeHealthOptions::http_paths).unwrap_or_default();
        let reflection = schema.map(|schema| {
            let messages = Arc::new(MessageCodec::new(reflection::FILES, options.json.into()));
            Arc::new(ReflectionService::new(schema, messages))
        });
        Self { health, health_service, health_paths, reflection }
    }

    /// The handler of a method: the built-in service called `name`, or `javascript` without a name.
    ///
    /// # Errors
    ///
    /// Names a service that is not built in, or that was not set up.
    pub fn handler(&self, name: Option<&str>, javascript: &Arc<JsHandler>) -> Result<Arc<dyn Handler>, String> {
        let service = match name {
            None => return Ok(Arc::clone(javascript) as _),
            Some("health") => self.health_service.clone(),
            Some("reflection") => self.reflection.clone().map(|reflection| reflection as _),
            Some(_) => None,
        };
        let name = name.unwrap_or_default();
        service.ok_or_else(|| {
            format!(
                "no built-in service \"{name}\": there are \"health\", with the option health, and \"reflection\", with a schema"
            )
        })
    }

    /// The largest request message of a built-in service: its requests are short whatever the server allows. Without a
    /// name there is no limit.
    pub fn max_request_bytes(name: Option<&str>) -> usize {
        match name {
            Some("health") => health::MAX_REQUEST_BYTES,
            Some("reflection") => reflection::MAX_REQUEST_BYTES,
            _ => usize::MAX,
        }
    }

    /// The handler of plain HTTP requests: health endpoints first, then `javascript`.
    pub fn http_handler(&self, javascript: Option<Arc<dyn HttpHandler>>) -> Option<Arc<dyn HttpHandler>> {
        match &self.health {
            Some(health) if !self.health_paths.is_empty() => {
                let paths = self.health_paths.clone();
                Some(Arc::new(HealthEndpoints::new(Arc::clone(health), paths, javascript)))
            }
            _ => javascript,
        }
    }
}
