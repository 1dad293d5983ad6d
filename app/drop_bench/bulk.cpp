// Many commands through POST /v1/batch, and many GETs, for what surrounds a drop.
#include "app/drop_bench/bulk.h"

#include <algorithm>

namespace stardrop::app {

namespace {

constexpr std::uint64_t kBatch = 500;

}  // namespace

std::string problem_text(int status, std::string_view body) {
  const std::string_view code = text_member(body, "code");
  const std::string_view detail = text_member(body, "detail");
  std::string out = code.empty() ? "status " + std::to_string(status) : std::string(code);
  if (!detail.empty()) out += ": " + printable(detail);
  return out;
}

BulkCommands::BulkCommands(std::string command,
                           std::string run,
                           std::uint64_t count,
                           Params params,
                           Take take,
                           ProgressBar& progress)
    : command_(std::move(command)),
      run_(std::move(run)),
      count_(count),
      params_(std::move(params)),
      take_(std::move(take)),
      progress_(progress) {}

std::uint64_t BulkCommands::end_of(std::uint64_t number) const {
  return std::min(count_, (number + 1) * kBatch);
}

std::optional<std::uint64_t> BulkCommands::next() {
  if (failure_ || batches_ * kBatch >= count_) return std::nullopt;
  return batches_++;
}

void BulkCommands::write(std::uint64_t number, const Endpoint& to, std::string& out) {
  body_ = "{\"commands\":[";
  for (std::uint64_t i = number * kBatch; i < end_of(number); ++i) {
    if (body_.back() != '[') body_ += ',';
    body_ += "{\"command\":\"" + command_ + "\",\"idempotency_key\":\"" + run_ + "-" + command_ +
             "-" + std::to_string(i) + "\",\"params\":";
    params_(i, body_);
    body_ += '}';
  }
  body_ += "]}";
  append_post(out, to, "/v1/batch", {}, body_);
}

Traffic::Next BulkCommands::answered(std::uint64_t number, const Answer& answer, std::uint64_t) {
  if (answer.status >= 500 || answer.status == 429) return Next::again;
  if (answer.status != 200) {
    if (!failure_) failure_ = "POST /v1/batch: " + problem_text(answer.status, answer.body);
    return Next::done;
  }
  BatchAnswers elements(answer.body);
  std::uint64_t index = number * kBatch;
  bool again = false;
  while (const auto element = elements.next()) {
    if (index >= end_of(number)) break;
    if (element->status >= 500 || element->status == 429) {
      again = true;
    } else if (element->status >= 300) {
      if (!failure_) failure_ = command_ + ": " + problem_text(element->status, element->body);
    } else {
      take_(index, element->body);
    }
    ++index;
  }
  if (again) return Next::again;
  if (index != end_of(number) && !failure_)
    failure_ = "POST /v1/batch did not answer every command";
  done_ += end_of(number) - number * kBatch;
  return Next::done;
}

}  // namespace stardrop::app
