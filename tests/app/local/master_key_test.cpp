// The master key's file: made once, private, and nothing else is taken for it.
#include "app/local/master_key.h"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "base/temp_folder.h"

namespace stardrop::app {
namespace {

TEST(MasterKey, IsMadeOnceAndStaysTheSame) {
  const TempFolder folder;
  const std::string path = folder / "master.key";
  const MasterKey made = load_master_key(path, true);
  EXPECT_EQ(made.problem, "");
  EXPECT_TRUE(made.made);
  const MasterKey again = load_master_key(path, true);
  EXPECT_FALSE(again.made);
  EXPECT_EQ(again.key, made.key);
  EXPECT_TRUE(is_private(path));
}

TEST(MasterKey, AMissingOneIsNotReplacedSilently) {
  const TempFolder folder;
  const std::string path = folder / "master.key";
  EXPECT_NE(load_master_key(path, false).problem, "");
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(MasterKey, OneThatOthersMayReadIsRefused) {
  const TempFolder folder;
  const std::string path = folder / "master.key";
  ASSERT_EQ(load_master_key(path, true).problem, "");
  std::filesystem::permissions(path, std::filesystem::perms::others_read,
                               std::filesystem::perm_options::add);
  EXPECT_NE(load_master_key(path, true).problem.find("chmod 600"), std::string::npos);
}

TEST(MasterKey, OtherContentIsRefused) {
  const TempFolder folder;
  const std::string path = folder / "master.key";
  ASSERT_EQ(write_private_file(path, "not a key\n"), "");
  EXPECT_NE(load_master_key(path, true).problem, "");
  EXPECT_NE(write_private_file(path, "again"), "") << "a file that is there is never written over";
}

TEST(MasterKey, StandsBesideItsDatabase) {
  EXPECT_EQ(master_key_path("sqlite:a/b.db", ""), "a/b.db.key");
  EXPECT_EQ(master_key_path("sqlite:a/b.db", "/elsewhere"), "/elsewhere");
  EXPECT_EQ(sqlite_path("postgres://x"), "");
}

}  // namespace
}  // namespace stardrop::app
