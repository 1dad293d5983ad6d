// Many commands through POST /v1/batch, and many GETs, for what surrounds a drop.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "app/cli/console.h"
#include "app/drop_bench/load_loop.h"

namespace stardrop::app {

/// Sends `count` commands of one kind in batches and hands each answer out, in any order.
class BulkCommands final : public Traffic {
 public:
  /// Appends the `params` object of command `index`.
  using Params = std::function<void(std::uint64_t index, std::string& out)>;
  /// Takes the body of a success.
  using Take = std::function<void(std::uint64_t index, std::string_view body)>;

  /// `label` is shown while it runs; `run` begins the idempotency keys.
  BulkCommands(std::string command,
               std::string run,
               std::uint64_t count,
               Params params,
               Take take,
               ProgressBar& progress);

  std::optional<std::uint64_t> next() override;
  void write(std::uint64_t number, const Endpoint& to, std::string& out) override;
  Next answered(std::uint64_t number, const Answer& answer, std::uint64_t ns) override;
  void tick() override { progress_.show(done_, count_); }

  /// The first refusal, as a sentence; nothing if all succeeded.
  const std::optional<std::string>& failure() const noexcept { return failure_; }

 private:
  std::uint64_t end_of(std::uint64_t number) const;

  const std::string command_;
  const std::string run_;
  const std::uint64_t count_;
  const Params params_;
  const Take take_;
  ProgressBar& progress_;
  std::optional<std::string> failure_;
  std::uint64_t batches_ = 0;
  std::uint64_t done_ = 0;
  std::string body_;
};

/// Gets paths, and hands each answer out.
class BulkGets final : public Traffic {
 public:
  using Take = std::function<void(std::size_t index, int status, std::string_view body)>;
  BulkGets(std::vector<std::string> paths, Take take)
      : paths_(std::move(paths)), take_(std::move(take)) {}

  std::optional<std::uint64_t> next() override {
    return at_ < paths_.size() ? std::optional<std::uint64_t>(at_++) : std::nullopt;
  }
  void write(std::uint64_t number, const Endpoint& to, std::string& out) override {
    append_get(out, to, paths_[number]);
  }
  Next answered(std::uint64_t number, const Answer& answer, std::uint64_t) override {
    if (answer.status == 503 || answer.status == 429) return Next::again;
    take_(number, answer.status, answer.body);
    return Next::done;
  }

 private:
  const std::vector<std::string> paths_;
  const Take take_;
  std::size_t at_ = 0;
};

/// What a problem answer says, as a sentence.
std::string problem_text(int status, std::string_view body);

}  // namespace stardrop::app
