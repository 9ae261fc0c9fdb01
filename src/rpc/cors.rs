//! Which pages of other origins may call the server, and what browsers are told about it: the "CORS protocol" of the
//! Fetch standard.
//!
//! A browser asks before it sends a request that a plain form could not send, and lets a page read a response only if
//! the headers of the response name the page's origin. CORS is no authorization: a request of any origin is served, and
//! clients that are no browsers ignore all of it.

use std::collections::HashSet;

use http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ORIGIN, VARY,
};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Response, StatusCode};

use crate::call::Method;
use crate::protocol::{REQUEST_HEADERS, RESPONSE_HEADERS, ResponseBody, is_preflight, plain_response};

const ANY: HeaderValue = HeaderValue::from_static("*");
/// What HTTP handlers may serve; a page may not send CONNECT or TRACE at all.
const VERBS_OF_HANDLERS: HeaderValue = HeaderValue::from_static("GET, HEAD, POST, PUT, PATCH, DELETE");
const VERBS_OF_METHODS: HeaderValue = HeaderValue::from_static("GET, POST");
const VERB_OF_METHODS_WITH_SIDE_EFFECTS: HeaderValue = HeaderValue::from_static("POST");

/// The options of [`Cors`].
#[derive(Clone, Debug)]
pub struct CorsOptions {
    /// The origins that are allowed, as browsers send them; `None` for any.
    pub origins: Option<Vec<String>>,
    /// Whether pages may send cookies and client certificates along. Browsers refuse that where any origin is allowed.
    pub credentials: bool,
    /// How long a browser may remember the response to a preflight, in seconds.
    pub max_age: u32,
    /// Request header fields in addition to [`REQUEST_HEADERS`].
    pub allow_headers: Vec<String>,
    /// Response header fields in addition to [`RESPONSE_HEADERS`].
    pub expose_headers: Vec<String>,
    /// Whether all of that also holds for what HTTP handlers serve.
    pub all: bool,
}

/// The policy of a server.
#[derive(Debug)]
pub struct Cors {
    origins: Option<HashSet<HeaderValue>>,
    credentials: bool,
    max_age: HeaderValue,
    allow_headers: HeaderValue,
    expose_headers: HeaderValue,
    all: bool,
}

impl Cors {
    /// The policy of `options`.
    ///
    /// # Errors
    ///
    /// Names the option that no header field can carry.
    pub fn new(options: CorsOptions) -> Result<Self, String> {
        let value = |option: &str, text: &str| {
            HeaderValue::from_str(text).map_err(|_| format!("cors.{option} is no value of a header field: {text:?}"))
        };
        let list = |option: &str, needed: &[&str], more: &[String]| {
            let mut names = needed.to_vec();
            names.extend(more.iter().map(String::as_str).filter(|name| !needed.contains(name)));
            value(option, &names.join(", "))
        };
        let origins = options.origins.map(|origins| {
            let origins = origins.iter().map(|origin| value("origins", origin));
            origins.collect::<Result<HashSet<_>, _>>()
        });
        Ok(Self {
            origins: origins.transpose()?,
            credentials: options.credentials,
            max_age: options.max_age.into(),
            allow_headers: list("allowHeaders", &REQUEST_HEADERS, &options.allow_headers)?,
            expose_headers: list("exposeHeaders", &RESPONSE_HEADERS, &options.expose_headers)?,
            all: options.all,
        })
    }

    /// The policy for a request with these headers.
    pub(super) fn request(&self, headers: &HeaderMap) -> CrossOrigin<'_> {
        CrossOrigin { cors: self, allowed: self.allowed(headers) }
    }

    /// The origin that a response names; `None` if the request's is not allowed.
    ///
    /// It is a configured value and none of the request's: nothing that a client sends comes back. Where any origin is
    /// allowed the response says so to everybody ("CORS protocol and HTTP caches"): a cache may give it to others.
    fn allowed(&self, headers: &HeaderMap) -> Option<HeaderValue> {
        let Some(origins) = &self.origins else {
            return Some(ANY);
        };
        let mut sent = headers.get_all(ORIGIN).iter();
        let origin = origins.get(sent.next()?)?;
        sent.next().is_none().then(|| origin.clone())
    }
}

