// A connection to PostgreSQL: statements in a pipeline, answers in binary. One thread at a time.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "engine/store.h"
#include "storage/postgres/parameters.h"

struct pg_conn;
struct pg_result;

namespace stardrop::storage::postgres {

/// The rows a statement answered with. Values are read in place.
class Answer {
 public:
  Answer() = default;
  explicit Answer(pg_result* result) noexcept : result_(result) {}

  int rows() const noexcept;
  bool is_null(int row, int column) const noexcept;
  std::string_view bytes(int row, int column) const noexcept;
  /// A smallint, integer or bigint.
  std::int64_t integer(int row, int column) const noexcept;
  const pg_result* raw() const noexcept { return result_.get(); }

 private:
  struct Free {
    void operator()(pg_result* result) const noexcept;
  };
  std::unique_ptr<pg_result, Free> result_;
};

/// Statements that are sent are collected and go out together; `receive` waits for their answers.
/// The server carries them out in order and none behind one that fails.
class Connection {
 public:
  Connection() = default;

  /// Connects. Refused with storage_unavailable (fact `reason`: `unreachable`).
  static Result<Connection> open(const std::string& url, std::string_view application);
  bool is_open() const noexcept { return connection_ != nullptr; }
  void close();

  /// From now on the server may be silent for so long while an answer is waited for. Then the
  /// connection is closed and the wait refused (fact `reason`: `no_answer`, trouble `lost`). Zero,
  /// as it is at first: for ever. Returns what it was before.
  Duration wait_at_most(Duration most) noexcept { return std::exchange(silence_max_, most); }

  /// Adds a statement. It is prepared the first time it is seen on this connection; `sql` is one of
  /// a bounded number of texts.
  void send(const std::string& sql, const Parameters& parameters = {});
  /// Waits for the answers of everything sent since it was called last. Refused with
  /// storage_unavailable; `trouble` tells more.
  Result<std::vector<Answer>> receive();
  /// One statement that is not prepared.
  Result<Answer> run_once(const std::string& sql);
  /// Whether a statement of the transaction failed, so that it can't have been committed.
  bool in_failed_transaction() const noexcept;
  /// One statement and its answer.
  Result<Answer> run(const std::string& sql, const Parameters& parameters = {});
  /// Several statements in one text, without parameters.
  Status script(const std::string& sql);

  /// What a LISTEN has brought.
  struct Heard {
    bool own = false;     ///< of this connection's NOTIFY
    bool others = false;  ///< of somebody else's
  };
  /// Takes it, without waiting for any. If the connection is gone it is closed.
  Heard hear();
  /// To wait for something to hear.
  int socket() const noexcept;

  /// How often an answer was waited for.
  std::uint64_t round_trips() const noexcept { return round_trips_; }

  /// Why the last `receive` was refused: nothing worth another try, another writer in the way, or
  /// the connection gone.
  engine::Trouble trouble() const noexcept { return trouble_; }
  /// The SQLSTATE of that refusal; empty if there was none.
  const std::string& state() const noexcept { return state_; }

 private:
  struct Finish {
    void operator()(pg_conn* connection) const noexcept;
  };
  /// What an answer will be to: the text that is prepared, or a statement.
  struct Sent {
    std::string prepares;
  };

  /// Whether an answer is there, or the connection's end, before the server was silent too long.
  bool await();
  Error refuse(const pg_result* result);
  Error lost();
  Error give_up();

  std::unique_ptr<pg_conn, Finish> connection_;
  std::unordered_map<std::string, std::string> prepared_;  // names by text
  int names_ = 0;
  std::deque<Sent> sent_;
  bool failed_to_send_ = false;
  Duration silence_max_;
  std::uint64_t round_trips_ = 0;
  engine::Trouble trouble_ = engine::Trouble::none;
  std::string state_;
};

}  // namespace stardrop::storage::postgres
