// Ed25519 with RFC 8032's own vectors, key files, and base64url.
#include "base/signing.h"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "base/base64url.h"
#include "base/hash.h"
#include "base/temp_folder.h"

namespace stardrop {
namespace {

std::string fresh_path(const char* name) {
  static const TempFolder folder;
  std::string path = folder / name;
  std::filesystem::remove(path);
  return path;
}

void write_key(const std::string& path, const std::string& seed_hex) {
  std::ofstream(path) << "stardrop-signing-key " << base64url(unhex(seed_hex)) << '\n';
  ASSERT_EQ(::chmod(path.c_str(), 0600), 0);
}

TEST(Signing, AgreesWithRfc8032) {
  // RFC 8032, section 7.1, test 3.
  const std::string path = fresh_path("stardrop_rfc_key");
  write_key(path, "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7");
  const auto key = SigningKey::load(path);
  ASSERT_TRUE(key.ok());
  const PublicKey owner = key->public_key();
  EXPECT_EQ(hex({reinterpret_cast<const char*>(owner.bytes.data()), owner.bytes.size()}),
            "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025");
  EXPECT_EQ(hex(key->sign("\xaf\x82")),
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
            "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a");
  std::filesystem::remove(path);
}

TEST(Signing, OnlyTheSignedMessageIsSigned) {
  const SigningKey key = SigningKey::make();
  const std::string signature = key.sign("message");
  EXPECT_TRUE(is_signed_by(key.public_key(), "message", signature));
  EXPECT_FALSE(is_signed_by(key.public_key(), "massage", signature));
  EXPECT_FALSE(is_signed_by(SigningKey::make().public_key(), "message", signature));
  EXPECT_FALSE(is_signed_by(key.public_key(), "message", signature.substr(1)));
  EXPECT_EQ(PublicKey::parse(key.public_key().text()), key.public_key());
  EXPECT_FALSE(PublicKey::parse("AAAA"));
}

TEST(Signing, KeyFilesAreForTheirOwnerAlone) {
  const std::string path = fresh_path("stardrop_key");
  EXPECT_EQ(SigningKey::load(path).error().code(), ErrorCode::not_found);
  const SigningKey key = SigningKey::make();
  ASSERT_TRUE(key.save(path).ok());
  EXPECT_EQ(key.save(path).error().code(), ErrorCode::precondition_failed);
  EXPECT_EQ(SigningKey::load(path)->public_key(), key.public_key());
  for (const mode_t mode : {0640U, 0604U, 0660U, 0777U}) {
    ASSERT_EQ(::chmod(path.c_str(), mode), 0);
    EXPECT_EQ(SigningKey::load(path).error().code(), ErrorCode::forbidden) << std::oct << mode;
  }
  ASSERT_EQ(::chmod(path.c_str(), 0400), 0);
  EXPECT_TRUE(SigningKey::load(path).ok());
  std::filesystem::remove(path);
  std::ofstream(path) << "something else\n";
  ASSERT_EQ(::chmod(path.c_str(), 0600), 0);
  EXPECT_EQ(SigningKey::load(path).error().code(), ErrorCode::invalid_value);
  std::filesystem::remove(path);
}

TEST(Base64Url, IsRfc4648WithoutPadding) {
  const std::pair<const char*, const char*> vectors[] = {
      {"", ""},           {"f", "Zg"},          {"fo", "Zm8"},          {"foo", "Zm9v"},
      {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"}, {"\xfb\xff", "-_8"}};
  for (const auto& [plain, text] : vectors) {
    EXPECT_EQ(base64url(plain), text);
    EXPECT_EQ(parse_base64url(text), plain);
  }
  for (const char* const wrong : {"Z", "Zg==", "Zh", "Zm9", "Zm+v", "Zm/v", "Zm 9v"}) {
    EXPECT_FALSE(parse_base64url(wrong)) << wrong;
  }
}

}  // namespace
}  // namespace stardrop
