//! `spin:sqlite@3.1.0`; wasmtime links components that import 3.0.0 to it as well.
//!
//! *Invariant:* a database that the manifest does not grant is `access-denied`, whether it
//! exists or not.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use tokio::sync::mpsc;
use wasmtime::{
    StoreContextMut,
    component::{
        Accessor, Destination, FutureReader, Resource, StreamProducer, StreamReader, StreamResult,
    },
};

use super::Data;
use crate::{
    bindings::sqlite::{self, Error, QueryResult, RowResult, Value},
    guest::Guest,
    sqlite::Connection,
};

/// Connections that one instance may hold open, as on Spin.
const MAX_OPEN: u32 = 256;

impl Guest {
    fn open_database(&mut self, label: &str) -> Result<Resource<Connection>, Error> {
        let path = self
            .grants
            .databases
            .get(label)
            .ok_or(Error::AccessDenied)?
            .clone();
        let full = || Error::Io("too many connections opened".into());
        if self.open_connections >= MAX_OPEN {
            return Err(full());
        }
        let connection = self.table.push(Connection::new(path)).map_err(|_| full())?;
        self.open_connections += 1;
        Ok(connection)
    }

    fn connection(&self, connection: &Resource<Connection>) -> Result<Connection, Error> {
        self.table
            .get(connection)
            .cloned()
            .map_err(|_| Error::InvalidConnection)
    }
}

fn opened(
    accessor: &Accessor<Guest, Data>,
    connection: &Resource<Connection>,
) -> Result<Connection, Error> {
    accessor.with(|mut access| access.get().connection(connection))
}

impl sqlite::Host for Guest {
    fn convert_error(&mut self, error: Error) -> wasmtime::Result<Error> {
        Ok(error)
    }
}

impl sqlite::HostConnection for Guest {
    async fn open(&mut self, database: String) -> Result<Resource<Connection>, Error> {
        self.open_database(&database)
    }

    async fn execute(
        &mut self,
        connection: Resource<Connection>,
        statement: String,
        parameters: Vec<Value>,
    ) -> Result<QueryResult, Error> {
        self.connection(&connection)?
            .query(statement, parameters)
            .await
    }

    async fn last_insert_rowid(
        &mut self,
        connection: Resource<Connection>,
    ) -> wasmtime::Result<i64> {
        Ok(self.connection(&connection)?.last_insert_rowid().await?)
    }

    async fn changes(&mut self, connection: Resource<Connection>) -> wasmtime::Result<u64> {
        Ok(self.connection(&connection)?.changes().await?)
    }

    async fn drop(&mut self, connection: Resource<Connection>) -> wasmtime::Result<()> {
        self.open_connections = self.open_connections.saturating_sub(1);
        self.table.delete(connection)?;
        Ok(())
    }
}

impl sqlite::HostConnectionWithStore<Guest> for Data {
    async fn open_async(
        accessor: &Accessor<Guest, Self>,
        database: String,
    ) -> Result<Resource<Connection>, Error> {
        accessor.with(|mut access| access.get().open_database(&database))
    }

    async fn execute_async(
        accessor: &Accessor<Guest, Self>,
        connection: Resource<Connection>,
        statement: String,
        parameters: Vec<Value>,
    ) -> Result<
        (
            Vec<String>,
            StreamReader<RowResult>,
            FutureReader<Result<(), Error>>,
        ),
        Error,
    > {
        let started = opened(accessor, &connection)?
            .start(statement, parameters)
            .await?;
        let (columns, rows, end) = (started.columns, started.rows, started.end);
        accessor
            .with(|mut access| {
                let rows = StreamReader::new(&mut access, Rows(rows))?;
                let end = FutureReader::new(&mut access, end)?;
                wasmtime::error::Ok((columns, rows, end))
            })
            .map_err(|error| Error::Io(error.to_string()))
    }

    async fn last_insert_rowid_async(
        accessor: &Accessor<Guest, Self>,
        connection: Resource<Connection>,
    ) -> wasmtime::Result<i64> {
        Ok(opened(accessor, &connection)?.last_insert_rowid().await?)
    }

    async fn changes_async(
        accessor: &Accessor<Guest, Self>,
        connection: Resource<Connection>,
    ) -> wasmtime::Result<u64> {
        Ok(opened(accessor, &connection)?.changes().await?)
    }
}

/// Hands rows to the guest one at a time, so that the statement runs no further than it is read.
struct Rows(mpsc::Receiver<RowResult>);

impl<D> StreamProducer<D> for Rows {
    type Item = RowResult;
    type Buffer = Option<RowResult>;

    fn poll_produce<'a>(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        store: StoreContextMut<'a, D>,
        mut destination: Destination<'a, Self::Item, Self::Buffer>,
        finish: bool,
    ) -> Poll<wasmtime::Result<StreamResult>> {
        // A read of nothing asks whether there is anything; taking a row for it would lose it.
        if destination.remaining(store) == Some(0) {
            return Poll::Ready(Ok(StreamResult::Completed));
        }
        match self.get_mut().0.poll_recv(context) {
            Poll::Ready(Some(row)) => {
                destination.set_buffer(Some(row));
                Poll::Ready(Ok(StreamResult::Completed))
            }
            Poll::Ready(None) => Poll::Ready(Ok(StreamResult::Dropped)),
            Poll::Pending if finish => Poll::Ready(Ok(StreamResult::Cancelled)),
            Poll::Pending => Poll::Pending,
        }
    }
}
