// A disk in memory that can lose power: a SQLite VFS that forgets what was not synced.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/random.h"

namespace stardrop::testing {

/// Kinds of calls that can be made to fail.
enum class DiskCall : std::uint8_t { open, read, write, truncate, sync };

/// Files in memory, in two states: what is durable, and what a running process sees. At a power cut
/// each sector (512 bytes) written since the last sync of its file may or may not have reached the
/// disk, whatever the order of the writes. One connection at a time.
class PowerCutDisk {
 public:
  explicit PowerCutDisk(std::uint64_t seed);
  PowerCutDisk(const PowerCutDisk&) = delete;
  PowerCutDisk& operator=(const PowerCutDisk&) = delete;
  ~PowerCutDisk();

  /// Name of the VFS. One disk at a time has it.
  static const char* vfs_name();

  /// The power goes at the `n`-th sync from now on, before or after it is done: everything fails
  /// from then on.
  void cut_at_sync(std::int64_t n);
  /// The power goes now.
  void cut();
  bool is_off() const noexcept { return off_; }
  /// The power is back: files are what the cut left of them. Nothing may be open.
  void restart();

  /// The `n`-th call of a kind fails, and all later ones too if `forever`. `full` says that the
  /// disk is full, instead of broken.
  void fail(DiskCall call, std::int64_t n, bool forever, bool full = false);
  /// Calls succeed again.
  void heal();
  /// Whether a call was made to fail since `fail`.
  bool has_failed() const noexcept { return failed_; }
  std::int64_t syncs() const noexcept { return syncs_; }

  // --- for the VFS ---
  struct Write {
    std::size_t offset = 0;
    std::string data;
    bool is_truncate = false;  // to `offset`
  };
  struct File {
    std::string durable;
    std::string current;
    std::vector<Write> unsynced;
    bool survives = false;  // its name is durable
    bool deleted = false;   // for the process; `survives` says for the disk
    std::vector<std::unique_ptr<std::string>> shared_memory;
  };
  /// SQLITE_OK, or the error that this call is to give.
  int permit(DiskCall call);
  File* find(const std::string& name);
  File& create(const std::string& name);
  void remove(const std::string& name, bool durably);
  int sync(File& file);
  Random& dice() noexcept { return random_; }

 private:
  void settle(File& file);

  std::map<std::string, std::unique_ptr<File>> files_;
  Random random_;
  std::int64_t syncs_ = 0;
  std::int64_t cut_in_ = 0;
  bool off_ = false;
  DiskCall failing_ = DiskCall::open;
  std::int64_t fail_in_ = 0;
  bool forever_ = false;
  bool full_ = false;
  bool failed_ = false;
};

}  // namespace stardrop::testing
