//! The gateway as clients meet it, on the memory host.

mod access;
mod behind;
mod methods;
mod streams;
mod world;
