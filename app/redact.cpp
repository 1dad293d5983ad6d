// Takes secrets out of text before it is shown or logged.
#include "app/redact.h"

#include <algorithm>
#include <array>
#include <mutex>
#include <vector>

namespace stardrop::app {

namespace {

constexpr std::string_view kMask = "****";
/// Words behind which a secret stands, up to the next blank, quote or separator.
constexpr std::array<std::string_view, 3> kSecretAfter = {"Bearer ", "/bot", "operator_key="};
/// How our keys begin; 64 hexadecimal digits follow.
constexpr std::array<std::string_view, 3> kKeyPrefixes = {"op_", "app_", "usr_"};
constexpr std::size_t kKeyDigits = 64;
constexpr std::size_t kSecretSizeMin = 8;  // masking short words would only garble lines

std::mutex secrets_mutex;
std::vector<std::string> secrets;

void mask_all(std::string& text, std::string_view secret) {
  for (std::size_t at = text.find(secret); at != std::string::npos;
       at = text.find(secret, at + kMask.size())) {
    text.replace(at, secret.size(), kMask);
  }
}

void mask_after(std::string& text, std::string_view mark) {
  for (std::size_t at = text.find(mark); at != std::string::npos; at = text.find(mark, at)) {
    at += mark.size();
    const std::size_t end = std::min(text.find_first_of(" \"'/&,;\n", at), text.size());
    text.replace(at, end - at, kMask);
  }
}

void mask_keys(std::string& text, std::string_view prefix) {
  for (std::size_t at = text.find(prefix); at != std::string::npos; at = text.find(prefix, at)) {
    at += prefix.size();
    const std::size_t end = std::min(text.find_first_not_of("0123456789abcdef", at), text.size());
    if (end - at >= kKeyDigits) text.replace(at, end - at, kMask);
  }
}

}  // namespace

void remember_secret(std::string secret) {
  if (secret.size() < kSecretSizeMin) return;
  const std::lock_guard lock(secrets_mutex);
  secrets.push_back(std::move(secret));
}

std::string redacted(std::string_view text) {
  std::string out(text);
  {
    const std::lock_guard lock(secrets_mutex);
    for (const std::string& secret : secrets) mask_all(out, secret);
  }
  for (const std::string_view mark : kSecretAfter) mask_after(out, mark);
  for (const std::string_view prefix : kKeyPrefixes) mask_keys(out, prefix);
  return out;
}

std::string without_password(std::string_view url) {
  std::string out(url);
  for (const std::string_view mark : {"?password=", "&password="}) mask_after(out, mark);
  const std::size_t scheme = out.find("://");
  if (scheme == std::string::npos) return out;
  const std::size_t end = out.find_first_of("/?#", scheme + 3);
  const std::size_t at = std::string_view(out).substr(0, end).rfind('@');
  const std::size_t colon = out.find(':', scheme + 3);
  if (at == std::string_view::npos || colon > at) return out;
  return out.substr(0, colon + 1) + std::string(kMask) + out.substr(at);
}

}  // namespace stardrop::app
