//! Takes secrets out of what is collected without being asked for: URLs, free text, headers. What a user has set or
//! captured never comes here. The shim's `scrub.ts` and the crate's `host/scrub.rs`, by regular expressions, are its twins;
//! `tests/fixtures/scrub.json` pins all.
//!
//! A text is read once, from left to right. Every name is passed over as a whole, so that no byte is looked at from
//! more than a few starts.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

use crate::json::{Object, Value, parse};
use crate::text::start;

/// What stands in the place of a secret.
const FILTERED: &str = "[Filtered]";

/// Bytes of a text; what follows is cut off.
const TEXT: usize = 65_536;
/// Characters of userinfo.
const USERINFO: usize = 99;
/// Objects and arrays within each other.
const DEPTH: u32 = 32;

/// Found anywhere in a name: the terms of the specification, shortened where the rest is implied.
const TERMS: [&str; 17] = [
    "auth",
    "token",
    "secret",
    "passw",
    "passph",
    "pwd",
    "key",
    "jwt",
    "bearer",
    "sso",
    "saml",
    "csrf",
    "xsrf",
    "credential",
    "sess",
    "sid",
    "identity",
];
/// Cookies whose names have none of the terms.
const COOKIES: [&str; 10] =
    ["remember", "logged_in", "nonce", "oidc", "pkce", "__host-", "__secure-", "2fa", "mfa", "cfid"];
/// Headers that speak of the user.
const EXTENDED: [&str; 5] = ["forwarded", "-ip", "remote-", "via", "-user"];

/// What becomes of the beginning of a text, up to `end`: what stands before `secret` stays, `mark` comes, and what stands
/// from `rest` on stays.
struct Step {
    secret: usize,
    mark: &'static str,
    rest: usize,
    end: usize,
}

/// Scrubs a URL of any form, also a broken one. `drop_query` cuts off query and fragment.
pub fn scrub_url(url: &str, drop_query: bool) -> String {
    let end = url.bytes().position(|byte| drop_query && matches!(byte, b'?' | b'#')).unwrap_or(url.len());
    let url = url.get(..end).unwrap_or_default();
    // As a browser would write it, for a space or a quote ends a value in free text.
    let mut text = String::new();
    for character in url.chars() {
        if matches!(character, '\0'..=' ' | '"' | '\'') {
            text.push('%');
            for digit in [u32::from(character) >> 4, u32::from(character) & 15] {
                text.push(char::from_digit(digit, 16).unwrap_or_default().to_ascii_uppercase());
            }
        } else {
            text.push(character);
        }
    }
    let out = scrub_text(&text);
    if out == text { url.to_owned() } else { out }
}

/// As much of a text as is looked at; what follows is cut off.
pub fn head(text: &str) -> &str {
    start(text, TEXT)
}

/// Scrubs free text.
pub fn scrub_text(text: &str) -> String {
    let mut out = String::new();
    let mut text = head(text);
    while !text.is_empty() {
        // What is cut out lies between bytes of ASCII, so every part is whole characters.
        let step = step(text.as_bytes());
        out.push_str(text.get(..step.secret).unwrap_or_default());
        out.push_str(step.mark);
        out.push_str(text.get(step.rest..step.end).unwrap_or_default());
        text = text.get(step.end..).unwrap_or_default();
    }
    out
}

/// Whether something is cut out of a text.
fn has_secret(mut text: &[u8]) -> bool {
    while !text.is_empty() {
        let step = step(text);
        if before(after(text, step.secret), step.rest.saturating_sub(step.secret)) != step.mark.as_bytes() {
            return true;
        }
        text = after(text, step.end);
    }
    false
}

/// Scrubs headers, cookies, a query. Without `pii` also of what speaks of the user.
pub fn scrub_object(object: &mut Object, pii: bool) {
    scrub_members(object, pii, DEPTH);
}

