// Secrets are masked wherever they turn up.
#include "app/redact.h"

#include <gtest/gtest.h>

namespace stardrop::app {
namespace {

TEST(Redact, MasksOurKeysByTheirLook) {
  const std::string digits(64, 'a');
  for (const std::string prefix : {"op_", "app_", "usr_"}) {
    EXPECT_EQ(redacted("key " + prefix + digits + "."), "key " + prefix + "****.");
  }
  EXPECT_EQ(redacted("top_01h2 and op_short"), "top_01h2 and op_short");
}

TEST(Redact, MasksWhatFollowsAMark) {
  EXPECT_EQ(redacted("Authorization: Bearer abc.def, x"), "Authorization: Bearer ****, x");
  EXPECT_EQ(redacted("GET /bot123:ABC/sendGift"), "GET /bot****/sendGift");
}

TEST(Redact, MasksWhatItRemembers) {
  remember_secret("correct horse");
  EXPECT_EQ(redacted("a correct horse, correct horse"), "a ****, ****");
  remember_secret("short");
  EXPECT_EQ(redacted("short"), "short");
}

}  // namespace
}  // namespace stardrop::app
