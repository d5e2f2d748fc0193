//! `cargo fuzz run seal fuzz/corpus/seal fuzz/seeds/seal`
#![cfg_attr(fuzzing, no_main)]

fuzz::target!(seal);
