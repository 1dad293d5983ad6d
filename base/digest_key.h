// Keys made of texts: 128 bits of SHA-256.
#pragma once

#include <string>
#include <string_view>

#include "base/hash.h"
#include "base/table.h"

namespace stardrop {

/// The key of the pair of texts (`scope`, `name`). Two pairs share one with probability 2⁻¹²⁸.
inline PairKey digest_key(std::string_view scope, std::string_view name) {
  std::string text(scope);
  text += '\0';
  text += name;
  const Digest digest = sha256(text);
  std::uint64_t low = 0;
  for (std::size_t i = 8; i < 16; ++i) low = (low << 8U) | digest[i];
  return {static_cast<std::int64_t>(leading64(digest)), static_cast<std::int64_t>(low)};
}

}  // namespace stardrop
