//! DSNs: `{PROTOCOL}://{PUBLIC_KEY}[:{SECRET_KEY}]@{HOST}[:PORT]{PATH}/{PROJECT_ID}` (SDK specification, foundations,
//! transport, authentication). `tests/fixtures/dsn.json` pins this reader and the shim's.

use alloc::borrow::ToOwned;
use alloc::string::String;
use core::fmt;

use crate::json::push_u64;
use crate::text::{digits, find, join, parts, pieces, rsplit, split, strip};

/// Where events go, and the key that lets them in. A secret key, deprecated by the protocol, is accepted and dropped:
/// what runs in a page is public.
///
/// ```
/// # use tailcone_core as tailcone;
/// use tailcone::Dsn;
///
/// let dsn = Dsn::parse("https://public@errors.example.com:8443/team/42")?;
/// assert_eq!((dsn.protocol(), dsn.host(), dsn.port()), ("https", "errors.example.com", Some(8443)));
/// assert_eq!((dsn.public_key(), dsn.path(), dsn.project_id()), ("public", "/team", "42"));
/// assert_eq!(dsn.envelope_url(), "https://errors.example.com:8443/team/api/42/envelope/");
/// assert_eq!(dsn.to_text(), "https://public@errors.example.com:8443/team/42");
/// # Ok::<(), tailcone::dsn::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dsn {
    secure: bool,
    public_key: String,
    /// Host and port.
    address: String,
    path: String,
    project_id: String,
}

/// What is wrong with a DSN.
///
/// ```
/// # use tailcone_core as tailcone;
/// use tailcone::Dsn;
///
/// let error = Dsn::parse("https://errors.example.com/42").unwrap_err();
/// assert_eq!(error.code(), "key");
/// assert_eq!(error.message(), "the DSN has no valid public key before the @");
/// assert_eq!(error.to_string(), error.message());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// Nothing but white space.
    Empty,
    /// Not of the form of a DSN, or a character in it that no DSN has.
    Syntax,
    /// Neither `http` nor `https`.
    Scheme,
    /// No public key before the `@`, or a character in it that no key has.
    Key,
    /// No host, or not a host's name or address.
    Host,
    /// Not a port: 1 to 65535.
    Port,
    /// No project id after the last `/`.
    Project,
}

impl Error {
    /// The word that the fixtures and the shim use.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Syntax => "syntax",
            Self::Scheme => "scheme",
            Self::Key => "key",
            Self::Host => "host",
            Self::Port => "port",
            Self::Project => "project",
        }
    }

    /// One sentence that says what to mend.
    pub const fn message(self) -> &'static str {
        match self {
            Self::Empty => "the DSN is empty",
            Self::Syntax => "the DSN is not of the form https://key@host/project",
            Self::Scheme => "the DSN must begin with https:// or http://",
            Self::Key => "the DSN has no valid public key before the @",
            Self::Host => "the DSN has no valid host after the @",
            Self::Port => "the DSN's port is not a number from 1 to 65535",
            Self::Project => "the DSN does not end in a project id",
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())
    }
}

impl core::error::Error for Error {}

impl Dsn {
    /// Reads a DSN; white space around it and slashes behind it are forgiven.
    ///
    /// # Errors
    /// Says which part is wrong.
    ///
    /// ```
    /// # use tailcone_core as tailcone;
    /// use tailcone::Dsn;
    ///
    /// assert!(Dsn::parse(" https://public@example.com/1/ ").is_ok());
    /// assert!(Dsn::parse("ftp://public@example.com/1").is_err());
    /// ```
    pub fn parse(text: &str) -> Result<Self, Error> {
        let text = text.trim_ascii();
        if text.is_empty() {
            return Err(Error::Empty);
        }
        let (scheme, rest) = split(text, "://").ok_or(Error::Syntax)?;
        let secure = scheme.eq_ignore_ascii_case("https");
        if !secure && !scheme.eq_ignore_ascii_case("http") {
            return Err(Error::Scheme);
        }
        let is_foreign =
            |byte: u8| matches!(byte, b'?' | b'#' | b'\\' | b'<' | b'>' | b'"' | b'{'..=b'}' | b'^' | b'`');
        if rest.bytes().any(|byte| !byte.is_ascii_graphic() || is_foreign(byte)) {
            return Err(Error::Syntax);
        }
        let (authority, mut path) = split(rest, "/").unwrap_or((rest, ""));
        while let Some(shorter) = path.strip_suffix('/') {
            path = shorter;
        }
        let (keys, address) = rsplit(authority, "@").ok_or(Error::Key)?;
        let (public_key, secret_key) = split(keys, ":").unwrap_or((keys, ""));
        if public_key.is_empty() || !all(public_key, "_-") || !all(secret_key, "_-") {
            return Err(Error::Key);
        }
        let address = normal(address)?;
        let (prefix, project_id) = rsplit(path, "/").map_or((None, path), |(prefix, id)| (Some(prefix), id));
        if !is_segment(project_id) || !all(project_id, "_-.~") {
            return Err(Error::Project);
        }
        let path = prefix.map_or_else(String::new, |prefix| join(&["/", prefix]));
        if !prefix.is_none_or(|prefix| pieces(prefix, "/").all(is_segment)) {
            return Err(Error::Syntax);
        }
        Ok(Self { secure, public_key: public_key.to_owned(), address, path, project_id: project_id.to_owned() })
    }

