//! `cargo fuzz run registration fuzz/corpus/registration fuzz/seeds/registration`
#![cfg_attr(fuzzing, no_main)]

fuzz::target!(registration);