/// The policy for one request.
pub(super) struct CrossOrigin<'a> {
    cors: &'a Cors,
    allowed: Option<HeaderValue>,
}

impl CrossOrigin<'_> {
    /// The response to a preflight for the path of a `method`, or for any path of a policy for all; `None` for every
    /// other request.
    pub fn preflight(&self, parts: &Parts, method: Option<&Method>) -> Option<Response<ResponseBody>> {
        if !is_preflight(parts) {
            return None;
        }
        match method {
            Some(method) if method.allows_get() => Some(self.permission(VERBS_OF_METHODS)),
            Some(_) => Some(self.permission(VERB_OF_METHODS_WITH_SIDE_EFFECTS)),
            None => self.cors.all.then(|| self.permission(VERBS_OF_HANDLERS)),
        }
    }

    /// The response to a preflight for a path that nobody serves; `None` for every other request. The browser then
    /// sends the request, and the page learns that there is no such method.
    pub fn preflight_of_nobody(&self, parts: &Parts) -> Option<Response<ResponseBody>> {
        is_preflight(parts).then(|| self.permission(VERBS_OF_METHODS))
    }

    /// Whether this holds for the responses of HTTP handlers too.
    pub fn is_for_handlers(&self) -> bool {
        self.cors.all
    }

    /// Lets the page read a response, unless its author has decided about that.
    pub fn add_to(self, response: &mut Response<ResponseBody>) {
        let headers = response.headers_mut();
        if headers.contains_key(ACCESS_CONTROL_ALLOW_ORIGIN) {
            return;
        }
        if self.allow_origin(headers) {
            // Whoever made the response may expose more: browsers join the fields.
            headers.append(ACCESS_CONTROL_EXPOSE_HEADERS, self.cors.expose_headers.clone());
        }
    }

    /// The response to a preflight, which has no CORS header if the origin is not allowed.
    fn permission(&self, verbs: HeaderValue) -> Response<ResponseBody> {
        let mut response = plain_response(StatusCode::NO_CONTENT, "");
        let headers = response.headers_mut();
        if self.allow_origin(headers) {
            headers.insert(ACCESS_CONTROL_ALLOW_METHODS, verbs);
            headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, self.cors.allow_headers.clone());
            headers.insert(ACCESS_CONTROL_MAX_AGE, self.cors.max_age.clone());
        }
        response
    }

    /// Names the origin, if it is allowed; returns whether it is.
    fn allow_origin(&self, headers: &mut HeaderMap) -> bool {
        if self.cors.origins.is_some() {
            vary_by_origin(headers);
        }
        let Some(origin) = &self.allowed else {
            return false;
        };
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        if self.cors.credentials {
            headers.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
        }
        true
    }
}

