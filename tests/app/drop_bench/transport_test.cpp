// Both ways to move bytes bring whole answers, also after connections were cut.
#include "app/drop_bench/transport.h"

#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "app/drop_bench/bulk.h"
#include "app/drop_bench/load_loop.h"
#include "app/drop_bench/transport_epoll.h"
#include "app/drop_bench/transport_uring.h"
#include "tests/app/drop_bench/fake_shop.h"

namespace stardrop::app {
namespace {

using test::FakeShop;
using test::ShopFaults;

class EachTransport : public testing::TestWithParam<TransportKind> {
 protected:
  LoadLoop loop(const FakeShop& shop, std::size_t connections, std::size_t pipeline) const {
    LoadOptions options;
    options.endpoints.push_back(*parse_endpoint(shop.url(), "key"));
    options.connections = connections;
    options.pipeline = pipeline;
    options.transport = GetParam();
    return LoadLoop(std::move(options));
  }
  /// Opens accounts in batches; their ids.
  std::vector<std::string> open_accounts(LoadLoop& loop, std::uint64_t count) {
    std::vector<std::string> ids(count);
    run_commands(
        loop, "create_account", count,
        [](std::uint64_t, std::string& out) { out += R"({"kind":"user"})"; },
        [&](std::uint64_t i, std::string_view body) { ids[i] = text_member(body, "id"); });
    return ids;
  }
  void run_commands(LoadLoop& loop,
                    const std::string& command,
                    std::uint64_t count,
                    BulkCommands::Params params,
                    BulkCommands::Take take) {
    ProgressBar progress(console_, command);
    BulkCommands commands(command, "run", count, std::move(params), std::move(take), progress);
    EXPECT_EQ(loop.run(commands), std::nullopt);
    EXPECT_EQ(commands.failure(), std::nullopt);
  }

 private:
  std::ostringstream out_;
  const Console console_{out_, out_, {}, false, false};
};

TEST_P(EachTransport, BringsAnswersThatComeInManyPieces) {
  FakeShop shop;
  // An answer to 500 commands is larger than one buffer.
  LoadLoop one = loop(shop, 3, 1);
  for (const std::string& id : open_accounts(one, 2600)) EXPECT_TRUE(id.starts_with("acc_")) << id;
  EXPECT_EQ(one.counts().answers, 6U);
  EXPECT_EQ(one.counts().retries, 0U);
}

TEST_P(EachTransport, KeepsTheOrderOfWhatIsInFlight) {
  FakeShop shop;
  LoadLoop piped = loop(shop, 1, 16);
  const std::vector<std::string> accounts = open_accounts(piped, 500);
  std::vector<std::string> paths;
  for (int i = 0; i < 300; ++i) paths.push_back("/v1/editions/edn_" + std::to_string(i));
  std::vector<std::size_t> taken;
  BulkGets gets(paths, [&](std::size_t index, int status, std::string_view) {
    EXPECT_EQ(status, 404);
    taken.push_back(index);
  });
  EXPECT_EQ(piped.run(gets), std::nullopt);
  ASSERT_EQ(taken.size(), paths.size());
  for (std::size_t i = 0; i < taken.size(); ++i) EXPECT_EQ(taken[i], i);
}

TEST_P(EachTransport, SendsAgainWhatWasCutOff) {
  ShopFaults faults;
  faults.cut_each = 250;
  FakeShop shop(faults);
  LoadLoop cut = loop(shop, 2, 1);
  const std::string account = open_accounts(cut, 1).front();
  std::string edition;
  run_commands(
      cut, "create_edition", 1,
      [](std::uint64_t, std::string& out) { out += R"({"supply":1000,"per_account":1000})"; },
      [&](std::uint64_t, std::string_view body) { edition = text_member(body, "id"); });
  run_commands(
      cut, "top_up", 1,
      [&](std::uint64_t, std::string& out) {
        out += "{\"account\":\"" + account + "\",\"stars\":1000}";
      },
      [](std::uint64_t, std::string_view) {});
  std::set<std::int64_t> serials;
  run_commands(
      cut, "send_gift", 1000,
      [&](std::uint64_t, std::string& out) {
        out += "{\"edition\":\"" + edition + "\",\"from\":\"" + account + "\",\"max_price\":1}";
      },
      [&](std::uint64_t, std::string_view body) {
        serials.insert(number_member(body, "serial").value_or(0));
      });
  EXPECT_EQ(serials.size(), 1000U);
  EXPECT_EQ(*serials.rbegin(), 1000);
  EXPECT_GT(cut.counts().connections_lost, 0U);
  EXPECT_EQ(cut.counts().retries, cut.counts().connections_lost);
}

TEST_P(EachTransport, SaysThatNobodyAnswers) {
  LoadOptions options;
  // Port 1 of the loopback: nobody listens there.
  options.endpoints.push_back(*parse_endpoint("http://127.0.0.1:1", "key"));
  options.connections = 2;
  options.patience = std::chrono::seconds(0);
  options.transport = GetParam();
  LoadLoop nobody(std::move(options));
  BulkGets gets({"/"}, [](std::size_t, int, std::string_view) {});
  EXPECT_EQ(nobody.run(gets), "no server answers at http://127.0.0.1:1");
}

INSTANTIATE_TEST_SUITE_P(Transport,
                         EachTransport,
                         testing::Values(TransportKind::best, TransportKind::epoll),
                         [](const auto& tested) {
                           return tested.param == TransportKind::best ? "Best" : "Epoll";
                         });

TEST(Transport, OneIsAlwaysThere) {
  EXPECT_NE(make_epoll_transport(4), nullptr);
  EXPECT_NE(make_transport(TransportKind::best, 4), nullptr);
}

}  // namespace
}  // namespace stardrop::app
