// The audit finds nothing in a sound economy, and everything that somebody changes in it.
#include "engine/audit.h"

#include <algorithm>
#include <string>

#include <gtest/gtest.h>

#include "base/json_writer.h"
#include "engine/replay.h"
#include "engine/state_hash.h"
#include "storage/memory/memory_store.h"
#include "tests/engine/tampered.h"
#include "tests/support/scenario.h"

namespace stardrop::testing {
namespace {

using engine::AuditReport;

constexpr std::string_view kStory = R"(
given    alice has 100, bob has 50
operator create_edition title=Rose stars=10 supply=5 per_account=3 -> id=rose
operator create_edition title=Card stars=1 -> id=card
operator top_up account=bob stars=30 provider=app_store reference=c1 reversible_until=+21d -> id=t1
alice    send_gift edition=rose to=bob max_price=10 text=Hello -> gift=g1 serial=1
alice    send_gift edition=rose to=alice max_price=10 -> gift=g2 serial=2
bob      send_gift edition=rose to=bob max_price=10 -> gift=g3 serial=3
bob      send_gift edition=card to=alice max_price=1 -> gift=g4
)";

class AuditTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto wrongs = Scenario(backend).play("audit", kStory);
    ASSERT_TRUE(wrongs.empty()) << wrongs.front();
    auto made = store.snapshot();
    ASSERT_TRUE(made.ok());
    snapshot = std::move(made).value();
  }

  static AuditReport audited(engine::Snapshot& of) {
    auto report = engine::audit(of, {});
    EXPECT_TRUE(report.ok());
    return std::move(report).value();
  }
  /// Whether the audit names the invariant, and for a subject that begins so.
  static ::testing::AssertionResult finds(engine::Snapshot& of,
                                          std::string_view invariant,
                                          std::string_view subject = {}) {
    const AuditReport report = audited(of);
    const bool found = std::ranges::any_of(report.violations, [&](const auto& each) {
      return each.invariant == invariant && each.subject.starts_with(subject);
    });
    if (!report.ok && found) return ::testing::AssertionSuccess();
    return ::testing::AssertionFailure() << to_json(report);
  }

  storage::MemoryStore store;
  ExecutorBackend backend{store};
  std::unique_ptr<engine::Snapshot> snapshot;
};

/// Does something to the first row of its kind that is not the engine's own.
template <class Row, class Change>
std::function<bool(Row&)> first(Change change) {
  auto key = std::make_shared<std::optional<typename Row::Key>>();
  return [key, change](Row& row) {
    if constexpr (std::is_same_v<Row, ledger::Account>) {
      if (ledger::is_system_account(row.id)) return true;
    }
    // The audit may show the rows twice: it must be the same row both times.
    if (!key->has_value()) *key = row.key();
    return row.key() == **key ? change(row) : true;
  };
}

TEST_F(AuditTest, FindsNothingInASoundEconomy) {
  const AuditReport report = audited(*snapshot);
  EXPECT_TRUE(report.ok) << to_json(report);
  EXPECT_EQ(report.checked.accounts, 5);
  EXPECT_EQ(report.checked.gifts, 4);
  EXPECT_EQ(report.checked.editions, 2);
  EXPECT_EQ(report.checked.transfers, 7);
  EXPECT_EQ(report.checked.top_ups, 3);
  EXPECT_EQ(report.checked.journal_entries, 11);
  EXPECT_EQ(report.circulation.issued, "180");
  EXPECT_EQ(report.circulation.house, "31");
  EXPECT_EQ(report.circulation.accounts, "149");
  EXPECT_EQ(report.circulation.reversible, "30");
  EXPECT_EQ(report.state_hash, engine::state_hash(*snapshot)->text());
  ASSERT_EQ(report.lanes.size(), 1U);
  EXPECT_EQ(report.lanes[0].op, backend.executor().head().last_op);
  EXPECT_EQ(report.lanes[0].chain, hex(bytes_of(backend.executor().head().chain)));
}

