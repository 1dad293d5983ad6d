// Sums of row hashes.
#include "engine/state_hash.h"

namespace stardrop::engine {

std::uint64_t StateHash::part(const Digest& digest, std::size_t lane) noexcept {
  std::uint64_t value = 0;
  for (std::size_t i = lane * 8; i < lane * 8 + 8; ++i) value = (value << 8U) | digest[i];
  return value;
}

std::string StateHash::text() const {
  std::string bytes;
  BinaryWriter out(bytes);
  for (const std::uint64_t lane : lanes_) out.fixed64(lane);
  return hex(bytes);
}

StateHash state_hash(const market::State& state) {
  StateHash hash;
  state.for_each_table([&]<class Row>(const Table<Row>& table) {
    if constexpr (Row::kHashed) table.for_each([&](const Row& row) { hash.add(row); });
  });
  return hash;
}

Result<StateHash> state_hash(Snapshot& snapshot) {
  StateHash hash;
  RowVisitor visitor;
  market::AllRows::for_each([&]<class Row>(std::type_identity<Row>) {
    if constexpr (Row::kHashed) visitor.on<Row>([&](const Row& row) { hash.add(row); });
  });
  STARDROP_TRY(snapshot.scan(visitor));
  return hash;
}

}  // namespace stardrop::engine
