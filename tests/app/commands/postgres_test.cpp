// Commands on a PostgreSQL database: moving one there, proving it, looking at the server.
#include "tests/support/postgres_test.h"

#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/temp_folder.h"
#include "tests/app/program.h"

namespace stardrop::app {
namespace {

using Json = nlohmann::json;

class PostgresCommands : public testing::PostgresTest {
 protected:
  const TempFolder folder_;
};

TEST_F(PostgresCommands, ADatabaseIsMovedOnceAndProven) {
  const std::string from = "sqlite:" + folder_ / "shop.db";
  const std::string& to = schema_->url();
  Program made;
  ASSERT_EQ(made.run({"init", "--db", from}), ExitCode::ok) << made.err.str();
  Program moved;
  ASSERT_EQ(moved.run({"migrate", "--from", from, "--to", to, "--json"}), ExitCode::ok)
      << moved.err.str();
  const Json told = Json::parse(moved.out.str());
  EXPECT_EQ(told.at("operations"), 1);  // the operator's key
  EXPECT_EQ(told.at("state_hash").get<std::string>().size(), 64U);

  for (const char* const proof : {"audit", "verify", "replay"}) {
    Program proven;
    EXPECT_EQ(proven.run({proof, "--db", to, "--json"}), ExitCode::ok) << proven.err.str();
    EXPECT_EQ(Json::parse(proven.out.str()).at("ok"), true) << proof;
  }
  Program again;
  EXPECT_EQ(again.run({"migrate", "--from", from, "--to", to}), ExitCode::unavailable);
  EXPECT_NE(again.err.str().find("already_imported"), std::string::npos) << again.err.str();
  Program wrong;
  EXPECT_EQ(wrong.run({"migrate", "--from", to, "--to", from}), ExitCode::usage);
}

TEST_F(PostgresCommands, DoctorLooksAtTheServer) {
  Program program;
  program.run({"doctor", "--db", schema_->url(), "--json"});
  std::map<std::string, std::string> found;
  const Json told = Json::parse(program.out.str());
  for (const Json& each : told.at("examined")) {
    found[each.at("what")] = each.at("finding");
  }
  EXPECT_EQ(found.at("server"), "ok");
  EXPECT_EQ(found.at("role"), "ok");
  EXPECT_EQ(found.at("data_checksums"), "ok");
  EXPECT_EQ(found.at("standbys"), "warning");
  EXPECT_TRUE(found.contains("fsync"));
}

TEST_F(PostgresCommands, AServerThatIsNotThereIsAProblem) {
  Program program;
  EXPECT_EQ(program.run({"doctor", "--db", "postgresql:///x?host=" + folder_.path(), "--json"}),
            ExitCode::failed);
  EXPECT_NE(program.out.str().find("unreachable"), std::string::npos) << program.out.str();
}

}  // namespace
}  // namespace stardrop::app
