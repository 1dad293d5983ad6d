// AES-256-GCM through OpenSSL's EVP, with one context per thread.
#include "base/seal.h"

#include <memory>

#include <openssl/evp.h>

#include "base/check.h"
#include "base/random.h"

namespace stardrop {
namespace {

constexpr std::size_t kNonceSize = 12;
constexpr std::size_t kTagSize = 16;

struct ContextDeleter {
  void operator()(EVP_CIPHER_CTX* context) const noexcept { EVP_CIPHER_CTX_free(context); }
};

EVP_CIPHER_CTX* cipher_context() {
  thread_local const std::unique_ptr<EVP_CIPHER_CTX, ContextDeleter> context(EVP_CIPHER_CTX_new());
  STARDROP_ASSERT(context != nullptr, "a cipher context can be allocated");
  return context.get();
}

const EVP_CIPHER* cipher() {
  static EVP_CIPHER* const fetched = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
  STARDROP_ASSERT(fetched != nullptr, "OpenSSL has AES-256-GCM");
  return fetched;
}

unsigned char* bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }
const unsigned char* bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

SecretKey new_secret_key() {
  SecretKey key;
  entropy(key);
  return key;
}

std::string seal(const SecretKey& key, std::string_view context, std::string_view plain) {
  std::string out(kNonceSize + plain.size() + kTagSize, '\0');
  entropy({bytes(out), kNonceSize});
  EVP_CIPHER_CTX* const state = cipher_context();
  int written = 0;
  bool ok = EVP_EncryptInit_ex2(state, cipher(), key.data(), bytes(out), nullptr) == 1;
  ok = ok && EVP_EncryptUpdate(state, nullptr, &written, bytes(context),
                               static_cast<int>(context.size())) == 1;
  ok = ok && EVP_EncryptUpdate(state, bytes(out) + kNonceSize, &written, bytes(plain),
                               static_cast<int>(plain.size())) == 1;
  ok = ok && EVP_EncryptFinal_ex(state, bytes(out) + kNonceSize + plain.size(), &written) == 1;
  ok = ok && EVP_CIPHER_CTX_ctrl(state, EVP_CTRL_GCM_GET_TAG, static_cast<int>(kTagSize),
                                 bytes(out) + kNonceSize + plain.size()) == 1;
  STARDROP_ASSERT(ok, "sealing never fails with a sound key");
  return out;
}

std::optional<std::string> unseal(const SecretKey& key,
                                  std::string_view context,
                                  std::string_view sealed) {
  if (sealed.size() < kNonceSize + kTagSize) return std::nullopt;
  const std::size_t size = sealed.size() - kNonceSize - kTagSize;
  std::string out(size, '\0');
  std::string tag(sealed.substr(kNonceSize + size));
  EVP_CIPHER_CTX* const state = cipher_context();
  int written = 0;
  bool ok = EVP_DecryptInit_ex2(state, cipher(), key.data(), bytes(sealed), nullptr) == 1;
  ok = ok && EVP_DecryptUpdate(state, nullptr, &written, bytes(context),
                               static_cast<int>(context.size())) == 1;
  ok = ok && EVP_DecryptUpdate(state, bytes(out), &written, bytes(sealed) + kNonceSize,
                               static_cast<int>(size)) == 1;
  ok = ok && EVP_CIPHER_CTX_ctrl(state, EVP_CTRL_GCM_SET_TAG, static_cast<int>(kTagSize),
                                 bytes(tag)) == 1;
  unsigned char rest[16];
  ok = ok && EVP_DecryptFinal_ex(state, rest, &written) == 1;
  if (!ok) return std::nullopt;
  return out;
}

}  // namespace stardrop
