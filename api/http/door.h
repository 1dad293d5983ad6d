// What the door refuses before a handler sees it, and the answer it gives.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace stardrop::api::http {

/// Why a request was refused at the door; each row of door.def, and `none`.
enum class Door : std::uint8_t {
  none,
#define DOOR(name, status, code, detail) name,
#include "api/http/door.def"
#undef DOOR
};

inline constexpr std::size_t kDoorCount = 1
#define DOOR(name, status, code, detail) +1
#include "api/http/door.def"
#undef DOOR
    ;

/// One row of the table.
struct DoorInfo {
  std::string_view name;    ///< of the row; the label in metrics
  unsigned status;          ///< HTTP status
  std::string_view code;    ///< stable code of the answer's body
  std::string_view detail;  ///< one sentence for people
};

/// The row of `refusal`. `none` has status 0.
const DoorInfo& info(Door refusal);

/// The reason phrase of a status, or "Status" where there is none.
std::string_view reason_phrase(unsigned status);

/// The body of a refusal: `application/problem+json` as of RFC 9457, with `code` and `retryable`.
std::string problem_json(Door refusal);

}  // namespace stardrop::api::http
