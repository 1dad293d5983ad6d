// The life of a batch: known keys, prefetch, apply in scopes, invariants, one commit.
#include "engine/executor.h"

#include <algorithm>

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
      keyring_(options_.master_key, state_, [this](AccountId account) {
        Reader rows(store_, state_, keyring_, now());
        rows.find<ledger::PersonalKey>(account);
        return !rows.failed();
      }) {}

Status Executor::open() {
  state_.for_each_table([](auto& table) { table.clear(); });
  keys_.clear();
  recent_.clear();
  STARDROP_TRY_ASSIGN(
      head_, store_.open(state_, [this](std::span<const UsedKey> keys, std::size_t to_come) {
        keys_.add_all(keys, to_come);
      }));
  if (store_.is_shared()) {
    state_.for_each_table([](auto& table) { table.share(); });
  }
  sequencer_.resume(head_);
  must_reopen_ = false;
  unsettled_.clear();
  // The node may have gone between its last sale and settling it.
  state_.table<ledger::StockSlice>().for_each([this](const ledger::StockSlice& slice) {
    if (slice.lane == std::int64_t{head_.lane} && slice.unsold() == 0) {
      unsettled_.insert(slice.key());
    }
  });
  return done();
}

void Executor::doubt() {
  state_.for_each_table([](auto& table) { table.doubt(); });
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

market::RuleSettings Executor::rules() const {
  const market::RuleSettings* const row = state_.table<market::RuleSettings>().peek(1);
  return row != nullptr ? *row : market::RuleSettings();
}

Status Executor::load_missing() {
  if (!store_.is_shared()) return store_.load(missing_, state_);
  const std::span<const UsedKey> keys = std::exchange(keys_to_find_, {});
  auto locked = store_.lock(missing_, {keys, alone_}, state_);
  if (!locked) {
    keys_to_find_ = keys;
    return std::move(locked).error();
  }
  sequencer_.not_before(locked->latest, locked->highest_id);
  for (const UsedKey& key : locked->used) used_.emplace(key.digest, key.op);
  return done();
}

Status Executor::load_for(const AnyCommand& command,
                          const market::Caller& caller,
                          Instant at,
                          std::int64_t lane) {
  for (int round = 0; round < kPrefetchRoundsMax; ++round) {
    missing_.clear();
    Prefetch rows(state_, missing_, next_stamp(), caller, at, lane);
    declare_system_accounts(rows);
    std::visit([&](const auto& each) { each.prefetch(rows); }, command);
    slices_needed_ = rows.slices_needed();
    if (missing_.empty()) return done();
    STARDROP_TRY(load_missing());
  }
  STARDROP_ASSERT(false, "prefetch names everything within a few rounds");
}

/// Names the rows of all requests but those that are turned away, under one stamp.
void Executor::name_rows(std::span<const Request> requests, Instant at) {
  missing_.clear();
  const std::uint32_t stamp = next_stamp();
  for (std::size_t i = 0; i < requests.size(); ++i) {
    if (is_turned_away(i) || requests[i].refused_if_new != nullptr) continue;
    Prefetch rows(state_, missing_, stamp, requests[i].caller, at, head_.lane);
    std::visit([&](const auto& each) { each.prefetch(rows); }, requests[i].command);
  }
  for (const market::LeaseStock& lease : leases_) {
    Prefetch rows(state_, missing_, stamp, market::Caller(), at, head_.lane);
    lease.prefetch(rows);
  }
}

void Executor::load_ahead(std::span<const Request> requests) {
  const Instant at = now();
  for (int round = 0; round < kPrefetchRoundsMax; ++round) {
    name_rows(requests, at);
    // What is locked next is read then.
    if (store_.is_shared() ? !needs_look(missing_) : missing_.empty()) return;
    // A failure shows again, and is answered, when the command's own turn has come.
    if (!store_.load(missing_, state_).ok()) return;
  }
}

void Executor::digest_keys(std::span<const Request> requests) {
  digests_.clear();
  for (const Request& request : requests) {
    const bool keyed = !request.idempotency_key.empty();
    digests_.push_back(keyed ? KeyIndex::digest_of(request.caller, request.idempotency_key)
                             : UsedKey());
    if (keyed) keys_.touch(digests_.back().digest);
  }
}

std::vector<OpId> Executor::ops_of(const UsedKey& key) const {
  if (!store_.is_shared()) return keys_.find(key.digest);
  std::vector<OpId> out;
  const auto [begin, end] = used_.equal_range(key.digest);
  for (auto each = begin; each != end; ++each) out.push_back(each->second);
  return out;
}

Result<std::optional<JournalEntry>> Executor::find_entry_of(OpId op) {
  if (journal_.holds(op)) return find_entry(journal_.batch(), op);
  if (const JournalBatch* const recent = recent_.find(op)) return find_entry(*recent, op);
  STARDROP_TRY_ASSIGN(const std::optional<JournalBatch> batch, store_.find_batch(op));
  return batch ? find_entry(*batch, op) : std::nullopt;
}

std::optional<Outcome> Executor::known_outcome(const Request& request, const UsedKey& key) {
  for (const OpId op : ops_of(key)) {
    auto found = find_entry_of(op);
    if (!found) return Outcome(std::move(found).error());
    std::optional<JournalEntry>& entry = *found;
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
        if (store_.is_shared() && !alone_ && !may_go_on_beside_others()) must_be_alone_ = true;
        constexpr std::size_t kIndex = market::AllCommands::kIndexOf<T>;
        return Applied{market::AnyReply(std::in_place_index<kIndex>, *std::move(reply)),
                       context.last_id()};
      },
      command);
  end_scope(result.ok());
  if (!result) events_.resize(events_before);
  return result;
}

