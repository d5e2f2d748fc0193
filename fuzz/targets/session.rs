//! `cargo fuzz run session fuzz/corpus/session fuzz/seeds/session`
#![cfg_attr(fuzzing, no_main)]

fuzz::target!(session);
