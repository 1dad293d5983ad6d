// Signed checkpoints while a server runs.
#include "app/serve/checkpointer.h"

#include <chrono>
#include <filesystem>

#include "app/local/local_engine.h"
#include "base/log.h"

namespace stardrop::app {

Checkpointer::Checkpointer(engine::Engine& engine,
                           engine::Store& store,
                           CheckpointSettings settings,
                           std::string signing_key_path)
    : engine_(engine),
      store_(store),
      settings_(std::move(settings)),
      signing_key_path_(std::move(signing_key_path)) {}

Checkpointer::~Checkpointer() { stop(); }

std::optional<std::string> Checkpointer::open() {
  std::error_code unknown;
  const bool begun = std::filesystem::exists(settings_.file) &&
                     std::filesystem::file_size(settings_.file, unknown) > 0;
  if (!std::filesystem::exists(signing_key_path_)) {
    // Another key would look like another signer from here on.
    if (begun) {
      return settings_.file + " has checkpoints, but their signing key " + signing_key_path_ +
             " is not there";
    }
    if (Status saved = SigningKey::make().save(signing_key_path_); !saved) {
      return "the signing key can't be made: " + error_text(saved.error());
    }
  }
  auto key = SigningKey::load(signing_key_path_);
  if (!key) return signing_key_path_ + ": " + error_text(key.error());
  key_ = *std::move(key);
  const std::string public_key = key_->public_key().text();
  log(LogLevel::info, "checkpoints.on", {{"file", settings_.file}, {"public_key", public_key}});
  if (!begun) return std::nullopt;
  auto known = engine::read_checkpoints(settings_.file, key_->public_key());
  if (!known) return settings_.file + ": " + error_text(known.error());
  if (known->empty()) return std::nullopt;
  last_ = std::move(known->back());
  last_.state_hash.clear();
  if (Status through = engine::goes_through(store_, last_); !through) {
    return "the database is not the one of its checkpoints in " + settings_.file + ": " +
           error_text(through.error());
  }
  return std::nullopt;
}

void Checkpointer::start() {
  thread_ = std::thread([this] { loop(); });
}

void Checkpointer::stop() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
  append_and_log();
}

void Checkpointer::loop() {
  for (;;) {
    append_and_log();
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, std::chrono::minutes(settings_.every_minutes),
                   [this] { return stopping_; });
    if (stopping_) return;
  }
}

Result<bool> Checkpointer::append() {
  // Between two batches, so that the snapshot's lanes end where a batch does. The journal is in it
  // as it was committed; rows that are not written back yet don't matter.
  Result<std::unique_ptr<engine::Snapshot>> snapshot = ErrorCode::shutting_down;
  engine_.run([&](engine::Executor&) { snapshot = store_.snapshot(); });
  if (!snapshot) return snapshot.error();
  STARDROP_TRY_ASSIGN(engine::Checkpoint next, engine::next_checkpoint(**snapshot, last_));
  if (next.lanes == last_.lanes) return false;
  STARDROP_TRY(engine::append_checkpoint(settings_.file, next, *key_));
  last_ = std::move(next);
  return true;
}

void Checkpointer::append_and_log() {
  const Result<bool> appended = append();
  if (!appended) {
    const bool damaged = appended.error().code() == ErrorCode::internal;
    const std::string sentence = error_text(appended.error());
    log(damaged ? LogLevel::critical : LogLevel::error, "checkpoint.failed",
        {{"problem", sentence}});
  } else if (*appended) {
    const std::string op = last_.lanes.back().op.text();
    log(LogLevel::info, "checkpoint.appended",
        {{"op", op}, {"entries", last_.lanes.back().entries}});
  }
}

}  // namespace stardrop::app
