//! `cargo fuzz run redirect_uri fuzz/corpus/redirect_uri fuzz/seeds/redirect_uri`
#![cfg_attr(fuzzing, no_main)]

fuzz::target!(redirect_uri);
