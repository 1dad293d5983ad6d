// Cursors of lists: a place in one list, bound to that list and to who asked for it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace stardrop::api {

/// Makes and reads cursors. What they are bound to — the list, its filters, the caller — is signed
/// with them, so a cursor of another list or another account's list is refused.
class CursorCodec {
 public:
  explicit CursorCodec(std::string secret) : secret_(std::move(secret)) {}

  /// The cursor that continues behind `position`.
  std::string encode(std::string_view bound_to, std::int64_t position) const;
  /// The position of a cursor made for the same list. Refused with invalid_cursor.
  Result<std::int64_t> decode(std::string_view bound_to, std::string_view cursor) const;

 private:
  std::string secret_;
};

}  // namespace stardrop::api
