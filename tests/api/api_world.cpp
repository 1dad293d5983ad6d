// A whole API, and what tests make with it.
#include "tests/api/api_world.h"

#include <gtest/gtest.h>

#include "api/key_table.h"

namespace stardrop::api::test {

namespace {

/// How many tasks the engine gets to do what is due.
constexpr int kSettleRounds = 1000;

ApiOptions with_rates(const RateLimits& rates) {
  ApiOptions options;
  options.rates = rates;
  return options;
}

}  // namespace

ApiWorld::ApiWorld(const RateLimits& rates) : ApiWorld(with_rates(rates)) {}

ApiWorld::ApiWorld(ApiOptions options, bool dev) {
  if (dev) options.dev_clock = &dev_clock;
  open(memory_, std::move(options));
}

ApiWorld::ApiWorld(engine::Store& store, Instant start, ApiOptions options) {
  clock.set(start);
  open(store, std::move(options));
}

void ApiWorld::open(engine::Store& store, ApiOptions options) {
  engine_ = std::make_unique<engine::Engine>(store, dev_clock, engine::EngineOptions{});
  api_ = std::make_unique<Api>(*engine_, dev_clock, std::move(options), 1);
  feed_ = std::make_unique<Feed>(*engine_, api_->keys(), dev_clock);
  engine_->on_commit([this](const engine::BatchReport& report) {
    api_->on_commit(report);
    feed_->on_commit(report);
    if (listener_) listener_(report);
  });
  EXPECT_TRUE(engine_->open().ok());
  engine_->run([this](engine::Executor& executor) { api_->reset(executor); });

  http::ServerOptions server;
  server.port = 0;
  server.clock = &dev_clock;
  server_ = std::make_unique<http::Server>(server, *api_);
  EXPECT_EQ(server_->start(), std::nullopt);
  feed_->attach(*server_);
  api_->set_feed(feed_.get());
  engine_->start();

  operator_secret = secret_text(ledger::KeyKind::operator_key, sha256("operator"));
  market::CreateKey key;
  key.kind = ledger::KeyKind::operator_key;
  key.secret_sha256.data = std::string(bytes_of(sha256(operator_secret)));
  EXPECT_TRUE(engine_->call({{market::CallerKind::operator_, {}}, "", 0, key}).ok());
}

ApiWorld::~ApiWorld() {
  engine_->stop();
  api_->set_feed(nullptr);
  server_->stop(std::chrono::seconds(5));
  feed_->detach();
}

ApiWorld::Answer ApiWorld::send(std::string_view method,
                                std::string_view path,
                                std::string_view secret,
                                std::string_view idempotency_key,
                                std::string_view body,
                                std::string_view more_headers) {
  http::test::RawClient client(port());
  std::string text(method);
  text.append(" ").append(path).append(" HTTP/1.1\r\nHost: localhost\r\n");
  if (!secret.empty()) text.append("Authorization: Bearer ").append(secret).append("\r\n");
  if (!idempotency_key.empty()) {
    text.append("Idempotency-Key: ").append(idempotency_key).append("\r\n");
  }
  text.append(more_headers);
  if (method == "POST") {
    if (more_headers.find("Content-Type") == std::string_view::npos) {
      text.append("Content-Type: application/json\r\n");
    }
    text.append("Content-Length: ").append(std::to_string(body.size())).append("\r\n");
  }
  text.append("\r\n").append(body);
  client.send(text);
  return client.read_answer(method != "HEAD");
}

std::string ApiWorld::account(std::string_view secret, std::string_view kind) {
  const Answer answer = send("POST", "/v1/accounts", secret, "account-" + std::to_string(++made_),
                             "{\"kind\":\"" + std::string(kind) + "\"}");
  EXPECT_EQ(answer.status, 201U) << answer.body;
  return member(answer.body, "id");
}

std::string ApiWorld::rich_account(std::int64_t stars) {
  const std::string id = account(operator_secret);
  const std::string name = "stars-" + std::to_string(++made_);
  const Answer answer = post("/v1/top-ups", name,
                             "{\"account\":\"" + id + "\",\"stars\":" + std::to_string(stars) +
                                 ",\"provider\":\"test\",\"reference\":\"" + name + "\"}");
  EXPECT_EQ(answer.status, 201U) << answer.body;
  return id;
}

std::string ApiWorld::edition(std::string_view more_fields) {
  const std::string name = "Gift " + std::to_string(++made_);
  const Answer answer = post("/v1/editions", name.substr(5) + "-edition",
                             "{\"title\":\"" + name + "\"," + std::string(more_fields) + "}");
  EXPECT_EQ(answer.status, 201U) << answer.body;
  return member(answer.body, "id");
}

std::string ApiWorld::secret_for(std::string_view kind, std::string_view account) {
  const Answer answer =
      post("/v1/keys", "key-" + std::to_string(++made_),
           "{\"kind\":\"" + std::string(kind) + "\",\"account\":\"" + std::string(account) + "\"}");
  EXPECT_EQ(answer.status, 201U) << answer.body;
  return member(answer.body, "secret");
}

void ApiWorld::advance(Duration by) {
  clock.advance(by);
  // The engine runs timers after the first task, of a shared store after some, and has done so when
  // it comes to the one that finds none due.
  bool is_due = true;
  for (int i = 0; is_due && i < kSettleRounds; ++i) {
    engine_->run([&is_due](engine::Executor& executor) {
      const Instant next = executor.next_timer();
      is_due = next.is_set() && next <= executor.now();
    });
  }
  EXPECT_FALSE(is_due) << "the engine does not do what is due";
}

void ApiWorld::on_commit(std::function<void(const engine::BatchReport&)> listener) {
  engine_->run([&](engine::Executor&) { listener_ = std::move(listener); });
}

std::string member(std::string_view json, std::string_view name) {
  const std::string mark = '"' + std::string(name) + "\":";
  const std::size_t at = json.find(mark);
  if (at == std::string_view::npos) return {};
  std::string_view rest = json.substr(at + mark.size());
  if (rest.starts_with('"')) return std::string(rest.substr(1, rest.find('"', 1) - 1));
  return std::string(rest.substr(0, rest.find_first_of(",}]")));
}

}  // namespace stardrop::api::test
