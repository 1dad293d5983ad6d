// What Citus's catalogue says, and the hash it goes by.
#include "storage/postgres/shard_map.h"

#include <bit>

namespace stardrop::storage::postgres {
namespace {

/// Bob Jenkins' mix of one word, as PostgreSQL's hash_bytes_uint32() has it (hashfn.c).
std::uint32_t hash_word(std::uint32_t word) noexcept {
  constexpr std::uint32_t kSeed = 0x9e3779b9U + 4U + 3923095U;
  std::uint32_t a = kSeed + word;
  std::uint32_t b = kSeed;
  std::uint32_t c = kSeed;
  c = (c ^ b) - std::rotl(b, 14);
  a = (a ^ c) - std::rotl(c, 11);
  b = (b ^ a) - std::rotl(a, 25);
  c = (c ^ b) - std::rotl(b, 16);
  a = (a ^ c) - std::rotl(c, 4);
  b = (b ^ a) - std::rotl(a, 14);
  c = (c ^ b) - std::rotl(b, 24);
  return c;
}

}  // namespace

std::int32_t ShardMap::hash_of(std::int64_t value) noexcept {
  // Such that a bigint has the hash of an integer of the same value.
  const auto low = static_cast<std::uint32_t>(value);
  const auto high = static_cast<std::uint32_t>(static_cast<std::uint64_t>(value) >> 32U);
  return static_cast<std::int32_t>(hash_word(low ^ (value >= 0 ? high : ~high)));
}

std::int64_t ShardMap::shard_of(std::int64_t value, std::int64_t shards) noexcept {
  const std::int64_t part = (std::int64_t{1} << 32) / shards;
  const std::int64_t place = std::int64_t{hash_of(value)} + (std::int64_t{1} << 31);
  return std::min(place / part, shards - 1);
}

Status ShardMap::read(Connection& db) {
  tables_.clear();
  STARDROP_TRY_ASSIGN(const Answer citus,
                      db.run("SELECT to_regclass('pg_dist_shard') IS NOT NULL"));
  if (citus.integer(0, 0) == 0) return done();
  STARDROP_TRY_ASSIGN(
      const Answer tables,
      db.run("SELECT c.relname::text, column_to_column_name(p.logicalrelid, p.partkey), count(*) "
             "FROM pg_dist_partition p JOIN pg_dist_shard s ON s.logicalrelid = p.logicalrelid "
             "JOIN pg_class c ON c.oid = p.logicalrelid "
             "WHERE p.partmethod = 'h' AND c.relnamespace = current_schema()::regnamespace "
             "GROUP BY 1, 2"));
  for (int row = 0; row < tables.rows(); ++row) {
    tables_[std::string(tables.bytes(row, 0))] = {std::string(tables.bytes(row, 1)),
                                                  tables.integer(row, 2)};
  }
  return done();
}

}  // namespace stardrop::storage::postgres
