// Moves the database of another store to PostgreSQL.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/result.h"
#include "engine/snapshot.h"
#include "engine/state_hash.h"
#include "engine/store.h"
#include "storage/postgres/connection.h"

namespace stardrop::storage::postgres {

/// Copies rows, journal and used keys in pieces, each with a note of how far it came in one
/// transaction: begun again it goes on there. Until it has finished no node opens the database.
class Import {
 public:
  /// What is moved: its journal ends with this chain, and its texts are sealed under this key.
  struct Source {
    std::string chain;
    std::string master_key_digest;
    /// Rows, or operations, of one transaction.
    std::size_t piece = 5000;
  };
  /// Told how many rows and operations were looked at; false stops it.
  using GoOn = std::function<bool(std::int64_t done)>;

  /// Begins, or goes on with what was begun. Refused with storage_unavailable and the fact
  /// `reason`: `not_empty`, `other_import` (another one, or this one after its source was written
  /// to), `already_imported`, and those of `migrate`.
  static Result<Import> begin(const std::string& url, Source source);

  /// Copies everything, and looks whether the copy has the state hash of the source. Refused with
  /// internal (it hasn't, or the journal is damaged), storage_unavailable, or precondition_failed
  /// (stopped).
  Status run(engine::Snapshot& source, const engine::StateHash& hash, const GoOn& go_on);

  std::int64_t rows() const noexcept { return rows_; }
  std::int64_t operations() const noexcept { return operations_; }

 private:
  /// How far a step came.
  struct Place {
    std::int64_t first = 0;
    std::int64_t second = 0;
    bool begun = false;
  };

  Import(Connection db, std::string url, Source source)
      : db_(std::move(db)), url_(std::move(url)), source_(std::move(source)) {}

  Result<Place> place_of(const std::string& step);
  void send_place(const std::string& step, std::int64_t first, std::int64_t second);
  Status end_piece();
  template <class Row>
  Status copy_table(engine::Snapshot& source, const GoOn& go_on);
  Status copy_journal(engine::Snapshot& source, const GoOn& go_on);
  Status send_operations(const engine::JournalBatch& batch, const Digest& before);
  Status compare(const engine::StateHash& wanted);
  Status finish();

  Connection db_;
  std::string url_;
  Source source_;
  engine::LaneHead head_;
  std::int64_t rows_ = 0;
  std::int64_t operations_ = 0;
};

}  // namespace stardrop::storage::postgres
