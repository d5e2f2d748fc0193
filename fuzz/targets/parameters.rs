//! `cargo fuzz run parameters fuzz/corpus/parameters fuzz/seeds/parameters`
#![cfg_attr(fuzzing, no_main)]

fuzz::target!(parameters);
