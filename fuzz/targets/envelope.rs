//! `cargo fuzz run envelope fuzz/corpus/envelope fuzz/seeds/envelope`
#![cfg_attr(fuzzing, no_main)]

fuzz::target!(envelope);
