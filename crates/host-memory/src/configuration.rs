//! Files in a map.

use host::Configuration;

use crate::MemoryHost;

impl MemoryHost {
    /// Mounts a file.
    pub fn set_file(&self, path: &str, text: &str) {
        let mut files = self.state.files.borrow_mut();
        files.insert(path.to_owned(), text.to_owned());
    }
}

impl Configuration for MemoryHost {
    async fn file(&self, path: &str) -> Option<String> {
        self.state.files.borrow().get(path).cloned()
    }
}
