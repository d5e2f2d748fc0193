//! `cargo fuzz run provider fuzz/corpus/provider fuzz/seeds/provider`
#![cfg_attr(fuzzing, no_main)]

fuzz::target!(provider);
