// Large pieces of memory that begin as zeros.
#pragma once

#include <cstddef>
#include <memory>

namespace stardrop {

/// Memory of zeros, aligned like any other, for tables of many megabytes that are looked up at
/// random. From 2 MiB on it is asked for in huge pages: a fresh one costs one page fault instead
/// of 512, and the processor's table of pages reaches further. Throws std::bad_alloc.
std::shared_ptr<std::byte> zeroed_memory(std::size_t bytes);

}  // namespace stardrop
