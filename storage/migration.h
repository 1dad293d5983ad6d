// A numbered change of a schema.
#pragma once

#include <cstdint>
#include <string_view>

namespace stardrop::storage {

/// One change of the schema: `migrations/NNNN_name/up.sql`.
struct Migration {
  std::int64_t number = 0;
  std::string_view name;
  std::string_view sql;
};

}  // namespace stardrop::storage
