// The state hash: one number for all rows, equal for every store with the same history.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "base/binary.h"
#include "base/hash.h"
#include "engine/snapshot.h"
#include "market/state.h"

namespace stardrop::engine {

/// The sum, in four lanes of 64 bits, of SHA-256(table's name ‖ 0 ‖ binary form) over the rows.
///
/// A sum depends neither on the order of the rows nor on how a store keeps them, and rows can be
/// taken out again. It finds mistakes and damage; that nobody tampered is for the journal's chain
/// and its checkpoints to say.
class StateHash {
 public:
  template <class Row>
  void add(const Row& row) {
    const Digest digest = digest_of(row);
    for (std::size_t lane = 0; lane < lanes_.size(); ++lane) lanes_[lane] += part(digest, lane);
    ++rows_;
  }
  template <class Row>
  void remove(const Row& row) {
    const Digest digest = digest_of(row);
    for (std::size_t lane = 0; lane < lanes_.size(); ++lane) lanes_[lane] -= part(digest, lane);
    --rows_;
  }

  /// Number of rows in it.
  std::int64_t rows() const noexcept { return rows_; }
  /// 64 hexadecimal digits.
  std::string text() const;
  friend bool operator==(const StateHash&, const StateHash&) = default;

 private:
  template <class Row>
  Digest digest_of(const Row& row) {
    static_assert(Row::kHashed, "rows that may be destroyed for good are no part of the hash");
    bytes_.assign(Row::kTable);
    bytes_.push_back('\0');
    BinaryWriter(bytes_).value(row);
    return sha256(bytes_);
  }
  static std::uint64_t part(const Digest& digest, std::size_t lane) noexcept;

  /// Memory for the bytes of one row; no part of the value.
  struct Scratch : std::string {
    friend bool operator==(const Scratch&, const Scratch&) noexcept { return true; }
  };

  std::array<std::uint64_t, 4> lanes_{};
  std::int64_t rows_ = 0;
  Scratch bytes_;
};

/// The hash of a state that has every row loaded.
StateHash state_hash(const market::State& state);

/// The hash of a store's rows.
Result<StateHash> state_hash(Snapshot& snapshot);

}  // namespace stardrop::engine
