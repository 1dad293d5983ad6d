// Signed checkpoints while a server runs, so that an old copy put back is noticed.
#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "app/settings.h"
#include "base/signing.h"
#include "engine/checkpoint.h"
#include "engine/engine.h"

namespace stardrop::app {

/// Appends a checkpoint to a file outside the database at the start, every so often, and at the
/// end. Only the journal is read, from where the last checkpoint stood, on a snapshot: selling goes
/// on.
class Checkpointer {
 public:
  /// `settings.file` is not empty; `signing_key_path` is where the key is, or will be.
  Checkpointer(engine::Engine& engine,
               engine::Store& store,
               CheckpointSettings settings,
               std::string signing_key_path);
  ~Checkpointer();
  Checkpointer(const Checkpointer&) = delete;
  Checkpointer& operator=(const Checkpointer&) = delete;

  /// Takes the key, and holds the store against the last checkpoint there is. To be called between
  /// the opening of the store and anything that writes. Nothing if all is well, else what is wrong.
  std::optional<std::string> open();
  /// Begins to append, on a thread of its own.
  void start();
  /// Appends the last one. The engine must still run.
  void stop();

  /// Appends a checkpoint of now, if anything happened since the last. Returns whether it did.
  /// Refused with what `next_checkpoint` and `append_checkpoint` refuse. One thread at a time.
  Result<bool> append();

 private:
  void loop();
  void append_and_log();

  engine::Engine& engine_;
  engine::Store& store_;
  const CheckpointSettings settings_;
  const std::string signing_key_path_;
  std::optional<SigningKey> key_;
  engine::Checkpoint last_;

  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;  // guarded by mutex_
  std::thread thread_;
};

}  // namespace stardrop::app
