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

TEST(Redact, MasksThePasswordOfAUrl) {
  EXPECT_EQ(without_password("postgres://shop:secret@host/db"), "postgres://shop:****@host/db");
  EXPECT_EQ(without_password("postgres://shop:se@cret@host/db"), "postgres://shop:****@host/db");
  EXPECT_EQ(without_password("postgres://shop@host/db"), "postgres://shop@host/db");
  EXPECT_EQ(without_password("sqlite:var/a.db"), "sqlite:var/a.db");
  EXPECT_EQ(without_password("postgresql:///db?host=/run&password=secret&user=shop"),
            "postgresql:///db?host=/run&password=****&user=shop");
}

}  // namespace
}  // namespace stardrop::app
