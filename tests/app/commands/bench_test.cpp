// `bench`: what it prints, and that it leaves databases as they were. How fast it is, no test says.
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/temp_folder.h"
#include "tests/app/program.h"

namespace stardrop::app {
namespace {

using Json = nlohmann::json;

/// A bench that is over soon.
std::vector<std::string> brief(std::vector<std::string> more) {
  std::vector<std::string> out = {"bench",    "--accounts",    "100", "--seconds", "0", "--batches",
                                  "100,1000", "--synchronous", "off", "--json"};
  out.insert(out.end(), more.begin(), more.end());
  return out;
}

std::vector<Json> lines_of(const std::string& text) {
  std::vector<Json> out;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) out.push_back(Json::parse(line));
  return out;
}

TEST(Bench, PrintsAnObjectForEachSizeAndRemovesItsDatabase) {
  const TempFolder folder;
  const char* const before = std::getenv("TMPDIR");
  const std::string restored = before != nullptr ? before : "";
  ::setenv("TMPDIR", folder.path().c_str(), 1);
  Program program;
  EXPECT_EQ(program.run(brief({})), ExitCode::ok) << program.err.str();
  before != nullptr ? ::setenv("TMPDIR", restored.c_str(), 1) : ::unsetenv("TMPDIR");
  const std::vector<Json> rows = lines_of(program.out.str());
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].at("batch"), 100);
  EXPECT_EQ(rows[1].at("batch"), 1000);
  for (const char* name : {"per_second", "cpu_us", "written", "p50_us", "p99_us", "max_us"}) {
    EXPECT_TRUE(rows[0].at(name).is_number()) << name;
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(Bench, PrintsATable) {
  Program program;
  std::vector<std::string> arguments = brief({});
  std::erase(arguments, "--json");
  arguments.insert(arguments.begin() + 1, "buy-core");
  EXPECT_EQ(program.run(arguments), ExitCode::ok) << program.err.str();
  EXPECT_TRUE(program.out.str().starts_with("batch  per second")) << program.out.str();
  EXPECT_NE(program.out.str().find("\n1,000  "), std::string::npos) << program.out.str();
}

TEST(Bench, TouchesNoDatabaseThatIsThereUnlessToldTo) {
  const TempFolder folder;
  const std::string path = folder / "bench.db";
  Program made;
  EXPECT_EQ(made.run(brief({"--path", path})), ExitCode::ok) << made.err.str();
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));

  Program missing;
  EXPECT_EQ(missing.run(brief({"--path", path, "--reuse"})), ExitCode::not_found);

  Program kept;
  EXPECT_EQ(kept.run(brief({"--path", path, "--keep"})), ExitCode::ok) << kept.err.str();
  const auto size = std::filesystem::file_size(path);

  Program refused;
  EXPECT_EQ(refused.run(brief({"--path", path})), ExitCode::refused);
  EXPECT_EQ(std::filesystem::file_size(path), size);

  Program reused;
  EXPECT_EQ(reused.run(brief({"--path", path, "--reuse"})), ExitCode::ok) << reused.err.str();
  EXPECT_GT(std::filesystem::file_size(path), size);
}

TEST(Bench, MeasuresWhatItIsAskedFor) {
  std::istringstream asked("10\n100\n");
  std::streambuf* const before = std::cin.rdbuf(asked.rdbuf());
  Program program;
  EXPECT_EQ(program.run(brief({"--ask"})), ExitCode::ok) << program.err.str();
  std::cin.rdbuf(before);
  std::cin.clear();
  std::string out = program.out.str();
  ASSERT_TRUE(out.starts_with("ready\n")) << out;
  const std::vector<Json> rows = lines_of(out.substr(6));
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].at("batch"), 10);
  EXPECT_EQ(rows[1].at("batch"), 100);
}

TEST(Bench, AFolderThatIsNotThereIsTold) {
  Program program;
  EXPECT_NE(program.run(brief({"--path", "/nonexistent/bench.db"})), ExitCode::ok);
  EXPECT_NE(program.err.str().find("folder"), std::string::npos) << program.err.str();
}

TEST(Bench, RefusesWhatItDoesNotKnow) {
  for (const std::vector<std::string>& wrong :
       std::vector<std::vector<std::string>>{{"sell-core"},
                                             {"--batches", "0"},
                                             {"--batches", "1,x"},
                                             {"--seconds", "-1"},
                                             {"--accounts", "0"},
                                             {"--synchronous", "maybe"},
                                             {"--keep"},
                                             {"--reuse"},
                                             {"--ask"}}) {
    Program program;
    std::vector<std::string> arguments = {"bench"};
    arguments.insert(arguments.end(), wrong.begin(), wrong.end());
    EXPECT_EQ(program.run(arguments), ExitCode::usage) << wrong.front();
    EXPECT_EQ(program.out.str(), "");
  }
}

}  // namespace
}  // namespace stardrop::app
