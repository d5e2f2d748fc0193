//! `spin:key-value@3.0.0` and its WASI 0.2 predecessor.
//!
//! *Invariant:* a label that the manifest does not grant is `access-denied`, whether it exists
//! or not.

use wasmtime::component::{Accessor, FutureReader, Resource, StreamReader};

use super::Data;
use crate::{
    bindings::{
        key_value::{self, Error},
        key_value_p2,
    },
    guest::Guest,
    key_value::OpenStore,
};

/// Stores that one instance may hold open, as on Spin.
const MAX_OPEN: u32 = 256;

impl Guest {
    fn open_store(&mut self, label: &str) -> Result<Resource<OpenStore>, Error> {
        let file = self
            .grants
            .stores
            .get(label)
            .ok_or(Error::AccessDenied)?
            .clone();
        if self.open_stores >= MAX_OPEN {
            return Err(Error::StoreTableFull);
        }
        let store = self
            .table
            .push(OpenStore::new(file, label))
            .map_err(|_| Error::StoreTableFull)?;
        self.open_stores += 1;
        Ok(store)
    }

    fn drop_store(&mut self, store: Resource<OpenStore>) -> wasmtime::Result<()> {
        self.open_stores = self.open_stores.saturating_sub(1);
        self.table.delete(store)?;
        Ok(())
    }

    fn store(&self, store: &Resource<OpenStore>) -> Result<OpenStore, String> {
        self.table
            .get(store)
            .cloned()
            .map_err(|error| error.to_string())
    }
}

fn opened(
    accessor: &Accessor<Guest, Data>,
    store: &Resource<OpenStore>,
) -> Result<OpenStore, Error> {
    accessor
        .with(|mut access| access.get().store(store))
        .map_err(Error::Other)
}

impl key_value::Host for Guest {
    fn convert_error(&mut self, error: Error) -> wasmtime::Result<Error> {
        Ok(error)
    }
}

impl key_value::HostStore for Guest {
    async fn drop(&mut self, store: Resource<OpenStore>) -> wasmtime::Result<()> {
        self.drop_store(store)
    }
}

impl key_value::HostStoreWithStore<Guest> for Data {
    async fn open(
        accessor: &Accessor<Guest, Self>,
        label: String,
    ) -> Result<Resource<OpenStore>, Error> {
        accessor.with(|mut access| access.get().open_store(&label))
    }

    async fn get(
        accessor: &Accessor<Guest, Self>,
        store: Resource<OpenStore>,
        key: String,
    ) -> Result<Option<Vec<u8>>, Error> {
        opened(accessor, &store)?
            .get(key)
            .await
            .map_err(Error::Other)
    }

    async fn set(
        accessor: &Accessor<Guest, Self>,
        store: Resource<OpenStore>,
        key: String,
        value: Vec<u8>,
    ) -> Result<(), Error> {
        opened(accessor, &store)?
            .set(key, value)
            .await
            .map_err(Error::Other)
    }

    async fn delete(
        accessor: &Accessor<Guest, Self>,
        store: Resource<OpenStore>,
        key: String,
    ) -> Result<(), Error> {
        opened(accessor, &store)?
            .delete(key)
            .await
            .map_err(Error::Other)
    }

    async fn exists(
        accessor: &Accessor<Guest, Self>,
        store: Resource<OpenStore>,
        key: String,
    ) -> Result<bool, Error> {
        opened(accessor, &store)?
            .exists(key)
            .await
            .map_err(Error::Other)
    }

    async fn get_keys(
        accessor: &Accessor<Guest, Self>,
        store: Resource<OpenStore>,
    ) -> wasmtime::Result<(StreamReader<String>, FutureReader<Result<(), Error>>)> {
        let keys = match opened(accessor, &store) {
            Ok(store) => store.keys().await.map_err(Error::Other),
            Err(error) => Err(error),
        };
        let (keys, end) = match keys {
            Ok(keys) => (keys, Ok(())),
            Err(error) => (Vec::new(), Err(error)),
        };
        accessor.with(|mut access| {
            let keys = StreamReader::new(&mut access, keys)?;
            let end = FutureReader::new(&mut access, async move { wasmtime::error::Ok(end) })?;
            Ok((keys, end))
        })
    }
}

fn to_p2(error: Error) -> key_value_p2::Error {
    match error {
        Error::StoreTableFull => key_value_p2::Error::StoreTableFull,
        Error::NoSuchStore => key_value_p2::Error::NoSuchStore,
        Error::AccessDenied => key_value_p2::Error::AccessDenied,
        Error::Other(reason) => key_value_p2::Error::Other(reason),
    }
}

impl key_value_p2::Host for Guest {
    fn convert_error(
        &mut self,
        error: key_value_p2::Error,
    ) -> wasmtime::Result<key_value_p2::Error> {
        Ok(error)
    }
}

impl key_value_p2::HostStore for Guest {
    async fn open(&mut self, label: String) -> Result<Resource<OpenStore>, key_value_p2::Error> {
        self.open_store(&label).map_err(to_p2)
    }

    async fn get(
        &mut self,
        store: Resource<OpenStore>,
        key: String,
    ) -> Result<Option<Vec<u8>>, key_value_p2::Error> {
        self.store(&store)
            .map_err(key_value_p2::Error::Other)?
            .get(key)
            .await
            .map_err(key_value_p2::Error::Other)
    }

    async fn set(
        &mut self,
        store: Resource<OpenStore>,
        key: String,
        value: Vec<u8>,
    ) -> Result<(), key_value_p2::Error> {
        self.store(&store)
            .map_err(key_value_p2::Error::Other)?
            .set(key, value)
            .await
            .map_err(key_value_p2::Error::Other)
    }

    async fn delete(
        &mut self,
        store: Resource<OpenStore>,
        key: String,
    ) -> Result<(), key_value_p2::Error> {
        self.store(&store)
            .map_err(key_value_p2::Error::Other)?
            .delete(key)
            .await
            .map_err(key_value_p2::Error::Other)
    }

    async fn exists(
        &mut self,
        store: Resource<OpenStore>,
        key: String,
    ) -> Result<bool, key_value_p2::Error> {
        self.store(&store)
            .map_err(key_value_p2::Error::Other)?
            .exists(key)
            .await
            .map_err(key_value_p2::Error::Other)
    }

    async fn get_keys(
        &mut self,
        store: Resource<OpenStore>,
    ) -> Result<Vec<String>, key_value_p2::Error> {
        self.store(&store)
            .map_err(key_value_p2::Error::Other)?
            .keys()
            .await
            .map_err(key_value_p2::Error::Other)
    }

    async fn drop(&mut self, store: Resource<OpenStore>) -> wasmtime::Result<()> {
        self.drop_store(store)
    }
}
