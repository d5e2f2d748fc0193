//! `cargo fuzz run client_document fuzz/corpus/client_document fuzz/seeds/client_document`
#![cfg_attr(fuzzing, no_main)]

fuzz::target!(client_document);
