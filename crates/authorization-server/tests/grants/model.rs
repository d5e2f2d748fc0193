//! What a grant promises, told from its whole history.
//!
//! *Invariant:* nothing of the product is used here: a grant is what happened to it, in
//! milliseconds of a clock that may step, and every rule reads that history.

use std::time::Duration;

/// How long things live.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lifetimes {
    pub(crate) code: Duration,
    pub(crate) code_repeat: Duration,
    pub(crate) grant: Duration,
    pub(crate) refresh_window: Duration,
    /// First uses of refresh tokens within one window that are told apart.
    pub(crate) most_per_window: usize,
}

/// One grant, as what happened to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Grant {
    began: u64,
    spent: Option<u64>,
    /// When each generation of refresh tokens was first used.
    first_uses: Vec<u64>,
    over: bool,
    /// Whether its access tokens are refused.
    pub(crate) marked: bool,
}

/// What is asked of a grant.
#[derive(Clone, Debug)]
pub(crate) enum Asked {
    /// Its code is presented, with all that belongs to it or with something wrong.
    Exchange(Presented),
    /// Its refresh token of a generation is presented, likewise.
    Refresh(u64, Presented),
    /// Its sign-in comes back a second time.
    SignInAgain,
}

/// What comes with a code or a refresh token.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Presented {
    Well,
    /// Something is wrong, which is refused with this error.
    Badly(&'static str),
}

/// What is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// An access token, and the refresh token of this generation.
    Tokens(u64),
    /// An error that ends what was asked.
    Refused(String),
    /// An error that says: try again.
    Later,
}

impl Answer {
    fn refused(error: &str) -> Self {
        Self::Refused(error.to_owned())
    }
}

const fn since(now: u64, earlier: u64) -> Duration {
    Duration::from_millis(now.saturating_sub(earlier))
}

impl Grant {
    pub(crate) const fn new(now: u64) -> Self {
        Self {
            began: now,
            spent: None,
            first_uses: Vec::new(),
            over: false,
            marked: false,
        }
    }

    /// The grant is ended, and so is whatever it bought.
    pub(crate) const fn end(&mut self) {
        self.marked = true;
        self.over = true;
    }

    /// What is answered, and what the grant becomes.
    pub(crate) fn answer(&mut self, asked: &Asked, now: u64, lifetimes: &Lifetimes) -> Answer {
        match asked {
            Asked::SignInAgain => Answer::refused("access_denied"),
            Asked::Exchange(Presented::Badly(error))
            | Asked::Refresh(_, Presented::Badly(error)) => Answer::refused(error),
            _ if self.over => Answer::refused("invalid_grant"),
            Asked::Exchange(Presented::Well) => self.exchange(now, lifetimes),
            Asked::Refresh(generation, Presented::Well) => {
                self.refresh(*generation, now, lifetimes)
            }
        }
    }

    fn exchange(&mut self, now: u64, lifetimes: &Lifetimes) -> Answer {
        match self.spent {
            None if since(now, self.began) <= lifetimes.code => {
                self.spent = Some(now);
                return Answer::Tokens(1);
            }
            None => {}
            Some(spent) if since(now, spent) <= lifetimes.code_repeat => {}
            Some(_) => self.end(),
        }
        Answer::refused("invalid_grant")
    }

    fn refresh(&mut self, generation: u64, now: u64, lifetimes: &Lifetimes) -> Answer {
        let used = self.first_uses.len() as u64;
        if self.spent.is_some() && now >= self.expires_at(lifetimes) {
            return Answer::refused("invalid_grant");
        }
        if self.spent.is_none() || generation > used + 1 {
            // A store that was restored from yesterday knows less than its clients.
            return Answer::Later;
        }
        if generation == used + 1 {
            let open =
                (0..self.first_uses.len()).filter(|&use_| !self.closed(use_, now, lifetimes));
            if open.count() >= lifetimes.most_per_window {
                return Answer::Later;
            }
            self.first_uses.push(now);
        } else if generation < used && self.closed(generation as usize, now, lifetimes) {
            // Its successor was used long ago, by somebody: two hold this grant.
            self.end();
            return Answer::refused("invalid_grant");
        }
        Answer::Tokens(generation + 1)
    }

    /// Whether more than a window was ever seen to pass since that first use: what the clock says
    /// now, or said at a first use after it.
    fn closed(&self, first_use: usize, now: u64, lifetimes: &Lifetimes) -> bool {
        let Some((at, later)) = self
            .first_uses
            .get(first_use..)
            .and_then(<[u64]>::split_first)
        else {
            return false;
        };
        let latest = later.iter().copied().fold(now, u64::max);
        since(latest, *at) > lifetimes.refresh_window
    }

    /// When it ends whatever happens.
    pub(crate) fn expires_at(&self, lifetimes: &Lifetimes) -> u64 {
        self.began + lifetimes.grant.as_millis() as u64
    }
}
