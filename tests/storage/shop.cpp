// The small economy.
#include "tests/storage/shop.h"

#include <map>
#include <set>

#include <gtest/gtest.h>

#include "base/binary.h"
#include "base/hash.h"
#include "engine/journal.h"

namespace stardrop::testing {
namespace {

constexpr Instant kStart{1'790'000'000'000'000};

engine::ExecutorOptions options_for(std::uint64_t& seeds) {
  engine::ExecutorOptions out;
  out.entropy = [&seeds] { return ++seeds; };
  return out;
}

}  // namespace

Shop::Shop(engine::Store& store, std::uint64_t seed)
    : clock_(kStart), seeds_(seed), executor_(store, clock_, options_for(seeds_)) {}

engine::Request Shop::request(market::AnyCommand command, std::string key) const {
  engine::Request out;
  out.caller.kind = market::CallerKind::operator_;
  out.fingerprint = leading64(sha256(key));
  out.idempotency_key = std::move(key);
  out.command = std::move(command);
  return out;
}

engine::Request Shop::purchase(std::uint64_t number) const {
  market::SendGift command;
  command.edition = edition_;
  command.from = accounts_[number * 7 % accounts_.size()];
  command.to = accounts_[number * 3 % accounts_.size()];
  command.max_price = Stars::whole(2);
  if (number % 5 == 0) command.text = "For you, number " + std::to_string(number);
  return request(std::move(command), "purchase-" + std::to_string(number));
}

std::vector<engine::Outcome> Shop::run(std::vector<engine::Request> requests) {
  clock_.advance(Duration::milliseconds(1));
  std::vector<engine::Outcome> outcomes;
  executor_.execute(requests, outcomes);
  return outcomes;
}

void Shop::stock(int accounts, std::int64_t supply) {
  std::vector<engine::Request> requests;
  for (int i = 0; i < accounts; ++i) {
    market::CreateAccount command;
    command.name = "Account " + std::to_string(i);
    requests.push_back(request(command, "account-" + std::to_string(i)));
  }
  for (const engine::Outcome& outcome : run(std::move(requests))) {
    ASSERT_TRUE(outcome.ok());
    accounts_.push_back(std::get<market::CreateAccount::Reply>(outcome->reply).id);
  }
  requests.clear();
  for (int i = 0; i < accounts; ++i) {
    market::TopUp command;
    command.account = accounts_[static_cast<std::size_t>(i)];
    command.stars = Stars::whole(1000);
    command.provider = "test";
    command.reference = "payment-" + std::to_string(i);
    if (i % 4 == 0) command.reversible_until = kStart.plus(Duration::seconds(3600));
    requests.push_back(request(command, "top-up-" + std::to_string(i)));
  }
  market::CreateEdition edition;
  edition.title = "Lollipop";
  edition.slug = "lollipop";
  edition.stars = Stars::whole(2);
  edition.supply = supply;
  edition.per_account = supply;
  edition.tags = {"sweet", "red"};
  requests.push_back(request(edition, "edition"));
  const auto outcomes = run(std::move(requests));
  for (const engine::Outcome& outcome : outcomes) {
    ASSERT_TRUE(outcome.ok()) << info(outcome.error().code()).code << ' '
                              << outcome.error().detail_text();
  }
  edition_ = std::get<market::CreateEdition::Reply>(outcomes.back()->reply).id;
}

engine::Outcome Shop::buy(std::uint64_t number) { return buy(number, 1).front(); }

std::vector<engine::Outcome> Shop::buy(std::uint64_t first, std::size_t count) {
  std::vector<engine::Request> requests;
  for (std::uint64_t i = first; i < first + count; ++i) requests.push_back(purchase(i));
  return run(std::move(requests));
}

void Shop::adopt(const Shop& other) {
  accounts_ = other.accounts_;
  edition_ = other.edition_;
  clock_.set(other.clock_.now());
}

std::string dump(engine::Store& store) {
  market::State state;
  const Status loaded = store.load_all(state);
  EXPECT_TRUE(loaded.ok());
  std::set<std::string> lines;
  state.for_each_table([&]<class Row>(const Table<Row>& table) {
    if (!Row::kHashed) return;
    table.for_each([&](Row row) {
      for_each_field<Row>([&]<class M>(const Field<Row, M>& f) {
        if constexpr (std::is_same_v<M, Bytes>) row.*(f.member) = Bytes();
      });
      lines.insert(std::string(Row::kTable) + ' ' + hex(to_binary(row)) + '\n');
    });
  });
  std::string out;
  for (const std::string& line : lines) out += line;
  return out;
}

std::vector<OpId> check_journal(engine::Store& store) {
  std::vector<OpId> ops;
  Digest chain{};
  Instant time;
  const Status read = store.read_journal(OpId(), [&](const engine::JournalBatch& batch) {
    const Status sound = engine::read_entries(batch, chain, [&](engine::JournalEntry&& entry) {
      EXPECT_GT(entry.op, ops.empty() ? OpId() : ops.back());
      EXPECT_GT(entry.at, time);
      time = entry.at;
      ops.push_back(entry.op);
      return true;
    });
    EXPECT_TRUE(sound.ok()) << batch.first_op.text();
    chain = batch.chain;
    return sound.ok();
  });
  EXPECT_TRUE(read.ok());
  return ops;
}

void check_rows(engine::Store& store) {
  market::State state;
  const Status loaded = store.load_all(state);
  ASSERT_TRUE(loaded.ok()) << loaded.error().detail_text();
  std::int64_t sum = 0;
  std::map<AccountId, std::int64_t> transferred;
  std::map<AccountId, std::int64_t> received;
  state.table<ledger::Transfer>().for_each([&](const ledger::Transfer& row) {
    transferred[row.debit] -= row.amount;
    transferred[row.credit] += row.amount;
  });
  std::map<EditionId, std::set<std::int64_t>> serials;
  state.table<market::Gift>().for_each([&](const market::Gift& row) {
    EXPECT_TRUE(serials[row.edition].insert(row.serial).second) << "serial twice";
    ++received[row.owner];
    EXPECT_NE(state.table<ledger::Transfer>().peek(row.transfer), nullptr);
    EXPECT_EQ(row.has_text, state.table<market::GiftText>().peek(row.id) != nullptr);
  });
  state.table<ledger::Account>().for_each([&](const ledger::Account& row) {
    sum += row.posted.units();
    EXPECT_EQ(row.posted.units(), transferred[row.id]) << row.id.text();
    EXPECT_EQ(row.gifts, received[row.id]) << row.id.text();
  });
  EXPECT_EQ(sum, 0);
  std::map<EditionId, std::int64_t> bought;
  state.table<ledger::Tally>().for_each(
      [&](const ledger::Tally& row) { bought[row.edition] += row.bought; });
  state.table<ledger::Edition>().for_each([&](const ledger::Edition& row) {
    const auto& used = serials[row.id];
    std::int64_t sold = row.sold;
    state.table<ledger::StockSlice>().for_each([&](const ledger::StockSlice& slice) {
      if (slice.edition == row.id) sold += slice.sold();
    });
    EXPECT_EQ(static_cast<std::int64_t>(used.size()), sold);
    EXPECT_EQ(bought[row.id], sold);
    if (row.leased == 0) {
      EXPECT_EQ(used.empty() ? 0 : *used.rbegin(), sold);
    }
    EXPECT_LE(sold, row.supply.value_or(sold));
  });
}

}  // namespace stardrop::testing
