// A snapshot: one moment of a store, read row by row, for audits, hashes and replays.
#pragma once

#include <functional>
#include <tuple>
#include <utility>

#include "base/id.h"
#include "base/result.h"
#include "market/state.h"

namespace stardrop::engine {

struct JournalBatch;

/// What a scan shows, one function per row type. Types without one are passed over.
class RowVisitor {
 public:
  /// Has every row of the type shown to `visit`.
  template <class Row>
  RowVisitor& on(std::function<void(const Row&)> visit) {
    std::get<Shown<Row>>(shown_).visit = std::move(visit);
    return *this;
  }
  /// The function for a row type; empty if the type is passed over.
  template <class Row>
  const std::function<void(const Row&)>& of() const {
    return std::get<Shown<Row>>(shown_).visit;
  }

 private:
  template <class Row>
  struct Shown {
    std::function<void(const Row&)> visit;
  };
  market::AllRows::Apply<std::tuple, Shown> shown_;
};

/// Rows and journal as of one commit, whatever the store does meanwhile. Several scans of one
/// snapshot show the same. One thread at a time, but not the engine's necessarily.
class Snapshot {
 public:
  Snapshot() = default;
  Snapshot(const Snapshot&) = delete;
  Snapshot& operator=(const Snapshot&) = delete;
  virtual ~Snapshot() = default;

  /// Shows the rows `visitor` asks for: table by table in the order of `market::AllRows`, each in
  /// the order of its keys. Refused with storage_unavailable.
  virtual Status scan(const RowVisitor& visitor) = 0;
  /// Gives the journal in order, from the batch behind `after` on, until `take` returns false.
  virtual Status read_journal(OpId after, const std::function<bool(const JournalBatch&)>& take) = 0;
};

}  // namespace stardrop::engine
