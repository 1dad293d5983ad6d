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
  /// The oldest migration that a program must know to work on a database that has this one; from
  /// its line `-- works_from: N`. 0, without such a line: this one itself.
  std::int64_t works_from = 0;
};

/// What `schema_migrations` says of a migration: the number of the oldest program that goes on.
constexpr std::int64_t works_from(const Migration& migration) noexcept {
  return migration.works_from > 0 ? migration.works_from : migration.number;
}

}  // namespace stardrop::storage
