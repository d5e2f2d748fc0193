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
    pub(crate) grant_idle: Duration,
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
    pub(crate) over: bool,
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
    /// A refresh token is given back, likewise.
    Revoke(Presented),
    /// Its sign-in comes back a second time.
    SignInAgain,
}

/// What comes with a code or a refresh token.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Presented {
    Well,
    Badly,
}

/// What is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// An access token, and the refresh token of this generation.
    Tokens(u64),
    /// An error that ends what was asked.
    Refused,
    /// An error that says: try again.
    Later,
    /// Nothing but that it is done.
    Done,
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
            // Whether a token was one is not told.
            Asked::Revoke(presented) => {
                if matches!(presented, Presented::Well) {
                    self.end();
                }
                Answer::Done
            }
            Asked::SignInAgain
            | Asked::Exchange(Presented::Badly)
            | Asked::Refresh(_, Presented::Badly) => Answer::Refused,
            _ if self.over => Answer::Refused,
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
        Answer::Refused
    }

    fn refresh(&mut self, generation: u64, now: u64, lifetimes: &Lifetimes) -> Answer {
        let Some(spent) = self.spent else {
            // A store that was restored from yesterday knows less than its clients.
            return Answer::Later;
        };
        let used = self.first_uses.len() as u64;
        let last_use = self.first_uses.iter().copied().fold(spent, u64::max);
        if now >= self.expires_at(lifetimes) || since(now, last_use) > lifetimes.grant_idle {
            return Answer::Refused;
        }
        if generation > used + 1 {
            return Answer::Later;
        }
        if generation == used + 1 {
            let open = (0..self.first_uses.len()).filter(|&at| !self.closed(at, now, lifetimes));
            if open.count() >= lifetimes.most_per_window {
                return Answer::Later;
            }
            self.first_uses.push(now);
        } else if generation < used && self.closed(generation as usize, now, lifetimes) {
            // Its successor was used long ago, by somebody: two hold this grant.
            self.end();
            return Answer::Refused;
        }
        Answer::Tokens(generation + 1)
    }

    /// Whether its row may be swept: nothing of it can count any more.
    pub(crate) fn may_be_swept(&self, now: u64, lifetimes: &Lifetimes) -> bool {
        let late = since(now, self.began) > lifetimes.code;
        self.over || (self.spent.is_none() && late) || now >= self.expires_at(lifetimes)
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