fn scrub_members(object: &mut Object, pii: bool, depth: u32) {
    for (name, value) in object.iter_mut() {
        let name = plain(name.as_bytes());
        if is_sensitive(&name) || has_one(&name, &COOKIES) || !pii && has_one(&name, &EXTENDED) {
            *value = FILTERED.into();
        } else {
            scrub_value(value, pii, depth);
        }
    }
}

fn scrub_value(value: &mut Value, pii: bool, depth: u32) {
    if let Value::Raw(text) = value {
        *value = parse(text).unwrap_or_else(|_| FILTERED.into());
    }
    match value {
        Value::String(text) => *text = scrub_text(text),
        Value::Object(_) | Value::Array(_) if depth == 0 => *value = FILTERED.into(),
        Value::Object(object) => scrub_members(object, pii, depth.saturating_sub(1)),
        Value::Array(items) => items.iter_mut().for_each(|item| scrub_value(item, pii, depth.saturating_sub(1))),
        _ => {}
    }
}

/// What becomes of the beginning of a text.
fn step(text: &[u8]) -> Step {
    let name = span(text, is_name);
    let stays = |end| Step { secret: end, mark: "", rest: end, end };
    let goes = |secret, end| Step { secret, mark: FILTERED, rest: end, end };
    if let Some(secret) = media_type(text) {
        let end = secret.saturating_add(span(after(text, secret), |byte| !matches!(byte, 0..=b' ' | b'"')));
        return Step { mark: "", ..goes(secret, end) };
    }
    if let Some(end) = blob(text, name) {
        return goes(0, end);
    }
    if let Some(end) = digits_of_card(text) {
        return if is_card(before(text, end)) { goes(0, end) } else { stays(end) };
    }
    if let Some((start, end)) = pair(text, name) {
        let all = before(text, end);
        if !is_suspect(&plain(before(text, start))) && !is_hidden(all) {
            return stays(end);
        }
        return Step { rest: end.saturating_sub(ending(after(all, start)).len()), ..goes(start, end) };
    }
    if let Some((secret, end)) = userinfo(text, name) {
        return Step { mark: "[Filtered]:[Filtered]@", ..goes(secret, end) };
    }
    let end = name.max(1);
    if is_hidden(before(text, end)) { goes(0, end) } else { stays(end) }
}

/// A `data:` URL, up to the end of its media type.
fn media_type(text: &[u8]) -> Option<usize> {
    let rest = after_word(text, "data:")?;
    let main = span(rest, is_word);
    let sub = after(rest, main.saturating_add(1));
    match rest.get(main) {
        Some(b'/') if main > 0 => {
            let sub = span(sub, |byte| is_word(byte) || matches!(byte, b'.' | b'+' | b'-'));
            Some(main.saturating_add(sub).saturating_add(6))
        }
        Some(b',' | b';') if main == 0 => Some(5),
        _ => None,
    }
}

/// A key in PEM, as far as the text or the string in it goes; a JWT.
fn blob(text: &[u8], name: usize) -> Option<usize> {
    for at in 0..name {
        if let Some(label) = after_word(after(text, at), "---begin") {
            for skipped in (0..=span(label, |byte| is_word(byte) || byte == b' ').min(30)).rev() {
                if let Some(body) = after_word(after(label, skipped), "key") {
                    let rest = after(body, span(body, |byte| !is_quote(byte)));
                    return Some(text.len().saturating_sub(rest.len()));
                }
            }
        }
    }
    (after_word(text, "eyj").map(|rest| span(rest, is_word))? >= 9).then_some(name)
}

