// The types of statfs(2).
#include "app/local/file_system.h"

#include <sys/statfs.h>

namespace stardrop::app {

std::optional<FileSystem> file_system_of(const std::string& folder) {
  constexpr long kNfs = 0x6969;
  constexpr long kTmpfs = 0x01021994;
  constexpr long kSmb = 0xFF534D42;
  constexpr long kFuse = 0x65735546;
  struct statfs about {};
  if (::statfs(folder.c_str(), &about) != 0) return std::nullopt;
  switch (static_cast<long>(about.f_type)) {
    case kNfs:
    case kSmb: return FileSystem::network;
    case kTmpfs: return FileSystem::memory;
    case kFuse: return FileSystem::fuse;
    default: return FileSystem::local;
  }
}

}  // namespace stardrop::app
