// The storm of buyers: sends the crowd's attempts and judges every answer.
#include "app/drop_bench/storm.h"

#include <array>
#include <charconv>

#include <sys/resource.h>

namespace stardrop::app {

namespace {

/// A drop that has not sold out after this many times the attempts asked for never will.
constexpr std::uint64_t kMoreAttemptsMax = 4;

std::uint64_t cpu_ns() {
  rusage usage{};
  ::getrusage(RUSAGE_THREAD, &usage);
  const auto us = (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1'000'000 +
                  usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
  return static_cast<std::uint64_t>(us) * 1000;
}

void append_count(std::string& out, std::int64_t value) {
  std::array<char, 24> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  out.append(digits.data(), static_cast<std::size_t>(end - digits.data()));
}

std::string_view word(AttemptKind kind) {
  switch (kind) {
    case AttemptKind::purchase: return "a purchase";
    case AttemptKind::replay: return "a replay";
    case AttemptKind::over_cap: return "a purchase over the cap";
    case AttemptKind::poor: return "a purchase without Stars";
  }
  return "";
}

}  // namespace

Storm::Storm(const BenchOptions& options, Crowd& crowd, std::string run, ProgressBar& progress)
    : options_(options), crowd_(crowd), run_(std::move(run)), progress_(progress) {
  attempts_wanted_ =
      static_cast<std::uint64_t>(static_cast<double>(crowd.supply()) * options.attempts);
  attempts_max_ =
      (attempts_wanted_ + static_cast<std::uint64_t>(crowd.supply())) * kMoreAttemptsMax;
}

std::optional<std::uint64_t> Storm::next() {
  if (began_ == 0) {
    began_ = steady_ns();
    cpu_began_ = cpu_ns();
  }
  if (crowd_.sold_out()) {
    const bool enough =
        steady_ns() - last_sale_ >= static_cast<std::uint64_t>(options_.refusal_s) * 1'000'000'000;
    if (enough && crowd_.attempts() >= attempts_wanted_) return std::nullopt;
  } else if (crowd_.attempts() >= attempts_max_) {
    return std::nullopt;
  }
  Range range{static_cast<std::uint32_t>(crowd_.attempts()), 0};
  while (range.count < options_.batch && crowd_.choose()) ++range.count;
  if (range.count == 0) return std::nullopt;
  requests_.push_back(range);
  return requests_.size() - 1;
}

void Storm::append_key(std::string& out, std::uint32_t key) const {
  out += run_;
  out += '-';
  append_count(out, key);
}

void Storm::append_params(std::string& out, const Attempt& attempt) const {
  const std::string& buyer = crowd_.buyers()[attempt.buyer];
  out.append("{\"edition\":\"").append(crowd_.editions()[attempt.edition].id);
  out.append("\",\"from\":\"")
      .append(buyer)
      .append("\",\"to\":\"")
      .append(buyer)
      .append("\",\"max_price\":");
  append_count(out, options_.stars);
  out += '}';
}

void Storm::write(std::uint64_t number, const Endpoint& to, std::string& out) {
  body_.clear();
  const auto [first, commands] = requests_[number];
  if (options_.batch == 1) {
    Attempt& attempt = crowd_.attempt(first);
    attempt.goes_out();
    append_params(body_, attempt);
    key_.clear();
    append_key(key_, attempt.key);
    append_post(out, to, "/v1/gifts", key_, body_);
    return;
  }
  body_ += "{\"commands\":[";
  for (std::uint32_t i = 0; i < commands; ++i) {
    Attempt& attempt = crowd_.attempt(first + i);
    attempt.goes_out();
    body_ += i == 0 ? "{\"command\":\"send_gift\",\"idempotency_key\":\""
                    : ",{\"command\":\"send_gift\",\"idempotency_key\":\"";
    append_key(body_, attempt.key);
    body_ += "\",\"params\":";
    append_params(body_, attempt);
    body_ += '}';
  }
  body_ += "]}";
  append_post(out, to, "/v1/batch", {}, body_);
}

Traffic::Next Storm::answered(std::uint64_t number, const Answer& answer, std::uint64_t ns) {
  last_answer_ = steady_ns();
  close_slices();
  const auto [first, commands] = requests_[number];
  if (options_.batch == 1) return judge(first, answer.status, answer.replayed, answer.body, ns);
  Next verdict = Next::done;
  if (answer.status == 200) {
    BatchAnswers elements(answer.body);
    std::uint32_t count = 0;
    while (const auto element = elements.next()) {
      if (count == commands) break;
      if (judge(first + count++, element->status, element->replayed, element->body, ns) ==
          Next::again)
        verdict = Next::again;
    }
    if (count != commands) wrong(first, "has another number of results than commands", answer.body);
  } else if (answer.status >= 500 || answer.status == 429) {
    verdict = Next::again;
  } else {
    wrong(first, "was refused as a whole batch", answer.body);
  }
  return verdict;
}

Traffic::Next Storm::judge(std::uint32_t number,
                           int status,
                           bool replayed,
                           std::string_view body,
                           std::uint64_t ns) {
  Attempt& attempt = crowd_.attempt(number);
  if (attempt.answered) return Next::done;
  if (status >= 500 || status == 429) {
    ++tally_.refusals[std::string(text_member(body, "code"))];
    return Next::again;
  }
  attempt.answered = true;
  if (status >= 200 && status < 300) {
    judge_success(number, status, replayed, body, ns);
  } else {
    judge_refusal(number, text_member(body, "code"), ns);
  }
  return Next::done;
}

void Storm::judge_success(std::uint32_t number,
                          int status,
                          bool replayed,
                          std::string_view body,
                          std::uint64_t ns) {
  const Attempt& attempt = crowd_.attempt(number);
  const std::string_view gift = text_member(body, "id");
  const std::int64_t serial = number_member(body, "serial").value_or(0);
  const std::uint64_t hash = bytes_hash(body);
  if (attempt.kind == AttemptKind::replay) {
    ++tally_.replays;
    ++slice_.replays;
    tally_.replay_times.add(ns);
    const Sale& sale = crowd_.sales()[attempt.sale];
    if (!replayed) wrong(number, "was not marked as replayed", body);
    if (hash != sale.body_hash) wrong(number, "got another answer than the first time", body);
    return;
  }
  if (attempt.kind != AttemptKind::purchase) wrong(number, "succeeded", body);
  if (status != 201 || gift.empty() || serial <= 0)
    wrong(number, "got an answer without gift or serial", body);
  if (replayed && !attempt.sent_before) wrong(number, "was told that it is a replay", body);
  crowd_.record_sale(number, gift, serial, hash);
  tally_.sale_times.add(ns);
  slice_times_.add(ns);
  ++slice_.sales;
  last_sale_ = last_answer_;
}

void Storm::judge_refusal(std::uint32_t number, std::string_view code, std::uint64_t ns) {
  const Attempt& attempt = crowd_.attempt(number);
  const auto found = tally_.refusals.find(code);
  if (found != tally_.refusals.end()) {
    ++found->second;
  } else {
    tally_.refusals.emplace(code, 1);
  }
  ++slice_.refusals;
  tally_.refusal_times.add(ns);
  if (crowd_.sold_out()) {
    ++tally_.late_refusals;
    tally_.late_refusal_times.add(ns);
  }
  if (code == "sold_out") {
    crowd_.record_sold_out(number);
    if (attempt.kind == AttemptKind::replay) wrong(number, "was refused", code);
    return;
  }
  const bool expected =
      (attempt.kind == AttemptKind::over_cap && code == "account_limit_reached") ||
      (attempt.kind == AttemptKind::poor && code == "insufficient_funds");
  if (!expected) wrong(number, "was refused", code);
}

void Storm::wrong(std::uint32_t number, std::string_view what, std::string_view body) {
  ++tally_.wrong_count;
  if (tally_.wrong.size() >= kWrongMax) return;
  tally_.wrong.push_back(std::string(word(crowd_.attempt(number).kind)) + " " + std::string(what) +
                         ": " + printable(body.substr(0, 300)));
}

void Storm::close_slices() {
  if (began_ == 0) return;
  while (last_answer_ - began_ >= (tally_.slices.size() + 1) * kSliceNs) {
    slice_.left = crowd_.supply() - crowd_.sold();
    slice_.p50_ns = slice_times_.quantile(5000);
    slice_.p99_ns = slice_times_.quantile(9900);
    tally_.slices.push_back(slice_);
    slice_ = Slice{};
    slice_times_ = Histogram{};
  }
}

void Storm::tick() {
  std::uint64_t sales = slice_.sales;
  std::uint64_t slices = 1;
  for (auto at = tally_.slices.rbegin(); at != tally_.slices.rend() && slices < 5; ++at, ++slices)
    sales += at->sales;
  const auto sold = static_cast<std::uint64_t>(crowd_.sold());
  const auto supply = static_cast<std::uint64_t>(crowd_.supply());
  progress_.show(
      sold, supply,
      grouped(crowd_.supply() - crowd_.sold()) + " left, " +
          grouped(static_cast<std::int64_t>(sales * 1'000'000'000 / (slices * kSliceNs))) +
          " sales/s");
}

void Storm::finish() {
  slice_.left = crowd_.supply() - crowd_.sold();
  slice_.p50_ns = slice_times_.quantile(5000);
  slice_.p99_ns = slice_times_.quantile(9900);
  if (slice_.sales + slice_.refusals + slice_.replays > 0) tally_.slices.push_back(slice_);
  tally_.total_ns = last_answer_ - began_;
  if (crowd_.sold_out()) {
    tally_.sold_out_ns = last_sale_ - began_;
    tally_.late_ns = last_answer_ - last_sale_;
  }
  tally_.client_cpu_ns = cpu_ns() - cpu_began_;
  progress_.clear();
}

}  // namespace stardrop::app
