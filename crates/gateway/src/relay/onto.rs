//! Where what a server says goes, and what a client can be asked there.
//!
//! *Invariant:* a client is asked only where its session says who may answer.

use std::time::Duration;

use bytes::Bytes;
use host::{Address, Clock, Mail, Mailbox, Mailed, Unavailable};
use mcp::ClientCapabilities;
use oauth::Timestamp;

use crate::exchange::Exchange;

/// How a client hears what a server says.
#[derive(Clone, Debug)]
pub(crate) enum Reply {
    /// In the answer to its request, which may become a stream.
    Here,
    /// On a stream that is held already; the answer to the request says only that it was taken.
    Onto(Onto),
    /// In the answer to its request, which is one text: nothing can be said before, or asked.
    Whole,
}

/// A stream that is held.
#[derive(Clone, Debug)]
pub(crate) struct Onto {
    /// Whose mail is written on it.
    pub(crate) stream: Address,
    /// Whether it is there for this one request.
    pub(crate) ends: bool,
    /// Whether its reader may take it up again where it broke off.
    pub(crate) kept: bool,
    /// How the client is asked, if it can be.
    pub(crate) asking: Option<Asking>,
}

/// What it takes to ask a client.
#[derive(Clone, Debug)]
pub(crate) struct Asking {
    /// Whose answers count.
    pub(crate) session: Address,
    /// What it can be asked.
    pub(crate) client: ClientCapabilities,
    /// Its request.
    pub(crate) request: Bytes,
    /// How often it has been asked.
    pub(crate) round: u8,
    /// When its stream is over.
    pub(crate) until: Timestamp,
}

/// What its stream has not taken by then is lost: the client has given up. For as long it is kept for
/// a client that was cut off, and no longer, since an answer may be large.
const DEADLINE: Duration = Duration::from_mins(1);

/// The name of what is said when a call that outlives its streams is never answered.
pub(crate) const NEVER: &str = "never";

impl Asking {
    /// The client of this exchange, on a stream that is held until then.
    pub(crate) fn of<H>(exchange: &Exchange<'_, H>, until: Timestamp) -> Option<Self> {
        let conversation = exchange.conversation.as_ref()?;
        Some(Self {
            session: conversation.session.address(),
            client: conversation.client.capabilities.clone(),
            request: exchange.body.clone(),
            round: exchange.resumed.as_ref().map_or(0, |resumed| resumed.round),
            until,
        })
    }
}

impl Onto {
    /// Says something on the way.
    pub(crate) async fn say<H: Clock + Mailbox>(
        &self,
        host: &H,
        text: &str,
    ) -> Result<Mailed, Unavailable> {
        let mail = Mail::until(host.now().plus(DEADLINE), text);
        host.mail(&self.stream, mail.kept(self.kept)).await
    }

    /// Says the last of what there is to say.
    pub(crate) async fn say_last<H: Clock + Mailbox>(
        &self,
        host: &H,
        response: &[u8],
    ) -> Result<Mailed, Unavailable> {
        if self.kept {
            host.withdraw(&self.stream, NEVER).await?;
        }
        let text = String::from_utf8_lossy(response);
        let mail = Mail::until(host.now().plus(DEADLINE), &text);
        let mail = mail.last(self.ends).kept(self.kept);
        host.mail(&self.stream, mail).await
    }

    /// Says that it was the last at `due`, unless `name` is withdrawn before.
    pub(crate) async fn say_last_unless<H: Clock + Mailbox>(
        &self,
        host: &H,
        (name, due): (&str, Timestamp),
        response: &[u8],
    ) -> Result<Mailed, Unavailable> {
        let text = String::from_utf8_lossy(response);
        let mail = Mail::until(due.plus(DEADLINE), &text);
        let mail = mail.last(self.ends).kept(self.kept);
        host.mail(&self.stream, mail.unless(name, due)).await
    }
}