/// Digits grouped as those of a card's number are, or not grouped.
fn digits_of_card(text: &[u8]) -> Option<usize> {
    let digits = |at: usize, count: usize| {
        let all = span(before(after(text, at), count), |byte| byte.is_ascii_digit()) == count;
        all.then(|| at.saturating_add(count))
    };
    matches!(text.first(), Some(b'2'..=b'6')).then_some(())?;
    let first = digits(0, 4)?;
    let gap = after(text, first).get(..1).filter(|byte| matches!(byte, [b' ' | b'-'])).unwrap_or_default();
    let next = |at: usize| at.saturating_add(if after(text, at).starts_with(gap) { gap.len() } else { 0 });
    for second in [6, 5, 4] {
        for third in [5, 4] {
            let Some(end) = digits(next(first), second) else { continue };
            let Some(end) = after(text, end).starts_with(gap).then(|| next(end)).and_then(|end| digits(end, third))
            else {
                continue;
            };
            let ends = |end: &usize| !text.get(*end).copied().is_some_and(is_word);
            if let Some(end) = [4, 3, 2, 1].into_iter().filter_map(|last| digits(next(end), last)).find(ends) {
                return Some(end);
            }
        }
    }
    None
}

/// Luhn's check. A digit that counts twice counts by the sum of its double's digits.
pub fn is_card(text: &[u8]) -> bool {
    let mut sum = 0_u32;
    let mut twice = false;
    for byte in text.iter().rev().filter(|byte| byte.is_ascii_digit()) {
        let digit = u32::from(byte & 15);
        let double = digit.wrapping_mul(2);
        sum = sum.wrapping_add(match (twice, double) {
            (false, _) => digit,
            (true, 0..10) => double,
            (true, _) => double.wrapping_sub(9),
        });
        twice = !twice;
    }
    sum.is_multiple_of(10)
}

/// A sensitive name, or an encoded one, and its value: where the value begins and ends.
fn pair(text: &[u8], name: usize) -> Option<(usize, usize)> {
    let (word, rest) = (before(text, name), after(text, name));
    let encoded = |two: &[u8]| matches!(two, [b'%', b'2'..=b'7']);
    // An error's message is not the value of its class.
    let thrown = rest.first() == Some(&b':') && last(word, 5).eq_ignore_ascii_case(b"error");
    if (is_sensitive(word) || word.windows(2).any(encoded))
        && !thrown
        && !is_place(rest)
        && let Some(sign) = sign(rest)
    {
        let least = name.saturating_add(sign);
        let signs = span(after(text, least), |byte| matches!(byte, b' ' | b'\t' | b'=' | b'>'));
        for more in (0..=signs).rev() {
            let start = least.saturating_add(more);
            if let Some((quote, value)) = value(after(text, start)) {
                let start = start.saturating_add(quote);
                return Some((start, start.saturating_add(value)));
            }
        }
    }
    let rest = after_word(text, "bearer")?;
    let spaces = span(rest, |byte| byte == b' ');
    if spaces == 0 {
        return None;
    }
    let rest = after(rest, spaces);
    // Looked at first: the value may reach far.
    if !before(rest, span(rest, |byte| !byte.is_ascii_whitespace())).iter().any(u8::is_ascii_digit) {
        return None;
    }
    let value = unquoted(rest);
    let start = spaces.saturating_add(6);
    (value > 0).then_some((start, start.saturating_add(value)))
}

/// Whether a text goes on with a `:` that is that of a position, a port, a scheme, a path.
fn is_place(text: &[u8]) -> bool {
    after_word(text, ":").is_some_and(|rest| {
        let digits = span(rest, |byte| byte.is_ascii_digit());
        matches!(rest.first(), Some(b':' | b'/'))
            || (1..=5).contains(&digits) && !rest.get(digits).copied().is_some_and(is_word)
            || after_word(rest, "wasm-f").is_some()
    })
}

/// What makes a name of the text before it: escaped quotes, brackets, `=` or `:`.
fn sign(text: &[u8]) -> Option<usize> {
    let mut rest = text;
    // No more brackets than any program writes, for this is asked at every name.
    for _ in 0..8 {
        rest = after(rest, span(rest, |byte| matches!(byte, b'\\' | b'"' | b'\'' | b']')));
        let Some(index) = after_word(rest, "[") else { break };
        let Some(more) = after_word(after(index, span(index, is_word)), "]") else { break };
        rest = more;
    }
    rest = after(rest, span(rest, |byte| matches!(byte, b' ' | b'\t')));
    matches!(rest.first(), Some(b'=' | b':')).then(|| text.len().saturating_sub(rest.len()).saturating_add(1))
}

