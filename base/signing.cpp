// Ed25519 through OpenSSL's EVP, and the key's file.
#include "base/signing.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>

#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/base64url.h"
#include "base/check.h"
#include "base/random.h"

namespace stardrop {
namespace {

struct Deleter {
  void operator()(EVP_PKEY* key) const noexcept { EVP_PKEY_free(key); }
  void operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }
};
using KeyHandle = std::unique_ptr<EVP_PKEY, Deleter>;
using ContextHandle = std::unique_ptr<EVP_MD_CTX, Deleter>;

const unsigned char* bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

KeyHandle private_key(const std::array<unsigned char, 32>& seed) {
  KeyHandle key(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed.data(), seed.size()));
  STARDROP_ASSERT(key != nullptr, "any 32 bytes are an Ed25519 key");
  return key;
}

/// The head of a key file, so that nobody takes another secret for one.
constexpr std::string_view kFileHead = "stardrop-signing-key ";

/// A file that is closed whatever happens.
class File {
 public:
  File(const std::string& path, int flags, mode_t mode = 0) noexcept
      : number_(::open(path.c_str(), flags | O_CLOEXEC, mode)) {}
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() {
    if (number_ >= 0) ::close(number_);
  }
  bool ok() const noexcept { return number_ >= 0; }
  int number() const noexcept { return number_; }

 private:
  int number_;
};

}  // namespace

std::string PublicKey::text() const {
  return base64url({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

std::optional<PublicKey> PublicKey::parse(std::string_view text) {
  const auto raw = parse_base64url(text);
  PublicKey out;
  if (!raw || raw->size() != out.bytes.size()) return std::nullopt;
  std::memcpy(out.bytes.data(), raw->data(), raw->size());
  return out;
}

SigningKey SigningKey::make() {
  std::array<unsigned char, 32> seed{};
  entropy(seed);
  return SigningKey(seed);
}

Result<SigningKey> SigningKey::load(const std::string& path) {
  const File file(path, O_RDONLY | O_NOFOLLOW);
  if (!file.ok()) {
    if (errno == ENOENT) return Error(ErrorCode::not_found).with("path", path);
    return Error(ErrorCode::forbidden).with("path", path);
  }
  struct stat facts {};
  if (::fstat(file.number(), &facts) != 0 || !S_ISREG(facts.st_mode) ||
      (facts.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return Error(ErrorCode::forbidden)
        .detail("A signing key is a file that only its owner may read: chmod 600.")
        .with("path", path);
  }
  char text[128];
  const ssize_t size = ::read(file.number(), text, sizeof text);
  std::string_view line(text, size > 0 ? static_cast<std::size_t>(size) : 0);
  if (line.ends_with('\n')) line.remove_suffix(1);
  std::optional<std::string> raw;
  if (line.starts_with(kFileHead)) raw = parse_base64url(line.substr(kFileHead.size()));
  std::array<unsigned char, 32> seed{};
  if (!raw || raw->size() != seed.size()) {
    return Error(ErrorCode::invalid_value).detail("This is not a signing key.").with("path", path);
  }
  std::memcpy(seed.data(), raw->data(), seed.size());
  return SigningKey(seed);
}

Status SigningKey::save(const std::string& path) const {
  const File file(path, O_WRONLY | O_CREAT | O_EXCL, S_IRUSR | S_IWUSR);
  if (!file.ok()) {
    if (errno == EEXIST) return Error(ErrorCode::precondition_failed).with("path", path);
    return Error(ErrorCode::storage_unavailable).with("path", path);
  }
  std::string line(kFileHead);
  line += base64url({reinterpret_cast<const char*>(seed_.data()), seed_.size()});
  line += '\n';
  if (::write(file.number(), line.data(), line.size()) != static_cast<ssize_t>(line.size()) ||
      ::fsync(file.number()) != 0) {
    return Error(ErrorCode::storage_unavailable).with("path", path);
  }
  return done();
}

PublicKey SigningKey::public_key() const {
  PublicKey out;
  std::size_t size = out.bytes.size();
  const int ok = EVP_PKEY_get_raw_public_key(private_key(seed_).get(), out.bytes.data(), &size);
  STARDROP_ASSERT(ok == 1 && size == out.bytes.size(), "an Ed25519 key has 32 public bytes");
  return out;
}

std::string SigningKey::sign(std::string_view message) const {
  const KeyHandle key = private_key(seed_);
  const ContextHandle context(EVP_MD_CTX_new());
  std::string out(kSignatureSize, '\0');
  std::size_t size = out.size();
  bool ok = context != nullptr &&
            EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1;
  ok = ok && EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(out.data()), &size,
                            bytes(message), message.size()) == 1;
  STARDROP_ASSERT(ok && size == out.size(), "signing never fails with a sound key");
  return out;
}

bool is_signed_by(const PublicKey& key, std::string_view message, std::string_view signature) {
  if (signature.size() != kSignatureSize) return false;
  const KeyHandle handle(
      EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, key.bytes.data(), key.bytes.size()));
  const ContextHandle context(EVP_MD_CTX_new());
  return handle != nullptr && context != nullptr &&
         EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, handle.get()) == 1 &&
         EVP_DigestVerify(context.get(), bytes(signature), signature.size(), bytes(message),
                          message.size()) == 1;
}

}  // namespace stardrop
