//! The panic hook.

use std::panic::PanicHookInfo;
use std::sync::Once;

/// Installs a hook, once, that prints the panic as `console_error_panic_hook` does and hands the message on. For the npm
/// module, in which a panic is our own failure.
#[cfg(feature = "npm")]
pub(crate) fn report_to(report: fn(&str)) {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        std::panic::set_hook(Box::new(move |info: &PanicHookInfo<'_>| {
            console_error_panic_hook::hook(info);
            report(&info.to_string());
        }));
    });
}
