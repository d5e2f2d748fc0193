//! Spin variables.

use host::{Unavailable, Variables};
use spin_sdk::variables;

use crate::SpinHost;
use crate::audit::unavailable;

impl Variables for SpinHost {
    async fn variable(&self, name: &str) -> Result<Option<String>, Unavailable> {
        match variables::get(name).await {
            Ok(value) => Ok(Some(value)),
            Err(variables::Error::Undefined(_)) => Ok(None),
            Err(error) => Err(unavailable(name, &error)),
        }
    }
}
