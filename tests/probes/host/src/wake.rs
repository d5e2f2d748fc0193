//! One request wakes another of the same instance.
//!
//! *Invariant:* the signal is a stream of the component model, which every host can wait for. A
//! waker made in Rust alone would need wit-bindgen's `inter-task-wakeup`, and that cancels a read
//! that is still in a waitable set: hosts on wasmtime 48 trap on it (component-model #647).

use bindings::wit_stream;
use wit_bindgen::{StreamReader, StreamResult, StreamWriter};

mod bindings {
    wit_bindgen::generate!({
        inline: "
            package probe:wake@0.1.0;
            // Never called: it names the one type of stream whose both ends may be in one instance.
            interface signal { watch: func() -> stream; }
            world waker { import signal; }
        ",
    });
}

/// The end that wakes.
pub(crate) struct Waker(StreamWriter<()>);

/// The end that waits.
pub(crate) struct Signal(StreamReader<()>);

/// A signal and what gives it.
pub(crate) fn pair() -> (Waker, Signal) {
    let (writer, reader) = wit_stream::new();
    (Waker(writer), Signal(reader))
}

impl Waker {
    /// Wakes who waits, unless nobody does any more.
    pub(crate) async fn wake(mut self) -> bool {
        let (result, _) = self.0.write(vec![()]).await;
        result == StreamResult::Complete(1)
    }
}

impl Signal {
    /// Waits, and tells whether somebody gave the signal before it was dropped.
    pub(crate) async fn woken(mut self) -> bool {
        let (result, _) = self.0.read(Vec::with_capacity(1)).await;
        result == StreamResult::Complete(1)
    }
}
