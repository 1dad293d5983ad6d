// What the program tells the shell.
#pragma once

#include "base/error.h"

namespace stardrop::app {

/// The exit codes of every command; part of the contract with scripts.
enum class ExitCode : int {
  ok = 0,
  failed = 1,       ///< it was tried and did not work, or something does not add up
  usage = 2,        ///< the command line or a settings file is wrong
  not_found = 3,    ///< what was named does not exist
  refused = 4,      ///< the rules or the present state say no; nothing was changed
  unavailable = 5,  ///< the server or the database cannot be reached at the moment
};

/// The exit code for an HTTP status that is not a success.
constexpr ExitCode exit_code_of_status(int status) noexcept {
  if (status == 404) return ExitCode::not_found;
  if (status == 429 || status == 502 || status == 503 || status == 504) {
    return ExitCode::unavailable;
  }
  if (status >= 400 && status < 500) return ExitCode::refused;
  return ExitCode::failed;
}

/// The exit code for a refusal.
inline ExitCode exit_code_of(const Error& error) noexcept {
  return exit_code_of_status(info(error.code()).http_status);
}

}  // namespace stardrop::app
