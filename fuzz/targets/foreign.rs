//! `cargo fuzz run foreign fuzz/corpus/foreign fuzz/seeds/foreign`
#![cfg_attr(fuzzing, no_main)]

fuzz::target!(foreign);
