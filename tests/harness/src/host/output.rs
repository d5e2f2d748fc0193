//! What a host prints, and when it starts to serve.
//!
//! *Invariant:* both pipes are read until they close, so that no host waits for a reader.

use std::{
    io::{BufRead, BufReader, Read},
    net::SocketAddr,
    process::Child,
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{self, Receiver},
    },
    thread::{self, JoinHandle},
};

pub(super) enum Started {
    Serving(SocketAddr),
    Ended,
}

#[derive(Debug)]
pub(super) struct Output {
    text: Arc<Mutex<String>>,
    readers: Vec<JoinHandle<()>>,
}

impl Output {
    /// Follows the pipes of a process, and tells the first address that it says to serve.
    pub(super) fn of(child: &mut Child) -> (Self, Receiver<Started>) {
        let text = Arc::new(Mutex::new(String::new()));
        let (started, receiver) = mpsc::channel();
        let mut readers = Vec::new();
        if let Some(stderr) = child.stderr.take() {
            let text = Arc::clone(&text);
            readers.push(thread::spawn(move || follow(stderr, &text, |_| {})));
        }
        if let Some(stdout) = child.stdout.take() {
            let text = Arc::clone(&text);
            readers.push(thread::spawn(move || {
                // Nobody listens any more once the host is known to serve.
                follow(stdout, &text, |line| {
                    if let Some(address) = served(line) {
                        let _ = started.send(Started::Serving(address));
                    }
                });
                let _ = started.send(Started::Ended);
            }));
        }
        (Self { text, readers }, receiver)
    }

    /// What was printed so far.
    pub(super) fn text(&self) -> String {
        self.text
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Everything that was printed, once the process has ended.
    pub(super) fn whole(&mut self) -> String {
        for reader in self.readers.drain(..) {
            // A reader that panicked has nothing more to say.
            let _ = reader.join();
        }
        self.text()
    }
}

fn follow(pipe: impl Read, text: &Mutex<String>, mut each: impl FnMut(&str)) {
    let mut pipe = BufReader::new(pipe);
    let mut line = Vec::new();
    while let Ok(1..) = pipe.read_until(b'\n', &mut line) {
        let printed = String::from_utf8_lossy(&line);
        each(&printed);
        text.lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push_str(&printed);
        line.clear();
    }
}

/// The address in `Serving http://127.0.0.1:3000`, colours and all.
fn served(line: &str) -> Option<SocketAddr> {
    let (_, rest) = line.split_once("Serving")?;
    let (_, rest) = rest.split_once("http://")?;
    let end = rest.find(|c: char| !(c.is_ascii_hexdigit() || ".:[]".contains(c)));
    rest.get(..end.unwrap_or(rest.len()))?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_found_whatever_surrounds_it() {
        for line in [
            "Serving http://127.0.0.1:3000",
            "  Serving http://127.0.0.1:3000/\n",
            "\u{1b}[1mServing http://127.0.0.1:3000\u{1b}[0m",
            "\u{1b}[1;36mServing\u{1b}[0m http://127.0.0.1:3000",
        ] {
            assert_eq!(served(line), "127.0.0.1:3000".parse().ok(), "{line}");
        }
    }

    #[test]
    fn other_lines_tell_no_address() {
        for line in [
            "Serving",
            "Serving http://somewhere",
            "http://127.0.0.1:3000",
        ] {
            assert_eq!(served(line), None, "{line}");
        }
    }
}
