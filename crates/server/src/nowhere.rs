//! Where a server without tasks keeps them.
//!
//! *Invariant:* there is no such place, so nothing that this says is ever heard; and what cannot be
//! reached is no part of the component.

use host::{Begun, Stepped, TaskRow, Tasks, Unavailable};
use oauth::Timestamp;

/// No place.
pub(crate) enum Nowhere {}

impl Tasks for Nowhere {
    async fn begin_task(&self, _: &TaskRow, _: Timestamp) -> Result<Begun, Unavailable> {
        match *self {}
    }

    async fn find_task(&self, _: &str) -> Result<Option<TaskRow>, Unavailable> {
        match *self {}
    }

    async fn step_task(&self, _: &str, _: u64, _: &str) -> Result<Stepped, Unavailable> {
        match *self {}
    }

    async fn sweep_tasks(&self, _: Timestamp, _: u32) -> Result<(), Unavailable> {
        match *self {}
    }
}