TEST_F(AuditTest, FindsChangedBalances) {
  using ledger::Account;
  Tampered more(*snapshot);
  more.change<Account>(first<Account>([](Account& row) {
    row.posted = Stars::units(row.posted.units() + 1);
    return true;
  }));
  EXPECT_TRUE(finds(more, "stars_are_conserved", "XTR"));
  EXPECT_TRUE(finds(more, "balances_match_transfers", "acc_"));

  // Moved from one to the other: only the transfers know.
  Tampered moved(*snapshot);
  auto sign = std::make_shared<std::map<AccountId, int>>();
  moved.change<Account>([sign](Account& row) {
    if (ledger::is_system_account(row.id)) return true;
    const int by = sign->emplace(row.id, sign->empty() ? 1 : -1).first->second;
    row.posted = Stars::units(row.posted.units() + by);
    return true;
  });
  EXPECT_FALSE(finds(moved, "stars_are_conserved"));
  EXPECT_TRUE(finds(moved, "balances_match_transfers", "acc_"));
  EXPECT_EQ(audited(moved).violations_total, 2);

  Tampered held(*snapshot);
  held.change<Account>(first<Account>([](Account& row) {
    row.held = Stars::units(1);
    return true;
  }));
  EXPECT_TRUE(finds(held, "holds_match", "acc_"));

  Tampered owed(*snapshot);
  owed.change<Account>(first<Account>([](Account& row) {
    row.owed = Stars::units(1);
    return true;
  }));
  EXPECT_TRUE(finds(owed, "debts_match"));

  Tampered lots(*snapshot);
  lots.change<ledger::Lots>(first<ledger::Lots>([](ledger::Lots&) { return false; }));
  EXPECT_TRUE(finds(lots, "lots_match", "acc_"));

  Tampered gone(*snapshot);
  gone.change<Account>([](Account& row) { return row.id != ledger::kHouse; });
  EXPECT_TRUE(finds(gone, "system_accounts"));
}

TEST_F(AuditTest, FindsChangedTransfers) {
  using ledger::Transfer;
  Tampered amount(*snapshot);
  amount.change<Transfer>(first<Transfer>([](Transfer& row) { return row.amount += 1, true; }));
  EXPECT_TRUE(finds(amount, "balances_match_transfers", "acc_"));
  EXPECT_TRUE(finds(amount, "top_ups_match", "top_"));

  Tampered gone(*snapshot);
  gone.change<Transfer>(
      [](Transfer& row) { return row.reason != ledger::TransferReason::gift_purchase; });
  EXPECT_TRUE(finds(gone, "gifts_are_paid", "gft_"));
  EXPECT_TRUE(finds(gone, "transfer_lists", "acc_"));

  Tampered list(*snapshot);
  list.change<Transfer>([](Transfer& row) { return row.debit_older = TransferId(), true; });
  EXPECT_TRUE(finds(list, "transfer_lists", "acc_"));

  Tampered refunded(*snapshot);
  refunded.change<Transfer>(first<Transfer>([](Transfer& row) { return row.refunded = true; }));
  EXPECT_TRUE(finds(refunded, "refunds_match", "trf_"));

  Tampered same(*snapshot);
  same.change<Transfer>(first<Transfer>([](Transfer& row) {
    row.debit = row.credit;
    return true;
  }));
  EXPECT_TRUE(finds(same, "transfers_have_two_sides", "trf_"));
}

