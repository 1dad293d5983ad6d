// Scenarios: stories of the economy as text, told to a backend line by line.
//
//   given    alice has 1000, bob has 0        accounts with final Stars
//   given    shop is an app                   a bot account; what `shop` asks, its key asks
//   app:bot  create_account kind=user         the same of any other bot account
//   alice    send_gift edition=e1 to=bob max_price=25 -> gift=g1 serial=1
//   bob      send_gift edition=e1 to=bob max_price=25 -> insufficient_funds required=25
//   alice    again                            the last request once more, under the same key
//   alice    again max_price=30 -> …          the same key for something else
//   expect   alice 975, house 25              what is available to them, in Stars
//   expect   g1 owner=bob serial=1            the fields of a row
//   advance  10m                              the clock goes on (s, m, h, d; also backwards: -10m)
//   64 times alice send_gift …                the same that often; `#` behind a word is 1, 2, …
//
// Behind `->` stand the code of a refusal and its facts, or fields of the reply. Where the reply
// has an id, a name that is new is bound to it; an old one must be it. `+10m` is that much after
// the start of the line. An actor's own account may be left out where the field is called `from`
// or `account`. Whatever a command is called and takes, the runner knows from its description.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.h"
#include "engine/executor.h"

namespace stardrop::testing {

/// A request as a client would make it.
struct Ask {
  market::Caller caller;
  std::string command;
  std::string json;  ///< the body
  std::string key;   ///< the idempotency key; may be empty
};

/// Fields of a row, a reply or a refusal.
using Facts = std::map<std::string, std::string>;

/// What came of it, in words.
struct Answer {
  std::string code;  ///< of the refusal; `ok` if it is none
  bool replayed = false;
  Facts facts;                ///< of the reply or refusal
  std::set<std::string> ids;  ///< which of them are ids
};

/// What is asked, as the engine takes it. Refused with what decoding it refuses.
Result<engine::Request> request_of(const Ask& ask);
/// What the engine says to it, in words.
Answer answer_of(const engine::Outcome& outcome);
/// The row with this id; nothing if there is none.
std::optional<Facts> row_of(engine::Reader& rows, const std::string& id);

/// Where a scenario is played.
class Backend {
 public:
  Backend() = default;
  Backend(const Backend&) = delete;
  Backend& operator=(const Backend&) = delete;
  virtual ~Backend() = default;

  virtual Answer submit(const Ask& ask) = 0;
  /// The fields of the row with this id; nothing if there is none.
  virtual std::optional<Facts> look(const std::string& id) = 0;
  /// What the clock shows. The ledger may be some microseconds ahead: its times strictly rise.
  virtual Instant now() = 0;
  virtual void set_clock(Instant at) = 0;
};

/// An executor on a store, with a clock that obeys. It starts at 2026-01-01T00:00:00Z.
class ExecutorBackend final : public Backend {
 public:
  static constexpr Instant kStart{1'767'225'600'000'000};

  explicit ExecutorBackend(engine::Store& store);

  Answer submit(const Ask& ask) override;
  std::optional<Facts> look(const std::string& id) override;
  Instant now() override { return clock_.now(); }
  void set_clock(Instant at) override { clock_.set(at); }

  engine::Executor& executor() noexcept { return executor_; }
  const Clock& clock() const noexcept { return clock_; }

 private:
  ManualClock clock_{kStart};
  engine::Executor executor_;
};

/// Tells one scenario to a backend.
class Scenario {
 public:
  explicit Scenario(Backend& backend) : backend_(backend) {}

  /// Plays every line of `text`. Returns what went otherwise than told, as `name:line: …`.
  std::vector<std::string> play(std::string_view name, std::string_view text);

 private:
  using Fields = std::vector<std::pair<std::string, std::string>>;

  void line(const std::vector<std::string>& words, std::string_view rest);
  void given(std::string_view rest);
  void expect(const std::vector<std::string>& words, std::string_view rest);
  void advance(const std::string& by);
  void repeat(const std::vector<std::string>& words);
  void act(const std::vector<std::string>& words);
  void check(const Answer& answer, const std::vector<std::string>& told);
  void compare(const std::string& field, const std::string& told, const Facts& found, bool bind);
  market::Caller caller_of(const std::string& actor);
  std::string body(const std::string& command, const Fields& fields, const std::string& actor);
  std::string resolve(const std::string& word) const;
  void wrong(const std::string& what);
  /// Does what the story takes for granted; returns the id in the reply.
  std::string must(const std::string& command, const std::string& json);

  Backend& backend_;
  std::map<std::string, std::string> names_{{"issuer", AccountId(1).text()},
                                            {"house", AccountId(2).text()},
                                            {"receivables", AccountId(3).text()}};
  std::set<std::string> apps_;
  std::map<std::string, Ask> last_;
  std::set<std::string> carried_out_;  // keys
  std::vector<std::string> wrongs_;
  std::string where_;
  int keys_ = 0;
};

/// The names of every command, in order of the list.
std::vector<std::string> command_names();

}  // namespace stardrop::testing
