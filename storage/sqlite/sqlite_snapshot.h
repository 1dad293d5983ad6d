// A moment of an SQLite file: a read transaction on a connection of its own.
#pragma once

#include <memory>
#include <string>

#include "engine/snapshot.h"
#include "storage/sqlite/journal_table.h"
#include "storage/sqlite/row_table.h"

namespace stardrop::storage {

/// Pins what is committed and written back when it is made; the writer goes on beside it. The
/// connection can neither write nor checkpoint. While it lives the write-ahead log can't shrink.
class SqliteSnapshot final : public engine::Snapshot {
 public:
  /// Refused with storage_unavailable.
  static Result<std::unique_ptr<engine::Snapshot>> take(const std::string& path,
                                                        const std::string& vfs);

  Status scan(const engine::RowVisitor& visitor) override;
  Status read_journal(OpId after,
                      const std::function<bool(const engine::JournalBatch&)>& take) override;

 private:
  Status begin();

  Database db_;
  market::AllRows::Apply<std::tuple, RowTable> tables_;
  JournalTable journal_;
};

}  // namespace stardrop::storage
