// One process at a time: a lock beside the database file.
#pragma once

#include <string>

#include "base/result.h"

namespace stardrop::storage {

/// Holds `<database>.lock` for itself. The system gives it up when the process ends, however it
/// ends; the file stays.
class FileLock {
 public:
  FileLock() = default;
  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&& other) noexcept;
  ~FileLock();

  /// Refused with storage_unavailable and the fact `reason`: `locked` if somebody else has it,
  /// `no_folder` or `unwritable` if the lock file can't be made.
  static Result<FileLock> take(const std::string& database_path);

  bool is_held() const noexcept { return descriptor_ >= 0; }
  void release() noexcept;

 private:
  explicit FileLock(int descriptor) noexcept : descriptor_(descriptor) {}
  int descriptor_ = -1;
};

}  // namespace stardrop::storage
