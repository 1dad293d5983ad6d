// Settings: the order of layers, what is refused, and what is shown.
#include "app/config.h"

#include <fstream>

#include <gtest/gtest.h>

#include "base/temp_folder.h"

namespace stardrop::app {
namespace {

std::string file_with(const std::string& text) {
  static const TempFolder folder;
  std::string path = folder / "stardrop.toml";
  std::ofstream(path) << text;
  return path;
}

std::string first_problem(const Config& config) {
  return config.problems.empty() ? "" : config.problems.front().text;
}

TEST(Config, DefaultsAreSound) {
  const Config config = read_config({});
  EXPECT_EQ(first_problem(config), "");
  EXPECT_TRUE(config.origins.empty());
  EXPECT_EQ(config.settings.rules, market::RuleSettings{});
}

TEST(Config, EachLayerGoesOverTheOneBefore) {
  ConfigSources sources;
  sources.file = file_with("io_threads = 2\n[engine]\nbatch_max = 10\nqueue_max = 20\n");
  sources.environment = {{"STARDROP_ENGINE_BATCH_MAX", "11"}, {"STARDROP_ENGINE_QUEUE_MAX", "21"}};
  sources.flags = {{"engine.queue_max", "22"}};
  const Config config = read_config(sources);
  ASSERT_EQ(first_problem(config), "");
  EXPECT_EQ(config.settings.server.io_threads, 2);
  EXPECT_EQ(config.settings.engine.batch_max, 11);
  EXPECT_EQ(config.settings.engine.queue_max, 22);
  EXPECT_EQ(config.origins.at("io_threads").where, sources.file + ":1");
  EXPECT_EQ(config.origins.at("engine.batch_max").layer, Layer::environment);
  EXPECT_EQ(config.origins.at("engine.queue_max").where, "--engine-queue-max");
}

TEST(Config, EveryRuleIsASettingUnderItsOwnName) {
  ConfigSources sources;
  sources.file =
      file_with("[rules]\nstargifts_message_length_max = 64\nstargifts_blocked = true\n");
  const Config config = read_config(sources);
  ASSERT_EQ(first_problem(config), "");
  EXPECT_EQ(config.settings.rules.stargifts_message_length_max, 64);
  EXPECT_TRUE(config.settings.rules.stargifts_blocked);
}

TEST(Config, UnknownKeysAreErrorsWithTheirLine) {
  ConfigSources sources;
  sources.file = file_with("\n[engine]\n\nbatch_mx = 10\n");
  const Config config = read_config(sources);
  EXPECT_EQ(
      first_problem(config),
      sources.file + ":4: there is no setting engine.batch_mx; did you mean engine.batch_max?");
}

TEST(Config, UnknownTablesAndVariablesAreErrors) {
  ConfigSources sources;
  sources.file = file_with("[engin]\nbatch_max = 1\n");
  sources.environment = {{"STARDROP_ENGINE_BATCH", "1"}};
  EXPECT_EQ(read_config(sources).problems.size(), 2U);
}

TEST(Config, VariablesOfOthersAreLeftAlone) {
  ConfigSources sources;
  sources.environment = {{"STARDROP_KEY", "x"},
                         {"STARDROP_PORT", "tcp://10.0.0.1:80"},
                         {"STARDROP_SERVICE_HOST", "10.0.0.1"},
                         {"PATH", "/"}};
  EXPECT_EQ(first_problem(read_config(sources)), "");
}

TEST(Config, BrokenSyntaxNamesTheLine) {
  ConfigSources sources;
  sources.file = file_with("io_threads = 1\nlisten = \n");
  EXPECT_TRUE(first_problem(read_config(sources)).starts_with(sources.file + ":2: "))
      << first_problem(read_config(sources));
}

TEST(Config, AFileThatIsNotThereIsAProblem) {
  ConfigSources sources;
  sources.file = "/nonexistent/stardrop.toml";
  EXPECT_NE(first_problem(read_config(sources)), "");
}

struct Wrong {
  std::string path;
  std::string text;
  std::string expected;
};

TEST(Config, WrongValuesAreRefusedInWords) {
  const std::vector<Wrong> all = {
      {"io_threads", "65", "must be between 0 and 64"},
      {"io_threads", "two", "must be a whole number"},
      {"dev", "yes", "must be true or false"},
      {"log.level", "loud", "must be one of debug|info|warning|error|critical"},
      {"storage.synchronous", "normal", "must be one of full|off"},
      {"listen", "8080", "must be HOST:PORT"},
      {"db", "mysql:x", "must be sqlite:PATH or postgres://…"},
      {"tls.key_file", "k.pem", "certificate_file and key_file go together"},
      {"rules.reservation_s", "86400", "is longer than rules.reservation_max_s"},
  };
  for (const Wrong& wrong : all) {
    ConfigSources sources;
    sources.flags = {{wrong.path, wrong.text}};
    const Config config = read_config(sources);
    EXPECT_NE(first_problem(config).find(wrong.expected), std::string::npos)
        << wrong.path << ": " << first_problem(config);
  }
}

TEST(Config, DevelopmentStaysOnTheLoopback) {
  for (const auto& [listen, allowed] :
       std::vector<std::pair<std::string, bool>>{{"127.0.0.1:0", true},
                                                 {"[::1]:8080", true},
                                                 {"localhost:1", true},
                                                 {"0.0.0.0:8080", false},
                                                 {"[::]:8080", false},
                                                 {"192.168.1.2:80", false}}) {
    ConfigSources sources;
    sources.flags = {{"dev", "true"}, {"listen", listen}};
    EXPECT_EQ(read_config(sources).problems.empty(), allowed) << listen;
  }
}

TEST(Config, TrustedProxiesAreNetworks) {
  ConfigSources sources;
  sources.flags = {{"trusted_proxies", "10.0.0.0/8,2001:db8::1"}, {"proxy_header", "forwarded"}};
  const Config sound = read_config(sources);
  EXPECT_TRUE(sound.problems.empty());
  EXPECT_EQ(sound.settings.server.trusted_proxies.size(), 2U);
  sources.flags = {{"trusted_proxies", "10.0.0.0/8,10.1.2.3/8,proxy.example"}};
  const Config wrong = read_config(sources);
  ASSERT_EQ(wrong.problems.size(), 2U);
  EXPECT_NE(wrong.problems[0].text.find("did you mean 10.0.0.0/8?"), std::string::npos);
  EXPECT_NE(wrong.problems[1].text.find("trusted_proxies"), std::string::npos);
}

TEST(Config, WhatIsShownReadsBackTheSame) {
  Settings settings;
  settings.limits.app_burst = 7;
  settings.server.allowed_origins = {"https://a.example", "https://b.example"};
  settings.log.format = LogFormat::json;
  std::string text;
  std::string section;
  for (const SettingInfo& info : all_settings()) {
    if (info.section != section) text += "[" + (section = info.section) + "]\n";
    text += info.path.substr(section.empty() ? 0 : section.size() + 1) + " = " +
            setting_text(settings, info.path) + "\n";
  }
  ConfigSources sources;
  sources.file = file_with(text);
  const Config config = read_config(sources);
  ASSERT_EQ(first_problem(config), "");
  for (const SettingInfo& info : all_settings()) {
    EXPECT_EQ(setting_text(config.settings, info.path), setting_text(settings, info.path))
        << info.path;
  }
}

TEST(Config, FlagsAndVariablesHaveNoTwoMeanings) {
  std::map<std::string, int> seen;
  for (const SettingInfo& info : all_settings()) {
    EXPECT_EQ(++seen[info.flag], 1) << info.flag;
    EXPECT_EQ(++seen[info.variable], 1) << info.variable;
    EXPECT_FALSE(info.doc.empty()) << info.path;
  }
}

TEST(Config, HostAndPort) {
  EXPECT_EQ(parse_host_port("[::1]:80")->host, "::1");
  EXPECT_EQ(parse_host_port("10.0.0.1:65535")->port, 65535);
  for (const char* wrong :
       {"", ":80", "host", "host:", "host:x", "host:65536", "::1:80", "host:80x"}) {
    EXPECT_FALSE(parse_host_port(wrong)) << wrong;
  }
}

}  // namespace
}  // namespace stardrop::app
