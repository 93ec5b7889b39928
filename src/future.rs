//! Scopes of tasks: a task's scope is current while the task is polled, and at no other time.

use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll};

use tailcone_core::Scope;

use crate::hub;

/// What every future can do with scopes.
///
/// ```
/// use tailcone::{FutureExt, Scope};
///
/// async fn load(page: u32) -> u32 {
///     page * 2
/// }
///
/// let mut scope = Scope::new();
/// scope.set_tag("page", "3");
/// let task = load(3).bind_scope(scope);
/// # let mut context = std::task::Context::from_waker(std::task::Waker::noop());
/// # assert_eq!(std::pin::pin!(task).poll(&mut context), std::task::Poll::Ready(6));
/// ```
pub trait FutureExt: Future + Sized {
    /// Runs with a scope of its own, laid over those that are current now. What the future sets stays with it, however
    /// its steps and those of others take turns.
    ///
    /// ```
    /// use tailcone::{FutureExt, Scope};
    ///
    /// async fn order() {
    ///     tailcone::configure_scope(|scope| { scope.set_tag("order", "7"); });
    /// }
    ///
    /// let task = order().bind_scope(Scope::new());
    /// # drop(task);
    /// ```
    fn bind_scope(self, scope: Scope) -> BindScope<Self> {
        let mut layers = hub::with(|hub| hub.layers.get(1..).map(<[Scope]>::to_vec)).flatten().unwrap_or_default();
        layers.push(scope);
        BindScope { future: Box::pin(self), layers }
    }
}

impl<F: Future> FutureExt for F {}

/// A future with a scope of its own; see [`FutureExt::bind_scope`].
///
/// ```
/// use std::future::Ready;
///
/// use tailcone::{BindScope, FutureExt, Scope};
///
/// /// A request that is under way, and what is known of it.
/// struct UnderWay {
///     answer: BindScope<Ready<u16>>,
/// }
///
/// let request = UnderWay { answer: std::future::ready(200).bind_scope(Scope::new()) };
/// # drop(request.answer);
/// ```
#[derive(Debug)]
#[must_use = "futures do nothing unless they are polled"]
pub struct BindScope<F> {
    future: Pin<Box<F>>,
    /// All but the global scope.
    layers: Vec<Scope>,
}

impl<F> BindScope<F> {
    /// Runs with a scope that is laid over the global one only.
    #[cfg(feature = "worker")]
    pub(crate) fn alone(future: F, scope: Scope) -> Self {
        Self { future: Box::pin(future), layers: vec![scope] }
    }
}

impl<F: Future> Future for BindScope<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        /// Puts back what was there before, also when the future unwinds.
        struct Swapped<'a>(&'a mut Vec<Scope>);
        impl Drop for Swapped<'_> {
            fn drop(&mut self) {
                swap(self.0);
            }
        }
        let Self { future, layers } = &mut *self;
        swap(layers);
        let _swapped = Swapped(layers);
        future.as_mut().poll(context)
    }
}

/// Exchanges the layers over the global scope.
fn swap(layers: &mut Vec<Scope>) {
    hub::with(|hub| {
        let others = hub.layers.split_off(1.min(hub.layers.len()));
        hub.layers.append(&mut mem::replace(layers, others));
    });
}
