// Open addressing with readers that never wait.
#include "engine/key_index.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "base/binary.h"
#include "base/hash.h"
#include "base/zeroed_memory.h"

namespace stardrop::engine {
namespace {
constexpr std::size_t kFirstCells = 16;
}

KeyIndex::KeyIndex() { clear(); }

UsedKey KeyIndex::digest_of(const market::Caller& caller, std::string_view key) {
  char scope[9];
  scope[0] = static_cast<char>(caller.kind);
  auto account = static_cast<std::uint64_t>(caller.account.value());
  for (int i = 8; i > 0; --i, account >>= 8U) scope[i] = static_cast<char>(account & 0xffU);
  const Digest digest = sha256({scope, sizeof scope}, key);
  UsedKey out;
  out.digest = std::max<std::uint64_t>(leading64(digest), 1);
  std::memcpy(&out.second_half, digest.data() + 8, 8);
  return out;
}

std::shared_ptr<KeyIndex::Cell> KeyIndex::make_cells(std::size_t count) {
  const std::shared_ptr<std::byte> memory = zeroed_memory(count * sizeof(Cell));
  return {memory, reinterpret_cast<Cell*>(memory.get())};
}

void KeyIndex::put(Cells& into, std::uint64_t digest, std::int64_t op) noexcept {
  Cell* const cells = into.cells.get();
  std::size_t at = digest & into.mask;
  while (cells[at].digest != 0) at = (at + 1) & into.mask;
  std::atomic_ref(cells[at].op).store(op, std::memory_order_relaxed);
  std::atomic_ref(cells[at].digest).store(digest, std::memory_order_release);
}

void KeyIndex::move_to(Part& part, std::shared_ptr<Cells> larger) {
  const Cells& old = *part.own;
  for (std::size_t i = 0; i <= old.mask; ++i) {
    const Cell& cell = old.cells.get()[i];
    if (cell.digest != 0) put(*larger, cell.digest, cell.op);
  }
  part.own = larger.get();
  part.shared.store(std::move(larger));
}

void KeyIndex::add(std::uint64_t digest, OpId op) {
  Part& part = part_of(digest);
  const std::size_t cells = part.own->mask + 1;
  if ((part.size + 1) * 4 > cells * 3) {
    move_to(part, std::make_shared<Cells>(make_cells(cells * 2), cells * 2));
  }
  put(*part.own, digest, op.value());
  ++part.size;
  ++size_;
}

/// Gives every part its room for so many keys at once, side by side in one piece of memory. It goes
/// when the last part has outgrown it; as digests are spread evenly, all do at about the same time.
void KeyIndex::make_room(std::size_t keys) {
  const std::size_t of_part = keys / kParts;
  // Where the cells would double anyway they do so at once.
  const std::size_t cells = std::bit_ceil(of_part + of_part / 3);
  const auto is_small = [&](const Part& part) { return part.own->mask + 1 < cells; };
  if (!std::all_of(parts_.begin(), parts_.end(), is_small)) return;
  const std::shared_ptr<Cell> all = make_cells(cells * kParts);
  for (std::size_t i = 0; i < kParts; ++i) {
    const std::shared_ptr<Cell> own(all, all.get() + i * cells);
    move_to(parts_[i], std::make_shared<Cells>(own, cells));
  }
}

void KeyIndex::add_all(std::span<const UsedKey> keys, std::size_t to_come) {
  make_room(size_ + keys.size() + to_come);
  constexpr std::size_t kAhead = 16;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (i + kAhead < keys.size()) touch(keys[i + kAhead].digest);
    add(keys[i].digest, keys[i].op);
  }
}

bool KeyIndex::contains(std::uint64_t digest) const {
  const std::shared_ptr<Cells> shared = part_of(digest).shared.load();
  Cell* const cells = shared->cells.get();
  for (std::size_t at = digest & shared->mask;; at = (at + 1) & shared->mask) {
    const std::uint64_t known = std::atomic_ref(cells[at].digest).load(std::memory_order_acquire);
    if (known == digest) return true;
    if (known == 0) return false;
  }
}

std::vector<OpId> KeyIndex::find(std::uint64_t digest) const {
  const Cells& own = *part_of(digest).own;
  std::vector<OpId> found;
  for (std::size_t at = digest & own.mask;; at = (at + 1) & own.mask) {
    const Cell& cell = own.cells.get()[at];
    if (cell.digest == 0) return found;
    if (cell.digest == digest) found.emplace_back(cell.op);
  }
}

void KeyIndex::touch(std::uint64_t digest) const noexcept {
  const Cells& own = *part_of(digest).own;
  __builtin_prefetch(own.cells.get() + (digest & own.mask));
}

void KeyIndex::clear() {
  for (Part& part : parts_) {
    auto cells = std::make_shared<Cells>(make_cells(kFirstCells), kFirstCells);
    part.own = cells.get();
    part.size = 0;
    part.shared.store(std::move(cells));
  }
  size_ = 0;
}

}  // namespace stardrop::engine
