// Sealing of personal data: AES-256-GCM under a key that can be destroyed.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace stardrop {

/// A 256-bit key.
using SecretKey = std::array<unsigned char, 32>;

/// A new key from the system's randomness.
SecretKey new_secret_key();

/// Encrypts `plain` (NIST SP 800-38D). `context` is authenticated but not stored: the same bytes
/// must be given to `unseal`, so that a text can't be moved to another place. The result is the
/// 12-byte nonce, the ciphertext and the 16-byte tag.
std::string seal(const SecretKey& key, std::string_view context, std::string_view plain);

/// Decrypts what `seal` made; nothing if it was changed, moved, or made with another key.
std::optional<std::string> unseal(const SecretKey& key,
                                  std::string_view context,
                                  std::string_view sealed);

}  // namespace stardrop