TEST_F(AuditTest, FindsChangedStock) {
  using ledger::Edition;
  using market::Gift;
  Tampered sold(*snapshot);
  sold.change<Edition>(first<Edition>([](Edition& row) { return ++row.sold, true; }));
  EXPECT_TRUE(finds(sold, "stock_adds_up", "edn_"));

  Tampered reserved(*snapshot);
  reserved.change<Edition>(first<Edition>([](Edition& row) { return ++row.reserved, true; }));
  EXPECT_TRUE(finds(reserved, "stock_adds_up", "edn_"));

  Tampered oversold(*snapshot);
  oversold.change<Edition>(first<Edition>([](Edition& row) { return row.supply = 2, true; }));
  EXPECT_TRUE(finds(oversold, "stock_adds_up", "edn_"));

  Tampered twice(*snapshot);
  twice.change<Gift>(first<Gift>([](Gift& row) { return row.serial = 2, true; }));
  EXPECT_TRUE(finds(twice, "serials_are_given_once", "edn_"));

  Tampered tally(*snapshot);
  tally.change<ledger::Tally>(
      first<ledger::Tally>([](ledger::Tally& row) { return ++row.bought, true; }));
  EXPECT_TRUE(finds(tally, "tallies_match", "edn_"));

  Tampered slug(*snapshot);
  slug.change<Edition>(first<Edition>([](Edition& row) { return row.slug = "tulip", true; }));
  EXPECT_TRUE(finds(slug, "slugs_match", "edn_"));
}

TEST_F(AuditTest, FindsChangedGifts) {
  using market::Gift;
  Tampered gone(*snapshot);
  gone.change<Gift>(first<Gift>([](Gift&) { return false; }));
  EXPECT_TRUE(finds(gone, "stock_adds_up", "edn_"));
  EXPECT_TRUE(finds(gone, "gifts_are_paid", "gft_"));
  EXPECT_TRUE(finds(gone, "gift_lists", "acc_"));

  Tampered stolen(*snapshot);
  stolen.change<Gift>(first<Gift>([](Gift& row) { return row.owner = row.from, true; }));
  EXPECT_TRUE(finds(stolen, "gift_lists", "acc_"));

  Tampered cheaper(*snapshot);
  cheaper.change<Gift>(first<Gift>([](Gift& row) {
    row.paid = Stars::whole(1);
    return true;
  }));
  EXPECT_TRUE(finds(cheaper, "gifts_are_paid", "gft_"));
}

TEST_F(AuditTest, FindsWhatIsDueOrWaitsForNothing) {
  Tampered timer(*snapshot);
  timer.change<ledger::Edition>([](ledger::Edition& row) { return ++row.waiting, true; });
  EXPECT_TRUE(finds(timer, "waitlists_match", "edn_"));
  Tampered payment(*snapshot);
  payment.change<ledger::Payment>(first<ledger::Payment>([](ledger::Payment&) { return false; }));
  EXPECT_TRUE(finds(payment, "payments_match", "top_"));
  Tampered reversed(*snapshot);
  reversed.change<ledger::TopUp>(first<ledger::TopUp>([](ledger::TopUp& row) {
    row.reversed = row.stars;
    return true;
  }));
  EXPECT_TRUE(finds(reversed, "reversals_match", "top_"));
  EXPECT_TRUE(finds(reversed, "top_ups_match", "top_"));
}

TEST_F(AuditTest, FindsEveryFlippedBitOfTheJournal) {
  std::size_t size = 0;
  ASSERT_TRUE(snapshot
                  ->read_journal(OpId(),
                                 [&](const engine::JournalBatch& batch) {
                                   size = std::max(size, batch.body.size());
                                   return true;
                                 })
                  .ok());
  ASSERT_GT(size, 100U);
  for (std::size_t at = 0; at < size; ++at) {
    const unsigned bit = static_cast<unsigned>(at % 8);
    bool flipped = false;
    Tampered journal(*snapshot);
    journal.change_journal([&](engine::JournalBatch& batch) {
      // The first 24 bytes are the seed and where the batch begins; a replay needs them.
      if (flipped || at < 24 || at >= batch.body.size()) return true;
      flipped = true;
      batch.body[at] = static_cast<char>(batch.body[at] ^ static_cast<char>(1U << bit));
      return true;
    });
    const AuditReport report = audited(journal);
    EXPECT_EQ(report.ok, !flipped) << "byte " << at;
  }
}

