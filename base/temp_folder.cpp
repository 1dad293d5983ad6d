// A folder that goes away with everything in it.
#include "base/temp_folder.h"

#include <filesystem>
#include <system_error>

#include <stdlib.h>

namespace stardrop {

TempFolder::TempFolder(std::string_view parent) {
  std::error_code none;
  const std::filesystem::path above =
      parent.empty() ? std::filesystem::temp_directory_path(none) : std::filesystem::path(parent);
  // mkdtemp(3) puts six letters nobody else has in the place of these.
  std::string name = (above / "stardrop-").string() + std::string(6, 'X');
  if (::mkdtemp(name.data()) != nullptr) path_ = std::move(name);
}

TempFolder::~TempFolder() {
  if (path_.empty()) return;
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace stardrop
