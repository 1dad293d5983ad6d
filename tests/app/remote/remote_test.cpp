// Commands against a server: addresses, keys, parameters, exit codes, output.
#include "app/remote/remote.h"

#include <filesystem>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "app/exit_code.h"
#include "app/remote/engine_command.h"
#include "app/remote/http_client.h"
#include "base/temp_folder.h"
#include "market/commands/all.h"

namespace stardrop::app {
namespace {

std::string file_with(const std::string& text, std::filesystem::perms perms) {
  static const TempFolder folder;
  std::string path = folder / "key";
  std::filesystem::remove(path);
  std::ofstream(path) << text;
  std::filesystem::permissions(path, perms);
  return path;
}

TEST(Remote, ExitCodesFollowTheStatus) {
  EXPECT_EQ(exit_code_of_status(404), ExitCode::not_found);
  EXPECT_EQ(exit_code_of_status(402), ExitCode::refused);
  EXPECT_EQ(exit_code_of_status(409), ExitCode::refused);
  EXPECT_EQ(exit_code_of_status(429), ExitCode::unavailable);
  EXPECT_EQ(exit_code_of_status(503), ExitCode::unavailable);
  EXPECT_EQ(exit_code_of_status(500), ExitCode::failed);
  EXPECT_EQ(exit_code_of(Error(ErrorCode::account_not_found)), ExitCode::not_found);
}

TEST(Remote, ReadsAddresses) {
  const auto plain = parse_url("http://127.0.0.1:8080/");
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->host, "127.0.0.1");
  EXPECT_EQ(plain->port, "8080");
  EXPECT_FALSE(plain->tls);
  const auto safe = parse_url("https://[::1]");
  ASSERT_TRUE(safe);
  EXPECT_EQ(safe->host, "::1");
  EXPECT_EQ(safe->port, "443");
  EXPECT_TRUE(safe->tls);
  for (const char* wrong :
       {"127.0.0.1", "http://", "http://a/b", "http://a:b", "http://u:p@a", "http://a b"}) {
    EXPECT_FALSE(parse_url(wrong)) << wrong;
  }
}

TEST(Remote, AKeyFileMustBePrivate) {
  using std::filesystem::perms;
  EXPECT_EQ(find_key(file_with("op_1\n", perms::owner_read | perms::owner_write), {}).key, "op_1");
  EXPECT_EQ(find_key(file_with("operator_key=op_1\r\n", perms::owner_read), {}).key, "op_1");
  const FoundKey shared = find_key(file_with("op_1\n", perms::owner_read | perms::group_read), {});
  EXPECT_EQ(shared.key, "");
  EXPECT_NE(shared.problem.find("chmod 600"), std::string::npos);
  EXPECT_NE(find_key("/nonexistent/key", {}).problem, "");
  EXPECT_EQ(find_key("", {{"STARDROP_KEY", "op_2"}}).key, "op_2");
}

TEST(Remote, OptionsComeFromACommandsOwnFields) {
  const auto params = params_of<market::SendGift>();
  const auto named = [&](std::string_view name) {
    const auto found = std::find_if(params.begin(), params.end(),
                                    [&](const ParamInfo& each) { return each.name == name; });
    EXPECT_NE(found, params.end()) << name;
    return found == params.end() ? ParamInfo{} : *found;
  };
  EXPECT_TRUE(named("edition").required);
  EXPECT_EQ(named("max_price").kind, ParamKind::number);
  EXPECT_EQ(named("hide_name").kind, ParamKind::truth);
  EXPECT_FALSE(named("expires_at").required);
  for (const ParamInfo& param : params)
    EXPECT_NE(param.name, "words") << "internal fields are no options";
}

TEST(Remote, ParametersBecomeJson) {
  GivenParams given;
  given.texts["name"] = "A \"b\"";
  given.numbers["stars"] = 25;
  given.truths["premium_only"] = true;
  given.lists["tags"] = {"a", "b"};
  EXPECT_EQ(nlohmann::json::parse(given.json()),
            nlohmann::json::parse(
                R"({"name":"A \"b\"","stars":25,"premium_only":true,"tags":["a","b"]})"));
}

TEST(Remote, PrintsForPeopleAndForPrograms) {
  std::ostringstream out;
  Console console{out, out, {}, false, false};
  print_object(
      console,
      R"({"id":"acc_1","name":"\u001b[2J","paid":{"currency":"XTR","amount":"25"},"inner":{"n":1}})",
      false);
  EXPECT_EQ(out.str(), "id       acc_1\nname     \\x1b[2J\npaid     25 XTR\ninner.n  1\n");
  out.str("");
  print_object(console, R"({"id":"acc_1"})", true);
  EXPECT_EQ(out.str(), "{\"id\":\"acc_1\"}\n");
  out.str("");
  print_list(console, R"([{"id":"a","paid":{"amount":"25"}},{"id":"bcd"}])",
             {{"gift", "id"}, {"paid", "paid.amount"}}, false);
  EXPECT_EQ(out.str(), "gift  paid\na       25\nbcd   -\n");
  out.str("");
  print_list(console, R"([{"id":"a"},{"id":"b"}])", {}, true);
  EXPECT_EQ(out.str(), "{\"id\":\"a\"}\n{\"id\":\"b\"}\n");
}

TEST(Remote, FreshKeysDiffer) { EXPECT_NE(fresh_key(), fresh_key()); }

}  // namespace
}  // namespace stardrop::app
