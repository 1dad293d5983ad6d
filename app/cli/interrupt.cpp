// Ctrl-C for commands that have something to put away.
#include "app/cli/interrupt.h"

namespace stardrop::app {
namespace {

volatile sig_atomic_t interrupted = 0;

void note(int) { interrupted = 1; }

}  // namespace

Interrupt::Interrupt() {
  interrupted = 0;
  struct sigaction once {};
  once.sa_handler = note;
  // Both are then as they were by default: who asks twice doesn't want to wait.
  once.sa_flags = static_cast<int>(SA_RESETHAND);
  ::sigaction(SIGINT, &once, &interrupted_before_);
  ::sigaction(SIGTERM, &once, &terminated_before_);
}

Interrupt::~Interrupt() {
  ::sigaction(SIGINT, &interrupted_before_, nullptr);
  ::sigaction(SIGTERM, &terminated_before_, nullptr);
}

bool Interrupt::asked() const noexcept { return interrupted != 0; }

}  // namespace stardrop::app
