// Checkpoints notice what the chain alone can't: cut-off tails, old copies, forks.
#include "engine/checkpoint.h"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "base/json_writer.h"
#include "storage/memory/memory_store.h"
#include "tests/engine/tampered.h"
#include "tests/support/scenario.h"

namespace stardrop::testing {
namespace {

using engine::Checkpoint;
using engine::FaultKind;

/// An economy that goes on.
struct Economy {
  storage::MemoryStore store;
  ExecutorBackend backend{store};

  void tell(std::string_view text) {
    for (const std::string& wrong : Scenario(backend).play("story", text)) ADD_FAILURE() << wrong;
  }
  std::unique_ptr<engine::Snapshot> snapshot() { return store.snapshot().value(); }
  Checkpoint checkpoint() { return Checkpoint::of(*engine::audit(*snapshot(), {})); }
};

engine::VerifyReport verified(engine::Snapshot& snapshot, std::vector<Checkpoint> checkpoints) {
  auto report = engine::verify_journal(snapshot, checkpoints);
  EXPECT_TRUE(report.ok());
  return std::move(report).value();
}

TEST(Checkpoint, IsOneWordThatOnlyItsSignerCanMake) {
  Economy economy;
  economy.tell("given alice has 5");
  const Checkpoint checkpoint = economy.checkpoint();
  EXPECT_EQ(checkpoint.lanes.at(0).entries, 2);
  const SigningKey key = SigningKey::make();
  const std::string word = checkpoint.seal(key);
  EXPECT_LT(word.size(), 400U);
  EXPECT_EQ(word.find_first_of(" \n+/="), std::string::npos);
  const auto opened = Checkpoint::open(word, key.public_key());
  ASSERT_TRUE(opened.ok());
  EXPECT_EQ(*opened, checkpoint);

  const auto code = [](const Result<Checkpoint>& result) { return result.error().code(); };
  const PublicKey other = SigningKey::make().public_key();
  EXPECT_EQ(code(Checkpoint::open(word, other)), ErrorCode::forbidden);
  EXPECT_EQ(code(Checkpoint::open("hello", other)), ErrorCode::invalid_value);
  EXPECT_EQ(code(Checkpoint::open(word.substr(0, 20), other)), ErrorCode::invalid_value);
  for (std::size_t at = 13; at < word.size(); at += 7) {
    std::string changed = word;
    changed[at] = changed[at] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(Checkpoint::open(changed, key.public_key()).ok()) << at;
  }
}

TEST(Checkpoint, FileKeepsThemInOrder) {
  const std::string path = ::testing::TempDir() + "stardrop_checkpoints";
  std::filesystem::remove(path);
  const SigningKey key = SigningKey::make();
  EXPECT_EQ(engine::read_checkpoints(path, key.public_key()).error().code(), ErrorCode::not_found);
  Economy economy;
  economy.tell("given alice has 5");
  const Checkpoint first = economy.checkpoint();
  ASSERT_TRUE(engine::append_checkpoint(path, first, key).ok());
  economy.tell("given bob has 5");
  const Checkpoint second = economy.checkpoint();
  ASSERT_TRUE(engine::append_checkpoint(path, second, key).ok());
  const auto read = engine::read_checkpoints(path, key.public_key());
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(*read, (std::vector<Checkpoint>{first, second}));
  EXPECT_TRUE(verified(*economy.snapshot(), *read).ok);
  std::ofstream(path, std::ios::app) << "nonsense\n";
  const auto damaged = engine::read_checkpoints(path, key.public_key());
  ASSERT_FALSE(damaged.ok());
  EXPECT_EQ(damaged.error().code(), ErrorCode::invalid_value);
  EXPECT_EQ(std::get<std::int64_t>(damaged.error().facts().at(0).value), 3);
  std::filesystem::remove(path);
}

TEST(Checkpoint, ALineThatACrashCutOffDoesNotCount) {
  const std::string path = ::testing::TempDir() + "stardrop_torn_checkpoints";
  std::filesystem::remove(path);
  const SigningKey key = SigningKey::make();
  Economy economy;
  economy.tell("given alice has 5");
  const Checkpoint first = economy.checkpoint();
  ASSERT_TRUE(engine::append_checkpoint(path, first, key).ok());
  const std::string torn = first.seal(key);
  std::ofstream(path, std::ios::app) << torn.substr(0, torn.size() / 2);
  EXPECT_EQ(*engine::read_checkpoints(path, key.public_key()), std::vector<Checkpoint>{first});
  economy.tell("given bob has 5");
  const Checkpoint second = economy.checkpoint();
  ASSERT_TRUE(engine::append_checkpoint(path, second, key).ok());
  EXPECT_EQ(*engine::read_checkpoints(path, key.public_key()),
            (std::vector<Checkpoint>{first, second}));
  std::filesystem::resize_file(path, 7);
  EXPECT_TRUE(engine::read_checkpoints(path, key.public_key())->empty());
  ASSERT_TRUE(engine::append_checkpoint(path, second, key).ok());
  EXPECT_EQ(*engine::read_checkpoints(path, key.public_key()), std::vector<Checkpoint>{second});
  std::filesystem::remove(path);
}

TEST(Checkpoint, GoesOnFromTheOneBefore) {
  Economy economy;
  economy.tell("given alice has 5");
  const auto lanes_of = [&](const Checkpoint& before) {
    return engine::next_checkpoint(*economy.snapshot(), before)->lanes;
  };
  const Checkpoint first{lanes_of({}), {}};
  EXPECT_EQ(first.lanes, economy.checkpoint().lanes);
  EXPECT_EQ(lanes_of(first), first.lanes);
  economy.tell("given bob has 5, carol has 1");
  EXPECT_EQ(lanes_of(first), economy.checkpoint().lanes);
  EXPECT_EQ(lanes_of({}), economy.checkpoint().lanes);
}

TEST(Checkpoint, IsNotMadeOfADamagedJournal) {
  Economy economy;
  economy.tell("given alice has 5");
  const Checkpoint first = economy.checkpoint();
  economy.tell("given bob has 5");
  const auto snapshot = economy.snapshot();
  Tampered journal(*snapshot);
  journal.change_journal([&](engine::JournalBatch& batch) {
    if (batch.first_op > first.lanes[0].op) batch.body[40] = static_cast<char>(batch.body[40] ^ 4);
    return true;
  });
  const auto next = engine::next_checkpoint(journal, first);
  ASSERT_FALSE(next.ok());
  EXPECT_EQ(next.error().code(), ErrorCode::internal);
}

TEST(Checkpoint, AStoreIsLookedAtWithoutAWalk) {
  Economy old;
  old.tell("given alice has 5");
  const Checkpoint first = old.checkpoint();
  Economy truth;
  truth.tell("given alice has 5");
  truth.tell("given bob has 5");
  const Checkpoint second = truth.checkpoint();
  EXPECT_TRUE(engine::goes_through(truth.store, {}).ok());
  EXPECT_TRUE(engine::goes_through(truth.store, second).ok());
  EXPECT_TRUE(engine::goes_through(old.store, first).ok());
  const Status behind = engine::goes_through(old.store, second);
  ASSERT_FALSE(behind.ok());
  EXPECT_EQ(behind.error().code(), ErrorCode::precondition_failed);
  EXPECT_NE(behind.error().detail_text().find("old copy"), std::string::npos);
  old.tell("given mallory has 6, carol has 1");
  const Status forked = engine::goes_through(old.store, second);
  ASSERT_FALSE(forked.ok());
  EXPECT_NE(forked.error().detail_text().find("another way"), std::string::npos);
}

TEST(Verify, FindsAJournalSoundThatGoesThroughEveryCheckpoint) {
  Economy economy;
  economy.tell("given alice has 5");
  const Checkpoint first = economy.checkpoint();
  economy.tell("given bob has 5");
  const auto report = verified(*economy.snapshot(), {economy.checkpoint(), first});
  EXPECT_TRUE(report.ok) << to_json(report);
  EXPECT_EQ(report.checkpoints, 2);
  EXPECT_EQ(report.entries, 4);
}

TEST(Verify, NoticesACutOffTailOrAnOldCopy) {
  Economy economy;
  economy.tell("given alice has 5");
  const auto old = economy.snapshot();
  economy.tell("given bob has 5");
  const Checkpoint checkpoint = economy.checkpoint();
  const auto report = verified(*old, {checkpoint});
  ASSERT_EQ(report.faults.size(), 1U);
  EXPECT_EQ(report.faults[0].kind, FaultKind::cut_off);
  EXPECT_EQ(report.faults[0].op, checkpoint.lanes[0].op);
}

TEST(Verify, NoticesAFork) {
  Economy truth;
  Economy other;
  truth.tell("given alice has 5");
  other.tell("given alice has 5");
  truth.tell("given bob has 5");
  const Checkpoint checkpoint = truth.checkpoint();
  // An old copy was put back and the economy went on from there.
  other.tell("given mallory has 6, carol has 1");
  const auto report = verified(*other.snapshot(), {checkpoint});
  ASSERT_FALSE(report.faults.empty());
  EXPECT_EQ(report.faults[0].kind, FaultKind::forked);
  EXPECT_EQ(report.faults[0].op, checkpoint.lanes[0].op);
}

TEST(Verify, NamesTheFirstDamagedOperation) {
  Economy economy;
  economy.tell("given alice has 5, bob has 5");
  const auto snapshot = economy.snapshot();
  OpId damaged;
  int number = 0;
  Tampered journal(*snapshot);
  journal.change_journal([&](engine::JournalBatch& batch) {
    if (++number == 2) damaged = batch.first_op;
    if (number == 2) batch.body[40] = static_cast<char>(batch.body[40] ^ 4);
    return true;
  });
  const auto report = verified(journal, {});
  ASSERT_FALSE(report.faults.empty());
  EXPECT_EQ(report.faults[0].kind, FaultKind::damaged);
  EXPECT_EQ(report.faults[0].op, damaged);
}

TEST(Verify, NoticesRowsThatAreNotTheCheckpoints) {
  Economy economy;
  economy.tell("given alice has 5");
  const auto snapshot = economy.snapshot();
  const Checkpoint checkpoint = economy.checkpoint();
  EXPECT_TRUE(verified(*snapshot, {checkpoint}).ok);
  Tampered rows(*snapshot);
  rows.change<ledger::Account>([](ledger::Account& row) { return row.gifts = 1, true; });
  const auto report = verified(rows, {checkpoint});
  ASSERT_EQ(report.faults.size(), 1U);
  EXPECT_EQ(report.faults[0].kind, FaultKind::rows_differ);
}

}  // namespace
}  // namespace stardrop::testing
