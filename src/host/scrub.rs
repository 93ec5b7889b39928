//! Takes secrets out of what is collected without being asked for. In a page by the host's regular expressions, for
//! what the core reads by hand is 4 KB (gzip) of an application; they are those of the shim's `scrub.ts`. The fixture
//! `tests/fixtures/scrub.json` pins all three.

#[cfg(target_family = "wasm")]
use by_host as how;

#[cfg(not(target_family = "wasm"))]
mod how {
    pub(super) use tailcone_core::scrub::scrub_text as text;

    pub(super) fn url(url: &str) -> String {
        tailcone_core::scrub::scrub_url(url, false)
    }
}

/// What somebody else has written.
pub(crate) fn scrub_text(text: &str) -> String {
    if cfg!(feature = "scrub") { how::text(text) } else { text.to_owned() }
}

/// An address, with its query.
pub(crate) fn scrub_url(url: &str) -> String {
    if cfg!(feature = "scrub") { how::url(url) } else { url.to_owned() }
}

#[cfg(target_family = "wasm")]
mod by_host {
    use std::cell::Cell;

    use js_sys::Function;
    use tailcone_core::scrub::{head, is_card};
    use wasm_bindgen::prelude::*;

    use super::super::{Once, global_property, once};

    const FILTERED: &str = "[Filtered]";

    #[wasm_bindgen]
    extern "C" {
        type Text;
        #[wasm_bindgen(method, catch)]
        fn replace(this: &Text, pattern: &JsValue, by: &JsValue) -> Result<JsValue, JsValue>;
        #[wasm_bindgen(catch, js_name = RegExp)]
        fn pattern(source: &str, flags: &str) -> Result<JsValue, JsValue>;
    }

    macro_rules! terms {
        () => {
            r"auth|token|secret|passw|passph|pwd|key|jwt|bearer|sso|saml|[cx]srf|credential|sess|sid|identity|cookie\b|\bsig\b"
        };
    }

    /// What a name is made of.
    macro_rules! name {
        () => {
            r"[^\0-#&-),/:-@[-\]{-}]"
        };
    }

    /// What is what in there, `scrub.ts` says.
    #[rustfmt::skip]
    const SECRETS: &str = concat!(
        r#"(data:(?:\w+/[\w.+-]*|(?=[,;])))[^\0- "]*|"#,
        "(", name!(), r#"*?---BEGIN[\w ]{0,30}KEY[^"']*|eyJ\w{9}"#, name!(), "*)|",
        r"([2-6]\d{3}([ -]?)\d{4,6}\4\d{4,5}\4?\d{1,4}\b)|",
        "((?=", name!(), "*?(?:", terms!(), "|%[2-7]))(?!", name!(), "*error:)", name!(),
        r#"+(?!:(?:[:/]|\d{1,5}\b|wasm-f))(?:\[\w*]|[\\\]"']){0,32}[ \t]*[=:][ \t=>]*(\\*["'])?|bearer +(?=\S*\d))"#,
        r#"((?:(?!\6)\\*[^\\\n])+|(?:(?:b\w+|token) +)?(?:\{[^}]*|\[[^\]]*|[^\0- "'&;#]|#(?!/|[\w-]*=))+)|"#,
        "(?://|(?!mailto:)", name!(), r##"+:)[^\0- "#/<>?\\]{1,99}@|"##,
        name!(), "+",
    );
    const SUSPECT: &str = concat!(terms!(), r"|[%@]|eyJ|data:|\d{4}[ -]?\d{4}");
    /// A position in a script, and the punctuation behind it.
    const ENDING: &str = r"^[^]*?(((:\d+){2})?[),.]{0,2})$";

    struct Patterns {
        secrets: JsValue,
        suspect: JsValue,
        ending: JsValue,
        twice_encoded: JsValue,
        percent: JsValue,
        unsafe_in_url: JsValue,
        replaced: JsValue,
    }

    thread_local! {
        static PATTERNS: Once<Option<Patterns>> = const { Cell::new(None) };
    }