/// A value at the beginning of a text: the length of the quote before it, and its own.
fn value(text: &[u8]) -> Option<(usize, usize)> {
    let slashes = span(text, |byte| byte == b'\\');
    if text.get(slashes).copied().is_some_and(is_quote) {
        let quote = slashes.saturating_add(1);
        let rest = after(text, quote);
        let value = match quoted(rest, before(text, quote)) {
            0 => unquoted(rest),
            value => value,
        };
        if value > 0 {
            return Some((quote, value));
        }
    }
    match unquoted(text) {
        0 => None,
        value => Some((0, value)),
    }
}

/// Up to a quote that is escaped as often as the first one.
fn quoted(text: &[u8], quote: &[u8]) -> usize {
    let mut rest = text;
    while !rest.starts_with(quote) {
        let slashes = span(rest, |byte| byte == b'\\');
        match rest.get(slashes) {
            None | Some(b'\n') => break,
            Some(_) => rest = after(rest, slashes.saturating_add(1)),
        }
    }
    text.len().saturating_sub(rest.len())
}

/// Up to a space or a quote, after an authentication scheme, where there is one.
fn unquoted(text: &[u8]) -> usize {
    let word = span(text, is_word);
    let spaces = span(after(text, word), |byte| byte == b' ');
    let scheme = before(text, word);
    if spaces > 0
        && (after_word(scheme, "b").is_some_and(|more| !more.is_empty()) || scheme.eq_ignore_ascii_case(b"token"))
    {
        let start = word.saturating_add(spaces);
        let value = unspaced(after(text, start));
        if value > 0 {
            return start.saturating_add(value);
        }
    }
    unspaced(text)
}

/// Up to a space or the fragment of a URL. Brackets are passed over up to the one that closes them.
fn unspaced(text: &[u8]) -> usize {
    let mut rest = text;
    while let Some(byte) = rest.first() {
        let behind = after(rest, 1);
        let fragment = || {
            let name = span(behind, |byte| is_word(byte) || byte == b'-');
            behind.first() == Some(&b'/') || behind.get(name) == Some(&b'=')
        };
        rest = match byte {
            b'{' => after(rest, span(rest, |byte| byte != b'}')),
            b'[' => after(rest, span(rest, |byte| byte != b']')),
            0..=b' ' | b'"' | b'\'' | b'&' | b';' => break,
            b'#' if fragment() => break,
            _ => behind,
        };
    }
    text.len().saturating_sub(rest.len())
}

/// The position in a script with which a value ends, and the punctuation behind it.
fn ending(value: &[u8]) -> &[u8] {
    let marks = last(value, 2).iter().rev().take_while(|byte| matches!(byte, b')' | b',' | b'.')).count();
    let end = value.len().saturating_sub(marks);
    let mut start = end;
    for _ in 0..2 {
        let digits = before(value, start).iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
        start = start.saturating_sub(digits).saturating_sub(1);
        if digits == 0 || value.get(start) != Some(&b':') {
            return after(value, end);
        }
    }
    after(value, start)
}

/// The userinfo of a URL, with or without a scheme: so much of the text stays, and so far it reaches.
fn userinfo(text: &[u8], name: usize) -> Option<(usize, usize)> {
    let bare = name > 0 && text.get(name) == Some(&b':') && after_word(text, "mailto:").is_none();
    let kept = if bare { 0 } else { text.starts_with(b"//").then_some(2)? };
    let start = if bare { name.saturating_add(1) } else { kept };
    let mut characters = 0_usize;
    let mut found = None;
    for (byte, at) in after(text, start).iter().zip(start..) {
        match byte {
            0..=b' ' | b'"' | b'#' | b'/' | b'<' | b'>' | b'?' | b'\\' => break,
            _ if characters > USERINFO => break,
            b'@' if characters > 0 => found = Some((kept, at.saturating_add(1))),
            _ => {}
        }
        characters = characters.saturating_add(usize::from(starts_character(*byte)));
    }
    found
}

