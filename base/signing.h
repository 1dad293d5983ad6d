// Ed25519 signatures (RFC 8032), for checkpoints of the journal.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace stardrop {

/// Who can be shown to have signed; may be known to everybody.
struct PublicKey {
  std::array<unsigned char, 32> bytes{};

  /// One word of base64url.
  std::string text() const;
  /// Reads what `text` wrote.
  static std::optional<PublicKey> parse(std::string_view text);
  friend bool operator==(const PublicKey&, const PublicKey&) = default;
};

/// Bytes of a signature.
inline constexpr std::size_t kSignatureSize = 64;

/// The secret that signs. Kept in a file that nobody but its owner may read.
class SigningKey {
 public:
  /// A new key from the system's randomness.
  static SigningKey make();
  /// Reads a key file. Refused with not_found; forbidden if others than its owner may read or
  /// write it (its mode must be 0600 or 0400); invalid_value if it isn't a key.
  static Result<SigningKey> load(const std::string& path);
  /// Writes a new key file, mode 0600. Refused with precondition_failed if there is a file already,
  /// storage_unavailable.
  Status save(const std::string& path) const;

  PublicKey public_key() const;
  /// The signature of `message`, 64 bytes.
  std::string sign(std::string_view message) const;

 private:
  explicit SigningKey(const std::array<unsigned char, 32>& seed) noexcept : seed_(seed) {}

  std::array<unsigned char, 32> seed_;
};

/// Whether the owner of `key` signed `message`.
bool is_signed_by(const PublicKey& key, std::string_view message, std::string_view signature);

}  // namespace stardrop
