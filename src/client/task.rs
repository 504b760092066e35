//! Futures as promises. They are polled from `tasks.js` alone, so that a trap is caught there: an executor whose queue belongs
//! to somebody else would make it an uncaught exception and leave the promises of all calls unsettled.

use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

use js_sys::Promise;
use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/client/tasks.js")]
extern "C" {
    /// Polls the task at once and then whenever it is woken, until it is settled.
    #[wasm_bindgen(js_name = run)]
    fn run_task(task: Task) -> Promise;

    /// The same, for nobody.
    #[wasm_bindgen(js_name = spawn)]
    fn spawn_task(task: Task);

    fn wake(id: u32);

    fn settle(id: u32, is_ok: bool, value: JsValue);

    /// What a promise comes to.
    type Outcome;

    /// Has the task that is being polled go on when the promise is settled.
    fn awaited(promise: &Promise) -> Outcome;

    /// `None` until it is settled.
    #[wasm_bindgen(method, getter, js_name = isOk)]
    fn is_ok(this: &Outcome) -> Option<bool>;

    #[wasm_bindgen(method, getter)]
    fn value(this: &Outcome) -> JsValue;

    /// What the package's entries call when they enter the module, and to learn that an instance was lost.
    #[wasm_bindgen(js_name = supervised, reexport)]
    fn reexported_supervised(enter: &JsValue) -> JsValue;

    #[wasm_bindgen(js_name = onTrap, reexport)]
    fn reexported_on_trap(replace: &JsValue);
}

type LocalFuture = Pin<Box<dyn Future<Output = Result<JsValue, JsValue>>>>;

/// A call's future.
#[wasm_bindgen(skip_typescript)]
pub struct Task(Cell<Option<LocalFuture>>);

#[wasm_bindgen]
impl Task {
    /// Polls the future until it waits for something or has ended. Returns the number of memory pages.
    #[wasm_bindgen(skip_typescript)]
    pub fn poll(&self, id: u32) -> usize {
        if let Some(mut future) = self.0.take() {
            let waker = Waker::from(Arc::new(TaskWaker(id)));
            match future.as_mut().poll(&mut Context::from_waker(&waker)) {
                Poll::Ready(Ok(value)) => settle(id, true, value),
                Poll::Ready(Err(error)) => settle(id, false, error),
                Poll::Pending => self.0.set(Some(future)),
            }
        }
        #[cfg(target_arch = "wasm32")]
        return std::arch::wasm32::memory_size(0);
        #[cfg(not(target_arch = "wasm32"))]
        0
    }
}

struct TaskWaker(u32);

impl Wake for TaskWaker {
    fn wake(self: Arc<Self>) {
        wake(self.0);
    }
}

/// Runs a future whose outcome nobody awaits.
pub(super) fn spawn(future: impl Future<Output = Result<JsValue, JsValue>> + 'static) {
    spawn_task(Task(Cell::new(Some(Box::pin(future)))));
}

/// Runs a future as a promise.
pub(super) fn run(future: impl Future<Output = Result<JsValue, JsValue>> + 'static) -> Promise {
    run_task(Task(Cell::new(Some(Box::pin(future)))))
}

/// Awaits a promise, in a task.
pub(super) async fn result_of(promise: &Promise) -> Result<JsValue, JsValue> {
    let outcome = awaited(promise);
    let poll = |_: &mut Context<'_>| match outcome.is_ok() {
        Some(true) => Poll::Ready(Ok(outcome.value())),
        Some(false) => Poll::Ready(Err(outcome.value())),
        None => Poll::Pending,
    };
    poll_fn(poll).await
}
