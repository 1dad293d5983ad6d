// The world's books, recomputed from every row: a third opinion beside rules and invariants.
#include <map>
#include <set>

#include "tests/support/world.h"

namespace stardrop::test {
namespace {

using namespace ledger;  // NOLINT(google-build-using-namespace)
using market::Gift;
using market::GiftState;

class Books {
 public:
  explicit Books(const market::State& state) : state_(state) {}

  std::vector<std::string> wrongs() {
    check_money();
    check_lots();
    check_holds();
    check_stock();
    check_waiting();
    return std::move(wrongs_);
  }

 private:
  void expect(bool holds, const std::string& sentence) {
    if (!holds) wrongs_.push_back(sentence);
  }

  void check_money() {
    std::int64_t sum = 0;
    std::int64_t grams = 0;
    std::int64_t owed = 0;
    std::map<AccountId, std::int64_t> from_transfers;
    state_.table<Transfer>().for_each([&](const Transfer& row) {
      expect(row.amount > 0, row.id.text() + " moves nothing");
      if (row.currency != Currency::XTR) return;
      from_transfers[row.credit] += row.amount;
      from_transfers[row.debit] -= row.amount;
    });
    state_.table<Account>().for_each([&](const Account& row) {
      sum += row.posted.units();
      grams += row.grams_posted.units();
      owed += row.owed.units();
      expect(row.posted.units() == from_transfers[row.id],
             row.id.text() + " has " + row.posted.text() + " but its transfers say " +
                 Stars::units(from_transfers[row.id]).text());
      if (row.id == kReceivables) owed += row.posted.units();
      if (row.id == kIssuer || row.id == kReceivables) {
        expect(!row.posted.is_positive(), "the engine's own account is above zero");
        return;
      }
      expect(!row.available().is_negative() && !row.held.is_negative(),
             row.id.text() + " spends what it hasn't");
      expect(!row.owed.is_negative(), row.id.text() + " owes less than nothing");
      expect(row.owed.is_zero() || row.available().is_zero(),
             row.id.text() + " owes though it could repay");
    });
    expect(sum == 0, "the sum of all Stars is not zero");
    expect(grams == 0, "the sum of all Grams is not zero");
    expect(owed == 0, "what is owed is not what the receivables say");
  }

  void check_lots() {
    std::map<AccountId, std::int64_t> in_lots;
    state_.table<Lots>().for_each([&](const Lots& row) {
      expect(!row.open.empty(), row.account.text() + " keeps an empty row of lots");
      expect(row.open.size() <= kLotsMax, row.account.text() + " has too many lots");
      const Lot* before = nullptr;
      std::set<TopUpId> seen;
      for (const Lot& lot : row.open) {
        expect(lot.stars.is_positive(), row.account.text() + " has an empty lot");
        expect(before == nullptr || before->reversible_until <= lot.reversible_until,
               row.account.text() + " has lots out of order");
        expect(seen.insert(lot.top_up).second, row.account.text() + " has a payment twice");
        before = &lot;
        in_lots[row.account] += lot.stars.units();
      }
    });
    state_.table<Account>().for_each([&](const Account& row) {
      expect(row.reversible.units() == in_lots[row.id],
             row.id.text() + " has " + row.reversible.text() + " reversible but lots of " +
                 Stars::units(in_lots[row.id]).text());
      expect(row.reversible <= std::max(row.posted, Stars()),
             row.id.text() + " has more in lots than it owns");
    });
  }

  void check_holds() {
    std::map<AccountId, std::int64_t> held;
    state_.table<Hold>().for_each([&](const Hold& row) {
      if (row.state != HoldState::open || row.currency != Currency::XTR) return;
      held[row.account] += row.amount;
      expect(!row.expires_at.is_set() || timer_at(row.expires_at, row.id.value()),
             row.id.text() + " never expires");
    });
    state_.table<Account>().for_each([&](const Account& row) {
      expect(row.held.units() == held[row.id], row.id.text() + " holds another sum");
    });
  }

  void check_stock() {
    std::map<EditionId, std::int64_t> sold;
    std::map<EditionId, std::int64_t> reserved;
    std::map<PairKey, std::pair<std::int64_t, std::int64_t>> tallies;
    std::set<PairKey> serials;
    state_.table<Gift>().for_each([&](const Gift& row) {
      if (row.state == GiftState::refunded) return;
      ++sold[row.edition];
      ++tallies[{row.edition.value(), row.from.value()}].first;
      expect(row.serial == 0 || serials.insert({row.edition.value(), row.serial}).second,
             row.id.text() + " has a number twice");
    });
    state_.table<Reservation>().for_each([&](const Reservation& row) {
      if (row.state != ReservationState::open) return;
      ++reserved[row.edition];
      ++tallies[{row.edition.value(), row.account.value()}].second;
      expect(timer_at(row.expires_at, row.id.value()), row.id.text() + " never expires");
    });
    state_.table<FreeSerial>().for_each([&](const FreeSerial& row) {
      expect(serials.insert(row.key()).second, "a number is free and given");
    });
    std::map<EditionId, std::int64_t> leased;
    state_.table<StockSlice>().for_each([&](const StockSlice& row) {
      sold[row.edition] -= row.sold();
      leased[row.edition] += row.size();
      for (std::int64_t serial = row.next; serial <= row.last; ++serial) {
        expect(serials.insert({row.edition.value(), serial}).second,
               "a number is leased and given");
      }
    });
    state_.table<Edition>().for_each([&](const Edition& row) {
      expect(row.leased == leased[row.id], row.id.text() + " leased another number");
      expect(row.sold == sold[row.id], row.id.text() + " sold another number");
      expect(row.reserved == reserved[row.id], row.id.text() + " reserved another number");
      if (!row.limited()) return;
      expect(row.unleased() >= 0, row.id.text() + " is oversold");
      const auto from = serials.lower_bound({row.id.value(), 0});
      const auto to = serials.lower_bound({row.id.value() + 1, 0});
      expect(std::distance(from, to) == row.serials_used, row.id.text() + " skips a number");
    });
    state_.table<Tally>().for_each([&](const Tally& row) {
      const auto [bought, waiting] = tallies[row.key()];
      expect(row.bought == bought && row.reserved == waiting, "a tally counts something else");
    });
  }

  void check_waiting() {
    std::map<EditionId, std::int64_t> waiting;
    state_.table<WaitlistPlace>().for_each([&](const WaitlistPlace& row) {
      ++waiting[row.edition];
      const auto* const member =
          state_.table<WaitlistMember>().peek({row.account.value(), row.edition.value()});
      expect(member != nullptr && member->position == row.position, "a place without a member");
    });
    std::size_t members = 0;
    state_.table<WaitlistMember>().for_each([&](const WaitlistMember&) { ++members; });
    std::size_t places = 0;
    state_.table<Edition>().for_each([&](const Edition& row) {
      expect(row.waiting == waiting[row.id], row.id.text() + " counts other waiters");
      places += static_cast<std::size_t>(row.waiting);
      expect(row.waiting == 0 || row.left() == 0, row.id.text() + " lets people wait for stock");
    });
    expect(members == places, "a member without a place");
  }

  bool timer_at(Instant due, std::int64_t subject) const {
    return state_.table<Timer>().peek({due.us, subject}) != nullptr;
  }

  const market::State& state_;
  std::vector<std::string> wrongs_;
};

}  // namespace

std::vector<std::string> World::wrongs() {
  market::State state;
  must(store.load_all(state));
  return Books(state).wrongs();
}

}  // namespace stardrop::test
