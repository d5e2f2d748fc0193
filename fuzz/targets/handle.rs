//! `cargo fuzz run handle fuzz/corpus/handle fuzz/seeds/handle`
#![cfg_attr(fuzzing, no_main)]

fuzz::target!(handle);
