// Fuzzes the strict JSON reader and a command's decoder: what is taken is written again and taken
// alike.
#include "base/json_reader.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/binary.h"
#include "base/check.h"
#include "base/json_writer.h"
#include "market/commands/send_gift.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace stardrop;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  JsonDocument document;
  if (!document.parse(text).ok()) return 0;
  STARDROP_ASSERT(text.find('\0') == std::string_view::npos, "no NUL passes");
  market::SendGift command;
  if (!decode_object(document.root(), command).ok()) return 0;
  STARDROP_ASSERT(command.max_price.is_positive(), "an amount is in its range");
  STARDROP_ASSERT(command.words.empty(), "nobody sets internal fields");
  const std::string bytes = to_binary(command);
  const auto again = from_binary<market::SendGift>(bytes);
  STARDROP_ASSERT(again.has_value() && to_binary(*again) == bytes, "the binary form is canonical");
  return 0;
}
