// A page of gifts from a database elsewhere takes a few round trips, however long it is.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "api/queries/gifts.h"
#include "engine/executor.h"
#include "storage/postgres/postgres_store.h"
#include "tests/support/postgres_test.h"

namespace stardrop {
namespace {

using storage::postgres::PostgresStore;

/// An account with gifts, on a PostgreSQL database.
class GiftsPageTest : public testing::PostgresTest {
 protected:
  static constexpr std::size_t kGifts = 60;

  void SetUp() override {
    PostgresTest::SetUp();
    if (IsSkipped()) return;
    open();
    market::CreateAccount account;
    account_ = std::get<market::CreateAccount::Reply>(run(account)).id;
    market::TopUp top_up;
    top_up.account = account_;
    top_up.stars = Stars::whole(1000);
    top_up.provider = "test";
    top_up.reference = "payment";
    run(top_up);
    market::CreateEdition edition;
    edition.title = "Rose";
    edition.stars = Stars::whole(2);
    market::SendGift gift;
    gift.edition = std::get<market::CreateEdition::Reply>(run(edition)).id;
    gift.from = account_;
    gift.to = account_;
    gift.max_price = Stars::whole(2);
    for (std::size_t i = 0; i < kGifts; ++i) {
      gift.text = "Number " + std::to_string(i);
      sent_.push_back(std::get<market::SendGift::Reply>(run(gift)).gift);
    }
    open();  // with nothing in memory
  }

  void open() {
    executor_.reset();
    store_.reset();
    storage::postgres::Options options;
    options.url = schema_->url();
    store_.emplace(std::move(options));
    executor_.emplace(*store_, clock_, engine::ExecutorOptions{});
    ASSERT_TRUE(executor_->open().ok());
  }
  market::AnyReply run(market::AnyCommand command) {
    std::vector<engine::Request> requests{
        {{market::CallerKind::operator_, {}}, "key-" + std::to_string(keys_++), 0, command}};
    std::vector<engine::Outcome> outcomes;
    clock_.advance(Duration::milliseconds(1));
    executor_->execute(requests, outcomes);
    EXPECT_TRUE(outcomes[0].ok());
    return outcomes[0].ok() ? outcomes[0]->reply : market::AnyReply{};
  }

  ManualClock clock_{Instant{1'790'000'000'000'000}};
  std::optional<PostgresStore> store_;
  std::optional<engine::Executor> executor_;
  AccountId account_;
  std::vector<GiftId> sent_;
  int keys_ = 0;
};

TEST_F(GiftsPageTest, TakesThreeRoundTrips) {
  const market::Caller caller{market::CallerKind::operator_, {}};
  const api::CursorCodec cursors("secret");
  api::ListGifts query;
  query.account = account_;
  query.limit = 50;
  std::vector<GiftId> listed;
  for (const std::size_t expected : {std::size_t{50}, kGifts - 50}) {
    engine::Reader rows = executor_->reader();
    api::QueryContext context{caller, cursors, rows};
    const auto before = store_->round_trips();
    const auto page = query.read(context);
    ASSERT_TRUE(page.ok());
    EXPECT_FALSE(rows.failed());
    // The account, the gifts, and what is shown of their givers with their words.
    EXPECT_EQ(store_->round_trips() - before, 3U);
    ASSERT_EQ(page->data.size(), expected);
    for (const api::GiftView& gift : page->data) {
      EXPECT_EQ(gift.text, "Number " + std::to_string(kGifts - 1 - listed.size()));
      listed.push_back(gift.id);
    }
    query.cursor = page->next_cursor.value_or("");
  }
  EXPECT_TRUE(query.cursor.empty());
  EXPECT_EQ(listed, std::vector<GiftId>(sent_.rbegin(), sent_.rend()));
}

}  // namespace
}  // namespace stardrop
