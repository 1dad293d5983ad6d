// Reads the stories, and checks what they leave behind.
#include "tests/scenarios/stories.h"

#include <filesystem>
#include <fstream>
#include <sstream>
#include <utility>

#include <gtest/gtest.h>

#include "base/json_writer.h"
#include "engine/audit.h"
#include "engine/replay.h"

namespace stardrop::testing {

std::map<std::string, std::string> scenarios() {
  const std::string folder = std::string(STARDROP_SOURCE_DIR) + "/tests/scenarios";
  std::map<std::string, std::string> out;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".scenario") continue;
    std::ostringstream text;
    text << std::ifstream(entry.path()).rdbuf();
    out[entry.path().stem().string()] = text.str();
  }
  return out;
}

std::vector<std::string> names_of_scenarios() {
  std::vector<std::string> out;
  for (const auto& [name, text] : scenarios()) out.push_back(name);
  return out;
}

std::unique_ptr<engine::Snapshot> snapshot_of(engine::Executor& executor, engine::Store& store) {
  EXPECT_TRUE(executor.flush().ok());
  auto snapshot = store.snapshot();
  EXPECT_TRUE(snapshot.ok());
  return std::move(snapshot).value();
}

void expect_sound(engine::Snapshot& snapshot, const Clock& clock) {
  const auto audited = engine::audit(snapshot, {});
  ASSERT_TRUE(audited.ok());
  EXPECT_TRUE(audited->ok) << to_json(*audited);
  const auto replayed = engine::replay(snapshot, clock);
  ASSERT_TRUE(replayed.ok());
  EXPECT_TRUE(replayed->ok) << to_json(*replayed);
  EXPECT_EQ(replayed->rebuilt_state_hash, audited->state_hash);
}

}  // namespace stardrop::testing
