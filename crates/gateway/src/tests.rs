//! The gateway as clients meet it, on the memory host.

mod access;
mod behind;
mod get_token;
mod methods;
mod offered;
mod relay;
mod sessions;
mod settings;
mod streams;
mod world;
