// What a folder stands on.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace stardrop::app {

/// As far as it matters to a database.
enum class FileSystem : std::uint8_t { local, memory, network, fuse };

/// Nothing if the folder can't be looked at; `errno` then says why.
std::optional<FileSystem> file_system_of(const std::string& folder);

}  // namespace stardrop::app
