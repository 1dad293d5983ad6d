// flock(2): belongs to the open file, so it holds within one process too.
#include "storage/sqlite/file_lock.h"

#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "storage/refused.h"

namespace stardrop::storage {
namespace {

std::string message_of(int code) { return std::generic_category().message(code); }

}  // namespace

FileLock::FileLock(FileLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

FileLock& FileLock::operator=(FileLock&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

FileLock::~FileLock() { release(); }

void FileLock::release() noexcept {
  if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
}

Result<FileLock> FileLock::take(const std::string& database_path) {
  const std::string path = database_path + ".lock";
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (descriptor < 0) {
    const int code = errno;
    return refused(path + " can't be made: " + message_of(code) + '.',
                   code == ENOENT || code == ENOTDIR ? "no_folder" : "unwritable");
  }
  FileLock lock(descriptor);
  if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    const int code = errno;
    if (code != EWOULDBLOCK) return refused(path + ": " + message_of(code) + '.', "unwritable");
    return refused("Another process has " + database_path + " open.", "locked");
  }
  return lock;
}

}  // namespace stardrop::storage
