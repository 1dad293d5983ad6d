// SHA-256 and HMAC-SHA-256, for the journal chain, fingerprints and keys.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace stardrop {

/// 32 bytes of SHA-256 (FIPS 180-4).
using Digest = std::array<unsigned char, 32>;

/// SHA-256 of `bytes`.
Digest sha256(std::string_view bytes) noexcept;

/// SHA-256 of `a` followed by `b`; what the journal chain is made of.
Digest sha256(std::string_view a, std::string_view b) noexcept;

/// HMAC-SHA-256 (RFC 2104).
Digest hmac_sha256(std::string_view key, std::string_view message) noexcept;

/// Whether two secrets are equal, in time that doesn't depend on where they differ.
bool equal_secrets(std::string_view a, std::string_view b) noexcept;

/// The bytes of `digest` as a view.
inline std::string_view bytes_of(const Digest& digest) noexcept {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

/// The first 8 bytes of `digest` as a number.
std::uint64_t leading64(const Digest& digest) noexcept;

/// Lower-case hexadecimal.
std::string hex(std::string_view bytes);

/// Reads hexadecimal; empty if malformed.
std::string unhex(std::string_view text);

/// CRC-32C (RFC 3720, Castagnoli) of `bytes`, continuing from `seed`.
std::uint32_t crc32c(std::string_view bytes, std::uint32_t seed = 0) noexcept;

}  // namespace stardrop
