// An envelope: a command with everything that makes it decidable and repeatable.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/id.h"
#include "base/time.h"
#include "market/caller.h"
#include "market/commands/all.h"

namespace stardrop::engine {

/// What a client asks for.
struct Request {
  market::Caller caller;
  /// The caller's key; empty for the engine's own commands.
  std::string idempotency_key;
  /// Hash of what was asked, so that a key can't be used for something else.
  std::uint64_t fingerprint = 0;
  market::AnyCommand command;
  /// What the door refuses it with, unless its key was used before: of a shared store only the
  /// engine finds that out. Null: it may go on.
  std::shared_ptr<const Error> refused_if_new = nullptr;
};

/// What became of a request that was carried out.
struct Receipt {
  OpId op;
  Instant at;
  bool replayed = false;
  market::AnyCommand command;  ///< as it is journalled: personal data sealed
  market::AnyReply reply;
};

/// A receipt, or why not.
using Outcome = Result<Receipt>;

}  // namespace stardrop::engine
