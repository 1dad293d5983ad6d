// CRC-32C against published values and against its definition.
#include <gtest/gtest.h>

#include <string>

#include "base/hash.h"
#include "base/random.h"

namespace stardrop {
namespace {

/// Bit by bit, as RFC 3720 defines it.
std::uint32_t slow_crc32c(std::string_view bytes, std::uint32_t seed) {
  std::uint32_t crc = ~seed;
  for (const char c : bytes) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1U) ^ ((crc & 1U) != 0 ? 0x82f63b78U : 0U);
  }
  return ~crc;
}

TEST(Crc32c, HasThePublishedValues) {
  EXPECT_EQ(crc32c("123456789"), 0xe3069283U);
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8a9136aaU);
  EXPECT_EQ(crc32c(std::string(32, '\xff')), 0x62a8ab43U);
  EXPECT_EQ(crc32c(""), 0U);
}

TEST(Crc32c, IsWhatItsDefinitionSaysForEveryLength) {
  Random random(3);
  std::string bytes;
  for (int length = 0; length < 300; ++length) {
    EXPECT_EQ(crc32c(bytes, 7), slow_crc32c(bytes, 7)) << length;
    bytes.push_back(static_cast<char>(random.next()));
  }
}

TEST(Crc32c, ContinuesFromASeed) {
  EXPECT_EQ(crc32c("56789", crc32c("1234")), crc32c("123456789"));
}

}  // namespace
}  // namespace stardrop