/// Keeps caches from giving the response to a page of another origin (RFC 9110 section 12.5.5).
fn vary_by_origin(headers: &mut HeaderMap) {
    let values = headers.get_all(VARY).iter().filter_map(|value| value.to_str().ok());
    let varies = values.flat_map(|value| value.split(',')).any(|name| {
        let name = name.trim();
        name == "*" || name.eq_ignore_ascii_case("origin")
    });
    if !varies {
        headers.append(VARY, HeaderValue::from_static("origin"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options() -> CorsOptions {
        CorsOptions {
            origins: Some(vec!["https://app.example".into(), "https://app.example:8443".into()]),
            credentials: false,
            max_age: 600,
            allow_headers: vec!["authorization".into(), "content-type".into()],
            expose_headers: vec!["x-page".into()],
            all: false,
        }
    }

    fn cors(options: CorsOptions) -> Cors {
        Cors::new(options).expect("options that header fields can carry")
    }

    fn headers(origins: &[&str]) -> HeaderMap {
        origins.iter().map(|origin| (ORIGIN, HeaderValue::from_str(origin).expect("a value"))).collect()
    }

    /// The fields that a response gets, in the order of their names.
    fn fields(cors: &Cors, origins: &[&str], mut response: Response<ResponseBody>) -> Vec<(String, String)> {
        cors.request(&headers(origins)).add_to(&mut response);
        let text = |value: &HeaderValue| value.to_str().expect("ASCII").to_owned();
        let mut fields: Vec<_> =
            response.headers().iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect();
        fields.sort();
        fields
    }

    fn response() -> Response<ResponseBody> {
        Response::new(ResponseBody::empty())
    }

    #[test]
    fn an_origin_is_allowed_if_it_is_one_of_the_list_byte_by_byte() {
        let cors = cors(options());
        let cases: [(&[&str], bool); 14] = [
            (&["https://app.example"], true),
            (&["https://app.example:8443"], true),
            (&[], false),
            (&[""], false),
            (&["null"], false),
            (&["*"], false),
            (&["http://app.example"], false),
            (&["https://APP.example"], false),
            (&["https://app.example/"], false),
            (&["https://app.example:443"], false),
            (&["https://app.example.evil.example"], false),
            (&["https://evil.example"], false),
            (&["https://app.example https://evil.example"], false),
            (&["https://app.example", "https://app.example"], false),
        ];
        for (origins, is_allowed) in cases {
            let allowed = cors.allowed(&headers(origins));
            assert_eq!(allowed.is_some(), is_allowed, "{origins:?}");
            assert_eq!(allowed.as_ref().map_or("", |value| value.to_str().expect("ASCII")).is_empty(), !is_allowed);
        }
    }

    #[test]
    fn a_response_names_the_origin_and_varies_by_it() {
        let field = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let exposed = format!("{}, x-page", RESPONSE_HEADERS.join(", "));
        let listed = cors(options());
        assert_eq!(
            fields(&listed, &["https://app.example"], response()),
            [
                field("access-control-allow-origin", "https://app.example"),
                field("access-control-expose-headers", &exposed),
                field("vary", "origin"),
            ]
        );
        for origins in [&["https://evil.example"][..], &[]] {
            assert_eq!(fields(&listed, origins, response()), [field("vary", "origin")]);
        }
        let with_credentials = cors(CorsOptions { credentials: true, ..options() });
        let allowed = fields(&with_credentials, &["https://app.example"], response());
        assert!(allowed.contains(&field("access-control-allow-credentials", "true")), "{allowed:?}");
        assert_eq!(fields(&with_credentials, &["https://evil.example"], response()), [field("vary", "origin")]);
        let any = cors(CorsOptions { origins: None, ..options() });
        for origins in [&["https://evil.example"][..], &["null"], &[]] {
            assert_eq!(
                fields(&any, origins, response()),
                [field("access-control-allow-origin", "*"), field("access-control-expose-headers", &exposed)]
            );
        }
    }

    #[test]
    fn what_the_author_of_a_response_has_set_stays() {
        let listed = cors(options());
        for (name, value, added) in [
            (VARY, "accept, Origin", 2),
            (VARY, "*", 2),
            (VARY, "accept", 3),
            (ACCESS_CONTROL_ALLOW_ORIGIN, "https://other.example", 0),
            (ACCESS_CONTROL_EXPOSE_HEADERS, "x-total", 3),
        ] {
            let mut response = response();
            response.headers_mut().insert(name.clone(), HeaderValue::from_static(value));
            let fields = fields(&listed, &["https://app.example"], response);
            assert!(fields.contains(&(name.to_string(), value.to_owned())), "{fields:?}");
            assert_eq!(fields.len(), 1 + added, "{fields:?}");
        }
    }

    #[test]
    fn what_no_header_field_can_carry_is_an_error() {
        let wrong = vec!["a\nb".to_owned()];
        for (options, error) in [
            (CorsOptions { origins: Some(wrong.clone()), ..options() }, "cors.origins"),
            (CorsOptions { allow_headers: wrong.clone(), ..options() }, "cors.allowHeaders"),
            (CorsOptions { expose_headers: wrong.clone(), ..options() }, "cors.exposeHeaders"),
        ] {
            let text = Cors::new(options).expect_err("is refused");
            assert!(text.starts_with(&format!("{error} is no value of a header field: ")), "{text}");
        }
    }
}