TEST_F(AuditTest, FindsALeftOutBatch) {
  Tampered journal(*snapshot);
  int number = 0;
  journal.change_journal([&](engine::JournalBatch&) { return ++number != 3; });
  EXPECT_TRUE(finds(journal, "journal_chain", "op_"));
}

TEST_F(AuditTest, ListsSomeViolationsAndCountsAll) {
  Tampered all(*snapshot);
  all.change<market::Gift>([](market::Gift&) { return false; });
  const auto report = engine::audit(all, {.violations_max = 2});
  ASSERT_TRUE(report.ok());
  EXPECT_EQ(report->violations.size(), 2U);
  EXPECT_GT(report->violations_total, 8);
}

TEST_F(AuditTest, SnapshotStaysWhatItWas) {
  const AuditReport before = audited(*snapshot);
  Scenario(backend).play("more", "given carol has 5");
  EXPECT_EQ(to_json(audited(*snapshot)), to_json(before));
  const auto later = store.snapshot();
  EXPECT_NE(audited(**later).state_hash, before.state_hash);
}

TEST_F(AuditTest, ReplayMakesTheSameRows) {
  const auto report = engine::replay(*snapshot, backend.clock());
  ASSERT_TRUE(report.ok());
  EXPECT_TRUE(report->ok) << to_json(*report);
  EXPECT_EQ(report->entries, 11);
  EXPECT_EQ(report->rebuilt_state_hash, report->state_hash);
}

TEST_F(AuditTest, ReplayNamesRowsThatDiffer) {
  Tampered rows(*snapshot);
  rows.change<ledger::Account>(
      first<ledger::Account>([](ledger::Account& row) { return row.premium = true; }));
  rows.change<market::GiftText>([](market::GiftText&) { return false; });
  const auto report = engine::replay(rows, backend.clock());
  ASSERT_TRUE(report.ok());
  EXPECT_FALSE(report->ok);
  EXPECT_EQ(report->differences_total, 2);
  ASSERT_EQ(report->differences.size(), 2U);
  EXPECT_EQ(report->differences[0].table, "accounts");
  EXPECT_EQ(report->differences[0].detail, "The journal makes another row of it.");
  EXPECT_EQ(report->differences[1].table, "gift_texts");
  EXPECT_EQ(report->differences[1].detail, "The store lacks this row.");
}

TEST_F(AuditTest, ReplayNamesTheFirstWrongOperation) {
  OpId third;
  int number = 0;
  Tampered journal(*snapshot);
  journal.change_journal([&](engine::JournalBatch& batch) {
    if (++number == 3) third = batch.first_op;
    if (number == 3) batch.body.back() = static_cast<char>(batch.body.back() ^ 1);
    return true;
  });
  const auto report = engine::replay(journal, backend.clock());
  ASSERT_TRUE(report.ok());
  EXPECT_FALSE(report->ok);
  EXPECT_EQ(report->entries, 2);
  EXPECT_EQ(report->first_wrong_op, third);
}

TEST(StateHash, DependsOnRowsAndNotOnTheirOrder) {
  ledger::Timer one{Instant{1}, 2, ledger::TimerKind::expire_hold};
  ledger::Timer other{Instant{2}, 1, ledger::TimerKind::expire_hold};
  engine::StateHash forth;
  forth.add(one);
  forth.add(other);
  engine::StateHash back;
  back.add(other);
  back.add(one);
  EXPECT_EQ(forth, back);
  EXPECT_EQ(forth.text().size(), 64U);
  back.remove(one);
  EXPECT_NE(forth, back);
  back.remove(other);
  EXPECT_EQ(back, engine::StateHash());
  // The same bytes in another table are another row.
  engine::StateHash member;
  member.add(ledger::FreeSerial{EditionId(1), 2});
  engine::StateHash place;
  place.add(ledger::EditionSlug{1, 2, EditionId()});
  EXPECT_NE(member, place);
}

}  // namespace
}  // namespace stardrop::testing
