//! `cargo fuzz run consent fuzz/corpus/consent fuzz/seeds/consent`
#![cfg_attr(fuzzing, no_main)]

fuzz::target!(consent);
