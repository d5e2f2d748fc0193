//! Spin variables.

use host::Variables;
use spin_sdk::variables;

use crate::SpinHost;

impl Variables for SpinHost {
    async fn variable(&self, name: &str) -> Option<String> {
        match variables::get(name).await {
            Ok(value) => Some(value),
            Err(variables::Error::Undefined(_)) => None,
            Err(error) => {
                eprintln!("the variable `{name}` cannot be read: {error}");
                None
            }
        }
    }
}
