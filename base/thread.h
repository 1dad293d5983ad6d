// What the system should know of a thread.
#pragma once

namespace stardrop {

/// Gives the calling thread a name of at most 15 characters, for top, perf and debuggers.
void name_thread(const char* name) noexcept;

/// Asks the scheduler to let the calling thread run soon after it wakes, at the price of running
/// for a shorter time at once. Its share of the processor stays what it was. Linux 6.12 and later
/// (a slice of its own for SCHED_OTHER, sched(7)); nothing happens elsewhere.
void prefer_short_waits() noexcept;

}  // namespace stardrop
