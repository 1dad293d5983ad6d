// Ctrl-C for commands that have something to put away.
#pragma once

#include <signal.h>

namespace stardrop::app {

/// While it lives, the first SIGINT or SIGTERM asks the command to end; the second one kills it.
class Interrupt {
 public:
  Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;
  ~Interrupt();

  bool asked() const noexcept;

 private:
  struct sigaction interrupted_before_ {};
  struct sigaction terminated_before_ {};
};

}  // namespace stardrop::app
