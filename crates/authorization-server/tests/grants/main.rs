//! The life of grants, against a model that remembers everything.
//!
//! *Invariant:* the model shares nothing with the product: it answers from a grant's history, the
//! product from a row, and both must answer alike.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a step of a story that cannot be taken has failed its test"
)]

mod application;
mod honest;
mod model;
mod request;
mod story;
mod turns;

use proptest::prelude::*;
use story::{Story, steps};

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn grants_live_and_end_as_their_history_demands(steps in steps()) {
        let mut story = Story::new()?;
        for step in &steps {
            story.tell(step)?;
        }
    }

    #[test]
    fn a_client_that_keeps_to_the_rules_is_never_signed_out(events in honest::events()) {
        let mut client = honest::Client::new();
        for event in &events {
            client.live_through(event)?;
        }
    }
}
