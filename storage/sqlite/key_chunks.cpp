// Packs used keys: eight bytes of digest, then how much higher the operation is than the last.
#include "storage/sqlite/key_chunks.h"

#include <algorithm>
#include <string>

#include "base/binary.h"
#include "base/hash.h"
#include "storage/refused.h"

namespace stardrop::storage {
namespace {

constexpr std::size_t kChecksumBytes = 4;
/// What a key takes in a chunk at least: its digest and one byte.
constexpr std::size_t kKeyBytesMin = 9;

Error damaged(OpId op) {
  return refused("The list of used keys is damaged.", "damaged_keys").with("op", op.text());
}

/// Reads the keys of a chunk; false if it is damaged.
bool read_chunk(std::string_view body, std::vector<engine::UsedKey>& out) {
  out.clear();
  if (body.size() < kChecksumBytes) return false;
  const std::string_view content = body.substr(kChecksumBytes);
  BinaryReader checksum(body.substr(0, kChecksumBytes));
  std::uint32_t expected = 0;
  for (std::size_t i = 0; i < kChecksumBytes; ++i) expected = (expected << 8U) | checksum.byte();
  if (crc32c(content) != expected) return false;
  BinaryReader in(content);
  std::int64_t op = 0;
  while (!in.at_end()) {
    const std::uint64_t digest = in.fixed64();
    op += in.zigzag();
    if (!in.ok()) return false;
    out.push_back({digest, OpId(op)});
  }
  return true;
}

}  // namespace

Status KeyChunks::open(Database& db, const engine::TakeKeys& take) {
  covered_ = OpId();
  clear_pending();
  STARDROP_TRY_ASSIGN(
      insert_, db.prepare("INSERT INTO key_chunks(first_op, last_op, body) VALUES(?, ?, ?)"));
  STARDROP_TRY_ASSIGN(
      Statement chunks,
      db.prepare("SELECT first_op, last_op, body FROM key_chunks ORDER BY first_op"));
  STARDROP_TRY_ASSIGN(const std::int64_t bytes,
                      db.number("SELECT coalesce(sum(length(body)), 0) FROM key_chunks"));
  auto to_come = static_cast<std::size_t>(bytes) / kKeyBytesMin;
  std::vector<engine::UsedKey> keys;
  for (;;) {
    const int code = chunks.step();
    if (code == SQLITE_DONE) return done();
    STARDROP_TRY(db.check(code, "Reading the used keys"));
    if (!read_chunk(chunks.blob(2), keys)) return damaged(OpId(chunks.integer(0)));
    covered_ = OpId(chunks.integer(1));
    to_come -= std::min(to_come, keys.size());
    take(keys, to_come);
  }
}

void KeyChunks::add(OpId last_op, const std::vector<engine::UsedKey>& keys) {
  BinaryWriter out(pending_);
  for (const engine::UsedKey& key : keys) {
    if (!first_op_.is_set()) first_op_ = key.op;
    out.fixed64(key.digest);
    out.zigzag(key.op.value() - previous_);
    previous_ = key.op.value();
  }
  last_op_ = last_op;
  if (!first_op_.is_set()) covered_ = last_op;
}

int KeyChunks::write(bool all) {
  if (!all && pending_.size() < chunk_bytes_) return SQLITE_OK;
  if (!first_op_.is_set()) return SQLITE_OK;
  const std::uint32_t checksum = crc32c(pending_);
  std::string body;
  body.reserve(kChecksumBytes + pending_.size());
  for (int shift = 24; shift >= 0; shift -= 8) {
    body.push_back(static_cast<char>((checksum >> static_cast<unsigned>(shift)) & 0xffU));
  }
  body += pending_;
  insert_.bind(1, first_op_.value());
  insert_.bind(2, last_op_.value());
  insert_.bind_blob(3, body);
  const int code = insert_.run();
  written_ = code == SQLITE_OK;
  return code;
}

void KeyChunks::committed() {
  if (!written_) return;
  covered_ = last_op_;
  clear_pending();
}

void KeyChunks::clear_pending() {
  first_op_ = OpId();
  previous_ = 0;
  pending_.clear();
  written_ = false;
}

}  // namespace stardrop::storage