    /// `http` or `https`.
    pub fn protocol(&self) -> &'static str {
        if self.secure { "https" } else { "http" }
    }

    /// The key that identifies the project's client.
    pub fn public_key(&self) -> &str {
        &self.public_key
    }

    /// Name or address; an IPv6 address with its brackets.
    pub fn host(&self) -> &str {
        split_address(&self.address).0
    }

    /// The port, if one is given; else it is the protocol's.
    pub fn port(&self) -> Option<u16> {
        split_address(&self.address).1.and_then(number)
    }

    /// What stands between the host and the project id, beginning with `/`, or nothing.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The project's id, an opaque word.
    pub fn project_id(&self) -> &str {
        &self.project_id
    }

    /// Where envelopes are posted.
    pub fn envelope_url(&self) -> String {
        join(&[self.protocol(), "://", &self.address, &self.path, "/api/", &self.project_id, "/envelope/"])
    }

    /// The URL that a client posts to. Authentication stands in the query, so that a browser needs no preflight.
    ///
    /// ```
    /// # use tailcone_core as tailcone;
    /// let dsn = tailcone::Dsn::parse("https://public@example.com/1")?;
    /// assert_eq!(
    ///     dsn.endpoint("tailcone.rust.wasm", "0.1.0"),
    ///     "https://example.com/api/1/envelope/\
    ///      ?sentry_version=7&sentry_key=public&sentry_client=tailcone.rust.wasm%2F0.1.0",
    /// );
    /// # Ok::<(), tailcone::dsn::Error>(())
    /// ```
    pub fn endpoint(&self, sdk_name: &str, sdk_version: &str) -> String {
        let (url, key) = (self.envelope_url(), &self.public_key);
        join(&[&url, "?sentry_version=7&sentry_key=", key, "&sentry_client=", sdk_name, "%2F", sdk_version])
    }

    /// The DSN again, in its plain form and without a secret.
    pub fn to_text(&self) -> String {
        join(&[self.protocol(), "://", &self.public_key, "@", &self.address, &self.path, "/", &self.project_id])
    }
}

/// Whether a text has letters, digits and the `extra` characters only.
fn all(text: &str, extra: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || extra.bytes().any(|other| other == byte))
}

fn is_segment(text: &str) -> bool {
    !matches!(text, "" | "." | "..")
}

/// Host and port; the colons of an IPv6 address stand between brackets.
fn split_address(address: &str) -> (&str, Option<&str>) {
    let brackets = find(address, "]").unwrap_or(0);
    let behind = address.get(brackets..).unwrap_or_default();
    let colon = find(behind, ":").and_then(|at| parts(address, brackets.wrapping_add(at), ":"));
    colon.map_or((address, None), |(host, port)| (host, Some(port)))
}

/// An address that is one, its port without zeros before it.
fn normal(address: &str) -> Result<String, Error> {
    let (host, port) = split_address(address);
    let is_host = match strip(host, "[") {
        Some(rest) => match split(rest, "]") {
            Some((digits, "")) => !digits.is_empty() && all_hex(digits),
            Some(_) => return Err(Error::Port),
            None => false,
        },
        None => !host.is_empty() && all(host, "._-"),
    };
    if !is_host {
        return Err(Error::Host);
    }
    let mut out = host.to_owned();
    if let Some(port) = port {
        out.push(':');
        push_u64(&mut out, u64::from(number(port).ok_or(Error::Port)?), 1);
    }
    Ok(out)
}

fn all_hex(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_hexdigit() || matches!(byte, b':' | b'.'))
}

/// The number of a port.
fn number(port: &str) -> Option<u16> {
    let number = u16::try_from(digits(port)?).ok()?;
    (number > 0 && port.len() < 6).then_some(number)
}
