// `simulate`: what it prints, and how a failure is told.
#include "app/commands/simulate.h"

#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/app/program.h"

namespace stardrop::app {
namespace {

using Json = nlohmann::json;

/// The summary of a run that must be sound.
std::string summary(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), {"simulate", "--commands", "300", "--json", "--seed"});
  Program program;
  EXPECT_EQ(program.run(std::move(arguments)), ExitCode::ok) << program.err.str();
  return program.out.str();
}

TEST(Simulate, TheSameSeedGivesTheSameSummary) {
  for (const char* store : {"memory", "sqlite"}) {
    const std::string first = summary({"12", "--runs", "1", "--store", store});
    EXPECT_EQ(first, summary({"12", "--runs", "1", "--store", store}));
    EXPECT_NE(first, summary({"8", "--runs", "1", "--store", store}));
    const Json found = Json::parse(first);
    EXPECT_TRUE(found.at("ok").get<bool>());
    EXPECT_EQ(found.at("seed"), 12);
    EXPECT_EQ(found.at("runs"), 1);
    EXPECT_EQ(found.at("store"), store);
    EXPECT_GE(found.at("commands"), 300);
    EXPECT_GT(found.at("refused"), 0);
    EXPECT_GT(found.at("faults"), 0);
    EXPECT_GT(found.at("audits"), 1);
    std::int64_t by_command = 0;
    for (const Json& each : found.at("by_command")) by_command += each.get<std::int64_t>();
    EXPECT_EQ(found.at("carried_out"), by_command);
  }
}

TEST(Simulate, WithoutFaultsNothingFails) {
  EXPECT_EQ(Json::parse(summary({"7", "--runs", "3", "--no-faults"})).at("faults"), 0);
}

TEST(Simulate, FurtherRunsHaveTheNextSeeds) {
  const Json both = Json::parse(summary({"7", "--runs", "2"}));
  const Json first = Json::parse(summary({"7", "--runs", "1"}));
  const Json second = Json::parse(summary({"8", "--runs", "1"}));
  EXPECT_EQ(both.at("runs"), 2);
  EXPECT_EQ(both.at("carried_out").get<int>(),
            first.at("carried_out").get<int>() + second.at("carried_out").get<int>());
}

TEST(Simulate, ADrawnSeedIsTold) {
  Program program;
  EXPECT_EQ(program.run({"simulate", "--commands", "20"}), ExitCode::ok) << program.err.str();
  EXPECT_NE(program.out.str().find("seed  "), std::string::npos) << program.out.str();
}

TEST(Simulate, RefusesWhatItDoesNotKnow) {
  for (const std::vector<std::string>& wrong :
       std::vector<std::vector<std::string>>{{"--store", "postgres"},
                                             {"--seed", "x"},
                                             {"--seed", "-1"},
                                             {"--runs", "0"},
                                             {"--commands", "0"},
                                             {"--fault"},
                                             {"more"}}) {
    Program program;
    std::vector<std::string> arguments = {"simulate"};
    arguments.insert(arguments.end(), wrong.begin(), wrong.end());
    EXPECT_EQ(program.run(arguments), ExitCode::usage) << wrong.front();
    EXPECT_EQ(program.out.str(), "");
  }
}

/// As if no gift could be refunded soundly.
simulation::Campaign failing() {
  simulation::Campaign out;
  out.plan.seed = 3;
  out.plan.steps = 1500;
  out.plan.suspicion = [](const engine::Request& request, const engine::Outcome& outcome) {
    const bool refund = std::holds_alternative<market::RefundGift>(request.command);
    return refund && outcome.ok() ? "a gift is refunded" : "";
  };
  return out;
}

TEST(Simulate, AFailureIsToldWithItsSeedAndTheShortestScenario) {
  Program program;
  EXPECT_EQ(run_campaign(program.console, failing(), false), ExitCode::failed);
  const std::string out = program.out.str();
  EXPECT_NE(out.find(" refund_gift "), std::string::npos) << out;
  EXPECT_LT(std::count(out.begin(), out.end(), '\n'), 60) << out;
  const std::string err = program.err.str();
  EXPECT_NE(err.find("seed 3, step "), std::string::npos) << err;
  EXPECT_NE(err.find("simulate --seed 3 --commands 1500 --store memory"), std::string::npos) << err;
}

TEST(Simulate, AFailureIsOneObjectToo) {
  Program program;
  EXPECT_EQ(run_campaign(program.console, failing(), true), ExitCode::failed);
  const Json found = Json::parse(program.out.str());
  EXPECT_FALSE(found.at("ok").get<bool>());
  EXPECT_EQ(found.at("failed_seed"), 3);
  EXPECT_NE(found.at("failure").get<std::string>().find("a gift is refunded"), std::string::npos);
  EXPECT_NE(found.at("scenario").get<std::string>().find(" refund_gift "), std::string::npos);
}

}  // namespace
}  // namespace stardrop::app