/// Rows of a table come in order, so the first that isn't due ends the search.
Status Executor::claim_timers(market::RunTimers& command, Instant at) {
  if (store_.is_shared()) STARDROP_TRY(store_.claim_timers(at, command.limit + 1, state_));
  command.timers.clear();
  command.more = false;
  const ledger::Timer* const first = state_.table<ledger::Timer>().first();
  if (first == nullptr) return done();
  state_.table<ledger::Timer>().walk(first->key(), 0, [&](const ledger::Timer& timer) {
    if (timer.due > at) return false;
    command.more = static_cast<std::int64_t>(command.timers.size()) >= command.limit;
    if (!command.more) command.timers.push_back(timer);
    return !command.more;
  });
  return done();
}

/// What a request is refused for whatever the rows say.
Status Executor::check_request(const Request& request, Instant at) const {
  return std::visit(
      [&]<class T>(const T& each) -> Status {
        STARDROP_TRY(each.validate(rules()));
        if constexpr (market::ExpiringCommand<T>) {
          if (each.expires_at.is_set() && at >= each.expires_at) {
            return Error(ErrorCode::command_expired).with("expired_at", rfc3339(each.expires_at));
          }
        }
        return done();
      },
      request.command);
}

Outcome Executor::execute_one(Request& request, const UsedKey& key) {
  const bool keyed = key.digest != 0;
  if (keyed) {
    if (auto known = known_outcome(request, key)) return *std::move(known);
  }
  if (request.refused_if_new != nullptr) return *request.refused_if_new;
  OpId op;
  Instant at;
  // A row that was locked only now may come from a later moment.
  bool stands = false;
  for (int round = 0; !stands; ++round) {
    STARDROP_ASSERT(round < kPrefetchRoundsMax,
                    "what a command needs is there within a few rounds");
    const Instant clock = clock_.now();
    op = sequencer_.next_op(clock);
    at = sequencer_.next_time(clock);
    STARDROP_TRY(check_request(request, at));
    if (auto* const timers = std::get_if<market::RunTimers>(&request.command)) {
      STARDROP_TRY(claim_timers(*timers, at));
    }
    STARDROP_TRY(load_for(request.command, request.caller, at, head_.lane));
    stands = slices_needed_.empty() && sequencer_.next_time(clock) == at &&
             sequencer_.next_op(clock) == op;
    if (!slices_needed_.empty()) STARDROP_TRY(settle_slices());
  }
  auto applied =
      apply(request.command, request.caller, op, at, operation_seed(batch_seed_, op), false);
  if (!applied) return std::move(applied).error();
  sequencer_.used(applied->last_id, at);
  journal_.append(op, at, request, request.command, applied->reply);
  journal_.made_ids_up_to(applied->last_id);
  if (keyed) {
    new_keys_.push_back({key.digest, op, key.second_half});
    if (store_.is_shared()) {
      used_.emplace(key.digest, op);
    } else {
      keys_.add(key.digest, op);
    }
  }
  return Receipt{op, at, false, std::move(request.command), std::move(applied->reply)};
}

Status Executor::commit(const JournalBatch& batch, const LaneHead& head) {
  Status committed = store_.commit({state_, batch, head, new_keys_, events_});
  if (!committed) {
    if (store_.trouble() != Trouble::contended) must_reopen_ = true;
    events_.clear();
    return committed;
  }
  if (head.lane == head_.lane) {
    head_ = head;
  } else {
    other_lanes_[head.lane] = head;
  }
  if (store_.is_shared()) recent_.add(batch);
  if (store_.has_news()) events_.clear();
  tell_listener();
  return done();
}

/// What was committed is told, and forgotten.
void Executor::tell_listener() {
  if (listener_) listener_({events_, state_});
  state_.for_each_table([](auto& table) { table.end_batch(); });
  events_.clear();
}

