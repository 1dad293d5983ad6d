// Batches on a store that others write to as well: what is locked, who is turned away, when a batch
// is made again.
#include <algorithm>
#include <chrono>
#include <thread>
#include <unordered_set>

#include "engine/executor.h"

namespace stardrop::engine {

using market::Prefetch;

namespace {

/// Rows that seldom make a command need others: not having seen them is no reason for a look.
template <class Row>
constexpr bool kLockedUnseen =
    std::is_same_v<Row, ledger::Account> || std::is_same_v<Row, ledger::Tally>;

}  // namespace

bool Executor::needs_look(const market::Keys& keys) {
  bool needs = false;
  market::AllRows::for_each([&]<class Row>(std::type_identity<Row>) {
    const bool of_these = !keys.of<Row>().empty() && !kLockedUnseen<Row>;
    needs = needs || of_these || !keys.looks_of<Row>().empty() || !keys.ranges_of<Row>().empty();
  });
  return needs;
}

/// Late buyers are the most there are, and none of them may keep a sale of another node waiting:
/// whoever asks for what is sold out, under a key that was never used, is refused by what one look
/// without a lock has shown.
void Executor::turn_away(std::span<const Request> requests) {
  turned_away_.assign(requests.size(), std::nullopt);
  const Instant clock = clock_.now();
  const Instant at = sequencer_.next_time(clock);
  std::vector<std::size_t> late;
  std::vector<UsedKey> keys;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    const auto* const gift = std::get_if<market::SendGift>(&requests[i].command);
    if (gift == nullptr || !check_request(requests[i], at)) continue;
    const auto* const edition = state_.table<ledger::Edition>().peek(gift->edition);
    if (edition == nullptr || !edition->sold_out()) continue;
    late.push_back(i);
    keys.push_back(digests_[i]);
  }
  if (late.empty()) return;
  doubt();
  for (int round = 0; round < kPrefetchRoundsMax; ++round) {
    missing_.clear();
    Prefetch rows(state_, missing_, next_stamp(), requests[late[0]].caller, at, head_.lane);
    declare_system_accounts(rows);
    for (const std::size_t i : late) {
      Prefetch each(state_, missing_, stamp_, requests[i].caller, at, head_.lane);
      std::get<market::SendGift>(requests[i].command).prefetch(each);
    }
    if (missing_.empty()) break;
    if (!store_.load(missing_, state_)) return;
  }
  const auto used = store_.find_keys(keys);
  if (!used || !missing_.empty()) return;
  std::unordered_set<std::uint64_t> known;
  for (const UsedKey& key : *used) known.insert(key.digest);
  for (const std::size_t i : late) {
    market::AnyCommand command = requests[i].command;
    const EditionId id = std::get<market::SendGift>(command).edition;
    const auto* const edition = state_.table<ledger::Edition>().peek(id);
    if (edition == nullptr || !edition->sold_out() || known.contains(digests_[i].digest)) continue;
    // Of what is sold out nothing can be sold, so this refuses and changes nothing.
    auto refused = apply(command, requests[i].caller, sequencer_.next_op(clock), at, 0, true);
    STARDROP_ASSERT(!refused, "what is sold out can't be bought");
    turned_away_[i] = std::move(refused).error();
    digests_[i] = UsedKey();
  }
}

/// A first look names the rows by what was seen of them before; then all of them are locked at
/// once, in one order that every writer keeps. What turns out to be needed besides is locked out of
/// order: of accounts not seen before that have Stars which are not final yet these are their lots.
/// The keys go with the first lock that succeeds.
void Executor::lock_ahead(std::span<const Request> requests) {
  const auto runs_alone = [](const Request& request) {
    return std::visit([]<class T>(const T&) { return market::LonelyCommand<T>; }, request.command);
  };
  alone_ = must_be_alone_ || std::ranges::any_of(requests, runs_alone);
  must_be_alone_ = false;
  state_.for_each_table([](auto& table) { table.trust(); });
  leases_.clear();
  load_ahead(requests);
  doubt();
  plan_leases(requests);
  used_.clear();
  keys_to_find_ = digests_;
  const Instant at = now();
  for (int round = 0; round < kPrefetchRoundsMax; ++round) {
    name_rows(requests, at);
    Prefetch rows(state_, missing_, stamp_, requests[0].caller, at);
    rows.want<market::RuleSettings>(1);
    declare_system_accounts(rows);
    // A failure shows again when a command's own turn has come.
    if (missing_.empty() || !load_missing().ok()) break;
  }
  if (store_.trouble() == Trouble::none) find_replayed();
}

/// What the batch's used keys are answered from, at once: one by one it would be a round trip each.
void Executor::find_replayed() {
  std::vector<OpId> ops;
  for (const auto& [digest, op] : used_) {
    if (recent_.find(op) == nullptr) ops.push_back(op);
  }
  if (ops.empty()) return;
  // A failure shows again when a command's own turn has come.
  static_cast<void>(
      store_.find_batches(ops, [this](JournalBatch&& batch) { recent_.add(std::move(batch)); }));
}

/// The engine's own accounts are not locked: each writer adds to a share of its own. Only what
/// takes from the house, or changes more than balances, has to know that nobody else does.
bool Executor::may_go_on_beside_others() const {
  bool may = true;
  state_.table<ledger::Account>().for_each_scope_change(
      [&](const ledger::Account* before, const ledger::Account* after) {
        if (before == nullptr || after == nullptr || !ledger::is_system_account(after->id)) return;
        const bool pays =
            after->id == ledger::kHouse && (after->available() < before->available() ||
                                            after->grams_available() < before->grams_available());
        const bool keeps_list = after->newest_transfer != before->newest_transfer ||
                                after->newest_gift != before->newest_gift;
        if (pays || keeps_list || after->erased != before->erased ||
            after->premium != before->premium) {
          may = false;
        }
      });
  return may;
}

/// Whether nothing that follows in this batch can count.
bool Executor::is_over() { return must_be_alone_ || store_.trouble() != Trouble::none; }

void Executor::give_up_batch() {
  store_.abort();
  state_.for_each_table([](auto& table) { table.forget_batch(); });
  events_.clear();
}

/// Writers that met once would meet again if they came back at the same moment.
void Executor::pause_before_redo(int tries) {
  const std::uint64_t most_us = std::uint64_t{200} << std::min(tries, 8);
  const std::uint64_t random = options_.entropy ? options_.entropy() : entropy64();
  std::this_thread::sleep_for(std::chrono::microseconds(random % most_us));
}

/// First what was seen before is taken, then what a new look shows: a ring may have been for that.
Status Executor::take_news() {
  for (bool looked = false; !looked || store_.has_news();) {
    looked = looked || !store_.has_news();
    STARDROP_TRY_ASSIGN(const bool any, store_.take_news(state_, events_));
    if (!any) break;
    tell_listener();
  }
  return done();
}

}  // namespace stardrop::engine
