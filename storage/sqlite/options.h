// How a SQLite store works: where it is, what it promises, how much memory it takes.
#pragma once

#include <cstdint>
#include <string>

namespace stardrop::storage {

/// When the disk is waited for.
enum class Synchronous : std::uint8_t {
  full,  ///< before every answer: what was answered survives a power cut
  off,   ///< never: for comparison in benchmarks only
};

/// Settings of a SQLite store. Sizes in bytes.
struct SqliteOptions {
  /// The database file. Its folder must be there; the file is made if it isn't.
  std::string path;
  Synchronous synchronous = Synchronous::full;
  /// About how much the loaded rows may take; clean ones are dropped beyond it.
  std::size_t cache_bytes_max = std::size_t{256} << 20U;
  /// How much of the file SQLite keeps in memory.
  std::size_t page_cache_bytes = std::size_t{64} << 20U;
  /// How much redo log may gather before its rows are written back: bounds the time a start takes
  /// after a crash.
  std::size_t redo_bytes_max = std::size_t{64} << 20U;
  /// How many bytes of used keys are packed into one row; until then they stand in the redo log.
  std::size_t key_chunk_bytes = std::size_t{64} << 10U;
  /// How much write-ahead log may gather before it is moved into the file. Nobody is answered
  /// meanwhile: with 1 MB the slowest batches take a third of the time they take with 8 MB, and the
  /// rate is the same.
  std::size_t wal_bytes_max = std::size_t{1} << 20U;
  /// Writes every changed row with its batch instead of writing back later; for comparison.
  bool write_through = false;
  /// Gives every page of a new file a checksum. An existing file keeps what it was made with.
  bool page_checksums = true;
  /// The SQLite VFS below; empty is the system's own.
  std::string vfs;
};

}  // namespace stardrop::storage
