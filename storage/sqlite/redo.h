// The redo log: after-images of rows that are written back later, one log row per batch.
//
// A body is
//   version | count of keys | {digest, op − previous} | {table name | {tag, row or key} | 0} |
//   CRC-32C
// Images are whole rows, so that replaying them twice, or on top of newer pages, changes nothing.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/binary.h"
#include "base/table.h"
#include "engine/store.h"
#include "storage/sqlite/database.h"

namespace stardrop::storage {

/// What stands before an image.
enum class RedoTag : std::uint8_t { end, row, removed };

/// Builds the redo body of one batch.
class RedoWriter {
 public:
  void begin(const std::vector<engine::UsedKey>& keys);
  /// The images that follow are of this table.
  template <TableRow Row>
  void begin_table() {
    BinaryWriter(body_).text(Row::kTable);
  }
  template <TableRow Row>
  void add(const typename Row::Key& key, const Row* after) {
    BinaryWriter out(body_);
    out.byte(static_cast<std::uint8_t>(after != nullptr ? RedoTag::row : RedoTag::removed));
    if (after != nullptr) {
      out.value(*after);
    } else if constexpr (std::is_same_v<typename Row::Key, PairKey>) {
      out.zigzag(key.first);
      out.zigzag(key.second);
    } else {
      out.value(key);
    }
  }
  void end_table() { BinaryWriter(body_).byte(static_cast<std::uint8_t>(RedoTag::end)); }
  /// Closes the body with its checksum.
  const std::string& finish();

 private:
  std::string body_;
};

/// Reads the key of a removed row.
template <class Key>
Key read_redo_key(BinaryReader& in) {
  Key key{};
  if constexpr (std::is_same_v<Key, PairKey>) {
    key.first = in.zigzag();
    key.second = in.zigzag();
  } else {
    in.value(key);
  }
  return key;
}

/// Takes the checksum off a body and the keys that were used with it; what is left are images.
/// Nothing if the body is damaged.
std::optional<std::string_view> open_redo(std::string_view body,
                                          std::vector<engine::UsedKey>& keys);

/// The table of redo rows: added at the end, removed from the front.
class RedoLog {
 public:
  Status prepare(Database& db);

  /// Gives all rows, the newest first. `take` returns false if a body is damaged.
  /// Refused with storage_unavailable.
  Status read(const std::function<bool(OpId first_op, std::string_view body)>& take);

  /// Adds a row within the open transaction. SQLITE_OK or an error code.
  int append(OpId first_op, std::string_view body);
  /// Removes rows up to `mark` within the open transaction, the oldest first, about `bytes_max` of
  /// them. SQLITE_OK or an error code.
  int trim(OpId mark, std::size_t bytes_max);
  /// The transaction was committed, or rolled back: what it did to the log is so, or isn't.
  void committed();
  void rolled_back() noexcept;

  /// Bytes of all rows that are there.
  std::size_t bytes() const noexcept { return bytes_; }
  bool empty() const noexcept { return rows_.empty(); }
  /// Bytes ever added since the log was opened, those that were found included.
  std::size_t bytes_added() const noexcept { return bytes_added_; }
  /// The newest row.
  OpId newest() const noexcept { return rows_.empty() ? OpId() : rows_.back().first_op; }

 private:
  struct LogRow {
    OpId first_op;
    std::size_t bytes = 0;
  };
  void count(OpId first_op, std::size_t bytes);

  Database* db_ = nullptr;
  Statement insert_;
  Statement erase_;
  std::deque<LogRow> rows_;
  LogRow appended_{};        // in the open transaction
  std::size_t trimmed_ = 0;  // rows from the front, in the open transaction
  std::size_t bytes_ = 0;
  std::size_t bytes_added_ = 0;
};

}  // namespace stardrop::storage
