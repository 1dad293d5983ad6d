// What a command is: a plain struct with validate, prefetch and apply, and what those may see.
//
//   validate(settings)   the request alone
//   prefetch(rows)       names every row apply may read; called again until nothing is missing
//   apply(context)       refuses first, then only writes; no I/O, no clock, no other randomness
#pragma once

#include <concepts>
#include <cstdint>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/random.h"
#include "base/result.h"
#include "base/seal.h"
#include "ledger/book.h"
#include "ledger/stock.h"
#include "market/caller.h"
#include "market/events.h"
#include "market/state.h"

namespace stardrop::market {

/// What a command may do beyond moving what is there; checked by the invariants.
enum class Effect : std::uint8_t {
  none = 0,
  issues_stars = 1,   ///< Stars come into or leave circulation
  moves_stars = 2,    ///< balances change
  creates_gifts = 4,  ///< gifts come into being, or are undone
  changes_stock = 8,  ///< what editions have left changes
};
constexpr Effect operator|(Effect a, Effect b) noexcept {
  return static_cast<Effect>(static_cast<unsigned>(a) | static_cast<unsigned>(b));
}
constexpr bool allows(Effect granted, Effect needed) noexcept {
  return (static_cast<unsigned>(granted) & static_cast<unsigned>(needed)) != 0;
}

/// An edition whose slices have to be settled, or called in, before a command is applied.
struct SlicesNeeded {
  EditionId edition;
  bool whole = false;
};

/// What prefetch sees: it declares rows, and looks at those that are loaded already.
class Prefetch {
 public:
  /// `the_lane` is that of the node which carries the command out.
  Prefetch(State& state,
           Keys& missing,
           std::uint32_t stamp,
           const Caller& the_caller,
           Instant the_now,
           std::int64_t the_lane = 0) noexcept
      : caller(the_caller),
        now(the_now),
        lane(the_lane),
        state_(state),
        missing_(missing),
        stamp_(stamp) {}

  /// Declares a row. Returns it, or null if it isn't there or isn't loaded yet.
  template <class Row>
  const Row* want(const typename Row::Key& key) {
    auto known = Table<Row>::Known::no;
    const Row* const row = state_.table<Row>().want(key, stamp_, known);
    if (known == Table<Row>::Known::no) {
      missing_.of<Row>().push_back(key);
      missing_.add_one();
    }
    return row;
  }

  /// Declares a row that the command reads and doesn't change, and that can't change while it runs:
  /// something else that it declares sees to that. Nobody waits for it.
  template <class Row>
  const Row* look(const typename Row::Key& key) {
    static_assert(Row::kResident, "only a shared store has to be asked");
    auto known = Table<Row>::Known::no;
    const Row* const row = state_.table<Row>().want(key, stamp_, known, true);
    if (known == Table<Row>::Known::no) {
      missing_.looks_of<Row>().push_back(key);
      missing_.add_one();
    }
    return row;
  }

  /// The command can't be applied before the slices of `edition` are settled or, if `whole`, called
  /// in. The engine does that as an operation of its own, and has everything named again.
  void needs_slices(EditionId edition, bool whole) { slices_needed_.push_back({edition, whole}); }
  const std::vector<SlicesNeeded>& slices_needed() const noexcept { return slices_needed_; }

  /// Declares rows of an ordered table from `from` on, until `visit(row)` returns false. What isn't
  /// loaded yet isn't shown: the walk is made again when it is.
  template <class Row, class Visit>
  void walk(const typename Row::Key& from, Visit&& visit) {
    Table<Row>& table = state_.table<Row>();
    if (!table.walk(from, stamp_, visit)) return;
    const std::int64_t range = range_of<Row>(from);
    if (const std::size_t lacks = table.range_lacks(range)) {
      missing_.ranges_of<Row>().push_back({range, lacks});
      missing_.add_one();
    }
  }

  const Caller& caller;
  const Instant now;
  const std::int64_t lane;

 private:
  State& state_;
  Keys& missing_;
  std::uint32_t stamp_;
  std::vector<SlicesNeeded> slices_needed_;
};

/// What apply sees.
class Context {
 public:
  Context(State& state,
          std::uint32_t stamp,
          const Caller& caller,
          OpId op,
          Instant now,
          std::uint64_t seed,
          std::vector<Event>& events) noexcept;

  /// A declared row, by value.
  template <class Row>
  std::optional<Row> find(const typename Row::Key& key) const {
    return state_.table<Row>().find(key, stamp_);
  }
  template <class Row>
  void put(Row row) {
    state_.table<Row>().put(std::move(row));
  }
  template <class Row>
  void erase(const typename Row::Key& key) {
    state_.table<Row>().erase(key);
  }
  template <class Row, class Visit>
  void walk(const typename Row::Key& from, Visit&& visit) {
    state_.table<Row>().walk(from, stamp_, visit);
  }
  template <class Kind>
  Kind next_id() {
    return ids_.next<Kind>();
  }
  void emit(Event event) {
    event.at = now;
    events_.push_back(event);
  }
  const RuleSettings& settings() const;

  /// Refused with forbidden, unless the operator or the engine asks.
  Status only_operator() const;
  /// Refused with forbidden if a user asks.
  Status not_for_users() const;

  /// An account the caller may act for. Refused with account_not_found, account_erased.
  Result<ledger::Account> own_account(AccountId id) const;
  /// The same, whether erased or not. Refused with account_not_found.
  Result<ledger::Account> any_own_account(AccountId id) const;
  /// An account that can receive. Refused with account_not_found, account_erased.
  Result<ledger::Account> receiver(AccountId id) const;

  std::int64_t last_id() const noexcept { return ids_.last(); }

  const Caller& caller;
  const OpId op;
  const Instant now;
  Random random;

 private:
  State& state_;
  std::uint32_t stamp_;
  ledger::IdSource ids_;
  std::vector<Event>& events_;

 public:
  ledger::Book book;
  ledger::Stock stock;
};

/// Seals personal data before a command is applied or journalled, and opens it for those who may
/// read it. The engine provides it; keys are rows that `prefetch` has declared.
class Sealer {
 public:
  virtual ~Sealer() = default;
  /// Seals under the account's key, which is made if it has none.
  virtual Bytes seal_for(AccountId account, std::string_view context, std::string_view plain) = 0;
};

/// A command. `kCode` is its number in the journal and never changes its meaning.
template <class T>
concept Command = Described<T> && Described<typename T::Reply> &&
    requires(const T& command, const RuleSettings& settings, Prefetch& rows, Context& context) {
  { T::kName } -> std::convertible_to<std::string_view>;
  { T::kCode } -> std::convertible_to<std::uint16_t>;
  { T::kEffects } -> std::convertible_to<Effect>;
  { command.validate(settings) } -> std::same_as<Status>;
  { command.prefetch(rows) } -> std::same_as<void>;
  { command.apply(context) } -> std::same_as<Result<typename T::Reply>>;
};

/// A command with personal data: `seal` replaces it before anything else is done.
template <class T>
concept SealedCommand = Command<T> && requires(T& command, Sealer& sealer, OpId op) {
  { command.seal(sealer, op) } -> std::same_as<void>;
};

/// A command that may carry `expires_at`: after it, it is refused with command_expired.
template <class T>
concept ExpiringCommand = requires(const T& command) {
  { command.expires_at } -> std::convertible_to<Instant>;
};

/// A command that changes what every other one goes by: where several nodes share a store, no other
/// is at work meanwhile.
template <class T>
concept LonelyCommand = requires {
  requires T::kAlone;
};

}  // namespace stardrop::market
