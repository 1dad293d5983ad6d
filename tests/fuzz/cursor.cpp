// Fuzzes cursors, query strings and times: what is not ours is refused, never misread.
#include "api/cursor.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "api/params.h"
#include "base/check.h"
#include "base/time.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace stardrop;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const api::CursorCodec codec("secret");
  if (const auto position = codec.decode("gifts/acc_1", text)) {
    STARDROP_ASSERT(codec.encode("gifts/acc_1", *position) == text, "a cursor has one spelling");
  }
  if (const auto params = api::parse_query(text)) {
    for (const api::Param& param : *params) {
      STARDROP_ASSERT(api::is_utf8(param.value), "parameters are UTF-8 without NUL");
    }
  }
  if (const auto instant = parse_rfc3339(text)) {
    STARDROP_ASSERT(parse_rfc3339(rfc3339(*instant)) == instant, "times are written as read");
  }
  return 0;
}
