// Open addressing with readers that never wait.
#include "engine/key_index.h"

#include <bit>

#include "base/binary.h"
#include "base/hash.h"

namespace stardrop::engine {
namespace {
constexpr std::size_t kFirstCells = 16;
}

KeyIndex::KeyIndex() { clear(); }

std::uint64_t KeyIndex::digest(const market::Caller& caller, std::string_view key) {
  char scope[9];
  scope[0] = static_cast<char>(caller.kind);
  auto account = static_cast<std::uint64_t>(caller.account.value());
  for (int i = 8; i > 0; --i, account >>= 8U) scope[i] = static_cast<char>(account & 0xffU);
  const std::uint64_t digest = leading64(sha256({scope, sizeof scope}, key));
  return digest == 0 ? 1 : digest;
}

void KeyIndex::put(Cells& into, std::uint64_t digest, std::int64_t op) noexcept {
  std::size_t at = digest & into.mask;
  while (into.cells[at].digest.load(std::memory_order_relaxed) != 0) at = (at + 1) & into.mask;
  into.cells[at].op.store(op, std::memory_order_relaxed);
  into.cells[at].digest.store(digest, std::memory_order_release);
}

void KeyIndex::grow(Part& part, std::size_t count) {
  const Cells& old = *part.own;
  auto larger = std::make_shared<Cells>(count);
  for (std::size_t i = 0; i <= old.mask; ++i) {
    const Cell& cell = old.cells[i];
    const std::uint64_t known = cell.digest.load(std::memory_order_relaxed);
    if (known != 0) put(*larger, known, cell.op.load(std::memory_order_relaxed));
  }
  part.own = larger.get();
  part.shared.store(std::move(larger));
}

void KeyIndex::add(std::uint64_t digest, OpId op) {
  Part& part = part_of(digest);
  if ((part.size + 1) * 4 > (part.own->mask + 1) * 3) grow(part, (part.own->mask + 1) * 2);
  put(*part.own, digest, op.value());
  ++part.size;
  ++size_;
}

void KeyIndex::add_all(std::span<const UsedKey> keys, std::size_t to_come) {
  const std::size_t of_part = (size_ + keys.size() + to_come) / kParts;
  // Where the cells would double anyway they do so at once.
  const std::size_t cells = std::bit_ceil(of_part + of_part / 3);
  for (Part& part : parts_) {
    if (part.own->mask + 1 < cells) grow(part, cells);
  }
  constexpr std::size_t kAhead = 16;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (i + kAhead < keys.size()) touch(keys[i + kAhead].digest);
    add(keys[i].digest, keys[i].op);
  }
}

bool KeyIndex::contains(std::uint64_t digest) const {
  const std::shared_ptr<Cells> cells = part_of(digest).shared.load();
  for (std::size_t at = digest & cells->mask;; at = (at + 1) & cells->mask) {
    const std::uint64_t known = cells->cells[at].digest.load(std::memory_order_acquire);
    if (known == digest) return true;
    if (known == 0) return false;
  }
}

std::vector<OpId> KeyIndex::find(std::uint64_t digest) const {
  const Cells& own = *part_of(digest).own;
  std::vector<OpId> found;
  for (std::size_t at = digest & own.mask;; at = (at + 1) & own.mask) {
    const Cell& cell = own.cells[at];
    const std::uint64_t known = cell.digest.load(std::memory_order_relaxed);
    if (known == 0) return found;
    if (known == digest) found.emplace_back(cell.op.load(std::memory_order_relaxed));
  }
}

void KeyIndex::touch(std::uint64_t digest) const noexcept {
  const Cells& own = *part_of(digest).own;
  __builtin_prefetch(&own.cells[digest & own.mask]);
}

void KeyIndex::clear() {
  for (Part& part : parts_) {
    auto cells = std::make_shared<Cells>(kFirstCells);
    part.own = cells.get();
    part.size = 0;
    part.shared.store(std::move(cells));
  }
  size_ = 0;
}

}  // namespace stardrop::engine
