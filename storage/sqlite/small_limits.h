// Limits under which a small economy does everything that a large one does.
#pragma once

#include <string>
#include <utility>

#include "storage/sqlite/options.h"

namespace stardrop::storage {

/// Limits so small that write-back, eviction, checkpoints and key chunks happen all the time, for
/// tests and the simulation. It doesn't wait for the disk: a process that dies loses nothing by
/// that.
inline SqliteOptions small_limits(std::string path) {
  SqliteOptions options;
  options.path = std::move(path);
  options.synchronous = Synchronous::off;
  options.cache_bytes_max = std::size_t{16} << 10U;
  options.page_cache_bytes = std::size_t{64} << 10U;
  options.redo_bytes_max = std::size_t{4} << 10U;
  options.wal_bytes_max = std::size_t{64} << 10U;
  options.key_chunk_bytes = 256;
  return options;
}

}  // namespace stardrop::storage