    impl Patterns {
        fn new() -> Result<Self, JsValue> {
            Ok(Self {
                secrets: pattern(SECRETS, "gi")?,
                suspect: pattern(SUSPECT, "i")?,
                ending: pattern(ENDING, "")?,
                twice_encoded: pattern("%(25)+", "g")?,
                percent: pattern("%", "g")?,
                unsafe_in_url: pattern(r#"[\0- "']"#, "g")?,
                replaced: Closure::<dyn Fn(_, _, _, _, _, _, _, _) -> _>::new(|a, b, c, d, e, f, g, h| {
                    found(&[a, b, c, d, e, f, g, h])
                })
                .into_js_value(),
            })
        }

        fn scrub(&self, text: &JsValue) -> Result<JsValue, JsValue> {
            if self.is_suspect(text)? { replace(text, &self.secrets, &self.replaced) } else { Ok(text.clone()) }
        }

        fn scrub_url(&self, url: &JsValue) -> Result<JsValue, JsValue> {
            let text = replace(url, &self.unsafe_in_url, &global_property("escape"))?;
            let out = self.scrub(&text)?;
            Ok(if out == text { url.clone() } else { out })
        }

        fn is_suspect(&self, text: &JsValue) -> Result<bool, JsValue> {
            Ok(replace(text, &self.suspect, &JsValue::NULL)? != *text)
        }

        /// Without percent-encoding, however often it was done.
        fn plain(&self, text: &JsValue) -> Result<JsValue, JsValue> {
            let once = replace(text, &self.twice_encoded, &"%".into())?;
            let plain = global_property("unescape").unchecked_into::<Function>().call1(&JsValue::UNDEFINED, &once)?;
            replace(&plain, &self.percent, &"".into())
        }

        fn is_hidden(&self, text: &JsValue) -> Result<bool, JsValue> {
            let plain = self.plain(text)?;
            Ok(self.scrub(&plain)? != plain)
        }

        fn replaced(&self, [all, media, secret, card, _, key, _, value]: &[JsValue; 8]) -> Result<JsValue, JsValue> {
            if media.is_string() {
                return Ok(media.clone());
            }
            let text = |group: &JsValue| group.as_string().unwrap_or_default();
            let (all_text, digits, mut out) = (text(all), text(card), text(key));
            let is_secret = secret.is_string();
            if !is_secret && digits.is_empty() && out.is_empty() && all_text.as_bytes().last() == Some(&b'@') {
                out.push_str(if all_text.as_bytes().first() == Some(&b'/') { "//[Filtered]:" } else { "[Filtered]:" });
                out.push_str("[Filtered]@");
            } else if is_secret
                || !out.is_empty() && self.is_suspect(&self.plain(key)?)?
                || all_text.bytes().any(|byte| byte == b'%') && self.is_hidden(all)?
                || !digits.is_empty() && is_card(digits.as_bytes())
            {
                out.push_str(FILTERED);
                out.push_str(
                    &replace(&text(value).into(), &self.ending, &"$1".into())?.as_string().unwrap_or_default(),
                );
            } else {
                return Ok(all.clone());
            }
            Ok(out.into())
        }
    }

    fn replace(text: &JsValue, pattern: &JsValue, by: &JsValue) -> Result<JsValue, JsValue> {
        text.unchecked_ref::<Text>().replace(pattern, by)
    }

    /// What cannot be looked at is not told.
    fn with(work: impl FnOnce(&Patterns) -> Result<JsValue, JsValue>) -> JsValue {
        let patterns = once(&PATTERNS, || Patterns::new().ok());
        patterns.as_ref().and_then(|patterns| work(patterns).ok()).unwrap_or_else(|| FILTERED.into())
    }

    /// What stands in the place of what `SECRETS` has found, by its groups.
    fn found(groups: &[JsValue; 8]) -> JsValue {
        with(|patterns| patterns.replaced(groups))
    }

    pub(super) fn text(text: &str) -> String {
        let text = JsValue::from(head(text));
        with(|patterns| patterns.scrub(&text)).as_string().unwrap_or_default()
    }

    pub(super) fn url(url: &str) -> String {
        let url = JsValue::from(url);
        with(|patterns| patterns.scrub_url(&url)).as_string().unwrap_or_default()
    }
}
