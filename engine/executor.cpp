// The life of a batch: known keys, prefetch, apply in scopes, invariants, one commit.
#include "engine/executor.h"

#include "base/binary.h"
#include "base/log.h"
#include "market/invariants/all.h"

namespace stardrop::engine {

using market::AnyCommand;
using market::Prefetch;

namespace {

std::string to_binary_reply(const market::AnyReply& reply) {
  return std::visit([](const auto& each) { return to_binary(each); }, reply);
}

}  // namespace

Executor::Executor(Store& store, const Clock& clock, ExecutorOptions options)
    : store_(store),
      clock_(clock),
      options_(std::move(options)),
      keyring_(options_.master_key,
               state_,
               [this](AccountId account) {
                 Reader rows = reader();
                 rows.find<ledger::PersonalKey>(account);
                 return !rows.failed();
               }),
      sequencer_(options_.node) {}

Status Executor::open() {
  state_.for_each_table([](auto& table) { table.clear(); });
  keys_.clear();
  STARDROP_TRY_ASSIGN(
      head_, store_.open(state_, [this](std::span<const UsedKey> keys, std::size_t to_come) {
        keys_.add_all(keys, to_come);
      }));
  sequencer_.resume(head_);
  must_reopen_ = false;
  return done();
}

std::uint32_t Executor::next_stamp() {
  if (++stamp_ == 0) ++stamp_;  // 0 marks rows that nobody declared
  return stamp_;
}

void Executor::declare_system_accounts(Prefetch& rows) {
  rows.want<ledger::Account>(ledger::kIssuer);
  rows.want<ledger::Account>(ledger::kHouse);
  rows.want<ledger::Account>(ledger::kReceivables);
}

Status Executor::load_for(const AnyCommand& command, const market::Caller& caller, Instant at) {
  for (int round = 0; round < kPrefetchRoundsMax; ++round) {
    missing_.clear();
    Prefetch rows(state_, missing_, next_stamp(), caller, at);
    declare_system_accounts(rows);
    std::visit([&](const auto& each) { each.prefetch(rows); }, command);
    if (missing_.empty()) return done();
    STARDROP_TRY(store_.load(missing_, state_));
  }
  STARDROP_ASSERT(false, "prefetch names everything within a few rounds");
}

void Executor::load_ahead(std::span<const Request> requests) {
  const Instant at = now();
  for (int round = 0; round < kPrefetchRoundsMax; ++round) {
    missing_.clear();
    const std::uint32_t stamp = next_stamp();
    for (const Request& request : requests) {
      Prefetch rows(state_, missing_, stamp, request.caller, at);
      std::visit([&](const auto& each) { each.prefetch(rows); }, request.command);
    }
    // A failure shows again, and is answered, when the command's own turn has come.
    if (missing_.empty() || !store_.load(missing_, state_).ok()) return;
  }
}

void Executor::digest_keys(std::span<const Request> requests) {
  digests_.clear();
  for (const Request& request : requests) {
    const bool keyed = !request.idempotency_key.empty();
    digests_.push_back(keyed ? KeyIndex::digest(request.caller, request.idempotency_key) : 0);
    if (keyed) keys_.touch(digests_.back());
  }
}

std::optional<Outcome> Executor::known_outcome(const Request& request, std::uint64_t digest) {
  for (const OpId op : keys_.find(digest)) {
    std::optional<JournalEntry> entry;
    if (!journal_.empty() && op >= journal_.batch().first_op) {
      entry = find_entry(journal_.batch(), op);
    } else {
      auto batch = store_.find_batch(op);
      if (!batch) return Outcome(std::move(batch).error());
      if (*batch) entry = find_entry(**batch, op);
    }
    if (!entry) return Outcome(Error(ErrorCode::internal).with("op", op.text()));
    const Request& first = entry->request;
    if (first.idempotency_key != request.idempotency_key || first.caller != request.caller) {
      continue;  // another key with the same digest
    }
    if (first.fingerprint != request.fingerprint ||
        first.command.index() != request.command.index()) {
      return Outcome(Error(ErrorCode::idempotency_key_reused));
    }
    return Outcome(Receipt{entry->op, entry->at, true, std::move(entry->request.command),
                           std::move(entry->reply)});
  }
  return std::nullopt;
}

void Executor::end_scope(bool keep) {
  state_.for_each_table([keep](auto& table) {
    if (table.scope_is_empty()) return;
    if (keep) {
      table.keep_scope();
    } else {
      table.discard_scope();
    }
  });
}

Status Executor::check_invariants(market::Effect allowed) {
  market::InvariantCheck check(allowed);
  state_.for_each_table([&](const auto& table) {
    table.for_each_scope_change(
        [&](const auto* before, const auto* after) { check.visit(before, after); });
  });
  const std::string_view broken = check.broken();
  if (broken.empty()) return done();
  ++violations_;
  log(LogLevel::critical, "engine.invariant_broken", {{"invariant", broken}});
  return Error(ErrorCode::internal).with("invariant", std::string(broken));
}

Result<Executor::Applied> Executor::apply(AnyCommand& command,
                                          const market::Caller& caller,
                                          OpId op,
                                          Instant at,
                                          std::uint64_t seed,
                                          bool sealed) {
  state_.for_each_table([](auto& table) { table.begin_scope(); });
  const std::size_t events_before = events_.size();
  auto result = std::visit(
      [&]<class T>(T& each) -> Result<Applied> {
        if constexpr (market::SealedCommand<T>) {
          if (!sealed) each.seal(keyring_, op);
          if (keyring_.take_failure()) return ErrorCode::storage_unavailable;
        }
        market::Context context(state_, stamp_, caller, op, at, seed, events_);
        auto reply = each.apply(context);
        if (!reply) return std::move(reply).error();
        if (Status sound = check_invariants(T::kEffects); !sound) return std::move(sound).error();
        constexpr std::size_t kIndex = market::AllCommands::kIndexOf<T>;
        return Applied{market::AnyReply(std::in_place_index<kIndex>, *std::move(reply)),
                       context.last_id()};
      },
      command);
  end_scope(result.ok());
  if (!result) events_.resize(events_before);
  return result;
}

Outcome Executor::execute_one(Request& request, std::uint64_t digest) {
  const bool keyed = digest != 0;
  if (keyed) {
    if (auto known = known_outcome(request, digest)) return *std::move(known);
  }
  const Instant clock = clock_.now();
  const Instant at = sequencer_.next_time(clock);
  const OpId op = sequencer_.next_op(clock);
  const market::RuleSettings* const row = state_.table<market::RuleSettings>().peek(1);
  const market::RuleSettings settings = row != nullptr ? *row : market::RuleSettings();
  Status valid = std::visit(
      [&]<class T>(const T& each) -> Status {
        STARDROP_TRY(each.validate(settings));
        if constexpr (market::ExpiringCommand<T>) {
          if (each.expires_at.is_set() && at >= each.expires_at) {
            return Error(ErrorCode::command_expired).with("expired_at", rfc3339(each.expires_at));
          }
        }
        return done();
      },
      request.command);
  if (!valid) return std::move(valid).error();
  STARDROP_TRY(load_for(request.command, request.caller, at));
  auto applied =
      apply(request.command, request.caller, op, at, operation_seed(batch_seed_, op), false);
  if (!applied) return std::move(applied).error();
  sequencer_.used(applied->last_id, at);
  journal_.append(op, at, request, request.command, applied->reply);
  if (keyed) {
    keys_.add(digest, op);
    new_keys_.push_back({digest, op});
  }
  return Receipt{op, at, false, std::move(request.command), std::move(applied->reply)};
}

Status Executor::commit(const JournalBatch& batch, const LaneHead& head) {
  Status committed = store_.commit({state_, batch, head.last_time, new_keys_});
  if (!committed) {
    must_reopen_ = true;
    events_.clear();
    return committed;
  }
  head_ = head;
  if (listener_) listener_({events_, state_});
  state_.for_each_table([](auto& table) { table.end_batch(); });
  events_.clear();
  return done();
}

void Executor::execute(std::span<Request> requests, std::vector<Outcome>& outcomes) {
  outcomes.clear();
  outcomes.reserve(requests.size());
  if (must_reopen_) {
    if (Status opened = open(); !opened) {
      for (std::size_t i = 0; i < requests.size(); ++i) outcomes.emplace_back(opened.error());
      return;
    }
  }
  batch_seed_ = options_.entropy ? options_.entropy() : entropy64();
  journal_.begin(head_, batch_seed_);
  new_keys_.clear();
  digest_keys(requests);
  if (requests.size() > 1) load_ahead(requests);
  for (std::size_t i = 0; i < requests.size(); ++i) {
    outcomes.push_back(execute_one(requests[i], digests_[i]));
  }
  if (journal_.empty()) {
    store_.abort();
    return;
  }
  const Status committed = commit(journal_.batch(), journal_.head());
  if (committed) return;
  for (Outcome& outcome : outcomes) {
    // What was answered from earlier batches is durable; the rest is not, or nobody knows.
    if (outcome.ok() && outcome->op >= journal_.batch().first_op) outcome = committed.error();
  }
}

Status Executor::replay_one(JournalEntry&& entry) {
  STARDROP_TRY(load_for(entry.request.command, entry.request.caller, entry.at));
  auto applied =
      apply(entry.request.command, entry.request.caller, entry.op, entry.at, entry.seed, true);
  if (!applied) {
    return Error(ErrorCode::internal)
        .detail("A journalled operation is refused when it is applied again.")
        .with("op", entry.op.text())
        .with("refused_with", std::string(info(applied.error().code()).code));
  }
  if (to_binary_reply(applied->reply) != to_binary_reply(entry.reply)) {
    return Error(ErrorCode::internal)
        .detail("A journalled operation answers differently when it is applied again.")
        .with("op", entry.op.text());
  }
  sequencer_.used(applied->last_id, entry.at);
  if (!entry.request.idempotency_key.empty()) {
    const auto digest = KeyIndex::digest(entry.request.caller, entry.request.idempotency_key);
    keys_.add(digest, entry.op);
    new_keys_.push_back({digest, entry.op});
  }
  return done();
}

Status Executor::replay(const JournalBatch& batch) {
  new_keys_.clear();
  LaneHead head{batch.last_op, head_.last_time, batch.chain};
  Status applied = done();
  Status read = read_entries(batch, head_.chain, [&](JournalEntry&& entry) {
    head.last_time = entry.at;
    applied = replay_one(std::move(entry));
    return applied.ok();
  });
  if (applied && read) return commit(batch, head);
  must_reopen_ = true;
  events_.clear();
  return applied ? read : applied;
}

Instant Executor::next_timer() const {
  const ledger::Timer* const first = state_.table<ledger::Timer>().first();
  return first != nullptr ? first->due : Instant();
}

}  // namespace stardrop::engine
