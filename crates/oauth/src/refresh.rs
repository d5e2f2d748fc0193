//! Which successor a refresh token has, and when presenting it again is a theft.
//!
//! A grant's refresh tokens are generations 1, 2, 3 … Presenting one yields its one successor, as
//! often as wanted until that successor is first used and for a window after, so that parallel
//! windows, lost answers and sleeping laptops sign nobody out; later, the grant has forked.
//!
//! *Invariant:* a decision is made from the row alone, and the only one that changes the row is
//! a first use, which moves it one generation on.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::timestamp::Timestamp;

/// How many first uses within one window we can tell apart. A client refreshes every few minutes;
/// one that does so twice a second for a whole minute can wait.
const MOST_PER_WINDOW: usize = 32;

/// Which generation of a grant's refresh tokens was used last, and when the recent ones first were.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Uses {
    #[serde(rename = "g")]
    latest: u64,
    #[serde(rename = "r")]
    recent: Vec<(u64, Timestamp)>,
}

/// What presenting a refresh token means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Presented {
    /// A generation that this row has never issued: the store is older than the token.
    Ahead,
    /// The first use: answer with the successor once the row has become this.
    First(Uses),
    /// A repeat that harms nobody: answer with the same successor, change nothing.
    Again,
    /// Its successor was used long ago by somebody: two hold this grant.
    Forked,
    /// More first uses within a window than we can tell apart.
    TooOften,
}

impl Presented {
    /// Whether presenting it yields its successor.
    #[must_use]
    pub const fn is_good(&self) -> bool {
        matches!(self, Self::Again | Self::First(_))
    }
}

impl Uses {
    /// The generation used last; zero before the first refresh.
    #[must_use]
    pub const fn latest(&self) -> u64 {
        self.latest
    }

    /// When a refresh token was last presented for the first time.
    #[must_use]
    pub fn last_first_use(&self) -> Option<Timestamp> {
        // The last need not be the latest: the clock may have stepped back in between.
        self.recent.iter().map(|(_, first)| *first).max()
    }

    /// Decides about a token of `generation` presented at `now`.
    #[must_use]
    pub fn present(&self, generation: u64, now: Timestamp, window: Duration) -> Presented {
        if generation == 0 || generation > self.latest.saturating_add(1) {
            return Presented::Ahead;
        }
        if generation > self.latest {
            return self.first(generation, now, window);
        }
        if generation == self.latest {
            return Presented::Again;
        }
        let successor = self.recent.iter().find(|(used, _)| *used == generation + 1);
        match successor {
            Some((_, first)) if now.since(*first) <= window => Presented::Again,
            _ => Presented::Forked,
        }
    }

    fn first(&self, generation: u64, now: Timestamp, window: Duration) -> Presented {
        let mut recent: Vec<_> = self
            .recent
            .iter()
            .copied()
            .filter(|(_, first)| now.since(*first) <= window)
            .collect();
        if recent.len() >= MOST_PER_WINDOW {
            return Presented::TooOften;
        }
        recent.push((generation, now));
        Presented::First(Self {
            latest: generation,
            recent,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const WINDOW: Duration = Duration::from_secs(60);

    fn at(seconds: u64) -> Timestamp {
        Timestamp::from_seconds(seconds)
    }

    fn used(uses: &Uses, generation: u64, seconds: u64) -> Uses {
        match uses.present(generation, at(seconds), WINDOW) {
            Presented::First(next) => next,
            other => panic!("{generation} at {seconds}: {other:?}"),
        }
    }

    #[test]
    fn a_token_may_be_repeated_until_its_successor_is_used_and_a_minute_after() {
        let uses = used(&Uses::default(), 1, 100);
        assert_eq!(
            uses.present(1, at(100_000), WINDOW),
            Presented::Again,
            "the successor is unused"
        );
        let uses = used(&uses, 2, 200);
        assert_eq!(uses.present(1, at(260), WINDOW), Presented::Again);
        assert_eq!(uses.present(1, at(261), WINDOW), Presented::Forked);
        assert_eq!(uses.present(2, at(100_000), WINDOW), Presented::Again);
        assert_eq!(uses.present(4, at(201), WINDOW), Presented::Ahead);
        assert_eq!(uses.present(0, at(201), WINDOW), Presented::Ahead);
    }

    #[test]
    fn a_quick_chain_leaves_every_window_open_for_its_own_minute() {
        let mut uses = Uses::default();
        for generation in 1..=10 {
            uses = used(&uses, generation, 100 + generation);
        }
        // The successor of 1 was first used at 102.
        assert_eq!(uses.present(1, at(162), WINDOW), Presented::Again);
        assert_eq!(uses.present(1, at(163), WINDOW), Presented::Forked);
        assert_eq!(uses.present(9, at(170), WINDOW), Presented::Again);
    }

    #[test]
    fn a_clock_that_steps_back_makes_nothing_idle() {
        let uses = used(&used(&Uses::default(), 1, 1000), 2, 400);
        assert_eq!(uses.last_first_use(), Some(at(1000)));
    }

    #[test]
    fn a_storm_is_asked_to_wait_and_the_row_stays_small() {
        let mut uses = Uses::default();
        for generation in 1..=MOST_PER_WINDOW as u64 {
            uses = used(&uses, generation, 100);
        }
        let next = MOST_PER_WINDOW as u64 + 1;
        assert_eq!(uses.present(next, at(100), WINDOW), Presented::TooOften);
        let after = used(&uses, next, 161);
        assert_eq!(after.recent.len(), 1);
    }

    proptest! {
        /// Against a model that remembers everything.
        #[test]
        fn the_row_decides_as_a_full_history_would(steps in proptest::collection::vec((0_u64..4, 0_u64..40), 1..60)) {
            let (mut uses, mut history, mut now) = (Uses::default(), Vec::<u64>::new(), 1000);
            for (back, wait) in steps {
                now += wait;
                let newest = history.len() as u64 + 1;
                let generation = newest.saturating_sub(back).max(1);
                let decision = uses.present(generation, at(now), WINDOW);
                let first_use_of = |generation: u64| history.get(generation as usize - 1).copied();
                match (first_use_of(generation), first_use_of(generation + 1)) {
                    (None, _) => match decision {
                        Presented::First(next) => { uses = next; history.push(now); }
                        Presented::TooOften => prop_assert!(history.iter().filter(|at| now - **at <= 60).count() >= MOST_PER_WINDOW),
                        other => prop_assert!(false, "{other:?}"),
                    },
                    (Some(_), None) => prop_assert_eq!(decision, Presented::Again),
                    (Some(_), Some(successor)) if now - successor <= 60 => prop_assert_eq!(decision, Presented::Again),
                    (Some(_), Some(_)) => prop_assert_eq!(decision, Presented::Forked),
                }
            }
        }
    }
}
