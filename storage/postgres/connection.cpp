// libpq's pipeline mode, and what its errors mean for us.
#include "storage/postgres/connection.h"

#include <array>
#include <cerrno>
#include <chrono>
#include <optional>
#include <utility>

#include <libpq-fe.h>
#include <poll.h>

#include "base/check.h"
#include "storage/refused.h"

namespace stardrop::storage::postgres {
namespace {

using engine::Trouble;
using std::chrono::steady_clock;

constexpr int kBinary = 1;

/// What a SQLSTATE asks for (PostgreSQL documentation, appendix A).
Trouble trouble_of(std::string_view state) {
  // serialization_failure, deadlock_detected, lock_not_available, unique_violation, query_canceled,
  // and a row that was there a moment ago (the guard of an update divides by zero).
  for (const std::string_view each : {"40001", "40P01", "55P03", "23505", "57014", "22012"}) {
    if (state == each) return Trouble::contended;
  }
  // Connection exceptions, operator intervention, and a primary that became a standby.
  if (state.starts_with("08") || state.starts_with("57P") || state == "25006") {
    return Trouble::lost;
  }
  return Trouble::none;
}

std::string trimmed(std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.remove_suffix(1);
  return std::string(text);
}

}  // namespace

void Answer::Free::operator()(pg_result* result) const noexcept { PQclear(result); }

int Answer::rows() const noexcept { return PQntuples(result_.get()); }

bool Answer::is_null(int row, int column) const noexcept {
  return PQgetisnull(result_.get(), row, column) != 0;
}

std::string_view Answer::bytes(int row, int column) const noexcept {
  return {PQgetvalue(result_.get(), row, column),
          static_cast<std::size_t>(PQgetlength(result_.get(), row, column))};
}

std::int64_t Answer::integer(int row, int column) const noexcept {
  const std::string_view big_endian = bytes(row, column);
  if (big_endian.empty()) return 0;
  auto value = static_cast<std::int64_t>(static_cast<signed char>(big_endian.front()));
  for (const char byte : big_endian.substr(1)) {
    value = static_cast<std::int64_t>(static_cast<std::uint64_t>(value) << 8U) |
            static_cast<unsigned char>(byte);
  }
  return value;
}

void Connection::Finish::operator()(pg_conn* connection) const noexcept { PQfinish(connection); }

Result<Connection> Connection::open(const std::string& url, std::string_view application) {
  // A peer that is gone without a word is noticed within seconds. What the URI says goes over it.
  const std::string name(application);
  const std::array<const char*, 9> keywords{
      "application_name",    "connect_timeout",  "keepalives_idle",
      "keepalives_interval", "keepalives_count", "tcp_user_timeout",
      "client_encoding",     "dbname",           nullptr};
  const std::array<const char*, 9> values{name.c_str(), "3",    "3",         "1",    "3",
                                          "5000",       "UTF8", url.c_str(), nullptr};
  Connection out;
  out.connection_.reset(PQconnectdbParams(keywords.data(), values.data(), 1));
  // What is no error is nobody's concern here.
  PQsetNoticeProcessor(
      out.connection_.get(), [](void*, const char*) {}, nullptr);
  if (PQstatus(out.connection_.get()) != CONNECTION_OK) {
    return Error(ErrorCode::storage_unavailable)
        .detail(trimmed(PQerrorMessage(out.connection_.get())))
        .with("reason", std::string("unreachable"));
  }
  // Whoever sends must not wait either: a server that stands still reads nothing.
  PQsetnonblocking(out.connection_.get(), 1);
  return out;
}

void Connection::close() {
  connection_.reset();
  prepared_.clear();
  sent_.clear();
  failed_to_send_ = false;
}

Error Connection::lost() {
  trouble_ = Trouble::lost;
  sent_.clear();
  Error error = refused("The connection to the database is lost.", "connection_lost");
  if (connection_) {
    const std::string message = trimmed(PQerrorMessage(connection_.get()));
    if (!message.empty()) error = std::move(error).detail(message);
  }
  return error;
}

Error Connection::give_up() {
  // What it says later is to nobody any more; the next one begins with a connection of its own.
  close();
  trouble_ = Trouble::lost;
  return refused("The database does not answer.", "no_answer");
}

bool Connection::await() {
  pg_conn* const from = connection_.get();
  const bool bounded = silence_max_.us > 0;
  const auto later = [&] {
    return steady_clock::now() + std::chrono::microseconds(silence_max_.us);
  };
  auto give_up_at = later();
  for (;;) {
    const bool unsent = PQflush(from) == 1;
    if (PQisBusy(from) == 0) return true;
    pollfd watched{PQsocket(from), static_cast<short>(POLLIN | (unsent ? POLLOUT : 0)), 0};
    int wait_ms = -1;
    if (bounded) {
      using std::chrono::milliseconds;
      const auto left = std::chrono::ceil<milliseconds>(give_up_at - steady_clock::now());
      if (left.count() <= 0) return false;
      wait_ms = static_cast<int>(left.count());
    }
    const int ready = ::poll(&watched, 1, wait_ms);
    if (ready == 0 || (ready < 0 && errno == EINTR)) continue;
    // libpq tells by its next answer what became of a connection that can't be read.
    if (ready < 0 || PQconsumeInput(from) != 1) return true;
    give_up_at = later();
  }
}

Error Connection::refuse(const pg_result* result) {
  const char* const state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  state_ = state != nullptr ? state : "";
  trouble_ = trouble_of(state_);
  // What has no state was not said by the server: it can't be reached, even while libpq, which puts
  // off what became of a failed write, still calls the connection good.
  if (state_.empty() || PQstatus(connection_.get()) != CONNECTION_OK) trouble_ = Trouble::lost;
  // Only the first line: what follows may quote rows.
  const char* const primary = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
  return refused(primary != nullptr ? primary : "The database refused.", "sqlstate")
      .with("sqlstate", state_);
}

void Connection::send(const std::string& sql, const Parameters& parameters) {
  if (!connection_ || failed_to_send_) return;
  pg_conn* const to = connection_.get();
  bool sent = PQpipelineStatus(to) == PQ_PIPELINE_ON || PQenterPipelineMode(to) == 1;
  auto found = prepared_.find(sql);
  if (sent && found == prepared_.end()) {
    found = prepared_.emplace(sql, "s" + std::to_string(names_++)).first;
    sent = PQsendPrepare(to, found->second.c_str(), sql.c_str(), parameters.count(),
                         parameters.types().data()) == 1;
    sent_.push_back({sql});
  }
  std::vector<const char*> values;
  std::vector<int> lengths;
  for (const std::string& value : parameters.values()) {
    values.push_back(value.data());
    lengths.push_back(static_cast<int>(value.size()));
  }
  const std::vector<int> formats(values.size(), kBinary);
  sent = sent && PQsendQueryPrepared(to, found->second.c_str(), parameters.count(), values.data(),
                                     lengths.data(), formats.data(), kBinary) == 1;
  sent_.push_back({});
  failed_to_send_ = !sent;
}

Result<std::vector<Answer>> Connection::receive() {
  trouble_ = Trouble::none;
  state_.clear();
  if (!connection_ || std::exchange(failed_to_send_, false)) return lost();
  pg_conn* const from = connection_.get();
  if (PQpipelineSync(from) != 1) return lost();
  ++round_trips_;
  std::vector<Answer> answers;
  std::optional<Error> refusal;
  std::deque<Sent> sent = std::exchange(sent_, {});
  bool ended = false;
  while (true) {
    if (!await()) return give_up();
    pg_result* const result = PQgetResult(from);
    // A statement's answers end with one; another one says that nothing comes any more.
    const bool ended_before = std::exchange(ended, result == nullptr);
    if (result == nullptr) {
      if (ended_before || PQstatus(from) != CONNECTION_OK) return lost();
      if (!sent.empty()) sent.pop_front();
      continue;
    }
    Answer answer(result);
    const ExecStatusType status = PQresultStatus(result);
    if (status == PGRES_PIPELINE_SYNC) break;
    // Behind one that failed the server carries nothing out: a second refusal is the session's end.
    if (status == PGRES_FATAL_ERROR) refusal = refuse(result);
    if (trouble_ == Trouble::lost) return *std::move(refusal);
    if (PQstatus(from) != CONNECTION_OK) return lost();
    STARDROP_ASSERT(!sent.empty(), "every answer is to something that was sent");
    const std::string& text = sent.front().prepares;
    if (text.empty()) {
      answers.push_back(std::move(answer));
    } else if (status != PGRES_COMMAND_OK) {
      prepared_.erase(text);
    }
  }
  if (refusal) return *std::move(refusal);
  return answers;
}

Result<Answer> Connection::run(const std::string& sql, const Parameters& parameters) {
  send(sql, parameters);
  STARDROP_TRY_ASSIGN(std::vector<Answer> answers, receive());
  STARDROP_ASSERT(answers.size() == 1, "a statement has one answer");
  return std::move(answers.front());
}

Result<Answer> Connection::run_once(const std::string& sql) {
  if (!connection_) return lost();
  STARDROP_ASSERT(sent_.empty(), "nothing waits for its answer");
  pg_conn* const to = connection_.get();
  const bool sent =
      (PQpipelineStatus(to) == PQ_PIPELINE_ON || PQenterPipelineMode(to) == 1) &&
      PQsendQueryParams(to, sql.c_str(), 0, nullptr, nullptr, nullptr, nullptr, kBinary) == 1;
  failed_to_send_ = !sent;
  sent_.push_back({});
  STARDROP_TRY_ASSIGN(std::vector<Answer> answers, receive());
  STARDROP_ASSERT(answers.size() == 1, "a statement has one answer");
  return std::move(answers.front());
}

bool Connection::in_failed_transaction() const noexcept {
  return connection_ && PQtransactionStatus(connection_.get()) == PQTRANS_INERROR;
}

Status Connection::script(const std::string& sql) {
  trouble_ = Trouble::none;
  if (!connection_) return lost();
  STARDROP_ASSERT(sent_.empty(), "nothing waits for its answer");
  if (PQpipelineStatus(connection_.get()) != PQ_PIPELINE_OFF) {
    if (PQexitPipelineMode(connection_.get()) != 1) return lost();
  }
  if (PQsendQuery(connection_.get(), sql.c_str()) != 1) return lost();
  ++round_trips_;
  // The last answer says how it ended: behind a refusal none comes.
  Answer answer;
  for (;;) {
    if (!await()) return give_up();
    pg_result* const next = PQgetResult(connection_.get());
    if (next == nullptr) break;
    answer = Answer(next);
  }
  const pg_result* const result = answer.raw();
  const ExecStatusType status = PQresultStatus(result);
  if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) return done();
  if (PQstatus(connection_.get()) != CONNECTION_OK) return lost();
  return refuse(result);
}

Connection::Heard Connection::hear() {
  Heard out;
  if (!connection_) return out;
  pg_conn* const from = connection_.get();
  const bool alive = PQconsumeInput(from) == 1 && PQstatus(from) == CONNECTION_OK;
  while (PGnotify* const each = PQnotifies(from)) {
    (each->be_pid == PQbackendPID(from) ? out.own : out.others) = true;
    PQfreemem(each);
  }
  if (!alive) close();
  return out;
}

int Connection::socket() const noexcept { return PQsocket(connection_.get()); }

}  // namespace stardrop::storage::postgres
