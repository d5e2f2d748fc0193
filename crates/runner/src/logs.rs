//! Where components' standard output and error go: a file each, and this process's own.
//!
//! *Invariant:* a guest that writes never fails because a log cannot be written.

use std::{
    fs::{File, OpenOptions},
    io::Write as _,
    path::Path,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use tokio::io::AsyncWrite;
use wasmtime_wasi::cli::{IsTerminal, StdoutStream};

use crate::LoadRefused;

/// The two logs of a component.
#[derive(Debug)]
pub(crate) struct Logs {
    pub(crate) stdout: Log,
    pub(crate) stderr: Log,
}

/// One log: lines are appended to its file and shown on standard error.
#[derive(Debug, Clone)]
pub(crate) struct Log(Arc<File>);

impl Logs {
    /// Opens `<state>/logs/<component>_{stdout,stderr}.txt`, as Spin names them.
    pub(crate) fn open(state_dir: &Path, component: &str) -> Result<Self, LoadRefused> {
        let folder = state_dir.join("logs");
        let open = |stream: &str| {
            let path = folder.join(format!("{component}_{stream}.txt"));
            let file = OpenOptions::new().create(true).append(true).open(&path);
            file.map(|file| Log(Arc::new(file)))
                .map_err(|source| LoadRefused::StateFolder { path, source })
        };
        std::fs::create_dir_all(&folder).map_err(|source| LoadRefused::StateFolder {
            path: folder.clone(),
            source,
        })?;
        Ok(Self {
            stdout: open("stdout")?,
            stderr: open("stderr")?,
        })
    }
}

impl IsTerminal for Log {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdoutStream for Log {
    fn async_stream(&self) -> Box<dyn AsyncWrite + Send + Sync> {
        Box::new(self.clone())
    }
}

impl AsyncWrite for Log {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        // Appending a line is quick and a full disk is no reason to fail a request.
        drop((&*self.0).write_all(bytes));
        drop(std::io::stderr().write_all(bytes));
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
