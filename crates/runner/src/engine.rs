//! The WebAssembly engine: instances from a pool, code from a cache, and fair turns.
//!
//! *Invariant:* no guest keeps a thread to itself: every store yields at each tick.

use std::{path::Path, time::Duration};

use wasmtime::{
    Cache, CacheConfig, Config, Engine, InstanceAllocationStrategy, PoolingAllocationConfig, Store,
    UpdateDeadline,
};

use crate::{LoadRefused, guest::Guest};

/// Instances that may live at once, as on Spin.
const MAX_INSTANCES: u32 = 1_000;

/// How long a guest computes before others get a turn.
const TICK: Duration = Duration::from_millis(10);

/// Makes the engine, with compiled code kept in `compile_cache`.
pub(crate) fn new(compile_cache: &Path) -> Result<Engine, LoadRefused> {
    let mut config = Config::new();
    config
        .wasm_component_model_async(true)
        .epoch_interruption(true);
    config.cache(Some(open_cache(compile_cache)?));
    config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool()));
    // The pool reserves terabytes of address space, which not every machine grants.
    let engine = Engine::new(&config)
        .or_else(|_| Engine::new(config.allocation_strategy(InstanceAllocationStrategy::OnDemand)));
    engine.map_err(LoadRefused::engine)
}

fn open_cache(folder: &Path) -> Result<Cache, LoadRefused> {
    let refused = |source| LoadRefused::StateFolder {
        path: folder.to_owned(),
        source,
    };
    std::fs::create_dir_all(folder).map_err(refused)?;
    let folder = std::path::absolute(folder).map_err(refused)?;
    let mut config = CacheConfig::new();
    config.with_directory(folder);
    Cache::new(config).map_err(LoadRefused::engine)
}

fn pool() -> PoolingAllocationConfig {
    const MB: usize = 1 << 20;
    let mut pool = PoolingAllocationConfig::default();
    pool.total_component_instances(MAX_INSTANCES)
        .total_memories(2 * MAX_INSTANCES)
        .total_tables(4 * MAX_INSTANCES)
        .total_stacks(MAX_INSTANCES)
        .total_core_instances(8 * MAX_INSTANCES)
        .table_elements(100_000)
        .max_component_instance_size(10 * MB)
        .max_core_instance_size(10 * MB)
        .max_core_instances_per_component(200)
        .max_tables_per_component(64)
        .max_memories_per_component(32)
        .max_memory_size(4 << 30)
        .linear_memory_keep_resident(2 * MB)
        .table_keep_resident(MB / 2);
    pool
}

/// Makes a store with its limits.
pub(crate) fn store(engine: &Engine, guest: Guest) -> Store<Guest> {
    let mut store = Store::new(engine, guest);
    store.limiter(|guest| &mut guest.limits);
    store.set_epoch_deadline(1);
    store.epoch_deadline_callback(|_| Ok(UpdateDeadline::Yield(1)));
    store
}

/// Advances the engine's epoch until the engine is gone, on a thread that no guest can occupy.
pub(crate) fn start_ticking(engine: &Engine) -> Result<(), LoadRefused> {
    let engine = engine.weak();
    let tick = move || {
        while let Some(engine) = engine.upgrade() {
            engine.increment_epoch();
            std::thread::sleep(TICK);
        }
    };
    std::thread::Builder::new()
        .name("epoch".into())
        .spawn(tick)
        .map_err(LoadRefused::engine)?;
    Ok(())
}