void Executor::attempt(std::span<Request> requests, std::vector<Outcome>& outcomes) {
  outcomes.clear();
  batch_seed_ = options_.entropy ? options_.entropy() : entropy64();
  journal_.begin(head_, batch_seed_);
  new_keys_.clear();
  digest_keys(requests);
  if (store_.is_shared()) {
    turn_away(requests);
    const auto stays = [](const auto& refusal) { return !refusal.has_value(); };
    if (std::ranges::any_of(turned_away_, stays)) lock_ahead(requests);
  } else if (requests.size() > 1) {
    load_ahead(requests);
  }
  for (std::size_t i = 0; i < requests.size() && !is_over(); ++i) {
    if (is_turned_away(i)) {
      outcomes.emplace_back(*turned_away_[i]);
    } else {
      if (!leases_.empty()) lease_for(requests[i]);
      if (is_over()) break;
      outcomes.push_back(execute_one(requests[i], digests_[i]));
    }
  }
  if (is_over()) return;
  if (journal_.empty()) {
    // An answer from the journal is a promise like a new one.
    const bool replays =
        std::ranges::any_of(outcomes, [](const Outcome& each) { return each.ok(); });
    const Status safe = replays ? store_.confirm() : done();
    if (!replays) store_.abort();
    for (Outcome& outcome : outcomes) {
      if (!safe && outcome.ok()) outcome = safe.error();
    }
    return;
  }
  note_dry_slices();
  const Status committed = commit(journal_.batch(), journal_.head());
  if (!committed) take_back(outcomes, committed.error());
}

/// Of a batch that does not count. What was answered from earlier batches is durable, though in a
/// shared store perhaps not yet everywhere it has to be. Whatever was refused behind an operation
/// may have been refused because of it: sold out by a sale that never was.
void Executor::take_back(std::vector<Outcome>& outcomes, const Error& error) {
  bool behind = false;
  for (Outcome& outcome : outcomes) {
    const bool carried_out = outcome.ok() && journal_.holds(outcome->op);
    behind = behind || carried_out;
    if (outcome.ok() ? carried_out || store_.is_shared() : behind) outcome = error;
  }
}

void Executor::execute(std::span<Request> requests, std::vector<Outcome>& outcomes) {
  outcomes.clear();
  if (requests.empty()) return;
  outcomes.reserve(requests.size());
  const auto refuse_all = [&](const Error& error) {
    outcomes.assign(requests.size(), Outcome(error));
  };
  if (must_reopen_) {
    if (Status opened = open(); !opened) return refuse_all(opened.error());
  }
  if (!store_.is_shared()) return attempt(requests, outcomes);
  const std::vector<Request> originals(requests.begin(), requests.end());
  for (int tries = 0;; ++tries) {
    attempt(requests, outcomes);
    if (!is_over()) return;
    if (store_.trouble() == Trouble::lost) {
      must_reopen_ = true;
      give_up_batch();
      take_back(outcomes, Error(ErrorCode::storage_unavailable));
      outcomes.resize(requests.size(), Outcome(ErrorCode::storage_unavailable));
      return;
    }
    give_up_batch();
    if (tries == kRedoMax) {
      return refuse_all(Error(ErrorCode::overloaded).with("retry_after", std::int64_t{1}));
    }
    ++redone_;
    if (!must_be_alone_) pause_before_redo(tries);
    std::ranges::copy(originals, requests.begin());
  }
}

Status Executor::replay_one(JournalEntry&& entry, std::int64_t& last_id) {
  STARDROP_TRY(
      load_for(entry.request.command, entry.request.caller, entry.at, ledger::node_of(entry.op)));
  if (!slices_needed_.empty()) {
    return Error(ErrorCode::internal)
        .detail("A journalled operation finds slices that were settled before it.")
        .with("op", entry.op.text());
  }
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
  last_id = applied->last_id;
  if (!entry.request.idempotency_key.empty()) {
    const UsedKey key = KeyIndex::digest_of(entry.request.caller, entry.request.idempotency_key);
    if (!store_.is_shared()) keys_.add(key.digest, entry.op);
    new_keys_.push_back({key.digest, entry.op, key.second_half});
  }
  return done();
}

Status Executor::replay(const JournalBatch& batch) {
  new_keys_.clear();
  if (store_.is_shared()) doubt();
  const LaneHead& before = batch.lane == head_.lane ? head_ : other_lanes_[batch.lane];
  LaneHead head{batch.lane, batch.last_op, before.last_time, batch.chain, before.last_id};
  Status applied = done();
  Status read = read_entries(batch, before.chain, [&](JournalEntry&& entry) {
    head.last_time = entry.at;
    applied = replay_one(std::move(entry), head.last_id);
    return applied.ok();
  });
  if (applied && read) return commit(batch, head);
  must_reopen_ = true;
  events_.clear();
  return applied ? read : applied;
}

Status Executor::tidy(bool idle) {
  if (must_reopen_) return open();
  const Status tidied = store_.tidy(state_, idle);
  if (tidied) settle_unsettled();
  // Reads, news and the lease find out as well that a shared store is gone.
  if (store_.is_shared() && (!tidied || store_.trouble() == Trouble::lost)) must_reopen_ = true;
  return tidied;
}

Instant Executor::next_timer() {
  if (store_.is_shared()) {
    const auto next = store_.next_timer();
    return next ? *next : Instant();
  }
  const ledger::Timer* const first = state_.table<ledger::Timer>().first();
  return first != nullptr ? first->due : Instant();
}

}  // namespace stardrop::engine