fn is_sensitive(name: &[u8]) -> bool {
    has_one(name, &TERMS) || has_word(name, "cookie", false) || has_word(name, "sig", true)
}

/// Whether there may be a secret in a text. It may be wrong when it says yes.
fn is_suspect(text: &[u8]) -> bool {
    let number = |at: usize| {
        let (first, rest) = (before(after(text, at), 4), after(text, at.saturating_add(4)));
        let rest = after(rest, usize::from(matches!(rest.first(), Some(b' ' | b'-'))));
        span(first, |byte| byte.is_ascii_digit()) == 4 && span(before(rest, 4), |byte| byte.is_ascii_digit()) == 4
    };
    is_sensitive(text) || has_byte(text, b'@') || has_one(text, &["eyj", "data:"]) || (0..text.len()).any(number)
}

/// Whether there is a secret in what is encoded.
fn is_hidden(text: &[u8]) -> bool {
    has_byte(text, b'%') && has_secret(&plain(text))
}

/// Without percent-encoding, however often it was done, and so never encoded again. Bytes stay bytes: the terms are
/// ASCII.
fn plain(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some((byte, more)) = rest.split_first() {
        rest = more;
        if *byte != b'%' {
            out.push(*byte);
            continue;
        }
        while let Some(more) = after_word(rest, "25") {
            rest = more;
        }
        // `%uXXXX` is an old form that some programs still read.
        let digits = if after_word(rest, "u").is_some() { 1..5 } else { 0..2 };
        let end = digits.end;
        let number = rest.get(digits).and_then(|digits| {
            digits.iter().try_fold(0_u32, |number, digit| Some(number << 4 | char::from(*digit).to_digit(16)?))
        });
        if let Some(number) = number {
            rest = after(rest, end);
            out.extend((number != 37).then(|| u8::try_from(number).unwrap_or(u8::MAX)));
        }
    }
    out
}

/// The standard library's own way is made for long texts.
fn has_byte(text: &[u8], byte: u8) -> bool {
    text.iter().copied().any(|other| other == byte)
}

fn has_one(text: &[u8], terms: &[&str]) -> bool {
    terms.iter().any(|term| text.windows(term.len().max(1)).any(|part| part.eq_ignore_ascii_case(term.as_bytes())))
}

/// Whether a text has a term that no letter follows; `whole`: and none comes before.
fn has_word(text: &[u8], term: &str, whole: bool) -> bool {
    (0..text.len()).any(|at| {
        after_word(after(text, at), term).is_some_and(|rest| !rest.first().copied().is_some_and(is_word))
            && !(whole && before(text, at).last().copied().is_some_and(is_word))
    })
}

/// The bytes that names are made of.
const fn is_name(byte: u8) -> bool {
    !matches!(byte, 0..=b'#' | b'&'..=b')' | b',' | b'/' | b':'..=b'@' | b'['..=b']' | b'{'..=b'}')
}

const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

const fn is_quote(byte: u8) -> bool {
    matches!(byte, b'"' | b'\'')
}

const fn starts_character(byte: u8) -> bool {
    byte & 0xC0 != 0x80
}

/// How many bytes at the beginning fit.
fn span(text: &[u8], fits: fn(u8) -> bool) -> usize {
    text.iter().position(|byte| !fits(*byte)).unwrap_or(text.len())
}

fn before(text: &[u8], at: usize) -> &[u8] {
    text.get(..at).unwrap_or(text)
}

fn after(text: &[u8], at: usize) -> &[u8] {
    text.get(at..).unwrap_or_default()
}

fn last(text: &[u8], count: usize) -> &[u8] {
    after(text, text.len().saturating_sub(count))
}

/// What follows a word with which a text begins, in whatever case.
fn after_word<'a>(text: &'a [u8], word: &str) -> Option<&'a [u8]> {
    before(text, word.len()).eq_ignore_ascii_case(word.as_bytes()).then(|| after(text, word.len()))
}
