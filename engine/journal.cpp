// Journal entries: encoding, chaining, decoding.
#include "engine/journal.h"

#include "base/binary.h"

namespace stardrop::engine {
namespace {

using market::AllCommands;

/// Reads a command or reply by the command's number.
template <class Visit>
bool with_command(std::uint64_t code, Visit&& visit) {
  bool found = false;
  AllCommands::for_each([&]<class T>(std::type_identity<T> type) {
    if (!found && T::kCode == code) {
      found = true;
      visit(type);
    }
  });
  return found;
}

/// Bytes of an entry's hash that stand behind it.
constexpr std::size_t kShortHash = 4;

/// Where a reader of a batch stands.
struct Cursor {
  std::uint64_t seed = 0;
  OpId op;
  Instant at;
};

/// Decodes what stands before the entries.
Cursor decode_start(BinaryReader& in) {
  Cursor cursor;
  cursor.seed = in.fixed64();
  cursor.op = OpId(static_cast<std::int64_t>(in.fixed64()));
  cursor.at.us = static_cast<std::int64_t>(in.fixed64());
  return cursor;
}

/// Decodes one entry's payload.
bool decode_entry(std::string_view payload, Cursor& cursor, JournalEntry& out) {
  BinaryReader in(payload);
  const std::uint64_t code = in.varint();
  cursor.op = OpId(cursor.op.value() + static_cast<std::int64_t>(in.varint()));
  cursor.at.us += static_cast<std::int64_t>(in.varint());
  out.op = cursor.op;
  out.at = cursor.at;
  out.seed = operation_seed(cursor.seed, out.op);
  in.value(out.request.caller);
  in.value(out.request.idempotency_key);
  out.request.fingerprint = in.fixed64();
  const bool known = with_command(code, [&]<class T>(std::type_identity<T>) {
    constexpr std::size_t kIndex = AllCommands::kIndexOf<T>;
    in.value(out.request.command.template emplace<T>());
    in.value(out.reply.template emplace<kIndex>());
  });
  return known && in.ok() && in.at_end();
}

Error damaged(OpId op) {
  return Error(ErrorCode::internal).detail("The journal is damaged.").with("op", op.text());
}

}  // namespace

std::uint64_t operation_seed(std::uint64_t batch_seed, OpId op) noexcept {
  return Random(batch_seed ^ static_cast<std::uint64_t>(op.value())).next();
}

void JournalWriter::begin(const LaneHead& head, std::uint64_t seed) {
  head_ = head;
  batch_.lane = head.lane;
  batch_.first_op = OpId();
  batch_.last_op = OpId();
  batch_.entries = 0;
  batch_.body.clear();
  BinaryWriter out(batch_.body);
  out.fixed64(seed);
  out.fixed64(static_cast<std::uint64_t>(head.last_op.value()));
  out.fixed64(static_cast<std::uint64_t>(head.last_time.us));
}

void JournalWriter::append(OpId op,
                           Instant at,
                           const Request& request,
                           const market::AnyCommand& command,
                           const market::AnyReply& reply) {
  entry_.clear();
  BinaryWriter out(entry_);
  std::visit([&]<class T>(const T&) { out.varint(T::kCode); }, command);
  out.varint(static_cast<std::uint64_t>(op.value() - head_.last_op.value()));
  out.varint(static_cast<std::uint64_t>(at.us - head_.last_time.us));
  out.value(request.caller);
  out.value(request.idempotency_key);
  out.fixed64(request.fingerprint);
  std::visit([&](const auto& each) { out.value(each); }, command);
  std::visit([&](const auto& each) { out.value(each); }, reply);

  head_.chain = sha256(bytes_of(head_.chain), entry_);
  head_.last_op = op;
  head_.last_time = at;
  BinaryWriter body(batch_.body);
  body.varint(entry_.size());
  body.raw(entry_);
  body.raw(bytes_of(head_.chain).substr(0, kShortHash));
  if (batch_.entries++ == 0) batch_.first_op = op;
  batch_.last_op = op;
  batch_.chain = head_.chain;
}

Status read_entries(const JournalBatch& batch,
                    const Digest& before,
                    const std::function<bool(JournalEntry&&)>& take) {
  BinaryReader in(batch.body);
  Cursor cursor = decode_start(in);
  Digest chain = before;
  std::uint32_t count = 0;
  while (!in.at_end()) {
    const std::string_view payload = in.text();
    const std::string_view mark = in.raw(kShortHash);
    JournalEntry entry;
    chain = sha256(bytes_of(chain), payload);
    if (!in.ok() || mark != bytes_of(chain).substr(0, kShortHash) ||
        !decode_entry(payload, cursor, entry)) {
      return damaged(count == 0 ? batch.first_op : cursor.op);
    }
    if (count++ == 0 && entry.op != batch.first_op) return damaged(batch.first_op);
    entry.chain = chain;
    if (!take(std::move(entry))) return done();
  }
  if (!in.ok() || count != batch.entries || chain != batch.chain || cursor.op != batch.last_op) {
    return damaged(batch.first_op);
  }
  return done();
}

std::optional<JournalEntry> find_entry(const JournalBatch& batch, OpId op) {
  BinaryReader in(batch.body);
  Cursor cursor = decode_start(in);
  while (in.ok() && !in.at_end()) {
    const std::string_view payload = in.text();
    in.raw(kShortHash);
    // Entries before the one looked for are skipped by their first numbers alone.
    BinaryReader head(payload);
    head.varint();
    const OpId next(cursor.op.value() + static_cast<std::int64_t>(head.varint()));
    if (!in.ok() || next > op) return std::nullopt;
    if (next == op) {
      JournalEntry entry;
      if (!decode_entry(payload, cursor, entry)) return std::nullopt;
      return entry;
    }
    cursor.op = next;
    cursor.at.us += static_cast<std::int64_t>(head.varint());
  }
  return std::nullopt;
}

}  // namespace stardrop::engine
