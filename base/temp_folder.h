// A folder that goes away with everything in it.
#pragma once

#include <string>
#include <string_view>

namespace stardrop {

/// A new folder that only this user may enter; removed with everything in it.
class TempFolder {
 public:
  /// Below `parent`, or below the system's temporary folder if that is empty.
  explicit TempFolder(std::string_view parent = {});
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  ~TempFolder();

  /// Empty if no folder could be made; `errno` then says why.
  const std::string& path() const noexcept { return path_; }
  std::string operator/(std::string_view name) const { return path_ + '/' + std::string(name); }

 private:
  std::string path_;
};

}  // namespace stardrop
