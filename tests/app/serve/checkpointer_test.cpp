// Checkpoints of a running engine, and what is said of a database that is not theirs.
#include "app/serve/checkpointer.h"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "storage/memory/memory_store.h"

namespace stardrop::app {
namespace {

/// An engine with checkpoints in a folder of the test's own.
class Shop {
 public:
  explicit Shop(const std::string& folder) : folder_(folder) {
    std::filesystem::create_directories(folder_);
    CheckpointSettings settings;
    settings.file = file();
    engine_ = std::make_unique<engine::Engine>(store_, clock_, engine::EngineOptions{});
    EXPECT_TRUE(engine_->open().ok());
    engine_->start();
    checkpoints_ = std::make_unique<Checkpointer>(*engine_, store_, settings, folder_ + "/key");
  }
  ~Shop() {
    checkpoints_.reset();
    engine_->stop();
  }

  std::optional<std::string> open() {
    std::optional<std::string> problem;
    engine_->run([&](engine::Executor&) { problem = checkpoints_->open(); });
    return problem;
  }
  void open_account(const std::string& name = {}) {
    clock_.advance(Duration::seconds(1));
    engine::Request request;
    request.caller.kind = market::CallerKind::operator_;
    market::CreateAccount command;
    command.name = name;
    request.command = command;
    EXPECT_TRUE(engine_->call(std::move(request)).ok());
  }
  std::string file() const { return folder_ + "/checkpoints"; }
  std::size_t lines() const {
    std::ifstream in(file());
    std::size_t count = 0;
    for (std::string line; std::getline(in, line);) ++count;
    return count;
  }
  Checkpointer& checkpoints() { return *checkpoints_; }
  engine::VerifyReport verify() {
    const auto key = SigningKey::load(folder_ + "/key");
    const auto known = engine::read_checkpoints(file(), key->public_key());
    return engine::verify_journal(**store_.snapshot(), *known).value();
  }

 private:
  const std::string folder_;
  ManualClock clock_{Instant{1'728'129'600'000'000}};
  storage::MemoryStore store_;
  std::unique_ptr<engine::Engine> engine_;
  std::unique_ptr<Checkpointer> checkpoints_;
};

std::string fresh_folder(const std::string& name) {
  const std::string folder = ::testing::TempDir() + "stardrop_checkpointer_" + name;
  std::filesystem::remove_all(folder);
  return folder;
}

TEST(Checkpointer, AppendsWhenSomethingHappened) {
  Shop shop(fresh_folder("appends"));
  EXPECT_EQ(shop.open(), std::nullopt);
  shop.open_account();
  EXPECT_TRUE(*shop.checkpoints().append());
  EXPECT_FALSE(*shop.checkpoints().append());
  shop.open_account();
  EXPECT_TRUE(*shop.checkpoints().append());
  EXPECT_EQ(shop.lines(), 2U);
  const auto report = shop.verify();
  EXPECT_TRUE(report.ok);
  EXPECT_EQ(report.checkpoints, 2);
}

TEST(Checkpointer, TheLastOneIsOfTheEnd) {
  Shop shop(fresh_folder("end"));
  EXPECT_EQ(shop.open(), std::nullopt);
  shop.open_account();
  shop.checkpoints().start();
  shop.open_account();
  shop.checkpoints().stop();
  EXPECT_GE(shop.lines(), 1U);
  EXPECT_EQ(shop.verify().lanes.at(0).entries, 2);
  EXPECT_FALSE(*shop.checkpoints().append());
}

TEST(Checkpointer, AnotherHistoryIsNotServed) {
  const std::string folder = fresh_folder("other");
  {
    Shop shop(folder);
    EXPECT_EQ(shop.open(), std::nullopt);
    shop.open_account();
    shop.open_account();
    EXPECT_TRUE(*shop.checkpoints().append());
  }
  Shop old_copy(folder);
  old_copy.open_account();
  const auto problem = old_copy.open();
  ASSERT_TRUE(problem.has_value());
  EXPECT_NE(problem->find("old copy"), std::string::npos) << *problem;
  old_copy.open_account("Mallory");
  old_copy.open_account();
  const auto forked = old_copy.open();
  ASSERT_TRUE(forked.has_value());
  EXPECT_NE(forked->find("another way"), std::string::npos) << *forked;
}

TEST(Checkpointer, SomebodyElsesCheckpointsAreRefused) {
  const std::string folder = fresh_folder("foreign");
  {
    Shop shop(folder);
    EXPECT_EQ(shop.open(), std::nullopt);
    shop.open_account();
    EXPECT_TRUE(*shop.checkpoints().append());
  }
  std::filesystem::remove(folder + "/key");
  Shop shop(folder);
  const auto missing = shop.open();
  ASSERT_TRUE(missing.has_value());
  EXPECT_NE(missing->find("is not there"), std::string::npos) << *missing;
  EXPECT_FALSE(std::filesystem::exists(folder + "/key")) << "no new one for old checkpoints";
  ASSERT_TRUE(SigningKey::make().save(folder + "/key").ok());
  const auto problem = shop.open();
  ASSERT_TRUE(problem.has_value());
  EXPECT_NE(problem->find("another key"), std::string::npos) << *problem;
}

TEST(Checkpointer, AKeyThatOthersMayReadIsRefused) {
  const std::string folder = fresh_folder("open_key");
  Shop shop(folder);
  ASSERT_TRUE(SigningKey::make().save(folder + "/key").ok());
  std::filesystem::permissions(folder + "/key", std::filesystem::perms::others_read,
                               std::filesystem::perm_options::add);
  EXPECT_TRUE(shop.open().has_value());
}

TEST(Checkpointer, AFileThatCannotBeWrittenIsAnErrorThatPasses) {
  const std::string folder = fresh_folder("unwritable");
  Shop shop(folder);
  EXPECT_EQ(shop.open(), std::nullopt);
  shop.open_account();
  std::filesystem::create_directory(shop.file());
  const auto refused = shop.checkpoints().append();
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code(), ErrorCode::storage_unavailable);
  std::filesystem::remove(shop.file());
  EXPECT_TRUE(*shop.checkpoints().append());
}

}  // namespace
}  // namespace stardrop::app
