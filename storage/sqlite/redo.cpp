// Redo bodies and their table.
#include "storage/sqlite/redo.h"

#include <optional>

#include "base/hash.h"
#include "storage/refused.h"

namespace stardrop::storage {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kChecksumBytes = 4;

}  // namespace

void RedoWriter::begin(const std::vector<engine::UsedKey>& keys) {
  body_.clear();
  BinaryWriter out(body_);
  out.byte(kVersion);
  out.varint(keys.size());
  std::int64_t before = 0;
  for (const engine::UsedKey& key : keys) {
    out.fixed64(key.digest);
    out.zigzag(key.op.value() - before);
    before = key.op.value();
  }
}

const std::string& RedoWriter::finish() {
  const std::uint32_t checksum = crc32c(body_);
  for (unsigned shift = 0; shift < 32; shift += 8) {
    body_.push_back(static_cast<char>((checksum >> shift) & 0xffU));
  }
  return body_;
}

std::optional<std::string_view> open_redo(std::string_view body,
                                          std::vector<engine::UsedKey>& keys) {
  if (body.size() < kChecksumBytes + 2) return std::nullopt;
  const std::string_view content = body.substr(0, body.size() - kChecksumBytes);
  std::uint32_t checksum = 0;
  for (std::size_t i = 0; i < kChecksumBytes; ++i) {
    checksum |= std::uint32_t{static_cast<unsigned char>(body[content.size() + i])} << (8 * i);
  }
  if (checksum != crc32c(content)) return std::nullopt;
  BinaryReader in(content);
  if (in.byte() != kVersion) return std::nullopt;
  std::int64_t before = 0;
  for (std::uint64_t left = in.varint(); in.ok() && left > 0; --left) {
    const std::uint64_t digest = in.fixed64();
    before += in.zigzag();
    keys.push_back({digest, OpId(before)});
  }
  if (!in.ok()) return std::nullopt;
  return content.substr(content.size() - in.left());
}

Status RedoLog::prepare(Database& db) {
  db_ = &db;
  rows_.clear();
  bytes_ = 0;
  bytes_added_ = 0;
  STARDROP_TRY_ASSIGN(insert_, db.prepare("INSERT INTO redo(first_op, body) VALUES(?, ?)"));
  STARDROP_TRY_ASSIGN(erase_, db.prepare("DELETE FROM redo WHERE first_op=?"));
  STARDROP_TRY_ASSIGN(Statement sizes,
                      db.prepare("SELECT first_op, length(body) FROM redo ORDER BY first_op"));
  for (;;) {
    const int code = sizes.step();
    if (code == SQLITE_DONE) return done();
    STARDROP_TRY(db.check(code, "Reading the redo log"));
    count(OpId(sizes.integer(0)), static_cast<std::size_t>(sizes.integer(1)));
  }
}

void RedoLog::count(OpId first_op, std::size_t bytes) {
  rows_.push_back({first_op, bytes});
  bytes_ += bytes;
  bytes_added_ += bytes;
}

Status RedoLog::read(const std::function<bool(OpId first_op, std::string_view body)>& take) {
  STARDROP_TRY_ASSIGN(Statement rows,
                      db_->prepare("SELECT first_op, body FROM redo ORDER BY first_op DESC"));
  for (;;) {
    const int code = rows.step();
    if (code == SQLITE_DONE) return done();
    STARDROP_TRY(db_->check(code, "Reading the redo log"));
    const OpId first_op(rows.integer(0));
    if (!take(first_op, rows.blob(1))) {
      return refused("The redo log is damaged.", "damaged_redo").with("op", first_op.text());
    }
  }
}

int RedoLog::append(OpId first_op, std::string_view body) {
  insert_.bind(1, first_op.value());
  insert_.bind_blob(2, body);
  const int code = insert_.run();
  if (code == SQLITE_OK) appended_ = {first_op, body.size()};
  return code;
}

int RedoLog::trim(OpId mark, std::size_t bytes_max) {
  std::size_t bytes = 0;
  while (trimmed_ < rows_.size() && rows_[trimmed_].first_op <= mark && bytes < bytes_max) {
    erase_.bind(1, rows_[trimmed_].first_op.value());
    const int code = erase_.run();
    if (code != SQLITE_OK) return code;
    bytes += rows_[trimmed_].bytes;
    ++trimmed_;
  }
  return SQLITE_OK;
}

void RedoLog::committed() {
  for (; trimmed_ > 0; --trimmed_) {
    bytes_ -= rows_.front().bytes;
    rows_.pop_front();
  }
  if (appended_.first_op.is_set()) count(appended_.first_op, appended_.bytes);
  appended_ = {};
}

void RedoLog::rolled_back() noexcept {
  trimmed_ = 0;
  appended_ = {};
}

}  // namespace stardrop::storage
